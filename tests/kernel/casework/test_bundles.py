"""一件事: signed once for all its cases, one slip that verifies, one progress."""

from __future__ import annotations

from typing import Any

import pytest

from minzheng.kernel.casework import actions, printing, queries
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.models import Authorisation, BundleCase
from minzheng.kernel.casework.people import Citizen
from minzheng.kernel.casework.signing import PhoneProof
from minzheng.kernel.foundation.home import Home
from tests.kernel.casework.conftest import OTHER, VILLAGE, Town, token


def wanted(town: Town, **changed: Any) -> dict[str, Any]:
    members = [
        {"name": each.name, "id_number": each.id_number, "relation": relation} for each, relation in ((town.mother, "head"), (town.father, "spouse"))
    ]
    return {
        "name": town.mother.name, "id_number": town.mother.id_number, "phone": "13900001234", "address": "兰陵街道 1 号", "members": members,
        "want_living": "minimum_living", "want_temporary": True, "want_medical": True, "business_income_fen": 0, "transfer_income_fen": 0,
        "financial_assets_fen": 0, "reasons": "other", "statement": "丈夫生病，没有收入", "grant_kind": 1, "grant_grade": 1, "happened_on": "2024-06-01",
        "what_happened": "丈夫突发重病住院", "hospital": "第一人民医院", "self_paid_fen": 500000, **changed,
    }  # fmt: skip


def applied(town: Town, **changed: Any) -> BundleCase:
    return actions.apply_bundle(
        bundle="hardship_in_one", applicant=town.mother, answers=wanted(town, **changed), by=town.citizen, form_token=token(), later=["event"],
        division_code=VILLAGE,
    )  # fmt: skip


def test_one_signature_covers_all_cases(town: Town) -> None:
    row = applied(town)
    by, father = town.by("town"), Citizen.signed_in(town.father.person_key)
    (asked,) = queries.signings(father)
    assert asked.is_bundle and (asked.number, asked.title) == (row.number, "困难群众救助一件事")
    assert asked.valid_until.isoformat() == "2024-12-03", "for the shortest of their months"
    view = queries.bundle(row.number, by)
    assert [(consent.person, consent.authorisation) for consent in view.consents] == [(town.mother, None), (town.father, None)]
    assert {"vehicles", "medical_settlements"} <= set(view.consents[0].feeds)
    with pytest.raises(CaseError):
        actions.authorise_bundle(bundle=row, person=town.father, by=town.other_citizen, signed_how="phone", signature="王建国")
    with pytest.raises(CaseError, match="验证码"):
        actions.authorise_bundle(bundle=row, person=town.father, by=town.citizen, signed_how="phone", signature="王建国")
    with pytest.raises(CaseError, match="成年家庭成员"):
        actions.authorise_bundle(bundle=row, person=town.child, by=by, signed_how="paper")
    twice = token()
    for _ in range(2):
        mine = actions.authorise_bundle(bundle=row, person=town.mother, by=town.citizen, signed_how="phone", signature="张小兰", form_token=twice)
    his = actions.sign(number=asked.number, person=asked.person, by=father, signature="王建国")
    assert actions.authorise_bundle(bundle=row, person=town.father, by=town.citizen, signed_how="phone", signature="王建国", proof=PhoneProof.of(town.father)).pk == his.pk
    assert Authorisation.objects.count() == 2 and not queries.signings(father)
    assert all(consent.authorisation for consent in queries.bundle(row.number, town.citizen).consents)
    for case in row.cases.all():
        assert case.actions.filter(verb="authorise").count() == (1 if case.item == "medical_charity" else 2), "the charity asks the patient alone"
        actions.accept_case(case=case, by=by)
        if case.item != "temporary_assistance":
            actions.run_check(case=case, by=by, purpose="一件事审核核对")
    assert mine.feeds == sorted(mine.feeds) and "vehicles" in mine.feeds
    assert his.feeds == mine.feeds, "the household's items together ask for all of it"
    with pytest.raises(BundleCase.DoesNotExist):
        queries.bundle(row.number, father)


def test_one_slip_that_lists_all(town: Town, home: Home) -> None:
    row, by = applied(town), town.by("town")
    cases = list(row.cases.order_by("pk"))
    with pytest.raises(CaseError, match="还没有受理|没有受理的事项"):
        actions.issue_slip(bundle=row, by=town.citizen)
    actions.authorise_bundle(bundle=row, person=town.mother, by=town.citizen, signed_how="phone")
    for case in cases[:2]:
        actions.accept_case(case=case, by=by)
    with pytest.raises(CaseError, match="慈善助医"):
        actions.issue_slip(bundle=row, by=by)
    actions.decline_case(case=cases[2], by=by, reason_code="not_this", explanation="不属于低收入人口")
    assert queries.bundle(row.number, by).accepted
    paper = actions.issue_slip(bundle=row, by=town.citizen)
    assert actions.issue_slip(bundle=row, by=by).pk == paper.pk
    assert actions.open_paper(paper=paper, by=town.citizen).startswith(b"%PDF-")
    data = printing.slip_data(row, cases, row.opened_on, "CODE")
    assert [line[1] for line in data["cases"]] == [case.number for case in cases] and data["materials"][0][0].startswith("临时救助：")
    assert data["signed"] == [["张*兰", "2024-06-03", "2024-12-03"]] and town.mother.id_number not in str(data)
    found = queries.verify_paper(paper.code or "")
    assert found is not None and (found.number, found.item) == (row.number, "困难群众救助一件事")
    assert [(number, state) for number, _title, state in found.cases] == [(case.number, state) for case, state in zip(cases, ("办理中", "办理中", "不予受理"), strict=True)]
    assert town.mother.name not in str(found)
    with pytest.raises(CaseError):
        actions.issue_slip(bundle=row, by=town.other_citizen)
    with pytest.raises(CaseError):
        actions.open_paper(paper=paper, by=town.other_citizen)
    mine = home.root / "papers"
    mine.mkdir()
    (mine / "bundle_acceptance.typ").write_text("#sys.inputs.data", encoding="utf-8")
    assert printing.template("bundle_acceptance").parent == mine


def test_how_far_all_of_it_is(town: Town) -> None:
    row, by = applied(town), town.by("town")
    assert [each.pk for each in queries.bundles(by)] == [row.pk] and not queries.bundles(town.by("outside")).exists()
    assert queries.bundles(town.citizen).count() == 1 and not queries.bundles(town.other_citizen).exists()
    view = queries.bundle(row.number, by)
    assert [member.title for member in view.members] == ["最低生活保障", "临时救助", "慈善助医"] and view.elsewhere == 0
    assert (view.progress.total, view.progress.decided, view.progress.percent, view.progress.words) == (3, 0, 20, "3 件待受理")
    cases = [member.case for member in view.members]
    actions.accept_case(case=cases[0], by=by)
    actions.withdraw_case(case=cases[2], by=town.citizen)
    actions.transfer_case(case=cases[1], by=by, to_division=OTHER, because="急难发生在那里")
    view = queries.bundle(row.number, by)
    assert view.elsewhere == 1 and [member.standing.state for member in view.members] == ["under_way", "withdrawn"]
    assert (view.progress.words, view.progress.percent, view.progress.decided) == ("1 件待受理，1 件办理中，1 件已撤回", 56, 1)
    assert queries.bundle_progress(queries.bundles(by)[0]) == view.progress
    assert queries.bundle(row.number, town.citizen).elsewhere == 0
    with pytest.raises(BundleCase.DoesNotExist):
        queries.bundle(row.number, town.by("outside"))
