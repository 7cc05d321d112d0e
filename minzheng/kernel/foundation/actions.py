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
    """A new user with a role and ranges of division codes; give the password or its hash.

    Raises Forbidden without `users.manage`, and ValidationError (in Chinese) for an unknown role, an empty range, a
    weak password or a login name that is taken.
    """
    by.require("users.manage")
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
        stored = _store_jurisdictions(user, jurisdictions)
        audit.record(by, "user.create", f"user:{user.pk}", role=role, jurisdictions=stored)
    return user


def set_jurisdictions(*, user: User, jurisdictions: Iterable[Range], by: Actor, reason: str = "") -> None:
    """Replace where a user may act. Raises Forbidden, and ValidationError for an empty range."""
    by.require("users.manage")
    with transaction.atomic():
        before = [_shown(row) for row in user.jurisdictions.order_by("pk")]
        user.jurisdictions.all().delete()
        after = _store_jurisdictions(user, jurisdictions)
        audit.record(by, "user.jurisdictions", f"user:{user.pk}", reason, before=before, after=after)


def deactivate_user(*, user: User, by: Actor, reason: str) -> None:
    """The user may no longer sign in; what the user did stays. Raises Forbidden."""
    by.require("users.manage")
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=False)
        audit.record(by, "user.deactivate", f"user:{user.pk}", reason)
    user.is_active = False


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


def _store_jurisdictions(user: User, jurisdictions: Iterable[Range]) -> list[str]:
    rows = [Jurisdiction(user=user, low=low, high=high, label=label) for low, high, label in jurisdictions]
    for row in rows:
        if not row.low < row.high:
            raise ValidationError(f"辖区“{row.label}”的代码范围是空的:{row.low}–{row.high}")
    Jurisdiction.objects.bulk_create(rows)
    return [_shown(row) for row in rows]


def _shown(row: Jurisdiction) -> str:
    return f"{row.label}({row.low}–{row.high})"
