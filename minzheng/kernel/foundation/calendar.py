"""Working days by the official calendar: a table that is loaded once and that an official can extend.

The shipped years come from the State Council's yearly notices (package chinesecalendar). A year is known when
its notice is: nothing is assumed for a year that is not in the table.
"""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import QuerySet

from minzheng.kernel.foundation.models import CalendarDay

T = TypeVar("T")
_FRESH_SECONDS = 5.0  # within so long a change by another process is seen; a year that was missing, at once


class CalendarMissing(LookupError):
    """The official calendar of that year is not in the table."""


class WorkingCalendar:
    """The calendar table as it was read: for lists and bulk work, one reading for any number of questions."""

    def __init__(self, days: Mapping[date, bool]) -> None:
        self._days = days
        self._known = sorted(days)
        self._worked = [day for day in self._known if days[day]]

    def is_working(self, day: date) -> bool:
        """Whether `day` is worked."""
        self._require(day, day)
        return self._days[day]

    def add_working_days(self, day: date, count: int) -> date:
        """The date `count` working days after `day`, which itself does not count; 0 gives `day`."""
        if count < 0:
            raise ValueError("working days are counted forwards")
        if count == 0:
            return day
        following = bisect_right(self._worked, day) + count - 1
        reached = self._worked[following] if following < len(self._worked) else date.max
        self._require(day + timedelta(days=1), reached)
        return reached

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` is earlier."""
        if end < start:
            return -self.working_days_between(end, start)
        if end == start:
            return 0
        self._require(start + timedelta(days=1), end)
        return bisect_right(self._worked, end) - bisect_right(self._worked, start)

    def _require(self, first: date, last: date) -> None:
        """Raise CalendarMissing for the first day from `first` to `last` that the table does not have."""
        if bisect_right(self._known, last) - bisect_left(self._known, first) == (last - first).days + 1:
            return
        missing = first
        while missing in self._days:
            missing += timedelta(days=1)
        raise CalendarMissing(
            f"工作日历里没有 {missing.year} 年({missing}):请在国务院办公厅公布放假安排后,由系统管理员补录该年工作日历"
        )


def is_working(day: date) -> bool:
    """Whether `day` is worked; raises CalendarMissing (in Chinese) when the table does not know it."""
    return _ask(lambda calendar: calendar.is_working(day), day, day)


def add_working_days(day: date, count: int) -> date:
    """The date `count` working days after `day`, which itself does not count; 0 gives `day`.

    Raises CalendarMissing when the days in between are not all in the table.
    """
    return _ask(lambda calendar: calendar.add_working_days(day, count), day, day + timedelta(days=count * 2 + 30))


def working_days_between(start: date, end: date) -> int:
    """Working days after `start` up to and including `end`; negative when `end` is earlier. Raises CalendarMissing."""
    return _ask(lambda calendar: calendar.working_days_between(start, end), min(start, end), max(start, end))


def working_calendar() -> WorkingCalendar:
    """The whole table, read now."""
    return _read(CalendarDay.objects.all())


def forget() -> None:
    """The calendar was changed in the transaction under way: until that is committed, read the table itself."""
    _cache.calendar, _cache.settled = None, False
    transaction.on_commit(_settle)


@dataclass
class _Cache:
    """The table as it was last read. Not settled: a change may yet be rolled back, so nothing is kept."""

    calendar: WorkingCalendar | None = None
    read_at: float = 0.0
    settled: bool = True


_cache = _Cache()


def _settle() -> None:
    _cache.calendar, _cache.settled = None, True


def _ask(question: Callable[[WorkingCalendar], T], first: date, last: date) -> T:
    """Put the question to the kept table; read it again when another process may have changed it, and on a miss."""
    if not _cache.settled:
        return question(_read(CalendarDay.objects.filter(day__gte=first, day__lte=last)))
    calendar = _cache.calendar
    if calendar is not None and time.monotonic() - _cache.read_at < _FRESH_SECONDS:
        with suppress(CalendarMissing):
            return question(calendar)
    _cache.calendar, _cache.read_at = working_calendar(), time.monotonic()
    return question(_cache.calendar)


def _read(days: QuerySet[CalendarDay]) -> WorkingCalendar:
    return WorkingCalendar(dict(days.values_list("day", "working")))


def days_of_year(year: int, holidays: Mapping[date, str], make_up: Mapping[date, str]) -> dict[date, tuple[bool, str]]:
    """All days of a year for `actions.set_calendar_days`, from the State Council's notice.

    `holidays` are the days off and `make_up` the worked weekend days, each with the name of the holiday; every other
    day follows its weekday. Raises ValueError (in Chinese) for a day of another year or one that is both.
    """
    for day in [*holidays, *make_up]:
        if day.year != year:
            raise ValueError(f"{day} 不在 {year} 年")
    if both := set(holidays) & set(make_up):
        raise ValueError(f"{min(both)} 不能既放假又上班")
    days = {}
    for offset in range((date(year, 12, 31) - date(year, 1, 1)).days + 1):
        day = date(year, 1, 1) + timedelta(days=offset)
        worked = day in make_up or (day.weekday() < 5 and day not in holidays)
        days[day] = (worked, holidays.get(day) or make_up.get(day, ""))
    return days
