"""The three administrators, each with their own verbs; first passwords, second factors, who comes second."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from minzheng.kernel.foundation.access import Actor, Forbidden, roles
from minzheng.kernel.foundation.accounts import actions, queries
from minzheng.kernel.foundation.actions import create_user
from minzheng.kernel.foundation.models import AuditEntry, User

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("测试")
CITY = ("320400000000", "320500000000", "常州市")
HUTANG = ("320412100000", "320412101000", "湖塘镇")


def user(name: str, role: str) -> User:
    return create_user(username=name, full_name=name, role=role, jurisdictions=[CITY], password_hash="!", by=SYSTEM)


@pytest.fixture
def people() -> dict[str, Actor]:
    """The three administrators and an official."""
    names = ("administrator", "security_administrator", "auditor", "town_official")
    return {name: Actor.of(user(name, name)) for name in names}


VERBS = {
    "open_account": lambda by, to: actions.open_account(username="new", full_name="新人", by=by),
    "reset_password": lambda by, to: actions.reset_password(user=to, by=by, reason="忘记", expected_version=to.version),
    "set_active": lambda by, to: actions.set_active(user=to, active=False, by=by, reason="离职", expected_version=to.version),
    "grant": lambda by, to: actions.grant(user=to, role="town_official", jurisdictions=[HUTANG], by=by, reason="调岗", expected_version=to.version),
    "unlock": lambda by, to: actions.unlock(user=to, by=by, reason="本人申请"),
    "reset_second_factor": lambda by, to: actions.reset_second_factor(user=to, by=by, reason="换手机"),
    "audit": lambda by, to: list(queries.audit_entries(by)[:1]),
}
HANDS = {
    "open_account": "administrator", "reset_password": "administrator", "set_active": "administrator",
    "grant": "security_administrator", "unlock": "security_administrator", "reset_second_factor": "security_administrator",
    "audit": "auditor",
}  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_is_in_one_hand(verb: str, people: dict[str, Actor]) -> None:
    target = people["town_official"].user
    assert target
    for name, actor in people.items():
        if name == HANDS[verb]:
            VERBS[verb](actor, User.objects.get(pk=target.pk))
        else:
            with pytest.raises(Forbidden):
                VERBS[verb](actor, User.objects.get(pk=target.pk))


def test_no_role_holds_two_of_the_three() -> None:
    parts = ("users.manage", "access.grant", "audit.view")
    assert all(sum(part in role.capabilities for part in parts) <= 1 for role in roles().values())


@pytest.mark.parametrize("verb", ["grant", "unlock", "reset_second_factor"])
def test_nobody_does_it_to_oneself(verb: str, people: dict[str, Actor]) -> None:
    me = people["security_administrator"]
    with pytest.raises(Forbidden, match="另一名管理员"):
        VERBS[verb](me, User.objects.get(pk=me.user.pk))  # type: ignore[union-attr]


def test_an_account_can_do_nothing_until_it_is_granted(people: dict[str, Actor]) -> None:
    made, password = actions.open_account(username="li", full_name="李四", by=people["administrator"])
    assert made.check_password(password) and made.must_change_password
    with pytest.raises(Forbidden):
        Actor.of(made)
    actions.grant(
        user=made, role="town_official", jurisdictions=[HUTANG], by=people["security_administrator"], reason="新任", expected_version=1
    )
    actor = Actor.of(User.objects.get(pk=made.pk))
    assert actor.covers("320412100002") and not actor.covers("320402001001")
    entry = AuditEntry.objects.get(verb="user.grant")
    assert entry.details["role"] == "town_official" and password not in str(AuditEntry.objects.values_list("details", "reason"))


def test_the_second_of_two_administrators_is_told(people: dict[str, Actor]) -> None:
    target = people["town_official"].user
    assert target
    VERBS["reset_password"](people["administrator"], User.objects.get(pk=target.pk))
    with pytest.raises(actions.StaleAccount):
        VERBS["grant"](people["security_administrator"], target)
    assert User.objects.get(pk=target.pk).jurisdictions.get().label == "常州市"


@pytest.mark.parametrize(("role", "reason"), [("king", "调岗"), ("town_official", " ")])
def test_a_grant_needs_a_known_role_and_a_reason(role: str, reason: str, people: dict[str, Actor]) -> None:
    target = people["town_official"].user
    assert target
    with pytest.raises(ValidationError):
        actions.grant(user=target, role=role, jurisdictions=[HUTANG], by=people["security_administrator"], reason=reason, expected_version=1)


def test_ones_own_password() -> None:
    me = user("me", "town_official")
    me.set_password("Changzhou-2024")
    me.save()
    for old, new in (("wrong", "Another-2024-long"), ("Changzhou-2024", "short"), ("Changzhou-2024", "Changzhou-2024"), ("Changzhou-2024", "1234567890")):
        with pytest.raises(ValidationError):
            actions.change_password(user=me, old=old, new=new)
    actions.change_password(user=me, old="Changzhou-2024", new="Another-2024-long")
    assert User.objects.get(pk=me.pk).check_password("Another-2024-long")


def test_the_second_factor_counts_only_when_a_code_was_entered() -> None:
    me = user("me", "town_official")
    device = actions.begin_second_factor(user=me)
    assert not queries.factor(me).on
    with pytest.raises(ValidationError):
        actions.finish_second_factor(user=me, code="000000")
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    codes = actions.finish_second_factor(user=me, code=f"{totp(device.bin_key):06d}")
    assert queries.factor(me) == queries.Factor(True, actions.RECOVERY_CODES)
    assert len(set(codes)) == actions.RECOVERY_CODES
    assert codes[0] not in str(list(AuditEntry.objects.values_list("details", flat=True)))
