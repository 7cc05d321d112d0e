"""Users, their roles and jurisdictions, and what they may see."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import models, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from minzheng.kernel.foundation.access import (
    EVERYWHERE,
    Actor,
    Forbidden,
    _Catalogue,
    roles,
    scope_filter,
    scoped,
)
from minzheng.kernel.foundation.accounts.actions import grant, set_active
from minzheng.kernel.foundation.actions import create_user
from minzheng.kernel.foundation.models import AuditEntry, CalendarDay, Jurisdiction, User

SYSTEM = Actor.system("测试")
WUJIN = ("320412000000", "320413000000", "武进区")
PASSWORD = "Changzhou-2024"


def make(**changes: object) -> User:
    given = {"username": "wang", "full_name": "王小明", "role": "district_official", "jurisdictions": [WUJIN],
             "password": PASSWORD, "by": SYSTEM}  # fmt: skip
    return create_user(**(given | changes))  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_new_user_signs_in_and_acts_in_the_jurisdiction() -> None:
    user = make()
    assert user.check_password(PASSWORD)
    actor = Actor.of(user)
    assert actor.may("alerts.assign")
    assert not actor.may("users.manage")
    assert actor.covers("320412100001")
    assert not actor.covers("320413000000")
    assert not actor.covers("")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.verb, entry.subject) == ("测试", "user.create", f"user:{user.pk}")
    assert entry.details == {"role": "district_official", "jurisdictions": ["武进区(320412000000–320413000000)"]}
    assert PASSWORD not in str(AuditEntry.objects.values_list())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"role": "king"}, "没有“king”这个角色"), ({"password": "short"}, "10"), ({"password": None}, "请设置密码"),
        ({"jurisdictions": [("320413", "320412", "反了")]}, "反了”的代码范围是空的"), ({"username": " "}, "请填写登录名"),
        ({"full_name": ""}, "请填写登录名和姓名"),
    ],
)  # fmt: skip
def test_users_that_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        make(**changes)
    assert not User.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_a_login_name_is_given_once() -> None:
    make()
    with pytest.raises(ValidationError, match="登录名“wang”已被使用"):
        make(full_name="别人")


@pytest.mark.django_db
def test_users_are_made_whole_by_the_operator_only() -> None:
    administrator = Actor.of(make(username="admin", role="administrator"))
    for actor in (administrator, Actor.of(make(username="auditor", role="auditor"))):
        with pytest.raises(Forbidden):
            make(username="other", by=actor)
    assert not administrator.may("households.view")


@pytest.mark.django_db
def test_a_jurisdiction_is_replaced_as_a_whole() -> None:
    user = make()
    grant(user=user, role="district_official", jurisdictions=[("320412001000", "320412004000", "经开区街道")], by=SYSTEM, reason="调岗",
          expected_version=1)  # fmt: skip
    assert Actor.of(user).ranges == (("320412001000", "320412004000"),)
    entry = AuditEntry.objects.order_by("-id")[0]
    assert entry.reason == "调岗"
    assert entry.details["before"] == {"role": "district_official", "jurisdictions": ["武进区(320412000000–320413000000)"]}
    assert entry.details["jurisdictions"] == ["经开区街道(320412001000–320412004000)"]
    with pytest.raises(ValidationError):
        grant(user=user, role="district_official", jurisdictions=[("2", "1", "反了")], by=SYSTEM, reason="调岗", expected_version=2)
    assert Actor.of(user).ranges == (("320412001000", "320412004000"),), "a refused change changes nothing"


@pytest.mark.django_db
def test_a_deactivated_user_can_do_nothing() -> None:
    user = make()
    set_active(user=user, active=False, by=SYSTEM, reason="离职", expected_version=1)
    with pytest.raises(Forbidden, match="停用"):
        Actor.of(User.objects.get(pk=user.pk))
    User.objects.filter(pk=user.pk).update(is_active=True, role="abolished")
    with pytest.raises(Forbidden, match="角色已取消"):
        Actor.of(User.objects.get(pk=user.pk))


def test_a_missing_capability_is_named_in_words() -> None:
    with pytest.raises(Forbidden, match="没有“查看完整身份信息”权限"):
        Actor("s", "data_steward", roles()["data_steward"].capabilities, ()).require("identity.reveal")


def test_roles_hold_known_capabilities_only() -> None:
    body = {"capabilities": {"a.b": "甲"}, "roles": {"r": {"title": "乙", "level": "city", "capabilities": ["a.c"]}}}
    with pytest.raises(ValueError, match=r"未登记的权限:a\.c"):
        _Catalogue.model_validate(body)


codes = st.integers(0, 10**12 - 1).map(lambda number: f"{number:012d}")


@pytest.mark.django_db
@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(codes, codes).map(sorted).map(tuple), max_size=3), st.lists(codes, max_size=8, unique=True))
def test_the_database_and_covers_agree(ranges: list[tuple[str, str]], places: list[str]) -> None:
    places += [bound for pair in ranges for bound in pair]  # the bounds themselves: low counts, high does not
    actor = Actor("a", "grid_worker", frozenset(), tuple(ranges))
    with transaction.atomic():
        user = User.objects.create(username="u", full_name="u", role="auditor")
        Jurisdiction.objects.bulk_create([Jurisdiction(user=user, low=code, high="~", label=code) for code in places])
        found = set(Jurisdiction.objects.filter(scope_filter(actor, "low")).values_list("low", flat=True))
        transaction.set_rollback(True)
    assert found == {code for code in places if actor.covers(code)}


@pytest.mark.django_db
def test_scoping_in_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make()
    for low in ("320412000000", "320412100001", "320413000000", "320411999999"):
        Jurisdiction.objects.create(user=user, low=low, high="9", label=low)
    monkeypatch.setattr(Jurisdiction, "scope_field", "low", raising=False)
    rows: models.QuerySet[Jurisdiction] = Jurisdiction.objects.exclude(label="武进区")
    here = Actor("a", "grid_worker", frozenset(), (("320412000000", "320413000000"), ("320412100000", "320412200000")))
    assert sorted(scoped(rows, here).values_list("label", flat=True)) == ["320412000000", "320412100001"]
    assert not scoped(rows, Actor("a", "grid_worker", frozenset(), ())).exists()
    assert scoped(rows, SYSTEM).count() == 4
    assert SYSTEM.ranges == EVERYWHERE
    with pytest.raises(TypeError, match="CalendarDay"):
        scoped(CalendarDay.objects.all(), SYSTEM)
