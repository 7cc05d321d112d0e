"""Where the roster is wrong, and the truth about it: who still stands on it after death or in prison, twice, with a car, a
second home or a firm that nobody declared, with a wage above the line; and who should stand on it and does not.

Monitoring is measured against these events (kinds `wrong_…` in truth/events.parquet).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from minzheng.synthetic_city.block import NEVER, Block
from minzheng.synthetic_city.dates import BASE, day
from minzheng.synthetic_city.means import LOW_INCOME, NEAR, PROGRAMMES
from minzheng.synthetic_city.need import OUTCOMES, Need
from minzheng.synthetic_city.streams import Bools, Days, Ints, days_between
from minzheng.synthetic_city.truth import happened


@dataclass(frozen=True)
class Roster:
    """The bureau's roster as it keeps it. Per person: since when (by household, not before birth), whether the row stays
    after death; `twice`: persons with a second row, under another household, from a later day."""

    since: Days
    stays: Bools
    twice: Ints
    again: Days


def roster_of(block: Block) -> Roster:
    """Draw how the roster is kept. Statuses (低保边缘, 刚性支出) hold for a year, awards from long ago."""
    rng, homes = block.rng("roster"), block.members.household
    count = len(block.frame.kind)
    long = days_between(rng, "2016-01-01", "2023-12-01", count).astype("datetime64[M]").astype("datetime64[D]")
    recent = days_between(rng, "2023-02-01", "2023-12-01", count).astype("datetime64[M]").astype("datetime64[D]")
    award = block.means.award
    since = np.maximum(np.where(award >= NEAR, recent[homes], long[homes]), block.members.birth)
    stays = (block.died < NEVER) & (rng.random(len(award)) < 0.25)
    may = (award == LOW_INCOME) & ~block.means.alone & (block.died == NEVER) & (since < np.datetime64("2023-05-01"))
    twice = np.flatnonzero(may & (rng.random(len(award)) < 0.03))
    return Roster(since, stays, twice, days_between(rng, "2023-06-01", "2023-12-01", len(twice)))


def cases(block: Block, roster: Roster, custody: pl.DataFrame, owned: pl.DataFrame, need: Need) -> list[pl.DataFrame]:
    """The truth: events of the kinds wrong_after_death, wrong_in_custody, wrong_twice, wrong_vehicle, wrong_home,
    wrong_business, wrong_income, wrong_absent. `owned`: person, kind, on of what people on the roster own against the rule."""
    award, means = block.means.award, block.means
    dead = np.flatnonzero((award > 0) & roster.stays & (block.died >= roster.since))
    inside = custody.filter(pl.Series(award[custody["person"].to_numpy()] > 0), pl.col("released_on") > BASE)
    earners = np.flatnonzero(block.economy.insured & means.climbed[block.members.household] & (block.died == NEVER))
    # Who needs 低保 in truth and stands on no list: found by a visit, or by nobody.
    absent = OUTCOMES.index("low_income") == need.outcome[block.members.household]
    absent &= (award == 0) & (block.died == NEVER) & (block.moved == NEVER) & (block.members.birth <= day(BASE))
    lists = np.flatnonzero(absent)
    found = [
        _case("after_death", dead, block.died[dead], award), _case("twice", roster.twice, roster.again, award),
        _case("in_custody", inside["person"].to_numpy(), inside["started_on"].to_numpy().astype("datetime64[D]"), award),
        _case("income", earners, roster.since[earners], award), _case("absent", lists, np.full(len(lists), day(BASE)), award),
    ]  # fmt: skip
    for kind in ("vehicle", "home", "business"):
        rows = owned.filter(pl.col("kind") == kind)
        found.append(_case(kind, rows["person"].to_numpy(), rows["on"].to_numpy().astype("datetime64[D]"), award))
    return found


def _case(kind: str, persons: Ints, on: Days, award: Ints) -> pl.DataFrame:
    frame = pl.DataFrame({"person": persons, "on": on, "programme": pl.Series(PROGRAMMES).gather(award[persons])})
    return happened(frame, f"wrong_{kind}", "on", "programme")
