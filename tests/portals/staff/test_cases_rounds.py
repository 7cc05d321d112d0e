"""入户 on a phone: alerts and cases on one page that works without a connection, what is sent later, and photographs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from minzheng.kernel.casework import queries
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.monitoring import actions as monitoring
from minzheng.kernel.monitoring.models import Alert, Visit
from minzheng.kernel.registry.models import Document
from tests.portals.staff.cases_world import WHO
from tests.portals.staff.test_cases import AsRole, url, verbs
from tests.portals.staff.world import World

JPEG = b"\xff\xd8\xff" + b"\1" * 64


def mine(world: World) -> Alert:
    """An alert that the grid worker has in hand."""
    return Alert.objects.filter(assigned_to=world.users["grid_worker"], status="assigned").order_by("pk")[0]


def door(alert: Alert, token: str = "door-1", **more: Any) -> dict[str, Any]:
    """An alert's visit as the phone sends it."""
    return {"form_token": token, "version": alert.version, "visited_on": "2024-06-03", "met": "self", "situation": ["income_lost", "debt"],
            "needs": ["employment"], "outcome": "temporary_aid", "findings": "厂子关了，欠着房租", **more}  # fmt: skip


def send(client: Client, alert: Alert, data: dict[str, Any]) -> Any:
    return client.post(reverse("staff:visit_send", args=[alert.pk]), data)


def test_visits_are_sent_once_and_conflicts_are_told(world: World, as_role: AsRole) -> None:
    case, worker = world.cases[0], as_role("grid_worker")
    page = worker.get("/visits/")
    assert [visit["row"].case.pk for visit in page.context["visits"]] == [case.pk]
    html = page.content.decode()
    assert "母亲中风" not in html and not re.search(r"\b800\b", html), "what the applicant said does not lie on the phone"
    data = {"form_token": "off-1", "version": case.version, "visited_on": "2024-06-03", "met": "本人", "with_whom": "老钱、小孙", "findings": "家里两间平房", "f-owns_vehicle": "1"}
    answers = [worker.post(url(case, "case_visit_send"), data) for _ in range(2)]
    assert [answer.json()["done"] for answer in answers] == [True, True] and verbs(case).count("visit") == 1
    content = queries.history(case, WHO)[-1].content
    assert content["confirmed"] == {"owns_vehicle": True} and content["with"] == ["老钱", "小孙"]
    later = as_role("town_official").post(url(case, "case_visit_send"), {**data, "form_token": "off-2"})
    assert later.status_code == 422 and "赵网格 入户调查" in later.json()["words"] and "填写的内容还在本机" in later.json()["words"]
    assert worker.post(url(case, "case_visit_send"), {"form_token": "off-3"}).json()["words"].startswith("版本：页面不完整")
    assert worker.get("/visits/").context["visits"] == []


def test_the_app_is_limited_to_the_visits(world: World, as_role: AsRole) -> None:
    worker = as_role("grid_worker")
    manifest = json.loads(worker.get("/visits/manifest.webmanifest").content)
    assert manifest["scope"] == manifest["start_url"] == "/visits/"
    script = worker.get("/visits/worker.js")
    assert script["Content-Type"].startswith("text/javascript") and script["Service-Worker-Allowed"] == "/visits/"
    assert 'const PAGE = "/visits/"' in script.content.decode() and "&#x27;" not in script.content.decode()
    assert "manifest-src 'self'" in worker.get("/visits/")["Content-Security-Policy"]
    for asset in re.findall(r'"(/static/[^"]+)"', script.content.decode()):
        assert worker.get(asset).status_code == 200, asset


def test_the_round_holds_alerts_and_cases_and_nothing_that_tells_too_much(world: World, as_role: AsRole) -> None:
    page = as_role("grid_worker").get("/visits/")
    shown = {visit["row"].alert.pk for visit in page.context["alerts"]}
    assert shown == set(Alert.objects.filter(assigned_to=world.users["grid_worker"], status="assigned").values_list("pk", flat=True))
    assert shown and page.context["total"] == len(shown) + 1
    html = page.content.decode()
    for alert in Alert.objects.filter(pk__in=shown).select_related("person"):
        for secret in (alert.summary, alert.person.name, alert.person.phone, alert.person.id_number):
            assert secret not in html
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)), "forms beside each other share no id"
    assert as_role("town_official").get("/visits/").context["alerts"] == [], "only what was handed to oneself"


def test_an_alert_visited_off_line_is_one_visit(world: World, as_role: AsRole) -> None:
    alert, worker = mine(world), as_role("grid_worker")
    assert [send(worker, alert, door(alert)).json()["done"] for _ in range(2)] == [True, True]
    visit = Visit.objects.get(alert=alert)
    assert (visit.situation, visit.needs, visit.outcome, visit.findings) == (["income_lost", "debt"], ["employment"], "temporary_aid", "厂子关了，欠着房租")
    alert.refresh_from_db()
    assert (alert.status, alert.outcome) == ("closed", "temporary_aid")
    assert alert.pk not in {each["row"].alert.pk for each in worker.get("/visits/").context["alerts"]}


def test_the_rules_of_the_form_on_line_hold_for_what_comes_later(world: World, as_role: AsRole) -> None:
    alert, worker = mine(world), as_role("grid_worker")
    for change, words in (({"met": "nobody"}, "没有见到人"), ({"outcome": "in_order"}, "入户结果"), ({"visited_on": "2024-06-04"}, "晚于"), ({"outcome": ""}, "请选择一项")):
        answer = send(worker, alert, door(alert, **change))
        assert answer.status_code == 422 and words in answer.json()["words"], change
    assert not Visit.objects.filter(alert=alert).exists()


def test_an_alert_that_was_closed_meanwhile_says_by_whom(world: World, as_role: AsRole) -> None:
    alert, worker = mine(world), as_role("grid_worker")
    before = door(alert)
    monitoring.close_alert(alert=alert, by=Actor.of(world.users["town_official"]), outcome="no_need", note="电话核实，儿子已找到工作")
    told = send(worker, alert, before).json()
    assert not told["done"] and "version" not in told
    for words in ("已被办结", "吴镇办", "电话核实", "还在本机"):
        assert words in told["words"]
    assert not Visit.objects.filter(alert=alert).exists()


def test_an_alert_that_changed_and_is_open_can_be_sent_again(world: World, as_role: AsRole) -> None:
    alert, worker = mine(world), as_role("grid_worker")
    before = door(alert)
    monitoring.record_attempt(alert=alert, by=Actor.of(world.users["town_official"]))
    told = send(worker, alert, before).json()
    assert not told["done"] and "有变化" in told["words"]
    assert send(worker, alert, {**before, "version": told["version"]}).json()["done"]
    assert Visit.objects.filter(alert=alert).count() == 1


def nobody(client: Client, alert: Alert, day: str = "2024-06-02", **more: Any) -> Any:
    """不在家 as the phone sends it."""
    return client.post(reverse("staff:attempt_send", args=[alert.pk]), {"version": alert.version, "attempted_on": day, **more})


def test_nobody_at_home_off_line_is_noted_once_for_its_day(world: World, as_role: AsRole) -> None:
    alert, worker = mine(world), as_role("grid_worker")
    Alert.objects.filter(pk=alert.pk).update(raised_on="2024-05-31")
    form = re.search(rf'action="{reverse("staff:attempt", args=[alert.pk])}" data-attempt="([^"]+)"', worker.get("/visits/").content.decode())
    assert form and form[1] == reverse("staff:attempt_send", args=[alert.pk])
    assert [nobody(worker, alert).json()["done"] for _ in range(2)] == [True, True]
    steps = alert.steps.filter(verb="attempted")
    assert [step.details["attempted_on"] for step in steps] == ["2024-06-02"]
    page = as_role("town_official").get(reverse("staff:alert", args=[alert.pk])).content.decode()
    assert page.count("2024-06-02 上门没有遇到人，改日再去（事后补记）") == 1
    alert.refresh_from_db()
    assert alert.status == "assigned"
    assert send(worker, alert, door(alert, version=alert.version - 1)).json()["done"], "the visit of the evening, against the page of the morning"


def test_nobody_at_home_that_cannot_be_noted_says_why(world: World, as_role: AsRole) -> None:
    alert, worker = mine(world), as_role("grid_worker")
    for day, words in (("2024-06-04", "晚于今天"), ("2023-06-03", "早于预警发现日期"), ("昨天", "2024-05-31"), ("", "刷新后再记")):
        answer = nobody(worker, alert, day)
        assert answer.status_code == 422 and words in answer.json()["words"], day
    assert not alert.steps.filter(verb="attempted").exists()
    monitoring.close_alert(alert=alert, by=Actor.of(world.users["town_official"]), outcome="no_need", note="电话核实，儿子已找到工作")
    told = nobody(worker, alert, "2024-06-03").json()
    assert not told["done"] and "version" not in told
    for words in ("已被办结", "吴镇办", "电话核实", "2024-06-03 的“不在家”没有记入", "还在本机"):
        assert words in told["words"]
    assert worker.post(reverse("staff:attempt_send", args=[0]), {}).status_code == 404
    assert nobody(as_role("auditor"), alert).status_code == 403


def test_photographs_lie_in_the_household_s_file_once(world: World, as_role: AsRole) -> None:
    alert, case, worker = mine(world), world.cases[0], as_role("grid_worker")
    for name, key, named in (("visit_photo", alert.pk, f"预警 {alert.pk}"), ("case_visit_photo", case.pk, case.number)):
        address = reverse(f"staff:{name}", args=[key])
        content = JPEG + name.encode()
        for _ in range(2):
            answer = worker.post(address, {"photo": SimpleUploadedFile("photo.jpg", content, "image/jpeg")})
            assert answer.json()["done"], answer.json()
        row = Document.objects.get(kind="visit", title__contains=named)
        assert (row.media_type, row.size) == ("image/jpeg", len(content))
    assert send(worker, alert, door(alert)).json()["done"]
    late = worker.post(reverse("staff:visit_photo", args=[alert.pk]), {"photo": SimpleUploadedFile("2.jpg", JPEG + b"late", "image/jpeg")})
    assert late.json()["done"], "the photographs come after the visit that closed the alert"
    page = as_role("town_official").get(url(case)).content.decode()
    assert f"入户照片 {case.number}" in page, "and are found from the case"


@pytest.mark.parametrize(("content", "words"), [(b"", "空文件"), (b"<svg><script>1</script></svg>", "只收"), (b"%PDF-1.7 %%EOF", "不是照片"), (b"MZ\x90", "只收")])
def test_only_photographs_are_taken(content: bytes, words: str, world: World, as_role: AsRole) -> None:
    answer = as_role("grid_worker").post(
        reverse("staff:case_visit_photo", args=[world.cases[0].pk]), {"photo": SimpleUploadedFile("照片.jpg", content, "image/jpeg")}
    )
    assert answer.status_code == 422 and words in answer.json()["words"]
    assert not Document.objects.filter(kind="visit").exists()


def test_a_person_without_a_household_is_told_where_photographs_go(world: World, as_role: AsRole) -> None:
    alert = mine(world)
    alert.person.memberships.all().delete()
    worker = as_role("grid_worker")
    assert not next(each for each in worker.get("/visits/").context["alerts"] if each["row"].alert.pk == alert.pk)["housed"]
    answer = worker.post(reverse("staff:visit_photo", args=[alert.pk]), {"photo": SimpleUploadedFile("1.jpg", JPEG, "image/jpeg")})
    assert answer.status_code == 422 and "先到镇街建档" in answer.json()["words"]
