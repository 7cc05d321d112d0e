"""Illness and disability of a block's persons. Frailty grows with age and poverty; disability with both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minzheng.synthetic_city.composition import REFERENCE, Members
from minzheng.synthetic_city.streams import Bools, Days, Floats, Ints, by_table, choose, days_between, exp

# Holders of disability certificates: about 2 % of the registered population. Categories and grades after GB/T 26341.
_CATEGORY_SHARES = [0.12, 0.12, 0.01, 0.53, 0.09, 0.11, 0.02]
_LEVEL_SHARES = [0.14, 0.28, 0.28, 0.30]
_NEVER = np.datetime64("2199-12-31", "D")


@dataclass(frozen=True)
class Health:
    """Per person: medical need (1 = average), chronic illness, disability, the day a serious illness began."""

    frailty: Floats
    chronic: Bools
    disability_category: Ints  # 0 = none
    disability_level: Ints  # 0 = none, 1 gravest
    certified_on: Days
    ill_since: Days  # far in the future = never

    @property
    def severe(self) -> Bools:
        """Disability of grade 1 or 2."""
        severe: Bools = (self.disability_level == 1) | (self.disability_level == 2)
        return severe

    @property
    def serious(self) -> Bools:
        """Seriously ill at some time of the period."""
        ill: Bools = self.ill_since < _NEVER
        return ill


def health_of(members: Members, local: Bools, standing: Floats, rng: np.random.Generator) -> Health:
    """Draw the health of a block's persons; `standing` is per person."""
    count = len(members.role)
    age: Floats = (REFERENCE - members.birth).astype(np.int64) / 365.25
    poverty = exp(-0.35 * np.clip(standing, -2.5, 2.5))
    by_age = by_table(age, [(-1, 1.15), (4, 0.75), (12, 0.40), (18, 0.42), (30, 0.62), (45, 0.95), (55, 1.45), (65, 2.3), (75, 2.9), (85, 2.7)])
    chronic = rng.random(count) < by_table(age, [(-1, 0.004), (30, 0.03), (45, 0.12), (55, 0.25), (65, 0.45), (75, 0.58)])
    frailty = by_age * exp(0.75 * rng.standard_normal(count) - 0.28) * np.where(chronic, 1.5, 0.85)
    disabled = rng.random(count) < np.where(local, _disability_chance(age) * np.minimum(poverty, 2.4), 0)
    category = np.where(disabled, choose(rng, _CATEGORY_SHARES, count) + 1, 0)
    level = np.where(disabled, choose(rng, _LEVEL_SHARES, count) + 1, 0)
    serious_chance = by_table(age, [(-1, 0.0012), (30, 0.003), (45, 0.009), (55, 0.018), (65, 0.030), (75, 0.034)])
    serious = rng.random(count) < serious_chance * np.minimum(poverty, 1.8)
    ill_since = np.where(serious, days_between(rng, "2022-07-01", "2024-10-25", count), _NEVER)
    certified = _certified_on(members, age, rng)
    frailty = frailty * np.where(disabled, 1.5, 1.0)
    return Health(frailty, chronic, category, level, certified, ill_since)


def _disability_chance(age: Floats) -> Floats:
    return by_table(age, [(-1, 0.0), (3, 0.005), (15, 0.010), (30, 0.012), (45, 0.019), (60, 0.034), (75, 0.045), (85, 0.050)])


def _certified_on(members: Members, age: Floats, rng: np.random.Generator) -> Days:
    """Most certificates stand for years; about one in ten is issued inside the period."""
    count = len(age)
    old = days_between(rng, "2014-01-06", "2023-06-30", count)
    new = days_between(rng, "2023-07-01", "2024-10-31", count)
    fresh = rng.random(count) < 0.10
    earliest = members.birth + np.timedelta64(400, "D")
    return np.maximum(np.where(fresh, new, old), earliest)
