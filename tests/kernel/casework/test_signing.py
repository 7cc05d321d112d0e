"""Adults who are no party to a case sign from afar, each for themselves; nothing else of the case opens to them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from minzheng.kernel.casework import actions, queries
from minzheng.kernel.casework.errors import CaseError, Unauthorised
from minzheng.kernel.casework.models import Authorisation, Case, CaseAction
from minzheng.kernel.casework.people import Citizen
from minzheng.kernel.casework.signing import PhoneProof
from minzheng.kernel.foundation.models import AuditEntry
from tests.kernel.casework.conftest import TODAY, Town, submitted, token


def father(town: Town) -> Citizen:
    return Citizen.signed_in(town.father.person_key)


def sees_nothing(case: Case, citizen: Citizen) -> None:
    """The case, its content, its papers and its verbs are closed to a citizen."""
    assert not queries.cases(citizen).exists() and not queries.history(case, citizen) and not queries.messages(citizen)
    assert not queries.papers(case, citizen).exists()
    for read in (queries.standing, queries.answers, queries.compared, queries.consents, queries.weighed, queries.verbs):
        with pytest.raises(Case.DoesNotExist):
            read(case, citizen)
    for attempt in (
        lambda: actions.open_case_file(number=case.number, by=citizen), lambda: actions.issue_paper(case=case, kind="authorisation", by=citizen),
        lambda: actions.withdraw_case(case=case, by=citizen), lambda: actions.attach_material(case=case, by=citizen, material="illness", content=b"%PDF-1 %%EOF"),
    ):  # fmt: skip
        with pytest.raises(CaseError):
            attempt()


def test_an_adult_signs_in_the_own_session(town: Town) -> None:
    draft = actions.open_case(item="minimum_living", applicant=town.mother, by=town.citizen, form_token=token())
    assert queries.signings(father(town)) == [], "of a form that nobody sent the others hear nothing"
    with pytest.raises(CaseError):
        actions.authorise(case=draft, person=town.father, by=father(town), signed_how="phone", signature="王建国")
    actions.withdraw_case(case=draft, by=town.citizen)
    case = submitted(town)
    (asked,) = queries.signings(father(town))
    assert (asked.number, asked.title, asked.applicant, asked.person) == (case.number, "最低生活保障", "张*兰", town.father)
    assert "social_insurance" in asked.feeds and asked.valid_until == date(2025, 6, 3) and not asked.is_bundle
    assert not queries.signings(town.citizen) and not queries.signings(town.other_citizen) and not queries.signings(town.by("town"))
    sees_nothing(case, father(town))
    with pytest.raises(CaseError, match="纸质"):
        actions.authorise(case=case, person=town.father, by=father(town), signed_how="paper")
    with pytest.raises(CaseError):
        actions.authorise(case=case, person=town.mother, by=father(town), signed_how="phone", signature="张小兰")
    with pytest.raises(CaseError):
        actions.authorise(case=case, person=town.stranger, by=town.other_citizen, signed_how="phone", signature="李四")
    for number, by in ((asked.number, town.other_citizen), ("20240603-XXXXXXXX", father(town))):
        with pytest.raises(CaseError, match="没有等您签署"):
            actions.sign(number=number, person=town.father, by=by, signature="王建国")
    same = token()
    signed = actions.sign(number=asked.number, person=asked.person, by=father(town), signature="王建国", form_token=same)
    assert actions.sign(number=asked.number, person=asked.person, by=father(town), signature="王建国", form_token=same).pk == signed.pk
    assert signed.evidence == {} and signed.recorded_by == father(town).name
    assert queries.signings(father(town)) == []
    sees_nothing(case, father(town))
    actions.revoke_authorisation(authorisation=signed, by=father(town))
    assert [each.number for each in queries.signings(father(town))] == [case.number]
    again = actions.authorise(case=case, person=town.father, by=father(town), signed_how="phone", form_token=same)
    assert again.pk == signed.pk and again.revoked_on, "the same form is the same signature, also after it was taken back"
    actions.withdraw_case(case=case, by=town.citizen)
    assert queries.signings(father(town)) == []


def test_a_code_to_the_adults_own_phone_lets_him_sign_in_the_applicants_session(town: Town) -> None:
    town.father.phone = "13700005678"
    town.father.save()
    case = submitted(town)
    actions.accept_case(case=case, by=town.by("town"))
    actions.authorise(case=case, person=town.mother, by=town.citizen, signed_how="phone")
    now = timezone.now()
    for proof, signature, words in (
        (None, "王建国", "验证码"), (PhoneProof("139****1234", now), "王建国", "不是发到"), (PhoneProof("137****5678", now - timedelta(minutes=11)), "王建国", "10 分钟"),
        (PhoneProof("137****5678", now + timedelta(hours=1)), "王建国", "10 分钟"), (PhoneProof("137****5678", now), " ", "姓名"),
    ):  # fmt: skip
        with pytest.raises(CaseError, match=words):
            actions.authorise(case=case, person=town.father, by=town.citizen, signed_how="phone", signature=signature, proof=proof)
    assert Authorisation.objects.count() == 1
    with pytest.raises(CaseError, match="本人登录"):
        actions.authorise(case=case, person=town.father, by=town.citizen, signed_how="screen", signature="王建国", proof=PhoneProof.of(town.father))
    with pytest.raises(Unauthorised):
        actions.run_check(case=case, by=town.by("town"), purpose="低保审核核对")
    with pytest.raises(CaseError):
        actions.authorise(case=case, person=town.father, by=town.other_citizen, signed_how="phone", signature="王建国", proof=PhoneProof.of(town.father))
    row = actions.authorise(case=case, person=town.father, by=town.citizen, signed_how="phone", signature="王建国", proof=PhoneProof.of(town.father))
    assert row.evidence["phone"] == "137****5678" and row.evidence["proved_at"]
    entry = AuditEntry.objects.get(verb="authorisation.sign", subject=f"authorisation:{row.pk}")
    assert entry.details["phone"] == "137****5678" and entry.details["person"] == town.father.pk
    with pytest.raises(CaseError, match="本人的授权"):
        actions.revoke_authorisation(authorisation=row, by=town.citizen)
    sees_nothing(case, father(town))
    actions.run_check(case=case, by=town.by("town"), purpose="低保审核核对")
    assert CaseAction.objects.filter(case=case, verb="authorise").count() == 2 and case.opened_on == TODAY
