"""The household's file as of a day, and looking behind the mask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.test import Client

from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.ledger.models import PaymentLine
from minzheng.kernel.registry.models import Membership
from tests.portals.staff.world import World

AsRole = Callable[[str], Client]


def test_the_file_shows_the_day_that_was_asked_for(world: World, as_role: AsRole) -> None:
    client, url = as_role("grid_worker"), f"/households/{world.households[0].pk}/"
    today = client.get(url)
    then = client.get(url, {"as_of": "2024-03-01"})
    shown = [fact.text for card in today.context["members"] for fact in card.facts]
    shown_then = [fact.text for card in then.context["members"] for fact in card.facts]
    assert shown == ["养老待遇：城乡居民"]
    assert shown_then == ["养老待遇：城乡居民", "登记失业：在领"]
    assert len(today.context["alerts"]) == 1 and then.context["alerts"] == []
    assert "正在看 2024-03-01 当天的情况" in then.content.decode()


def test_a_day_that_is_none_is_said(world: World, as_role: AsRole) -> None:
    client, url = as_role("grid_worker"), f"/households/{world.households[0].pk}/"
    assert "不是日期" in client.get(url, {"as_of": "去年"}).content.decode()
    assert "还没有到" in client.get(url, {"as_of": "2030-01-01"}).content.decode()
    assert client.get(url, {"as_of": "1900-01-01"}).status_code == 200


def test_opening_a_file_is_recorded(world: World, as_role: AsRole) -> None:
    household = world.households[0]
    as_role("grid_worker").get(f"/households/{household.pk}/")
    assert AuditEntry.objects.filter(verb="household.open", actor="grid_worker", subject=f"household:{household.pk}").exists()


def test_one_line_of_time_for_registry_alerts_and_visits(world: World, as_role: AsRole) -> None:
    alert, client = world.alerts[0], as_role("grid_worker")
    form = {"visited_on": "2024-06-02", "met": "family", "outcome": "no_need", "form_token": "x", "version": 1, "seen": ""}
    client.post(f"/alerts/{alert.pk}/visit/", form)
    timeline = client.get(f"/households/{world.households[0].pk}/").context["timeline"]
    titles = [entry.title for entry in timeline]
    assert [entry.title for entry in timeline if entry.kind in ("alert", "visit")] == ["办结：无需救助", "入户", "预警：大额医疗支出"]
    assert "存入材料：病历和医疗票据" in titles and "办件：最低生活保障" in titles
    assert "养老待遇：城乡居民" in titles
    days = [entry.on for entry in timeline]
    assert days == sorted(days, reverse=True)


def test_looking_behind_the_mask_needs_a_reason_and_is_recorded(world: World, as_role: AsRole) -> None:
    person, client = world.alerts[0].person, as_role("grid_worker")
    url = f"/people/{person.pk}/reveal/"
    asked = client.get(url, {"back": "/alerts/"}).content.decode()
    assert person.id_number not in asked and 'value="/alerts/"' in asked
    for form in ({}, {"reason": "other", "note": ""}, {"reason": "curiosity"}):
        refused = client.post(url, form)
        assert refused.status_code == 422 and person.id_number not in refused.content.decode()
    assert not AuditEntry.objects.filter(verb="identity.reveal").exists()
    shown = client.post(url, {"reason": "other", "note": "核对低保申请", "back": "//example.org"}).content.decode()
    assert person.id_number in shown and person.name in shown and person.phone in shown
    assert "example.org" not in shown
    assert AuditEntry.objects.get(verb="identity.reveal").reason == "其他：核对低保申请"


def test_finding_by_id_number_stays_inside_the_jurisdiction(world: World, as_role: AsRole) -> None:
    inside, outside = world.alerts[0].person, world.households[-1].memberships.first()
    assert outside
    client = as_role("grid_worker")
    found = client.post("/households/", {"id_number": f" {inside.id_number.lower()} ", "reason": "verify"})
    assert found["Location"] == f"/households/{world.households[0].pk}/"
    missing = client.post("/households/", {"id_number": outside.person.id_number, "reason": "verify"})
    assert missing.status_code == 422 and "您的辖区内没有" in missing.content.decode()
    assert "证件号码不对" in client.post("/households/", {"id_number": "123", "reason": "verify"}).content.decode()
    assert AuditEntry.objects.filter(verb="person.search_id").count() == 2


def test_two_days_compared_money_and_kinds(world: World, as_role: AsRole) -> None:
    client, address = as_role("town_official"), f"/households/{world.households[0].pk}/"
    page = client.get(f"{address}?as_of=2024-06-03&since=2024-03-01")
    lines = [(row.was, row.now) for row in page.context["compared"]]
    assert any("在领" in was and now == "" for was, now in lines), "the unemployment benefit ended in May"
    assert client.get(f"{address}?since=2024-06-03").context["compared"] == []
    assert "还没有到" in client.get(f"{address}?since=2099-01-01").content.decode()
    rows = {row.what: (row.monthly, row.year) for row in page.context["receipts"].rows}
    assert rows["养老待遇：城乡居民"] == ("¥360.00", "¥2,160.00"), "six months of 2024"
    assert ("¥2,100.00", "¥6,300.00") in rows.values(), "February to April"
    assert page.context["receipts"].monthly == "¥360.00"
    only = client.get(f"{address}?show=alert").context["timeline"]
    assert only and all(entry.kind == "alert" for entry in only)


def test_a_paper_is_handed_over_for_a_reason_and_runs_nothing(world: World, as_role: AsRole) -> None:
    pk, client = world.documents[0].pk, as_role("town_official")
    assert client.post(f"/documents/{pk}/", {}).status_code == 422
    answer = client.post(f"/documents/{pk}/", {"reason": "verify"})
    assert answer["Content-Disposition"].startswith("attachment") and answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert AuditEntry.objects.filter(verb="document.open", subject=f"document:{pk}").exists()


def test_what_the_platform_paid_stands_with_the_rest(world: World, as_role: AsRole) -> None:
    line, head = world.payments[0], Membership.objects.filter(household=world.households[0]).order_by("pk")[0].person.person_key
    PaymentLine.objects.filter(pk=line.pk).update(person_key=head, state=PaymentLine.State.PAID, changed_on=date(2024, 5, 20))
    url = f"/households/{world.households[0].pk}/"
    page = as_role("town_official").get(url)
    assert [(row.amount, row.state) for row in page.context["paid"]] == [(yuan(line.amount_fen), "paid")]
    assert [entry.on for entry in page.context["timeline"] if entry.kind == "money"] == [date(2024, 5, 20)]
    assert f"/benefits/payments/lines/{line.pk}/" in page.content.decode()
    assert not as_role("town_official").get(url, {"as_of": "2024-05-19"}).context["paid"]
    assert not as_role("grid_worker").get(url).context["paid"], "money is not the grid worker's business"


def test_cases_of_the_household_stand_on_its_page_and_its_line_of_time(world: World, as_role: AsRole) -> None:
    case = world.cases[0]
    assert case.household
    url = f"/households/{case.household.pk}/"
    page = as_role("town_official").get(url)
    assert {row.case.pk for row in page.context["cases"]} == {each.pk for each in world.cases if each.household_id == case.household_id}
    assert f"/cases/{case.pk}/" in page.content.decode()
    assert any(entry.kind == "case" and entry.on == case.opened_on for entry in page.context["timeline"])
    assert not as_role("town_official").get(url, {"as_of": "2023-12-31"}).context["cases"]
