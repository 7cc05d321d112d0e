"""The alert's pages: filters in the address, hand-over, visit, close, re-open, and two officials at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.monitoring import actions
from minzheng.kernel.monitoring.models import Alert, Visit
from tests.portals.staff.world import World, family

AsRole = Callable[[str], Client]


def visit_form(alert: Alert, **changes: object) -> dict[str, object]:
    form: dict[str, object] = {
        "visited_on": "2024-06-03", "met": "self", "situation": ["medical_burden"], "needs": ["medical"],
        "outcome": "low_income", "findings": "医药费欠了三个月", "form_token": "token-1", "version": alert.version,
        "seen": f"待入户|赵网格|{alert.due_on}",
    }  # fmt: skip
    return {**form, **changes}


def test_filters_stand_in_the_address(world: World, as_role: AsRole) -> None:
    for number in range(3, 12):
        family(number, world.village, world.users["grid_worker"], True)
    client = as_role("city_official")
    actions.close_alert(
        alert=world.alerts[0], by=Actor.of(world.users["town_official"]), outcome="moved", note="村里证实已搬走"
    )
    assert client.get("/alerts/").context["page_obj"].paginator.count == 12, "what is open, unless asked otherwise"
    cases = {
        "?status=all": lambda alert: True,
        "?status=closed": lambda alert: alert.status == "closed",
        "?status=all&scenario=unemployment": lambda alert: alert.scenario == "unemployment",
        "?status=new": lambda alert: alert.status == "new",
        "?severity=high&status=open": lambda alert: alert.severity == "high" and alert.status != "closed",
        "?overdue=1": lambda alert: alert.due_on < date(2024, 6, 3) and alert.status != "closed",
        f"?division={world.other_village.code}": lambda alert: alert.division_code == world.other_village.code,
        "?status=all&division=wujin": lambda alert: alert.division_code.startswith("320412"),
    }
    for query, holds in cases.items():
        context = client.get(f"/alerts/{query}").context
        assert context["rows"], query
        assert all(holds(row.alert) for row in context["rows"]), query
        assert context["page_obj"].paginator.count == sum(holds(alert) for alert in Alert.objects.all()), query


@pytest.mark.parametrize("query", ["?division=1234567", "?division=nowhere", "?division=%27%20OR%201"])
def test_a_place_that_does_not_exist_is_not_found(query: str, world: World, as_role: AsRole) -> None:
    assert as_role("city_official").get(f"/alerts/{query}").status_code == 404


def test_places_fold_out_from_board_to_village(world: World, as_role: AsRole) -> None:
    html = as_role("city_official").get(f"/alerts/?division={world.village.code}").content.decode()
    assert "武进区" in html and "湖塘镇" in html and world.village.name in html
    assert f'value="{world.village.code}" selected' in html


def test_reading_an_alert_is_recorded(world: World, as_role: AsRole) -> None:
    as_role("town_official").get(f"/alerts/{world.alerts[0].pk}/")
    assert AuditEntry.objects.filter(verb="alert.read", actor="town_official", subject=f"alert:{world.alerts[0].pk}").exists()


def test_hand_over_to_somebody_of_the_list(world: World, as_role: AsRole) -> None:
    alert = next(a for a in world.alerts if a.status == "new")
    client, worker = as_role("town_official"), world.users["grid_worker"]
    page = client.get(f"/alerts/{alert.pk}/")
    assert worker.pk in {user["pk"] for user in page.context["assignees"]}
    client.post(f"/alerts/{alert.pk}/assign/", {"to": worker.pk, "note": "先打电话", "version": alert.version})
    alert.refresh_from_db()
    assert (alert.status, alert.assigned_to) == ("assigned", worker)
    assert "先打电话" in client.get(f"/alerts/{alert.pk}/").content.decode()


@pytest.mark.parametrize("to", ["outside_worker", "auditor", "city_official"])
def test_nobody_else_can_be_picked(to: str, world: World, as_role: AsRole) -> None:
    alert = next(a for a in world.alerts if a.status == "new")
    form = {"to": world.users[to].pk, "version": alert.version}
    page = as_role("town_official").post(f"/alerts/{alert.pk}/assign/", form, follow=True)
    alert.refresh_from_db()
    assert alert.status == "new"
    assert "请从名单里选择" in page.content.decode()


def test_a_visit_closes_the_alert_and_counts(world: World, as_role: AsRole) -> None:
    alert, client = world.alerts[0], as_role("grid_worker")
    response = client.post(f"/alerts/{alert.pk}/visit/", visit_form(alert), follow=True)
    assert "的入户已登记：纳入低保" in response.content.decode()
    alert.refresh_from_db()
    assert (alert.status, alert.outcome) == ("closed", "low_income")
    detail = as_role("town_official").get(f"/alerts/{alert.pk}/").content.decode()
    assert "医药费欠了三个月" in detail and "已办结：纳入低保" in detail
    assert "100%（1/1）" in as_role("town_official").get("/").content.decode()


def test_a_form_sent_twice_is_one_visit(world: World, as_role: AsRole) -> None:
    alert, client = world.alerts[0], as_role("grid_worker")
    first = client.post(f"/alerts/{alert.pk}/visit/", visit_form(alert))
    second = client.post(f"/alerts/{alert.pk}/visit/", visit_form(alert))
    assert first.status_code == second.status_code == 302
    assert Visit.objects.count() == 1


def test_what_somebody_else_did_meanwhile_is_shown_and_nothing_typed_is_lost(world: World, as_role: AsRole) -> None:
    alert = world.alerts[0]
    form = visit_form(alert, findings="写了半小时的话")
    actions.assign_alert(
        alert=alert, to=world.users["town_official"], by=Actor.of(world.users["town_official"]), note="我自己去"
    )
    client = as_role("grid_worker")
    page = client.post(f"/alerts/{alert.pk}/visit/", form)
    html = page.content.decode()
    assert page.status_code == 409
    assert "您填写期间，这条预警有变化" in html and "我自己去" in html
    assert "<del>赵网格</del>" in html and "<ins>吴镇办</ins>" in html
    assert "写了半小时的话" in html and 'value="low_income" checked' in html
    assert not Visit.objects.exists()
    alert.refresh_from_db()
    again = client.post(f"/alerts/{alert.pk}/visit/", {**form, "version": alert.version})
    assert again.status_code == 302 and Visit.objects.get().findings == "写了半小时的话"


def test_an_alert_that_was_closed_meanwhile_takes_no_second_visit(world: World, as_role: AsRole) -> None:
    alert = world.alerts[0]
    form = visit_form(alert, findings="我也去了")
    as_role("town_official").post(f"/alerts/{alert.pk}/visit/", visit_form(alert, form_token="token-2", outcome="no_need"))
    page = as_role("grid_worker").post(f"/alerts/{alert.pk}/visit/", form)
    html = page.content.decode()
    assert page.status_code == 409 and "已被别人办结" in html and "我也去了" in html
    assert Visit.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"outcome": ""}, "请选择一项"),
        ({"met": "nobody", "outcome": "low_income"}, "没有见到人"),
        ({"visited_on": "2024-06-04"}, "晚于今天"),
        ({"visited_on": "昨天"}, "日期请写成"),
    ],
)
def test_mistakes_are_said_at_the_field(
    change: dict[str, str], said: str, world: World, as_role: AsRole
) -> None:
    page = as_role("grid_worker").post(f"/alerts/{world.alerts[0].pk}/visit/", visit_form(world.alerts[0], **change))
    assert page.status_code == 422 and said in page.content.decode() and "医药费欠了三个月" in page.content.decode()
    assert f'value="{change.get("visited_on", "2024-06-03")}"' in page.content.decode()
    assert not Visit.objects.exists()


def test_close_needs_a_reason_and_reopen_sets_a_new_clock(world: World, as_role: AsRole) -> None:
    alert, town, district = world.alerts[0], as_role("town_official"), as_role("district_official")
    form = {"outcome": "moved", "version": alert.version, "seen": "", "note": ""}
    assert "请写明理由" in town.post(f"/alerts/{alert.pk}/close/", form).content.decode()
    assert town.post(f"/alerts/{alert.pk}/close/", {**form, "note": "村里证实已搬走"}).status_code == 302
    alert.refresh_from_db()
    assert alert.status == "closed"
    assert town.get(f"/alerts/{alert.pk}/close/").status_code == 302
    again = {"version": alert.version, "seen": "", "note": "又搬回来了"}
    assert district.post(f"/alerts/{alert.pk}/reopen/", again).status_code == 302
    alert.refresh_from_db()
    assert alert.status == "assigned" and alert.due_on > date(2024, 6, 3)


def test_the_desk_sorts_by_clock(world: World, as_role: AsRole) -> None:
    for number in range(3, 13):
        family(number, world.village, world.users["grid_worker"], True)
    context = as_role("grid_worker").get("/").context
    mine = Alert.objects.filter(assigned_to=world.users["grid_worker"])
    assert [group.slug for group in context["groups"]] == ["overdue", "today", "week", "later"][: len(context["groups"])]
    assert context["counts"]["all"] == mine.count()
    assert context["counts"]["overdue"] == mine.filter(due_on__lt=date(2024, 6, 3)).count()
    due = [row.alert.due_on for group in context["groups"] for row in group.rows]
    assert due == sorted(due)


def test_what_concerns_the_roster_is_closed_with_what_the_files_showed(world: World, as_role: AsRole) -> None:
    alert = world.alerts[0]
    Alert.objects.filter(pk=alert.pk).update(scenario="undeclared_vehicle", rung=Alert.Rung.TOWN, assigned_to=None, status=Alert.Status.NEW)
    client, worker = as_role("town_official"), as_role("grid_worker")
    shown = client.get(f"/alerts/{alert.pk}/").content.decode()
    assert "登记核查结果" in shown and "镇街督办" not in shown
    form = client.get(f"/alerts/{alert.pk}/close/")
    choices = dict(form.context["form"].fields["outcome"].choices)
    assert {"benefit_changed", "in_order", "moved"} <= set(choices) and not {"low_income", "no_need"} & set(choices)
    assert worker.get(f"/alerts/{alert.pk}/").status_code == 404
    assert str(alert.pk) not in {str(row.alert.pk) for row in worker.get("/alerts/?status=all").context["rows"]}
    alert.refresh_from_db()
    sent = {"outcome": "in_order", "note": "车已于五月报废", "version": alert.version, "seen": form.context["form"]["seen"].value()}
    assert client.post(f"/alerts/{alert.pk}/close/", sent).status_code == 302
    alert.refresh_from_db()
    assert (alert.status, alert.outcome) == (Alert.Status.CLOSED, "in_order")
    assert "核查无误" in client.get(f"/alerts/{alert.pk}/").content.decode()
