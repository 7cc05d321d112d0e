"""Working days by the official calendar: a table that is loaded once and that an official can extend."""

from __future__ import annotations

from datetime import date, timedelta

from minzheng.kernel.foundation.models import CalendarDay


class CalendarMissing(LookupError):
    """The official calendar of that year is not in the table."""


def is_working(day: date) -> bool:
    """Whether `day` is worked; raises CalendarMissing when the table does not know it."""
    return _working_between(day, day)[day]


def add_working_days(day: date, count: int) -> date:
    """The date `count` working days after `day` (the day itself does not count; 0 gives the day)."""
    if count < 0:
        raise ValueError("working days are counted forwards")
    reached, left = day, count
    horizon = day + timedelta(days=count * 2 + 30)
    known = _working_between(day, horizon, complete=False) if count else {}
    while left:
        reached += timedelta(days=1)
        if reached not in known:
            raise _missing(reached)
        left -= known[reached]
    return reached


def working_days_between(start: date, end: date) -> int:
    """Working days after `start` up to and including `end`; negative when `end` is earlier."""
    if end < start:
        return -working_days_between(end, start)
    known = _working_between(start + timedelta(days=1), end)
    return sum(known.values())


def _working_between(first: date, last: date, *, complete: bool = True) -> dict[date, bool]:
    known = dict(CalendarDay.objects.filter(day__gte=first, day__lte=last).values_list("day", "working"))
    if complete and len(known) <= (last - first).days:
        missing = next(
            first + timedelta(days=n)
            for n in range((last - first).days + 1)
            if first + timedelta(days=n) not in known
        )
        raise _missing(missing)
    return known


def _missing(day: date) -> CalendarMissing:
    return CalendarMissing(
        f"工作日历里没有 {day.year} 年({day}):请在国务院办公厅公布放假安排后,由系统管理员补录该年工作日历"
    )
