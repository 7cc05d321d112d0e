"""Signing in and out, an expired session, a failed security check, and pages for what goes wrong."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.monitoring.models import Visit
from tests.portals.staff.world import PASSWORD, World


def sign_in(client: Client, username: str, password: str = PASSWORD, **more: str) -> object:
    return client.post("/login/", {"username": username, "password": password, **more})


def test_sign_in_leads_to_where_one_wanted_to_go(world: World) -> None:
    client = Client()
    wanted = client.get("/alerts/?status=open")
    assert wanted["Location"] == "/login/?next=%2Falerts%2F%3Fstatus%3Dopen"
    response = client.post("/login/", {"username": "grid_worker", "password": PASSWORD, "next": "/alerts/?status=open"})
    assert response["Location"] == "/alerts/?status=open"
    assert AuditEntry.objects.filter(verb="session.opened", actor="grid_worker").exists()


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org/x", "javascript:alert(1)", ""])
def test_sign_in_never_leads_off_the_server(world: World, target: str) -> None:
    response = Client().post("/login/", {"username": "grid_worker", "password": PASSWORD, "next": target})
    assert response["Location"] == "/"


def test_a_wrong_password_is_refused_in_words_and_recorded(world: World) -> None:
    response = Client().post("/login/", {"username": "grid_worker", "password": "wrong"})
    assert response.status_code == 403
    assert "登录名或密码不对" in response.content.decode()
    assert AuditEntry.objects.filter(verb="session.refused", subject="login:grid_worker").exists()


def test_a_deactivated_user_stays_outside(world: World) -> None:
    world.users["grid_worker"].is_active = False
    world.users["grid_worker"].save()
    assert Client().post("/login/", {"username": "grid_worker", "password": PASSWORD}).status_code == 403


def test_an_expired_session_says_so(world: World, as_role: Callable[[str], Client]) -> None:
    client = as_role("grid_worker")
    world.users["grid_worker"].set_password("another-long-one")  # ends every session of the user
    world.users["grid_worker"].save()
    response = client.get("/alerts/", follow=True)
    assert "登录已过期" in response.content.decode()


def test_what_was_typed_outlives_the_session(world: World) -> None:
    client, alert = Client(), world.alerts[0]
    typed = {
        "visited_on": "2024-06-03", "met": "self", "needs": ["living", "medical"], "outcome": "temporary_aid",
        "findings": "屋顶漏雨", "form_token": "t" * 32, "version": str(alert.version), "seen": "",
    }  # fmt: skip
    expired = client.post(f"/alerts/{alert.pk}/visit/", typed)
    assert expired.status_code == 401
    kept = re.findall(r'name="(kept-[^"]+)" value="([^"]*)"', expired.content.decode())
    assert ("kept-needs", "living") in kept and ("kept-needs", "medical") in kept
    fields: dict[str, list[str]] = {}
    for name, value in kept:
        fields.setdefault(name, []).append(value)
    resumed = client.post(
        "/login/", {"username": "grid_worker", "password": PASSWORD, "next": f"/alerts/{alert.pk}/visit/", **fields}
    )
    page = resumed.content.decode()
    assert "继续提交" in page and "屋顶漏雨" in page and f'action="/alerts/{alert.pk}/visit/"' in page
    again = re.findall(r'type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)"', page)
    form: dict[str, list[str]] = {}
    for name, value in again:
        form.setdefault(name, []).append(value)
    assert client.post(f"/alerts/{alert.pk}/visit/", form).status_code == 302
    assert Visit.objects.get().needs == ["living", "medical"]


def test_signing_out_ends_the_session(world: World, as_role: Callable[[str], Client]) -> None:
    client = as_role("grid_worker")
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/").status_code == 302
    assert AuditEntry.objects.filter(verb="session.closed").exists()


def test_a_failed_security_check_is_explained(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.users["town_official"])
    response = client.post(f"/alerts/{world.alerts[0].pk}/assign/", {})
    assert response.status_code == 403
    assert "这一页放得太久了" in response.content.decode()


def test_403_names_the_capability_and_404_does_not_say_whether_it_exists(
    world: World, as_role: Callable[[str], Client]
) -> None:
    client = as_role("grid_worker")
    refused = client.get("/feeds/")
    assert refused.status_code == 403 and "没有" in refused.content.decode()
    assert world.outside_alert
    elsewhere = client.get(f"/alerts/{world.outside_alert.pk}/").content.decode()
    nowhere = client.get("/alerts/987654/").content.decode()
    strip = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
    assert strip.sub("", elsewhere) == strip.sub("", nowhere)


def test_500_is_a_page_of_ours_without_details(
    world: World, as_role: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("密钥在哪里")

    monkeypatch.setattr("minzheng.portals.staff.desk.groups", fail)
    client = as_role("grid_worker")
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == 500
    assert "系统出错了" in response.content.decode() and "密钥" not in response.content.decode()
