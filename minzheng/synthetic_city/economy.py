"""What people live on: work, insurance, pensions; and how well a household stands.

`standing` is a household's latent position (normal, 0 = middle). It runs through wages, illness, disability, cars and
flats, so that poverty, age, illness and disability go together as in life. Amounts are yuan a month.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minzheng.synthetic_city.composition import REFERENCE, Frame, Members
from minzheng.synthetic_city.health import Health
from minzheng.synthetic_city.place import Board
from minzheng.synthetic_city.streams import Bools, Floats, Ints, by_table, exp

BASE_FLOOR, BASE_CEILING = 4494, 24042  # 江苏 contribution bases in 2024; unverified
PENSION_KINDS = ["none", "employee", "resident", "civil"]
_AGE_FACTOR = [(16, 0.62), (22, 0.78), (26, 0.95), (32, 1.08), (45, 1.0), (52, 0.88)]


@dataclass(frozen=True)
class Economy:
    """Per person: what he or she earns (seen by the insurance or not), and the pension."""

    age: Floats
    works: Bools
    insured: Bools
    wage: Ints
    pension_kind: Ints
    pension: Ints
    looking: Bools  # able and willing, but without work for a long time

    def income(self) -> Ints:
        """All that comes in, whether a department knows it or not."""
        return np.where(self.works, self.wage, 0) + self.pension


def standings(block: Frame, rng: np.random.Generator) -> Floats:
    """The latent position of each household; elders alone and single parents stand lower, three generations higher."""
    shift = by_table(block.kind, [(0, -0.45), (1, 0), (2, -0.1), (3, 0.1), (4, -0.5), (5, -0.35), (6, 0.15), (9, -0.35), (10, 0.1)])
    return rng.standard_normal(len(block.kind)) + shift


def ages(members: Members) -> Floats:
    """Ages in years at the reference day (negative for babies of 2024)."""
    years: Floats = (REFERENCE - members.birth).astype(np.int64) / 365.25
    return years


def economy_of(
    board: Board, block: Frame, members: Members, standing: Floats, health: Health, rng: np.random.Generator
) -> Economy:
    """Work, wages and pensions of a block's persons."""
    count = len(members.role)
    age = ages(members)
    mine = standing[members.household]
    local, urban = block.local[members.household], board.urban[block.village][members.household]
    last = np.where(members.male, 60, 55)
    chance = by_table(age, [(0, 0), (16, 0.05), (19, 0.45), (23, 0.92), (50, 0.86), (60, 0.22), (67, 0.08), (75, 0)])
    chance = chance * np.where(members.male, 1.0, 0.93) + np.clip(mine, -2, 2) * 0.035
    chance = np.where(age < 16, 0, chance) * np.where(local, 1.0, 1.05)
    chance = chance * np.where(health.severe, 0.2, 1.0) * np.where(health.disability_level > 2, 0.6, 1.0)
    works = rng.random(count) < chance * np.where(health.serious, 0.55, 1.0)
    formal = np.clip(np.where(local, 0.80, 0.70) + mine * 0.08, 0.15, 0.97) * np.where(urban, 1.0, 0.93)
    insured = works & (age < last) & (rng.random(count) < formal)
    wage = board.wage * by_table(age, _AGE_FACTOR) * exp(0.26 * mine + 0.34 * rng.standard_normal(count))
    wage = np.where(insured, np.maximum(wage, 2490), wage * 0.62)
    kind, pension = _pensions(age, local, urban, members, mine, rng)
    return Economy(
        age=age, works=works, insured=insured, wage=np.rint(wage / 10).astype(np.int64) * 10, pension_kind=kind,
        pension=pension, looking=~works & (age >= 22) & (age < last) & ~health.severe & (rng.random(count) < 0.10),
    )  # fmt: skip


def _pensions(
    age: Floats, local: Bools, urban: Bools, members: Members, mine: Floats, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    count = len(age)
    draw = rng.random(count) - np.clip(mine, -2, 2) * 0.06
    civil = draw < np.where(urban, 0.09, 0.03)
    employee = draw < np.where(urban, 0.82, 0.50)
    kind = np.where(civil, 3, np.where(employee, 1, 2))
    # Women of the city's enterprises stop at 50 or 55; the residents' pension starts at 60 for all.
    start = np.where(members.male, 60, np.where(kind == 1, 52, 56))
    entitled = local & (age >= np.where(kind == 2, 60, start))
    entitled &= rng.random(count) < 0.985
    kind = np.where(entitled, kind, 0)
    median = by_table(kind, [(0, 0), (1, 3050), (2, 430), (3, 6600)])
    amount = median * exp(0.22 * rng.standard_normal(count) + 0.06 * mine)
    # The residents' pension has a floor (its basic part), which rises with age; the amounts are unverified.
    amount = np.where(kind == 2, np.maximum(amount, 320) + np.where(age >= 80, 30, 0), amount)
    return kind, np.rint(amount).astype(np.int64)


def per_household(values: Ints, members: Members, households: int) -> Ints:
    """Sum of integer values over each household."""
    total = np.zeros(households, dtype=np.int64)
    np.add.at(total, members.household, values)
    return total


def any_in_household(flags: Bools, members: Members, households: int) -> Bools:
    """Whether somebody in each household has the flag."""
    found = np.zeros(households, dtype=bool)
    found[members.household[flags]] = True
    return found
