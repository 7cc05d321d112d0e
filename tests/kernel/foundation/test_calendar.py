"""Working days by the official calendar of the State Council's notices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from minzheng.kernel.foundation import calendar
from minzheng.kernel.foundation.access import Actor, Forbidden, roles
from minzheng.kernel.foundation.actions import load_calendar, set_calendar_days
from minzheng.kernel.foundation.calendar import (
    CalendarMissing,
    WorkingCalendar,
    add_working_days,
    days_of_year,
    is_working,
    working_calendar,
    working_days_between,
)
from minzheng.kernel.foundation.models import AuditEntry, CalendarDay

SYSTEM = Actor.system("测试")


@pytest.fixture
def loaded(db: None) -> None:
    load_calendar(by=SYSTEM)


@pytest.fixture
def settled() -> Iterator[None]:
    """As after a start of the program: nothing read yet, nothing under way."""
    calendar._settle()
    yield
    calendar._settle()


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2024, 6, 3), True), (date(2024, 6, 8), False),
        (date(2024, 6, 10), False),  # 端午, a Monday
        (date(2024, 5, 11), True),  # a Saturday worked for 劳动节
        (date(2024, 10, 12), True), (date(2024, 10, 7), False), (date(2004, 1, 1), False), (date(2026, 12, 31), True),
    ],
)  # fmt: skip
def test_holidays_and_worked_weekends(loaded: None, day: date, worked: bool) -> None:
    assert is_working(day) is worked


def test_counting(loaded: None) -> None:
    assert add_working_days(date(2024, 6, 7), 1) == date(2024, 6, 11), "over the weekend and 端午"
    assert add_working_days(date(2024, 9, 30), 5) == date(2024, 10, 12), "over 国庆 to the worked Saturday"
    assert add_working_days(date(2024, 6, 8), 0) == date(2024, 6, 8)
    assert working_days_between(date(2024, 6, 7), date(2024, 6, 11)) == 1
    assert working_days_between(date(2024, 6, 11), date(2024, 6, 7)) == -1
    assert working_days_between(date(2024, 6, 8), date(2024, 6, 8)) == 0
    with pytest.raises(ValueError, match="forwards"):
        add_working_days(date(2024, 6, 7), -1)


def test_a_year_that_is_not_in_the_table(loaded: None) -> None:
    message = r"没有 2027 年\(2027-01-01\):请在国务院办公厅公布放假安排后,由系统管理员补录"
    for ask in (
        lambda: is_working(date(2027, 1, 1)),
        lambda: add_working_days(date(2026, 12, 31), 1),
        lambda: working_days_between(date(2026, 12, 30), date(2027, 1, 4)),
    ):
        with pytest.raises(CalendarMissing, match=message):
            ask()
    assert working_days_between(date(2026, 12, 30), date(2026, 12, 31)) == 1


@pytest.mark.django_db
def test_an_empty_table_knows_no_day() -> None:
    with pytest.raises(CalendarMissing, match="2024-06-04"):
        working_calendar().add_working_days(date(2024, 6, 3), 1)


def test_an_official_adds_a_year(loaded: None) -> None:
    holidays = {date(2027, 1, 1): "元旦", date(2027, 1, 2): "元旦", date(2027, 1, 4): "元旦"}
    days = days_of_year(2027, holidays, {date(2027, 1, 9): "元旦"})
    assert set_calendar_days(days=days, by=SYSTEM, source="国办发明电〔2026〕9号") == 365
    assert add_working_days(date(2026, 12, 31), 1) == date(2027, 1, 5)
    assert is_working(date(2027, 1, 9))
    assert not is_working(date(2027, 1, 10))
    entry = AuditEntry.objects.order_by("-id")[0]
    assert (entry.verb, entry.subject, entry.reason) == ("calendar.set", "calendar:2027-01-01..2027-12-31", "国办发明电〔2026〕9号")
    assert CalendarDay.objects.get(day=date(2027, 1, 4)).note == "元旦"


def test_a_correction_counts_at_once(loaded: None) -> None:
    day = date(2024, 6, 12)
    assert is_working(day)
    set_calendar_days(days={day: (False, "台风停工")}, by=SYSTEM)
    assert not is_working(day)
    assert add_working_days(date(2024, 6, 11), 1) == date(2024, 6, 13)


def test_who_may_change_it(db: None) -> None:
    clerk = Actor("clerk", "city_official", roles()["city_official"].capabilities, ())
    with pytest.raises(Forbidden, match="维护工作日历"):
        set_calendar_days(days={date(2024, 6, 12): (False, "")}, by=clerk)
    with pytest.raises(ValidationError, match="没有要保存"):
        set_calendar_days(days={}, by=SYSTEM)


def test_a_notice_that_contradicts_itself() -> None:
    with pytest.raises(ValueError, match="2026-12-31 不在 2027 年"):
        days_of_year(2027, {date(2026, 12, 31): "元旦"}, {})
    with pytest.raises(ValueError, match="2027-01-02 不能既放假又上班"):
        days_of_year(2027, {date(2027, 1, 2): "元旦"}, {date(2027, 1, 2): "元旦"})
    assert len(days_of_year(2028, {}, {})) == 366


@pytest.mark.django_db(transaction=True)
def test_the_table_is_read_once_and_again_after_a_change(settled: None, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    monday = date(2024, 6, 3)
    set_calendar_days(days=days_of_year(2024, {}, {}), by=SYSTEM)
    with django_assert_num_queries(1):
        assert is_working(monday)
        assert [add_working_days(monday, n).day for n in range(3)] == [3, 4, 5]
    with pytest.raises(RuntimeError), transaction.atomic():
        set_calendar_days(days={monday: (False, "")}, by=SYSTEM)
        assert not is_working(monday), "a change is seen inside its own transaction"
        raise RuntimeError
    assert is_working(monday), "and gone with it"
    set_calendar_days(days={monday: (False, "")}, by=SYSTEM)
    assert not is_working(monday)
    # Another process adds a year: a miss reads again at once.
    CalendarDay.objects.bulk_create([CalendarDay(day=date(2025, 1, 1), working=False)])
    assert not is_working(date(2025, 1, 1))


@given(st.dictionaries(st.dates(date(2024, 1, 1), date(2024, 3, 1)), st.booleans()), st.data())
def test_counting_agrees_with_walking(days: dict[date, bool], data: st.DataObject) -> None:
    table = WorkingCalendar(days)
    start = data.draw(st.dates(date(2023, 12, 30), date(2024, 3, 3)))
    count = data.draw(st.integers(1, 20))
    day, left = start, count
    while left and (day + timedelta(days=1)) in days:
        day += timedelta(days=1)
        left -= days[day]
    if left:
        with pytest.raises(CalendarMissing, match=str(day + timedelta(days=1))):
            table.add_working_days(start, count)
    else:
        assert table.add_working_days(start, count) == day
        assert table.working_days_between(start, day) == count
        assert table.working_days_between(day, start) == -count
