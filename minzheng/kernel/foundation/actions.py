"""What changes users and the calendar; each verb leaves an audit entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import chinese_calendar
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from minzheng.kernel.foundation import audit, calendar
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.foundation.models import CalendarDay, Jurisdiction, User

Range = tuple[str, str, str]  # low, high (exclusive), label


def create_user(
    *, username: str, full_name: str, role: str, jurisdictions: Iterable[Range], by: Actor,
    password: str | None = None, password_hash: str | None = None,
) -> User:  # fmt: skip
    """A user with role and ranges of division codes in one step: for the deployment's operator, who is not one of the
    three administrators (they each do their part: accounts.actions). Give the password or its hash.

    Raises Forbidden unless the actor may both make accounts and grant, and ValidationError (in Chinese) for an unknown role, an empty range, a
    weak password or a login name that is taken.
    """
    by.require("users.manage")
    by.require("access.grant")
    if role not in roles():
        raise ValidationError(f"没有“{role}”这个角色,可用:{'、'.join(roles())}")
    if not username.strip() or not full_name.strip():
        raise ValidationError("请填写登录名和姓名")
    if User.objects.filter(username=username).exists():
        raise ValidationError(f"登录名“{username}”已被使用")
    if password is not None:
        validate_password(password)
        password_hash = make_password(password)
    if not password_hash:
        raise ValidationError("请设置密码")
    with transaction.atomic():
        user = User.objects.create(username=username, full_name=full_name, role=role, password=password_hash)
        stored = store_jurisdictions(user, jurisdictions)
        audit.record(by, "user.create", f"user:{user.pk}", role=role, jurisdictions=stored)
    return user


def load_calendar(*, by: Actor) -> int:
    """Fill the calendar table from the shipped years (2004–2026); returns the number of days."""
    first = date(min(chinese_calendar.constants.holidays).year, 1, 1)
    last = date(max(chinese_calendar.constants.holidays).year, 12, 31)
    days = {}
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        _, holiday = chinese_calendar.get_holiday_detail(day)
        days[day] = (chinese_calendar.is_workday(day), holiday or "")
    return set_calendar_days(days=days, by=by, source="国务院办公厅历年节假日安排(chinesecalendar)")


def set_calendar_days(*, days: Mapping[date, tuple[bool, str]], by: Actor, source: str = "") -> int:
    """Store days of the official calendar: day → (worked, name of the holiday or make-up day); returns how many.

    `calendar.days_of_year` makes a whole year of a notice's few dates; `source` is the notice's number. Raises
    Forbidden without `calendar.manage`, and ValidationError when there are no days.
    """
    by.require("calendar.manage")
    if not days:
        raise ValidationError("没有要保存的日期")
    rows = [CalendarDay(day=day, working=working, note=note[:32]) for day, (working, note) in sorted(days.items())]
    with transaction.atomic():
        CalendarDay.objects.bulk_create(
            rows, batch_size=5000, update_conflicts=True, unique_fields=["day"], update_fields=["working", "note"]
        )
        audit.record(by, "calendar.set", f"calendar:{rows[0].day}..{rows[-1].day}", source, days=len(rows))
        calendar.forget()
    return len(rows)


def store_jurisdictions(user: User, jurisdictions: Iterable[Range]) -> list[str]:
    """Write where a user may act, for the verbs that grant; returns the ranges in words. ValidationError for an empty one."""
    rows = [Jurisdiction(user=user, low=low, high=high, label=label) for low, high, label in jurisdictions]
    for row in rows:
        if not row.low < row.high:
            raise ValidationError(f"辖区“{row.label}”的代码范围是空的:{row.low}–{row.high}")
    Jurisdiction.objects.bulk_create(rows)
    return [in_words(row) for row in rows]


def in_words(row: Jurisdiction) -> str:
    """A range as the audit shows it: 武进区(320412000000–320413000000)."""
    return f"{row.label}({row.low}–{row.high})"
