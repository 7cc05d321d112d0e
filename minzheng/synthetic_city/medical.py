"""Settlements of the medical insurance, month by month: many small ones, a heavy tail for the seriously ill."""

from __future__ import annotations

import numpy as np
import polars as pl

from minzheng.synthetic_city.block import Block
from minzheng.synthetic_city.place import table
from minzheng.synthetic_city.streams import Bools, Floats, Ints, exp

ROWS_PER_YEAR = 3.7  # settlements per resident and year
_MEAN_FRAILTY = 1.04
VISITS = ["outpatient", "chronic", "inpatient", "other"]
_MEDIAN = np.array([185.0, 420.0, 7600.0, 105.0])
_SIGMA = np.array([0.80, 0.60, 0.75, 0.50])
_FUND = np.array([[0.45, 0.60, 0.64, 0.30], [0.62, 0.80, 0.83, 0.40]])  # residents' and employees' insurance


def settlements(block: Block, month: int, first: np.datetime64, days: int) -> pl.DataFrame:
    """A month's settlements: person, visit_type, settled_on, total, fund_paid, self_paid, own_paid (分)."""
    rng = block.rng("medical", month)
    ill = _in_treatment(block, first)
    rate = block.health.frailty * (ROWS_PER_YEAR / 12 / _MEAN_FRAILTY) + np.where(ill, 1.6, 0)
    persons = np.repeat(np.arange(len(rate)), rng.poisson(rate))
    day = first + rng.integers(0, days, len(persons)).astype("timedelta64[D]")
    there = block.there(persons, day)
    persons, day = persons[there], day[there]
    heavy = ill[persons]
    visit = _visits(block, persons, heavy, rng)
    amounts = _amounts(block, persons, visit, heavy, rng)
    hospitals = table("names")["hospitals"]
    small = rng.random(len(persons)) < np.where(visit == 2, 0.10, 0.45)
    hospital = np.where(
        small, len(hospitals) - 2 + rng.integers(0, 2, len(persons)), rng.integers(0, len(hospitals) - 2, len(persons))
    )
    return pl.DataFrame(
        {"person": persons, "hospital": pl.Series(hospitals).gather(hospital),
         "visit_type": pl.Series(VISITS).gather(visit), "settled_on": day, **amounts}
    )  # fmt: skip


def _in_treatment(block: Block, first: np.datetime64) -> Bools:
    """Seriously ill people are treated for about a year from the month in which it began."""
    since = (first - block.health.ill_since).astype(np.int64)
    treated: Bools = (since > -31) & (since < 380)
    return treated


def _visits(block: Block, persons: Ints, heavy: Bools, rng: np.random.Generator) -> Ints:
    draw = rng.random(len(persons))
    inpatient = np.where(heavy, 0.45, np.where(block.economy.age[persons] >= 60, 0.055, 0.024))
    chronic = inpatient + np.where(heavy, 0.30, np.where(block.health.chronic[persons], 0.30, 0.01))
    return np.where(draw < inpatient, 2, np.where(draw < chronic, 1, np.where(draw < 0.93, 0, 3))).astype(np.int64)


def _amounts(
    block: Block, persons: Ints, visit: Ints, heavy: Bools, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    count = len(persons)
    normal = rng.standard_normal(count)
    median: Floats = _MEDIAN[visit] * np.where(heavy, np.where(visit == 2, 3.2, 2.2), 1.0)
    total = np.rint(exp(normal * _SIGMA[visit]) * median * 100).astype(np.int64)
    total = np.clip(total, 500, 99_999_900)
    # Outside the catalogue: little as a rule, up to a third for the seriously ill (new drugs).
    own_share = rng.random(count) * np.where(heavy, 0.34, np.where(visit == 2, 0.18, 0.10))
    own = (total * own_share).astype(np.int64)
    own[rng.random(count) < 0.35] = 0
    employee = block.economy.insured | (block.economy.pension_kind == 1) | (block.economy.pension_kind == 3)
    share = _FUND[employee[persons].astype(np.int64), visit] * (0.9 + 0.15 * rng.random(count))
    fund = ((total - own) * np.minimum(share, 0.95)).astype(np.int64)
    return {"total": total, "fund_paid": fund, "self_paid": total - own - fund, "own_paid": own}
