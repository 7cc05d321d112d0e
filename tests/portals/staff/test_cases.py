"""办件 in the portal: the list, the page of a case, each verb's form, opening, visits, boards."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from minzheng.kernel.casework import actions, queries
from minzheng.kernel.casework.models import Authorisation, Case, CaseAction, CasePaper, PromiseDraw
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry.models import Person
from minzheng.kernel.registry.search.actions import index_people
from minzheng.portals.staff import case_acts
from minzheng.portals.staff.case_acts import ACTS
from minzheng.portals.staff.views.notifications import target
from tests.portals.staff.cases_world import ANSWERS, PNG, WHO, draft, sent
from tests.portals.staff.test_pages import FORBIDDEN
from tests.portals.staff.world import World

AsRole = Callable[[str], Client]


def url(case: Case, name: str = "case", *more: Any) -> str:
    return reverse(f"staff:{name}", args=[case.pk, *more])


def post(client: Client, case: Case, verb: str, token: str = "t", **data: Any) -> Any:
    return client.post(ACTS[verb].url(case.pk), {"version": Case.objects.get(pk=case.pk).version, "form_token": f"{verb}-{token}", **data})


def other_person(world: World, at: int = 1) -> Person:
    return world.alerts[at].person


def verbs(case: Case) -> list[str]:
    return list(CaseAction.objects.filter(case=case).order_by("seq").values_list("verb", flat=True))


def test_the_list_by_tabs_and_filters(world: World, as_role: AsRole) -> None:
    sent(other_person(world), "second")
    town = as_role("town_official")
    shown = town.get("/cases/")
    assert {row.case.item for row in shown.context["rows"]} == {"minimum_living"} and len(shown.context["rows"]) == 2
    assert [tab["count"] for tab in shown.context["tabs"]] == [2, 2, 0, 2]
    for query, count in (("tab=open&state=submitted", 1), ("tab=all&item=minimum_living", 2), ("tab=all&overdue=1", 0), ("tab=all&urgent=1", 0),
                         (f"number={world.cases[0].number}", 1), (f"tab=all&division={world.other_village.code}", 0), ("tab=ended", 0)):  # fmt: skip
        assert len(town.get(f"/cases/?{query}").context["rows"]) == count, query
    with clock.use(date(2024, 7, 15)):
        assert len(as_role("town_official").get("/cases/?tab=all&overdue=1").context["rows"]) == 2
    assert town.get("/cases/?division=nowhere").status_code == 404
    assert world.cases[1].number not in shown.content.decode()


def test_queries_of_the_list_do_not_grow(world: World, as_role: AsRole, django_assert_max_num_queries: Any) -> None:
    for number, person in enumerate(Person.objects.filter(division_code=world.village.code).exclude(pk=world.alerts[0].person_id)[:5]):
        sent(person, f"many-{number}")
    client = as_role("town_official")
    with django_assert_max_num_queries(25):
        assert len(client.get("/cases/?tab=all").context["rows"]) == 6


def test_the_page_shows_what_is_said_and_what_the_rule_says(world: World, as_role: AsRole) -> None:
    case = world.cases[0]
    html = as_role("town_official").get(url(case)).content.decode()
    for words in ("申请了什么", "规则怎么说", "没有有效授权", "母亲中风卧床", "¥800.00", "疾病诊断证明", "已收到", "信息核对", "不含周末"):
        assert words in html, words
    person = case.applicant
    assert person.name not in html and person.id_number not in html and person.phone not in html
    for name in Person.objects.filter(division_code=world.village.code).values_list("name", flat=True):
        assert name not in html


def test_pages_of_acts_keep_to_the_strict_policy(world: World, as_role: AsRole) -> None:
    waiting, begun, town = sent(other_person(world), "second"), draft(other_person(world, 2), "third"), as_role("town_official")
    addresses = [url(world.cases[0]), url(begun, "case_form"), f"/people/{other_person(world).pk}/case/", f"/alerts/{world.alerts[0].pk}/case/", "/cases/new/", "/visits/"]
    for case in (waiting, world.cases[0]):
        found = queries.verbs(case, Actor.of(world.users["town_official"]))
        addresses += [act.url(case.pk) for verb, act in ACTS.items() if verb in found]
    addresses.append(url(world.cases[0], "case_visit"))
    assert len(addresses) > 20
    for address in addresses:
        response = town.get(address)
        assert response.status_code == 200, address
        html = response.content.decode()
        assert not [what for what, pattern in FORBIDDEN.items() if re.search(pattern, html)], address
        assert world.alerts[0].person.name not in html and other_person(world).id_number not in html, address


def test_a_check_is_refused_without_authorisation_and_runs_with_it(world: World, as_role: AsRole) -> None:
    case, town = world.cases[0], as_role("town_official")
    refused = post(town, case, "check", purpose="审核低保申请")
    assert refused.status_code == 422 and "没有有效的核对授权" in refused.content.decode()
    people = [each.person for each in queries.consents(case, Actor.of(world.users["town_official"]))]
    assert len(people) == 2  # the grandchild is a minor
    for person in people:
        assert post(town, case, "authorise", str(person.pk), person=person.pk, signed_how="paper", signature="").status_code == 302
    assert Authorisation.objects.filter(case=case).count() == 2
    assert post(town, case, "check", "again", purpose="审核低保申请").status_code == 302
    html = town.get(url(case)).content.decode()
    assert "已核对" in html and "被拒绝" in html
    row = Authorisation.objects.filter(case=case)[0]
    issued = town.post(url(case, "case_issue", "authorisation"), {"authorisation": row.pk})
    assert CasePaper.objects.filter(case=case, kind="authorisation").count() == 1 and "/papers/" in issued["Location"]
    assert post(town, case, "revoke", authorisation=Authorisation.objects.filter(case=case)[0].pk, because="本人要求").status_code == 302
    assert "没有有效授权" in town.get(url(case)).content.decode()


def test_return_names_everything_at_once(world: World, as_role: AsRole) -> None:
    case, town = draft(other_person(world), "second"), as_role("town_official")
    case = actions.submit_case(case=case, answers={**queries.answers(case, WHO), **ANSWERS}, by=WHO)
    assert "accept" not in queries.verbs(case, Actor.of(world.users["town_official"]))
    form = town.get(ACTS["return"].url(case.pk)).content.decode()
    assert "请提交疾病诊断证明" in form
    forgotten = post(town, case, "return", missing_phone="请填能打通的电话")
    assert forgotten.status_code == 422 and "还漏了：疾病诊断证明" in forgotten.content.decode()
    assert post(town, case, "return", "2", missing_phone="请填能打通的电话", missing_illness="请提交近三个月的").status_code == 302
    case.refresh_from_db()
    assert case.state == "returned"
    again = town.get(url(case, "case_form")).content.decode()
    assert "请填能打通的电话" in again
    attached = town.post(ACTS["attach"].url(case.pk), {"version": case.version, "form_token": "a1", "material": "illness", "file": upload(PNG)})
    assert attached.status_code == 302
    version = Case.objects.get(pk=case.pk).version
    sent_again = town.post(url(case, "case_form"), {**told(), "version": version, "form_token": "s1", "f-phone": "13800001111"})
    assert sent_again.status_code == 302
    case.refresh_from_db()
    assert case.state == "submitted" and queries.answers(case, WHO)["phone"] == "13800001111"
    assert queries.answers(case, WHO)["id_number"] == other_person(world).id_number, "what is not typed is kept"


def upload(content: bytes) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("病历.png", content, "image/png")


def told(**more: str) -> dict[str, str]:
    """The form as a browser sends it."""
    return {
        "f-reasons": "illness", "f-business_income_fen": "800", "f-transfer_income_fen": "300.50", "f-financial_assets_fen": "12000",
        "f-owns_vehicle": "0", "f-serious_illness": "1", "f-care_costs_fen": "600", "f-statement": "母亲中风卧床，儿子失业在家", **more,
    }  # fmt: skip


def test_hostile_uploads_are_refused(world: World, as_role: AsRole) -> None:
    town = as_role("town_official")
    for number, content in enumerate((b"<svg><script>alert(1)</script></svg>", b"MZ\x90\x00 program", b"<html>")):
        answer = town.post(ACTS["attach"].url(world.cases[0].pk), {"version": 1, "form_token": f"u{number}", "material": "illness", "file": upload(content)})
        assert answer.status_code == 422, content
    assert CasePaper.objects.filter(case=world.cases[0]).count() == 1


def test_too_large_is_too_large(world: World, as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_acts, "LARGEST", 50)
    answer = as_role("town_official").post(ACTS["attach"].url(world.cases[0].pk), {"version": 1, "form_token": "big", "material": "illness", "file": upload(PNG)})
    assert answer.status_code == 422 and "超过 20 MB" in answer.content.decode()


def test_a_step_that_ends_in_a_year_without_a_calendar_is_refused_in_words(world: World, as_role: AsRole) -> None:
    with clock.use(date(2024, 12, 20)):
        case, town = sent(other_person(world), "december"), as_role("town_official")
        answer = post(town, case, "accept")
        assert answer.status_code == 422 and "没有 2025 年" in answer.content.decode() and "补录" in answer.content.decode()
        assert town.get(url(case)).status_code == 200
    case.refresh_from_db()
    assert case.state == "submitted"


def test_at_the_counter_from_the_person_to_a_sent_application(world: World, as_role: AsRole) -> None:
    town, person = as_role("town_official"), other_person(world)
    index_people(list(Person.objects.all()))
    found = town.post("/cases/new/", {"q": person.id_number[-4:]})
    assert f"/people/{person.pk}/case/" in found.content.decode()
    by_number = town.post("/cases/new/", {"q": person.id_number})
    assert by_number["Location"] == f"/people/{person.pk}/case/"
    begun = town.post(f"/people/{person.pk}/case/", {"item": "minimum_living", "applied_by": "self", "form_token": "new-1"})
    case = Case.objects.get(applicant=person)
    assert begun["Location"] == url(case, "case_form")
    assert town.post(f"/people/{person.pk}/case/", {"item": "minimum_living", "applied_by": "self", "form_token": "new-2"}).status_code == 422
    html = town.get(url(case, "case_form")).content.decode()
    assert "已登记" in html and person.id_number not in html and 'data-show="' in html
    empty = town.post(url(case, "case_form"), {"form_token": "f0", "version": case.version})
    assert empty.status_code == 422 and "主要困难是什么" in empty.content.decode() and "没有填写" in empty.content.decode()
    wrong = town.post(url(case, "case_form"), {**told(**{"f-business_income_fen": "八百"}), "form_token": "f1", "version": case.version})
    assert wrong.status_code == 422 and "不是金额" in wrong.content.decode() and "八百" in wrong.content.decode()
    more = {"f-members-2-drop": "1", "f-members-3-name": "钱小妹", "f-members-3-relation": "other", "f-members-3-business_income_fen": "100"}
    good = town.post(url(case, "case_form"), {**told(**more), "form_token": "f2", "version": case.version, "promises": ["unemployed"], "signed_how": "paper"})
    assert good.status_code == 302
    case.refresh_from_db()
    answers = queries.answers(case, WHO)
    assert case.state == "submitted" and answers["transfer_income_fen"] == 30_050 and answers["owns_vehicle"] is False
    assert [each["name"] for each in answers["members"]][-1] == "钱小妹" and len(answers["members"]) == 3
    assert answers["members"][0]["id_number"] == person.id_number and answers["members"][2]["business_income_fen"] == 10_000
    assert town.get(url(case, "case_form")).status_code == 302


def test_from_an_alert_with_everything_known(world: World, as_role: AsRole) -> None:
    worker, alert = as_role("grid_worker"), world.alerts[1]
    assert f"/alerts/{alert.pk}/case/" in worker.get(f"/alerts/{alert.pk}/").content.decode()
    begun = worker.post(f"/alerts/{alert.pk}/case/", {"item": "minimum_living", "applied_by": "ex_officio", "form_token": "al-1"})
    case = Case.objects.get(alert=alert)
    assert begun["Location"] == url(case) and case.applied_by == "ex_officio" and case.channel == "alert"
    assert queries.answers(case, WHO)["name"] == alert.person.name
    assert "来自预警" in worker.get(url(case)).content.decode()
    assert as_role("auditor").get(f"/alerts/{alert.pk}/case/").status_code == 403


def test_a_second_editor_is_told_what_changed(world: World, as_role: AsRole) -> None:
    case, town = world.cases[0], as_role("town_official")
    stale = case.version
    assert post(as_role("district_official"), case, "pause", why="away", explanation="申请人住院").status_code == 302
    answer = town.post(ACTS["assign"].url(case.pk), {"version": stale, "form_token": "x", "to": world.users["grid_worker"].pk, "note": "请上门"})
    html = answer.content.decode()
    assert answer.status_code == 409 and "周区办" in html and "中止" in html and "请上门" in html
    assert "assign" not in verbs(case)


def test_the_road_to_a_decision(world: World, as_role: AsRole) -> None:
    case, town, district = world.cases[0], as_role("town_official"), as_role("district_official")
    assert post(town, case, "assign", to=world.users["grid_worker"].pk, note="请上门").status_code == 302
    for each in queries.consents(case, WHO):
        post(town, case, "authorise", str(each.person.pk), person=each.person.pk, signed_how="paper")
    assert post(town, case, "check", purpose="审核低保申请").status_code == 302
    visit = {"form_token": "v1", "version": case.version, "visited_on": "2024-06-03", "met": "本人", "with_whom": "村干部老钱", "findings": "家里两间平房"}
    assert as_role("grid_worker").post(url(case, "case_visit"), {**visit, "f-business_income_fen": "1200"}).status_code == 302
    page = town.get(url(case)).content.decode()
    assert "家里两间平房" in page and "¥1,200.00" in page and "不一致" in page
    rule = queries.weighed(Case.objects.get(pk=case.pk), WHO)
    assert rule is not None
    kind = "refuse" if rule.eligible else "grant"
    apart = post(town, case, "propose", kind=kind, opinion="嗯")
    assert apart.status_code == 422
    assert post(town, case, "propose", "2", kind="grant", class_="A", opinion="入户看到确实困难，建议同意").status_code == 302
    assert post(town, case, "publish").status_code == 302
    board = town.get("/cases/publicity/").content.decode()
    assert case.number in board and case.applicant.name not in board
    early = post(town, case, "take_down", because="")
    assert early.status_code == 422
    with clock.use(date(2024, 6, 11)):
        town, district = as_role("town_official"), as_role("district_official")
        assert post(town, case, "take_down", "late", because="").status_code == 302
        assert post(town, case, "decide", kind="grant", class_="A", explanation="同意审核意见").status_code == 422, "whoever proposed does not decide"
        assert post(district, case, "decide", "d", kind="grant", explanation="同意审核意见").status_code == 422, "the class is missing"
        assert post(district, case, "decide", "e", kind="grant", class_="A", explanation="入户核实，确实困难").status_code == 302
        html = district.get(url(case)).content.decode()
        assert "已决定：同意" in html and "社会救助决定书" in html
        issued = district.post(url(case, "case_issue", "decision"))
        paper = CasePaper.objects.get(case=case, kind="decision")
        assert issued["Location"] == url(case, "case_paper", paper.pk)
        opened = district.post(issued["Location"], {"reason": "case", "note": ""})
        assert opened["Content-Type"] == "application/pdf" and opened.content.startswith(b"%PDF")
        assert len(district.get("/cases/rechecks/").context["rows"]) == 0
    with clock.use(date(2025, 6, 1)):
        assert [line["row"].case.pk for line in as_role("district_official").get("/cases/rechecks/").context["rows"]] == [case.pk]


def test_promises_are_drawn_and_settled(world: World, as_role: AsRole) -> None:
    person = other_person(world)
    case = draft(person, "promise")
    case = actions.submit_case(case=case, answers={**queries.answers(case, WHO), **ANSWERS, "reasons": "no_work", "serious_illness": False, "care_costs_fen": None}, promises=["unemployed"], by=WHO)
    case = actions.accept_case(case=case, by=WHO)
    district = as_role("district_official")
    nothing = district.post("/cases/draws/", {"division": "320412000000", "count": 3, "form_token": "d0"})
    assert nothing.status_code == 422 and "没有可以抽查的承诺" in nothing.content.decode()
    for each in queries.consents(case, WHO):
        actions.authorise(case=case, person=each.person, by=WHO, signed_how="paper")
    actions.run_check(case=case, by=WHO, purpose="审核低保申请")
    actions.record_visit(case=case, by=WHO, visited_on=date(2024, 6, 3), met="本人", findings="家里两间平房", with_whom=["老钱"], form_token="v")
    actions.propose(case=case, by=WHO, kind="refuse", opinion="收入高于标准，不建议同意")
    actions.publish(case=case, by=WHO)
    with clock.use(date(2024, 6, 11)):
        actions.take_down(case=case, by=WHO)
        actions.decide(case=case, by=WHO, kind="refuse", reason_codes=["above_line"], explanation="与测算不同的理由在此")
        district, town = as_role("district_official"), as_role("town_official")
        drawn = district.post("/cases/draws/", {"division": "320412000000", "count": 3, "seed": "2024110", "form_token": "d1"})
        assert drawn.status_code == 302 and PromiseDraw.objects.get().drawn == [case.number]
        html = district.get("/cases/draws/").content.decode()
        assert "2024110" in html and case.number in html and "待查" in html
        assert post(town, case, "settle", material="unemployed", kept="0", findings="社保显示仍在单位缴费").status_code == 302
        assert "失实" in district.get("/cases/draws/").content.decode()


def test_what_waits_stands_on_the_desk(world: World, as_role: AsRole) -> None:
    html = as_role("town_official").get("/").content.decode()
    assert url(world.cases[0]) in html and "办件待办" in html
    assert url(world.cases[1]) not in html


@pytest.mark.parametrize("role", ["grid_worker", "town_official", "district_official"])
def test_roles_see_only_their_verbs(role: str, world: World, as_role: AsRole) -> None:
    case = world.cases[0]
    shown = {each["act"].verb for each in as_role(role).get(url(case)).context["acts"]}
    assert shown <= {"settle", *queries.verbs(case, Actor.of(world.users[role]))}
    assert ("check" in shown) == (role != "grid_worker")


@pytest.mark.parametrize(("subject", "leads_to"), [("cases:overdue", "/cases/?tab=open&overdue=1"), ("cases:recheck", "/cases/rechecks/"), ("case:7", "/cases/7/")])
def test_notifications_lead_to_cases(subject: str, leads_to: str) -> None:
    assert target(subject) == leads_to
