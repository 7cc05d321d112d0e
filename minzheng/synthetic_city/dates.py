"""The days on which departments deliver, and small date arithmetic in bulk."""

from __future__ import annotations

import calendar
from datetime import date

import numpy as np

from minzheng.synthetic_city.streams import Days, Ints

BASE = date(2023, 12, 31)
FIRST, LAST = date(2023, 7, 1), date(2024, 10, 31)
MONTH_ENDS = [
    date(y, m, calendar.monthrange(y, m)[1]) for y, m in [*((2023, m) for m in range(7, 13)), *((2024, m) for m in range(1, 11))]
]
QUARTER_ENDS = [date(2024, 3, 31), date(2024, 6, 30), date(2024, 9, 30)]
SNAPSHOTS = [BASE, *QUARTER_ENDS]


def day(value: date) -> np.datetime64:
    """A date as numpy's day."""
    return np.datetime64(value, "D")


def within(days: Days, after: date | None, until: date) -> np.ndarray:
    """Which days lie after `after` (None: no bound) and not after `until`."""
    inside: np.ndarray = days <= day(until)
    return inside & (days > day(after)) if after else inside


def month_number(days: Days) -> Ints:
    """Months since 1970."""
    return days.astype("datetime64[M]").astype(np.int64)


def month_starts(numbers: Ints) -> Days:
    """The first days of months counted since 1970."""
    return numbers.astype("datetime64[M]").astype("datetime64[D]")


def steps(moments: list[date]) -> list[tuple[date | None, date]]:
    """Consecutive spans: (None, first), (first, second) …"""
    return list(zip([None, *moments[:-1]], moments, strict=True))
