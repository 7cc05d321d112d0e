"""Deadlines: working or calendar days, stop-the-clock, extensions, by the calendar that is handed in. Free of Django, without a clock.

The day on which something begins does not count (民法典第二百零一条). A limit of the office in calendar days that ends on a day of
rest ends on the next working day (第二百零三条); a notice hangs its full days and comes down the day after.
"""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Protocol

Unit = Literal["working", "calendar"]


class Days(Protocol):
    """The official calendar (foundation.calendar.WorkingCalendar). All raise CalendarMissing for a year that it does not have."""

    def is_working(self, day: date) -> bool: ...
    def add_working_days(self, day: date, count: int) -> date: ...
    def working_days_between(self, start: date, end: date) -> int: ...


@dataclass(frozen=True)
class Stop:
    """From a day on the clock does not run, until another (None: it stands still now). `why`: completion, pause, publicity, hearing."""

    start: date
    end: date | None
    why: str


@dataclass(frozen=True)
class Clock:
    """A deadline. `due_on` None: it stands still since `stopped_since`."""

    name: str
    title: str
    started_on: date
    due_on: date | None
    stopped_since: date | None = None
    extended: int = 0


def add_months(day: date, months: int) -> date:
    """The same day so many months later; where that month is shorter, its last day (29 February + 12 months = 28 February)."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, gregorian.monthrange(year, month)[1]))


def deadline(start: date, days: int, unit: Unit, calendar: Days, rolls: bool = True) -> date:
    """`days` after `start`; of calendar days a day of rest at the end rolls on to the next working day. Raises CalendarMissing."""
    if unit == "working":
        return calendar.add_working_days(start, days)
    end = start + timedelta(days=days)
    return next_working(end, calendar) if rolls else end


def next_working(day: date, calendar: Days) -> date:
    """The day itself if it is worked, else the next that is. Raises CalendarMissing."""
    while not calendar.is_working(day):
        day += timedelta(days=1)
    return day


def running(
    name: str, title: str, start: date, days: int, unit: Unit, calendar: Days, stops: Iterable[Stop] = (), extended: int = 0
) -> Clock:
    """The clock of a step or of the whole: the days of a stop (after its first, up to its last) do not count, those in two stops once;
    while one is open it stands still. A stop that began when the time was over already gives nothing. Raises CalendarMissing."""
    total, reached = days + extended, start
    for stop in sorted(stops, key=lambda stop: stop.start):
        begin = max(stop.start, reached)
        if begin >= deadline(start, total, unit, calendar, rolls=False):
            break
        if stop.end is None:
            return Clock(name, title, start, None, max(stop.start, start), extended)
        if stop.end > begin:
            total += calendar.working_days_between(begin, stop.end) if unit == "working" else (stop.end - begin).days
            reached = stop.end
    return Clock(name, title, start, deadline(start, total, unit, calendar), None, extended)


def hangs_until(posted_on: date, days: int) -> date:
    """The last day on which a notice is to be seen: full days from the day after it was put up."""
    return posted_on + timedelta(days=days)
