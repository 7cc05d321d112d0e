"""Signing in under attack: lock-out, second factor, idle sessions; the administrators' pages."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from minzheng.kernel.foundation.models import AuditEntry, User
from tests.portals.staff.world import PASSWORD, World

AsRole = Callable[[str], Client]


def sign_in(client: Client, name: str, password: str = PASSWORD) -> object:
    return client.post("/login/", {"username": name, "password": password})


def test_five_wrong_passwords_lock_and_the_security_administrator_unlocks(world: World, as_role: AsRole) -> None:
    for _ in range(5):
        assert Client().post("/login/", {"username": "town_official", "password": "wrong"}).status_code == 403
    locked = Client().post("/login/", {"username": "town_official", "password": PASSWORD})
    assert locked.status_code == 403 and "已锁定 30 分钟" in locked.content.decode()
    assert "wrong" not in str(list(AuditEntry.objects.values_list("details", "reason", "subject")))
    assert Client().post("/login/", {"username": "grid_worker", "password": PASSWORD}).status_code == 302
    pk = world.users["town_official"].pk
    page = as_role("security_administrator").get(f"/accounts/{pk}/").content.decode()
    assert "已锁定" in page
    as_role("security_administrator").post(f"/accounts/{pk}/unlock/", {"version": 1, "reason": "本人申请"})
    assert Client().post("/login/", {"username": "town_official", "password": PASSWORD}).status_code == 302


def test_an_unknown_name_looks_like_a_wrong_password(world: World) -> None:
    def shown(name: str) -> str:
        text = Client().post("/login/", {"username": name, "password": "wrong"}).content.decode()
        return text.replace(name, "NAME").split("<form")[0].split("csrf")[0]

    assert shown("town_official") == shown("nobody_at_all")


def with_factor(user: User) -> TOTPDevice:
    return TOTPDevice.objects.create(user=user, name="手机", confirmed=True)


def test_the_second_step_and_no_code_twice(world: World) -> None:
    device = with_factor(world.users["town_official"])
    client = Client()
    page = client.post("/login/", {"username": "town_official", "password": PASSWORD, "next": "/alerts/"})
    assert "第二步" in page.content.decode() and client.get("/").status_code == 302
    assert client.post("/login/code/", {"code": "000000", "next": "/alerts/"}).status_code == 403
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    code = f"{totp(device.bin_key):06d}"
    assert client.post("/login/code/", {"code": code, "next": "/alerts/"})["Location"] == "/alerts/"
    assert client.get("/").status_code == 200
    other = Client()
    sign_in(other, "town_official")
    assert other.post("/login/code/", {"code": code}).status_code == 403, "a code is good once"


def test_a_recovery_code_is_good_once(world: World, as_role: AsRole) -> None:
    client = as_role("town_official")
    client.get("/account/second-factor/")
    device = TOTPDevice.objects.get(user=world.users["town_official"])
    page = client.post("/account/second-factor/", {"code": f"{totp(device.bin_key):06d}"}).content.decode()
    code = StaticToken.objects.first().token  # type: ignore[union-attr]
    assert code in page
    for expected in (302, 403):
        visitor = Client()
        sign_in(visitor, "town_official")
        assert visitor.post("/login/code/", {"code": code}).status_code == expected


def test_guessing_codes_locks_as_well(world: World) -> None:
    with_factor(world.users["town_official"])
    client = Client()
    sign_in(client, "town_official")
    for _ in range(5):
        TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        last = client.post("/login/code/", {"code": "000000"})
    assert "已锁定" in last.content.decode()
    assert "已锁定" in Client().post("/login/", {"username": "town_official", "password": PASSWORD}).content.decode()


def test_a_code_without_a_password_leads_back(world: World) -> None:
    with_factor(world.users["town_official"])
    assert Client().post("/login/code/", {"code": "000000"})["Location"] == "/login/"


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (31, 302)])
def test_a_session_ends_after_idling(world: World, minutes: int, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    sign_in(client, "town_official")
    now = time.time()
    monkeypatch.setattr("minzheng.portals.staff.session.time.time", lambda: now + minutes * 60)
    answer = client.get("/")
    assert answer.status_code == status
    if status == 302:
        assert "expired=1" in answer["Location"]


def test_a_busy_session_lasts_twelve_hours_and_is_rarely_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    sign_in(client, "town_official")
    start, written = time.time(), set()
    for minute in range(0, 12 * 60 + 20, 20):
        monkeypatch.setattr("minzheng.portals.staff.session.time.time", lambda at=minute: start + at * 60)
        status = client.get("/").status_code
        written.add(client.session.get("seen_at"))
        assert status == (200 if minute <= 12 * 60 else 302), minute
    client = Client()
    sign_in(client, "town_official")
    before = client.session["seen_at"]
    client.get("/")
    assert client.session["seen_at"] == before


def test_a_first_password_must_be_changed_before_anything_else(world: World, as_role: AsRole) -> None:
    opened = as_role("administrator").post("/accounts/new/", {"username": "xin", "full_name": "新人"}, follow=True)
    password = opened.context["password"]
    assert password in opened.content.decode()
    again = as_role("administrator").get(opened.request["PATH_INFO"]).content.decode()
    assert password not in again, "shown once"
    made = User.objects.get(username="xin")
    granted = as_role("security_administrator").post(
        f"/accounts/{made.pk}/grant/", {"version": 1, "role": "town_official", "places": "320412100\n湖塘镇", "reason": "新任"}
    )
    assert granted.status_code == 302
    client = Client()
    sign_in(client, "xin", password)
    assert client.get("/alerts/")["Location"] == "/account/"
    change = {"old": password, "new": "Own-Password-2024", "again": "Own-Password-2024"}
    assert client.post("/account/", change)["Location"] == "/account/"
    assert client.get("/alerts/").status_code == 200


def test_an_account_without_a_grant_waits(world: World, as_role: AsRole) -> None:
    opened = as_role("administrator").post("/accounts/new/", {"username": "xin", "full_name": "新人"}, follow=True)
    User.objects.filter(username="xin").update(must_change_password=False)
    client = Client()
    sign_in(client, "xin", opened.context["password"])
    page = client.get("/", follow=True)
    assert page.status_code == 200 and "还没有授权" in page.content.decode()


def test_a_place_that_is_none_is_named_and_nothing_is_lost(world: World, as_role: AsRole) -> None:
    pk = world.users["grid_worker"].pk
    answer = as_role("security_administrator").post(
        f"/accounts/{pk}/grant/", {"version": 1, "role": "grid_worker", "places": "320412100\n月球", "reason": "调岗"}
    )
    text = answer.content.decode()
    assert answer.status_code == 422 and "第 2 行“月球”" in text and "月球</textarea>" in text


def test_the_second_administrator_is_told_and_keeps_what_was_typed(world: World, as_role: AsRole) -> None:
    pk = world.users["grid_worker"].pk
    as_role("administrator").post(f"/accounts/{pk}/active/", {"version": 1, "reason": "停用"})
    answer = as_role("security_administrator").post(
        f"/accounts/{pk}/grant/", {"version": 1, "role": "grid_worker", "places": "320412100", "reason": "调岗到湖塘"}
    )
    assert answer.status_code == 422
    assert "另一名管理员改动了" in answer.content.decode() and "调岗到湖塘" in answer.content.decode()


def test_changing_the_password_ends_other_sessions(world: World) -> None:
    here, elsewhere = Client(), Client()
    sign_in(here, "town_official")
    sign_in(elsewhere, "town_official")
    here.post("/account/", {"old": PASSWORD, "new": "Own-Password-2024", "again": "Own-Password-2024"})
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


def test_the_auditor_filters_pages_and_exports(world: World, as_role: AsRole) -> None:
    client = as_role("auditor")
    page = client.get("/audit/?verb=user.create")
    assert page.status_code == 200 and all(entry.verb == "user.create" for entry, _words in page.context["rows"])
    assert client.get("/audit/?first=nonsense").status_code == 422
    export = b"".join(client.get("/audit/export.csv?verb=user.create")).decode("utf-8-sig")  # type: ignore[arg-type]
    assert "建立用户" in export and AuditEntry.objects.filter(verb="audit.export").exists()
    verified = client.post("/audit/verify/").content.decode()
    assert "审计链完整" in verified


def test_a_cell_that_would_be_a_formula_is_text(world: World, as_role: AsRole) -> None:
    from minzheng.kernel.foundation import audit
    from minzheng.kernel.foundation.access import Actor

    audit.record(Actor.system("测试"), "test.note", "test:1", '=HYPERLINK("x")')
    export = b"".join(as_role("auditor").get("/audit/export.csv?verb=test.note")).decode("utf-8-sig")  # type: ignore[arg-type]
    assert "'=HYPERLINK" in export
