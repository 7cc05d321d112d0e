"""Pupils, and the bureau's register of children in difficulty."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from minzheng.synthetic_city.block import NEVER, Block
from minzheng.synthetic_city.composition import KINDS
from minzheng.synthetic_city.dates import BASE, SNAPSHOTS, day, steps, within
from minzheng.synthetic_city.desk import Desk
from minzheng.synthetic_city.means import LOW_INCOME
from minzheng.synthetic_city.streams import Bools, Days, Ints, choose, days_between

ADULT_YEARS = 18
COMPULSORY, SENIOR, LEAVING = 6, 15, 18  # ages on 1 September of the year in which a stage begins, and ends
REGISTER = ["orphan", "unsupported", "weak", "sick", "poor", "other"]
STATES = ["able", "dead", "prison", "detox", "lost", "disabled", "ill"]
_SINGLE = [number for number, kind in enumerate(KINDS) if kind[0] in ("single_parent", "single_parent_and_parent")]


def orphans(block: Block) -> Ints:
    """Children who live with a relative because both parents are dead."""
    kept_alone = np.isin(block.frame.kind, _SINGLE)[block.members.household] & block.members.has("C") & _minor(block)
    local = block.frame.local[block.members.household]
    return np.flatnonzero(kept_alone & local & (block.rng("orphans").random(len(block.died)) < 0.006))


def deliver_students(block: Block, desk: Desk) -> None:
    """Everybody at school at the end of 2023, and in September 2024 who came in and who went on."""
    rng = block.rng("students")
    year = block.members.birth.astype("datetime64[Y]").astype(np.int64) + 1970
    late = block.members.birth >= _september(year)
    first = year + COMPULSORY + late  # whoever is six by the end of August goes to school
    goes_on = rng.random(len(year)) < 0.93
    frame = block.people.select("person_id", "name").with_columns(pl.lit("常州市某某学校").alias("school"))
    compulsory = frame.with_columns(pl.lit("compulsory").alias("stage"), pl.Series("enrolled_on", _september(first)))
    senior = frame.with_columns(pl.lit("senior").alias("stage"), pl.Series("enrolled_on", _september(first + SENIOR - COMPULSORY)))
    for until, autumn in ((BASE, 2023), (date(2024, 9, 30), 2024)):
        there = block.there(np.arange(len(year)), np.full(len(year), day(until)))
        new = there & (first == autumn if until > BASE else (first <= autumn) & (first > autumn - 9))
        put = compulsory.with_columns(pl.lit(None, pl.Date).alias("left_on"))
        desk.put("students", until, put.filter(new))
        grown = there & goes_on & (first + 9 == autumn if until > BASE else (first + 9 <= autumn) & (first + 12 > autumn))
        desk.put("students", until, senior.with_columns(pl.Series("left_on", _september(first + 12) - np.timedelta64(63, "D"))).filter(grown))
        if until > BASE:
            left = compulsory.with_columns(pl.Series("left_on", _september(first + 9) - np.timedelta64(63, "D")))
            desk.put("students", until, left.filter(there & (first + 9 == autumn)))


def deliver_register(block: Block, custody: pl.DataFrame, desk: Desk) -> pl.DataFrame:
    """Children in difficulty; gives back the truth: person, on, kind.

    A single parent who is gravely disabled or ill, in prison or dead stands in the other registers too; of the parent who is not
    there only this register tells.
    """
    rng, count = block.rng("children register"), len(block.died)
    kind, states = _kinds(block, custody, rng)
    children = np.flatnonzero(kind >= 0)
    on = np.maximum(days_between(rng, "2019-03-01", "2024-10-20", count), block.members.birth + np.timedelta64(60, "D"))[children]
    grown = block.members.birth[children] + np.timedelta64(round(ADULT_YEARS * 365.25), "D")
    keep = block.there(children, on) & (on < grown)
    children, on, grown = children[keep], on[keep], grown[keep]
    age = (on - block.members.birth[children]).astype(np.int64) / 365.25
    frame = block.named(children).with_columns(
        pl.Series(REGISTER).gather(kind[children]).alias("kind"),
        pl.Series(["home", "institution"]).gather(((kind[children] == 0) & (rng.random(len(children)) < 0.15)).astype(np.int64)).alias("placement"),
        pl.Series(["none", "compulsory", "senior"]).gather(np.searchsorted([6.5, 15.5], age)).alias("school"),
        pl.Series(["0", "1"]).gather((rng.random(len(children)) < 0.004).astype(np.int64)).alias("hiv"),
        pl.Series(["0", "1"]).gather(((kind[children] == 0) & (rng.random(len(children)) < 0.02)).astype(np.int64)).alias("adopted"),
        pl.Series("registered_on", on), *_parents(block, states[:, children], on, children, rng),
    )  # fmt: skip
    gone = np.minimum(grown, np.minimum(block.died[children], block.moved[children]))
    for after, until in steps(SNAPSHOTS):
        removed = pl.Series("removed_on", np.where(gone <= day(until), gone, np.datetime64("NaT")))
        rows = within(on, after, until)
        if after:
            rows |= within(gone, after, until) & (on <= day(until))
        desk.put("children_register", until, frame.with_columns(removed).filter(rows))
    return pl.DataFrame({"person": children, "on": on}).with_columns(frame["kind"])


def _kinds(block: Block, custody: pl.DataFrame, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Per person the class of the register (-1 = not in it), and [father, mother] × person the parents' states."""
    health, homes, count = block.health, block.members.household, len(block.died)
    states = np.zeros((2, count), dtype=np.int64)
    inside = np.zeros(count, dtype=bool)
    inside[custody.filter(pl.col("kind") == "imprisonment")["person"].to_numpy()] = True
    parent = block.members.has("A")
    unfit = np.where(block.died < NEVER, 1, np.where(inside, 2, np.where(health.severe, 5, np.where(health.serious, 6, 0))))
    of_home = np.zeros(len(block.frame.kind), dtype=np.int64)
    of_home[homes[parent]] = unfit[parent]
    is_father = np.zeros(len(block.frame.kind), dtype=bool)
    is_father[homes[parent]] = block.members.male[parent]
    minor, local = _minor(block) & block.members.has("C", "c"), block.frame.local[homes]
    single = np.isin(block.frame.kind, _SINGLE)[homes] & minor & local
    away = choose(rng, [0.35, 0.25, 0.15, 0.10, 0.15], count)  # who is not there: able, dead, prison, detox, lost
    away = np.array([0, 1, 2, 3, 4])[away]
    mine = np.where(is_father[homes], 0, 1)
    persons = np.arange(count)
    states[mine, persons] = np.where(single, of_home[homes], 0)
    states[1 - mine, persons] = np.where(single, away, 0)
    unsupported = single & (of_home[homes] > 0) & (away > 0)
    weak = single & ~unsupported & (of_home[homes] >= 5)
    sick = minor & local & (health.severe | health.serious)
    poor = minor & (block.means.award[persons] == LOW_INCOME)
    other = minor & local & (rng.random(count) < 0.0008)
    kind = np.select([unsupported, weak, sick, poor, other], [1, 2, 3, 4, 5], -1)
    alone = orphans(block)
    kind[alone] = 0
    states[:, alone] = 1
    return kind, states


def _parents(block: Block, states: Ints, on: Days, children: Ints, rng: np.random.Generator) -> list[pl.Series]:
    """The columns of both parents: state, since when, term, disability."""
    found = []
    parent = np.flatnonzero(block.members.has("A"))
    first = np.zeros(len(block.frame.kind), dtype=np.int64)
    first[block.members.household[parent]] = parent
    guardian = first[block.members.household[children]]
    for number, who in enumerate(("father", "mother")):
        state = states[number]
        since = np.where(state > 0, on - rng.integers(200, 900, len(on)).astype("timedelta64[D]"), np.datetime64("NaT"))
        confined = (state == 2) | (state == 3)
        term = pl.Series(np.where(confined, 12 + 6 * rng.integers(1, 15, len(on)), 0)).cast(pl.String)
        disabled = state == 5
        grades = [
            pl.select(pl.when(pl.Series(disabled)).then(pl.Series(values[guardian]).cast(pl.String))).to_series().alias(f"{who}_{name}")
            for name, values in (("disability_category", block.health.disability_category), ("disability_level", block.health.disability_level))
        ]
        found += [
            pl.Series(STATES).gather(state).alias(f"{who}_state"), pl.Series(f"{who}_since", since), term.alias(f"{who}_term"), *grades,
        ]  # fmt: skip
    return found


def _minor(block: Block) -> Bools:
    under: Bools = block.economy.age < ADULT_YEARS
    return under


def _september(years: Ints) -> Days:
    """The first of September of each year."""
    days: Days = ((years - 1970) * 12 + 8).astype("datetime64[M]").astype("datetime64[D]")
    return days
