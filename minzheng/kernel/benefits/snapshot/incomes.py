"""What the registers tell of a person's income: wages by the base of social insurance, pensions, unemployment benefit.

One text for the snapshot of a month and for the scenarios, on every engine. Django-free.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce
from operator import add
from typing import Any

import narwhals as nw

Frame = nw.LazyFrame[Any]
YEAR = 12  # months


def years_before(day: date, years: int) -> date:
    """The same day `years` earlier; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def months_before(as_of: date, count: int = YEAR) -> list[date]:
    """First days of the `count` full months before the month of `as_of`, newest first."""
    months, day = [], as_of.replace(day=1)
    for _ in range(count):
        day = (day - timedelta(days=1)).replace(day=1)
        months.append(day)
    return months


def deceased(deaths: Frame, as_of: date) -> Frame:
    """[person_key, death_date]: one row a person, the earliest date that health, funeral homes or police report.
    Dates after `as_of` are not known yet."""
    sound = deaths.filter(nw.col("death_date") <= as_of)
    return sound.group_by("person_key").agg(nw.col("death_date").min())


def wages(rows: Frame, as_of: date) -> Frame:
    """[person_key, wage_year, wage_peak, wage_now] from social_insurance, 分. Of periods that overlap, the highest base
    of a month counts once. `now` = paid for the last full month or later."""
    months = months_before(as_of)
    active = {f"m{n}": (nw.col("period_start") <= m) & (nw.col("period_end") >= m) for n, m in enumerate(months)}
    now = (nw.col("period_start") <= as_of) & (nw.col("period_end") >= months[0])
    active["wage_now"] = now & (nw.col("status").is_null() | (nw.col("status") == "paying"))
    rows = rows.with_columns(*(nw.when(when).then(nw.col("base_fen")).otherwise(0).alias(n) for n, when in active.items()))
    paid = rows.group_by("person_key").agg(*(nw.col(name).max() for name in active))
    monthly = [nw.col(f"m{n}") for n in range(len(months))]
    return paid.select(
        "person_key", reduce(add, monthly).alias("wage_year"), nw.max_horizontal(*monthly).alias("wage_peak"), "wage_now"
    )


def pensions(rows: Frame, as_of: date, disregard: int = 0) -> Frame:
    """[person_key, pension_year, pension_now, pension_peak] from pensions, 分: all kinds together, those of residents
    less the `disregard` a month."""
    started = nw.col("started_on").is_null() | (nw.col("started_on") <= as_of)
    paying = nw.col("status").is_null() | (nw.col("status") == "paying")
    resident = nw.col("pension_kind") == "resident"
    less = nw.when(nw.col("monthly_fen") > disregard).then(nw.col("monthly_fen") - disregard).otherwise(0)
    rows = rows.filter(started).with_columns(
        nw.when(resident).then(less).otherwise(nw.col("monthly_fen")).alias("pension_peak"), months_since("started_on", as_of)
    )
    rows = rows.with_columns(nw.when(paying).then(nw.col("pension_peak")).otherwise(0).alias("pension_now"))
    rows = rows.with_columns((nw.col("pension_now") * nw.col("months")).alias("pension_year"))
    names = ("pension_year", "pension_now", "pension_peak")
    sums = rows.group_by("person_key").agg(*(nw.col(name).sum() for name in names))
    return sums.with_columns(*(whole(name) for name in names))


def unemployment_benefits(rows: Frame, as_of: date) -> Frame:
    """[person_key, benefit_year, benefit_now] from unemployment, 分: of those who receive it."""
    rows = rows.filter(nw.col("registered_on") <= as_of, nw.col("status") == "receiving")
    rows = rows.with_columns(nw.col("benefit_monthly_fen").fill_null(0).alias("benefit_now"), months_since("registered_on", as_of))
    rows = rows.with_columns((nw.col("benefit_now") * nw.col("months")).alias("benefit_year"))
    return rows.group_by("person_key").agg(nw.col("benefit_year").max(), nw.col("benefit_now").max())


def months_since(column: str, as_of: date) -> nw.Expr:
    """How many of the last 12 full months had begun to count for something that started on `column` (null: all)."""
    ends = [as_of.replace(day=1), *months_before(as_of, YEAR - 1)]  # the day after each month's end
    counted = [flag(nw.col(column).is_null() | (nw.col(column) < end)) for end in ends]
    return reduce(add, counted).alias("months")


def flag(condition: nw.Expr) -> nw.Expr:
    """1 where true, 0 where false or unknown."""
    return nw.when(condition).then(1).otherwise(0).cast(nw.Int64)


def whole(name: str) -> nw.Expr:
    """A sum as Int64: engines widen sums of 64-bit integers differently."""
    return nw.col(name).fill_null(0).cast(nw.Int64)
