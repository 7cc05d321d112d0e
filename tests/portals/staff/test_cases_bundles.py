"""一件事 in the office: its list, its page, signing once for all cases, the slip of the whole; near relatives of staff."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from minzheng.kernel.benefits.models import Entitlement
from minzheng.kernel.casework import actions, queries
from minzheng.kernel.casework.models import Authorisation, BundleCase, Case, CasePaper
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.registry.models import Person
from tests.portals.staff.cases_world import ANSWERS, PNG, WHO, sent
from tests.portals.staff.test_cases import AsRole, post, url
from tests.portals.staff.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def bundle(world: World) -> BundleCase:
    """低保 and 临时救助 asked for on one form."""
    person = world.alerts[1].person
    told: dict[str, Any] = {
        "name": person.name, "id_number": person.id_number, "phone": person.phone, "address": "湖塘镇人民路1号",
        "members": [{"name": person.name, "relation": "head"}], "want_living": "minimum_living", "want_temporary": True, "want_medical": False,
        "grant_kind": 1, "happened_on": "2024-06-01", "what_happened": "家里着了火，东西都烧了",
        **{name: ANSWERS[name] for name in ("business_income_fen", "transfer_income_fen", "financial_assets_fen", "reasons", "statement")},
    }  # fmt: skip
    return actions.apply_bundle(
        bundle="hardship_in_one", applicant=person, answers=told, by=WHO, form_token="b1", division_code=person.division_code
    )


def page(client: Client, bundle: BundleCase) -> Any:
    return client.get(reverse("staff:case_bundle", args=[bundle.number]))


def test_the_list_shows_how_far_all_of_it_is(world: World, bundle: BundleCase, as_role: AsRole) -> None:
    town = as_role("town_official")
    rows = {row["bundle"].number: row for row in town.get("/cases/bundles/").context["rows"]}
    assert set(rows) == {bundle.number, world.bundles[0].number}
    assert (rows[bundle.number]["progress"].total, rows[bundle.number]["progress"].words) == (2, "2 件待受理")
    assert len(town.get(f"/cases/bundles/?number={bundle.number}").context["rows"]) == 1
    assert town.get(f"/cases/bundles/?division={world.other_village.code}").context["rows"] == []
    assert town.get("/cases/bundles/?division=nowhere").status_code == 404
    assert bundle.applicant.name not in town.get("/cases/bundles/").content.decode()
    shown = town.get("/cases/?tab=all&together=1").context["rows"]
    assert {row.case.bundle_id for row in shown} == {bundle.pk, world.bundles[0].pk} and len(shown) == 3


def test_one_page_holds_the_form_the_cases_and_who_signed(bundle: BundleCase, as_role: AsRole) -> None:
    town = as_role("town_official")
    html = page(town, bundle).content.decode()
    for words in ("最低生活保障", "临时救助", "待受理", "家里着了火", "¥800.00", "还没有签全", "各件都受理后"):
        assert words in html, words
    assert html.count("家里着了火") == 1, "what was asked once stands once"
    person = bundle.applicant
    assert person.name not in html and person.id_number not in html and person.phone not in html
    for case in bundle.cases.all():
        assert url(case) in html and reverse("staff:case_bundle", args=[bundle.number]) in town.get(url(case)).content.decode()
        assert AuditEntry.objects.filter(verb="case.read", subject=f"case:{case.pk}").count() == 2


def test_signed_once_for_all_at_the_counter(bundle: BundleCase, as_role: AsRole) -> None:
    town, address = as_role("town_official"), reverse("staff:case_bundle_sign", args=[bundle.number])
    people = [each.person for each in queries.bundle(bundle.number, WHO).consents]
    assert town.post(address, {"form_token": "s0", "person": "", "signed_how": "paper"}).status_code == 422
    for person in people:
        assert town.post(address, {"form_token": f"s{person.pk}", "person": person.pk, "signed_how": "paper", "signature": "档案柜 3"}).status_code == 302
    assert Authorisation.objects.filter(case__bundle=bundle).count() == len(people) > 1
    html = page(town, bundle).content.decode()
    assert "还没有签全" not in html and "登记授权" not in html
    living = bundle.cases.get(item="minimum_living")
    assert all(each.authorisation for each in queries.consents(living, WHO))


def test_the_slip_comes_when_all_were_accepted(bundle: BundleCase, as_role: AsRole) -> None:
    town, address = as_role("town_official"), reverse("staff:case_bundle_slip", args=[bundle.number])
    early = town.post(address, follow=True)
    assert "还有没有受理的事项" in early.content.decode() and not CasePaper.objects.filter(kind="bundle_acceptance").exists()
    for case in bundle.cases.all():
        for each in queries.standing(case, WHO).open_materials:
            actions.attach_material(case=case, by=WHO, material=each.name, content=PNG)
        actions.accept_case(case=case, by=WHO)
    made = town.post(address)
    paper = CasePaper.objects.get(kind="bundle_acceptance")
    assert made["Location"] == reverse("staff:case_paper", args=[paper.case_id, paper.pk])
    assert town.post(address)["Location"] == made["Location"], "made once"
    assert town.post(made["Location"], {"reason": "case", "note": ""}).content.startswith(b"%PDF")
    assert paper.code in page(town, bundle).content.decode()
    seen = Client().get(f"/citizen/verify/{paper.code}/").content.decode()
    assert all(case.number in seen for case in bundle.cases.all()) and bundle.applicant.name not in seen


def test_nobody_elsewhere_sees_it(bundle: BundleCase, as_role: AsRole) -> None:
    outside = as_role("outside_worker")
    assert page(outside, bundle).status_code == 404
    assert bundle.number not in outside.get("/cases/bundles/").content.decode()
    assert outside.post(reverse("staff:case_bundle_slip", args=[bundle.number])).status_code == 404


def related(person: Person, token: str) -> Case:
    return actions.accept_case(case=sent(person, token, relative_of_staff=True), by=WHO)


def test_a_relative_of_staff_is_filed_and_visited_before_a_decision(world: World, as_role: AsRole) -> None:
    case, town, district = related(world.alerts[1].person, "near"), as_role("town_official"), as_role("district_official")
    html = town.get(url(case)).content.decode()
    for words in ("近亲属办件", "近亲属备案<b>还没有办</b>", "近亲属办件入户核查<b>还没有办</b>", "两项办完前不能作出决定", "未核实"):
        assert words in html, words
    assert "近亲属办件" not in town.get(url(world.cases[0])).content.decode()
    assert html.count("近亲属备案") >= 1 and "chip-amber\">近亲属<" in town.get("/cases/?tab=all").content.decode()
    for each in queries.consents(case, WHO):
        actions.authorise(case=case, person=each.person, by=WHO, signed_how="paper")
    actions.run_check(case=case, by=WHO, purpose="审核低保申请")
    visit = {"form_token": "v1", "version": case.version, "visited_on": "2024-06-03", "met": "本人", "with_whom": "老钱", "findings": "家里两间平房"}
    assert as_role("grid_worker").post(url(case, "case_visit"), visit).status_code == 302
    actions.propose(case=Case.objects.get(pk=case.pk), by=Actor.of(world.users["town_official"]), kind="refuse", opinion="收入高于标准，不建议同意")
    actions.publish(case=Case.objects.get(pk=case.pk), by=WHO)

    with clock.use(date(2024, 6, 11)):
        town, district = as_role("town_official"), as_role("district_official")
        actions.take_down(case=Case.objects.get(pk=case.pk), by=WHO)
        assert "decide" not in queries.verbs(case, Actor.of(world.users["district_official"]))
        empty = post(town, case, "file", relative="", relation="")
        assert empty.status_code == 422 and "请写明近亲属" in empty.content.decode()
        assert post(town, case, "file", "2", relative="张某（村主任）", relation="申请人的侄子").status_code == 302
        assert case.pk in {each["row"].case.pk for each in district.get("/visits/").context["visits"]}
        told = {**visit, "form_token": "v2", "visited_on": "2024-06-11", "version": Case.objects.get(pk=case.pk).version}
        assert district.post(url(case, "case_visit"), told).status_code == 302
        html = district.get(url(case)).content.decode()
        assert "张某（村主任）" in html and "申请人的侄子" in html and "还没有办" not in html
        assert "decide" in queries.verbs(Case.objects.get(pk=case.pk), Actor.of(world.users["district_official"]))


def test_the_matrix_stands_beside_the_rule(world: World, as_role: AsRole) -> None:
    case = world.cases[0]
    Entitlement.objects.create(
        programme="nursing_subsidy", unit_key=case.applicant.person_key, person_key=case.applicant.person_key, household_key=0, division_code=case.division_code,
        amount_fen=12_000, valid_from=date(2024, 1, 1),
    )  # fmt: skip
    (row,) = [each for each in queries.beside(case, Actor.of(world.users["town_official"])) if each.other == "nursing_subsidy"]
    page = as_role("town_official").get(url(case))
    html = page.content.decode()
    assert row in [each["row"] for each in page.context["beside"]["goes"]]
    for words in ("和其他待遇能不能同时享受", row.other_title, row.source, "正在享受"):
        assert words in html, words
    assert case.applicant.name not in html
