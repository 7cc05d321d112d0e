"""What is refused: another's case, another's work, old pages, forms sent twice, checks without consent, years without a calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from minzheng.kernel.casework import actions, queries
from minzheng.kernel.casework.errors import CaseError, FormFaults, NotAllowed, StaleCase, Unauthorised
from minzheng.kernel.casework.models import Case, CaseAction, CasePaper, Check, Publication
from minzheng.kernel.casework.people import own
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Forbidden
from minzheng.kernel.foundation.calendar import CalendarMissing
from minzheng.kernel.foundation.models import AuditEntry
from tests.kernel.casework.conftest import TODAY, Town, authorised, living, submitted, token


def test_a_citizen_sees_and_moves_only_own_cases(town: Town) -> None:
    case = submitted(town)
    stranger = town.other_citizen
    with pytest.raises(CaseError, match="不能查看"):
        actions.open_case_file(number=case.number, by=stranger)
    assert AuditEntry.objects.filter(verb="case.read_refused").exists()
    for attempt in (
        lambda: actions.withdraw_case(case=case, by=stranger),
        lambda: actions.attach_material(case=case, by=stranger, material="illness", content=b"%PDF-1 %%EOF"),
        lambda: actions.issue_paper(case=case, kind="acceptance", by=stranger),
        lambda: actions.open_case(item="minimum_living", applicant=town.mother, by=stranger, form_token=token()),
        lambda: actions.save_draft(token="a", item="minimum_living", person=town.mother, answers={}, by=stranger),
    ):
        with pytest.raises(CaseError):
            attempt()
    with pytest.raises(Case.DoesNotExist):
        queries.standing(case, stranger)
    assert not queries.cases(stranger).exists() and not queries.history(case, stranger) and not queries.messages(stranger)
    assert [each.pk for each in queries.cases(town.citizen)] == [case.pk]
    for model in (Case, CaseAction, CasePaper):
        assert not own(model.objects.all(), stranger).exists()
    with pytest.raises(TypeError):
        own(Publication.objects.all(), stranger)
    case.refresh_from_db()
    assert case.version == 2


def test_a_citizen_does_nothing_that_is_the_offices(town: Town) -> None:
    case = submitted(town)
    with pytest.raises(NotAllowed, match="经办机关"):
        actions.accept_case(case=case, by=town.citizen)
    for how, words in (("self", "不接受"), ("ex_officio", "镇街发起")):
        with pytest.raises(CaseError, match=words):
            actions.open_case(item="recheck", applicant=town.mother, by=town.citizen, form_token=token(), applied_by=how)


def test_levels_and_places(town: Town) -> None:
    case = submitted(town)
    with pytest.raises(NotAllowed, match="权限"):
        actions.accept_case(case=case, by=town.by("worker"))
    with pytest.raises(CaseError, match="辖区"):
        actions.accept_case(case=case, by=town.by("outside"))
    with pytest.raises(Case.DoesNotExist):
        queries.case(case.pk, town.by("outside"))
    case = ready_to_propose_from(case, town)
    actions.propose(case=case, by=town.by("county"), kind="grant", opinion="同意", class_="B")
    actions.publish(case=case, by=town.by("town"))
    with clock.use(TODAY + timedelta(days=8)):
        actions.take_down(case=case, by=town.by("town"))
        with pytest.raises(NotAllowed, match="区级经办"):
            actions.decide(case=case, by=town.by("town"), kind="grant", class_="B")
        with pytest.raises(CaseError, match="另一个人"):
            actions.decide(case=case, by=town.by("county"), kind="grant", class_="B")
        with pytest.raises(CaseError, match="类别"):
            actions.decide(case=case, by=town.by("second_county"), kind="grant")
        actions.decide(case=case, by=town.by("second_county"), kind="grant", class_="B")


def ready_to_propose_from(case: Case, town: Town) -> Case:
    actions.accept_case(case=case, by=town.by("town"))
    authorised(case, town)
    actions.run_check(case=case, by=town.by("town"), purpose="低保审核核对")
    return actions.record_visit(
        case=case, by=town.by("worker"), visited_on=TODAY, met="本人", findings="家中陈设简单", with_whom=["同事"], form_token=token()
    )


def test_check_without_consent_is_refused_and_kept(town: Town) -> None:
    case = submitted(town)
    actions.accept_case(case=case, by=town.by("town"))
    actions.authorise(case=case, person=town.mother, by=town.citizen, signed_how="phone")
    with pytest.raises(Unauthorised, match="1 名成员"):
        actions.run_check(case=case, by=town.by("town"), purpose="低保审核核对")
    kept = Check.objects.get()
    assert kept.refused_because and kept.purpose == "低保审核核对" and not kept.result
    entry = AuditEntry.objects.get(verb="check.refused")
    assert entry.reason == "低保审核核对" and entry.details["people"] == [town.father.pk]
    with pytest.raises(CaseError, match="成年家庭成员"):
        actions.authorise(case=case, person=town.stranger, by=town.by("town"), signed_how="paper")
    with pytest.raises(CaseError, match="成年家庭成员"):
        actions.authorise(case=case, person=town.child, by=town.by("town"), signed_how="paper")
    for how in ("phone", "screen", "paper"):
        with pytest.raises(CaseError, match="本人登录"):
            actions.authorise(case=case, person=town.father, by=town.citizen, signed_how=how)
    with pytest.raises(CaseError, match="超出"):
        actions.authorise(case=case, person=town.father, by=town.by("town"), signed_how="paper", feeds=["legal_aid"])
    signed = actions.authorise(case=case, person=town.father, by=town.by("town"), signed_how="paper")
    assert signed.valid_until == date(2025, 6, 3)
    with pytest.raises(CaseError, match="目的"):
        actions.run_check(case=case, by=town.by("town"), purpose=" ")
    with pytest.raises(CaseError, match="本人的授权"):
        actions.revoke_authorisation(authorisation=signed, by=town.citizen)
    actions.revoke_authorisation(authorisation=signed, by=town.by("town"), because="本人撤回")
    with pytest.raises(Unauthorised):
        actions.run_check(case=case, by=town.by("town"), purpose="低保审核核对")
    actions.authorise(case=case, person=town.father, by=town.by("town"), signed_how="paper")
    with clock.use(date(2025, 6, 4)), pytest.raises(Unauthorised, match="2 名成员"):
        actions.run_check(case=case, by=town.by("town"), purpose="低保审核核对")
    found = actions.run_check(case=case, by=town.by("town"), purpose="低保审核核对")
    assert found.people == [town.mother.pk, town.father.pk, town.child.pk] and set(found.as_of) == set(found.feeds)


def test_twice_sent_is_one_action_and_a_stale_page_is_refused(town: Town) -> None:
    twice = token()
    first = actions.open_case(item="minimum_living", applicant=town.mother, by=town.citizen, form_token=twice)
    assert actions.open_case(item="minimum_living", applicant=town.mother, by=town.citizen, form_token=twice).pk == first.pk
    with pytest.raises(CaseError, match="正在办理"):
        actions.open_case(item="minimum_living", applicant=town.mother, by=town.citizen, form_token=token())
    again = token()
    for _ in range(2):
        case = actions.submit_case(case=first, answers=living(town), by=town.citizen, form_token=again, expected_version=1)
    assert case.version == 2 and CaseAction.objects.filter(case=case).count() == 2
    with pytest.raises(CaseError, match="另一次"):
        actions.accept_case(case=case, by=town.by("town"), form_token=again)
    actions.accept_case(case=case, by=town.by("town"), expected_version=2)
    with pytest.raises(StaleCase, match="受理"):
        actions.decline_case(case=case, by=town.by("town"), reason_code="not_here", explanation="不在本地", expected_version=2)
    refused = AuditEntry.objects.filter(verb="case.refused.decline").get()
    assert "变化" in refused.reason


def test_what_was_done_cannot_be_changed(town: Town) -> None:
    case = submitted(town)
    for statement in (lambda: CaseAction.objects.filter(case=case).update(note="改"), lambda: CaseAction.objects.filter(case=case).delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            statement()
    assert CaseAction.objects.filter(case=case).count() == 2


def test_form_faults_name_every_field(town: Town) -> None:
    case = actions.open_case(item="minimum_living", applicant=town.mother, by=town.citizen, form_token=token())
    wrong = living(town, phone="12", id_number="32040219800229902X", financial_assets_fen=-5, owns_vehicle=False, vehicle_use="work", extra=1, name="张\u202e兰")
    wrong["members"] = [{"name": "甲", "relation": "friend"}]
    with pytest.raises(FormFaults) as caught:
        actions.submit_case(case=case, answers=wrong, by=town.citizen)
    found = {fault.field: fault.reason for fault in caught.value.faults}
    assert set(found) == {"phone", "id_number", "financial_assets_fen", "extra", "members.0.relation", "name"}
    assert "vehicle_use" not in found, "what is not asked any more is left out"
    assert "负数" in found["financial_assets_fen"] and "控制字符" in found["name"]



def test_calendar_of_2027(town: Town) -> None:
    with clock.use(date(2026, 12, 28)):
        case = actions.open_case(item="minimum_living", applicant=town.mother, by=town.citizen, form_token=token())
    with clock.use(date(2026, 12, 30)), pytest.raises(CalendarMissing, match="2027 年.*补录"):
        actions.submit_case(case=case, answers=living(town), by=town.citizen)
    case.refresh_from_db()
    assert (case.state, case.version) == ("draft", 1)
    assert "2027" in AuditEntry.objects.get(verb="case.refused.submit").reason


def test_leap_day(town: Town) -> None:
    with clock.use(date(2024, 2, 29)):
        case = submitted(town)
        assert case.due_on == date(2024, 3, 5)
        actions.accept_case(case=case, by=town.by("town"))
        signed = actions.authorise(case=case, person=town.mother, by=town.citizen, signed_how="phone")
        assert signed.valid_until == date(2025, 2, 28)


def test_forbidden_without_the_capability(town: Town) -> None:
    with pytest.raises(Forbidden):
        queries.cases(town.by("town").__class__("x", "auditor", frozenset({"audit.view"}), ()))


def test_what_was_signed_for_one_matter_opens_no_other(town: Town) -> None:
    first = submitted(town)
    actions.accept_case(case=first, by=town.by("town"))
    authorised(first, town)
    actions.withdraw_case(case=first, by=town.citizen)
    second = submitted(town)
    actions.accept_case(case=second, by=town.by("town"))
    with pytest.raises(Unauthorised, match="2 名成员"):
        actions.run_check(case=second, by=town.by("town"), purpose="低保审核核对")
    authorised(second, town)
    actions.run_check(case=second, by=town.by("town"), purpose="低保审核核对")
