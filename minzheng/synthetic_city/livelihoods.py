"""What the labour office delivers: contributions, pensions, registered unemployment."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from minzheng.synthetic_city.block import NEVER, Block
from minzheng.synthetic_city.dates import (
    BASE,
    MONTH_ENDS,
    QUARTER_ENDS,
    day,
    month_number,
    month_starts,
    steps,
    within,
)
from minzheng.synthetic_city.desk import Desk
from minzheng.synthetic_city.economy import BASE_CEILING, BASE_FLOOR, PENSION_KINDS
from minzheng.synthetic_city.place import table
from minzheng.synthetic_city.streams import Ints, days_between

# Contributions come with the year's end, then month by month; from large cities by the quarter, or they would be more
# rows than all treatment together.
_YEAR = (date(2023, 1, 1), BASE)
_MONTHLY = [_YEAR, *((month.replace(day=1), month) for month in MONTH_ENDS if month > BASE)]
_QUARTERLY = [_YEAR, *((date(end.year, end.month - 2, 1), end) for end in QUARTER_ENDS)]


def deliver_contributions(block: Block, jobs: pl.DataFrame, desk: Desk) -> None:
    """Months for which employers paid, cut short by a lost job, death or a move, resumed with a new job."""
    rng = block.rng("contributions")
    insured = np.flatnonzero(block.economy.insured)
    words = table("names")
    word, trade = words["employer_words"], words["employers"]
    employer = (
        pl.Series([f"常州{board}" for board in ("市", block.board.name)]).gather(rng.integers(0, 2, len(insured)))
        + pl.Series(word).gather(rng.integers(0, len(word), len(insured)))
        + pl.Series(trade).gather(rng.integers(0, len(trade), len(insured)))
    )
    base = np.clip(block.economy.wage[insured], BASE_FLOOR, BASE_CEILING) * 100
    everything = block.named(insured).with_columns(employer, pl.Series("base", base), pl.lit("paying").alias("status"))
    everything.columns = ["person_id", "name", "employer", "base", "status"]
    gone = month_number(np.minimum(block.died, block.moved))[insured]
    lost, again = _employment_gaps(jobs, len(block.died))
    joined = month_number(np.maximum(block.members.birth[insured] + np.timedelta64(16 * 366, "D"), day(date(2023, 1, 1))))
    for first, last in _QUARTERLY if desk.large else _MONTHLY:
        start, end = month_number(np.array([day(first), day(last)]))
        begins, ends = np.maximum(joined, start), np.minimum(end, gone)
        _put_months(desk, last, everything, begins, np.minimum(ends, lost[insured] - 1))
        _put_months(desk, last, everything, np.maximum(again[insured], begins), ends)


def deliver_pensions(block: Block, police: np.ndarray, desk: Desk) -> None:
    """All pensions at the end of 2023, then those that were stopped after a death became known."""
    rng = block.rng("pensions")
    drawing = np.flatnonzero(block.economy.pension_kind > 0)
    kind = block.economy.pension_kind[drawing]
    entry = np.where(kind == 2, 60, np.where(block.members.male[drawing], 60, np.where(kind == 1, 52, 55)))
    started = block.members.birth[drawing] + np.rint(entry * 365.25).astype(np.int64).astype("timedelta64[D]")
    # Nobody draws the residents' pension before the scheme of 2010 began.
    started = np.where(kind == 2, np.maximum(started, np.datetime64("2010-01-01", "D")), started)
    started = np.minimum(month_starts(month_number(started)), day(date(2023, 12, 1)))
    frame = block.named(drawing).with_columns(
        pl.Series("pension_kind", pl.Series(PENSION_KINDS).gather(kind)),
        pl.Series("monthly", block.economy.pension[drawing] * 100 + rng.integers(0, 100, len(drawing))),
        pl.Series("started_on", started),
    )
    for after, until in steps([BASE, *QUARTER_ENDS]):
        stopped = within(police[drawing], after, until)
        rows = stopped if after else np.ones(len(drawing), dtype=bool)
        status = pl.Series(["paying", "stopped"]).gather((police[drawing] <= day(until)).astype(np.int64))
        desk.put("pensions", until, frame.with_columns(status.alias("status")).filter(rows))


def deliver_unemployment(block: Block, jobs: pl.DataFrame, desk: Desk) -> None:
    """New registrations month by month, and how earlier ones ended; those long out of work stand in the first month."""
    named = pl.concat([block.named(jobs["person"].to_numpy()), jobs.drop("person")], how="horizontal")
    long = _long_unemployed(block)
    for after, until in steps(MONTH_ENDS):
        new = named.filter(within(jobs["registered_on"].to_numpy(), after, until))
        ended = named.filter(within(jobs["ends_on"].to_numpy(), after, until) & within(jobs["registered_on"].to_numpy(), None, after or until))
        ended = ended.with_columns(pl.col("ends_as").alias("status"))
        columns = ["person_id", "name", "registered_on", "reason", "benefit_monthly", "status"]
        parts = [new.select(columns), *([ended.select(columns)] if after else [long.select(columns)])]
        desk.put("unemployment", until, pl.concat(parts))


def _long_unemployed(block: Block) -> pl.DataFrame:
    rng = block.rng("long unemployed")
    persons = np.flatnonzero(block.economy.looking & (block.died == NEVER))
    persons = persons[rng.random(len(persons)) < 0.5]
    return block.named(persons).with_columns(
        pl.Series("registered_on", days_between(rng, "2021-02-01", "2023-03-31", len(persons))),
        pl.lit("合同到期").alias("reason"), pl.lit(0, dtype=pl.Int64).alias("benefit_monthly"), pl.lit("ended").alias("status"),
    )  # fmt: skip


def _employment_gaps(jobs: pl.DataFrame, count: int) -> tuple[Ints, Ints]:
    """Per person the month of the loss and of the new job; far away when there is none."""
    never = int(month_number(np.array([NEVER]))[0])
    lost, again = np.full(count, never), np.full(count, never)
    persons = jobs["person"].to_numpy()
    lost[persons] = month_number(jobs["registered_on"].to_numpy().astype("datetime64[D]"))
    ends = month_number(jobs["ends_on"].to_numpy().astype("datetime64[D]"))
    again[persons] = np.where((jobs["ends_as"] == "reemployed").to_numpy(), ends + 1, never)
    return lost, again


def _put_months(desk: Desk, until: date, people: pl.DataFrame, first: Ints, last: Ints) -> None:
    rows = np.flatnonzero(first <= last)
    frame = people[rows].with_columns(
        pl.Series("period_start", month_starts(first[rows])), pl.Series("period_end", month_starts(last[rows]))
    )
    desk.put("social_insurance", until, frame)
