"""Papers that come later (容缺): promised by the citizen with a day, once; nothing is given before, and what does not come lapses."""

from __future__ import annotations

from datetime import date

import pytest

from minzheng.kernel.casework import actions, queries
from minzheng.kernel.casework.errors import CaseError, NotAllowed
from minzheng.kernel.casework.models import Case
from minzheng.kernel.casework.reading import service_of
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from tests.kernel.casework.conftest import TODAY, Town, authorised, living, submitted, token

NIGHT = Actor.system("夜间批处理")
PDF = b"%PDF-1.4\n%%EOF"


def ill(town: Town, **changed: object) -> dict[str, object]:
    return living(town, serious_illness=True, care_costs_fen=50000, **changed)


def test_promised_for_later_when_sending(town: Town) -> None:
    case = actions.open_case(item="minimum_living", applicant=town.mother, by=town.citizen, form_token=token())
    (may,) = queries.may_defer(service_of(case), ill(town), TODAY)
    assert (may.material.name, may.until) == ("illness", date(2024, 6, 18))
    assert queries.may_defer(service_of(case), living(town, owns_vehicle=True, vehicle_use="work"), TODAY)[0].until == date(2024, 6, 11), "端午 does not count"
    assert not queries.may_defer(service_of(case), living(town), TODAY)
    with pytest.raises(CaseError, match="不能容缺后补"):
        actions.submit_case(case=case, answers=ill(town, reasons="no_work"), by=town.citizen, later=["unemployed"])
    actions.submit_case(case=case, answers=ill(town), by=town.citizen, later=["illness"])
    standing = queries.standing(case, town.citizen)
    assert [(each.name, each.mode, each.due_on) for each in standing.open_materials] == [("illness", "later", date(2024, 6, 18))]
    case.refresh_from_db()
    assert case.papers_due_on == date(2024, 6, 18)
    assert [row.by for row in case.actions.filter(verb="defer")] == [town.citizen.name]


def test_a_citizen_promises_after_sending_and_only_once(town: Town) -> None:
    case = submitted(town, serious_illness=True, care_costs_fen=50000)
    assert "defer" in queries.verbs(case, town.citizen)
    with pytest.raises(CaseError):
        actions.defer_material(case=case, by=town.other_citizen, material="illness")
    actions.defer_material(case=case, by=town.citizen, material="illness")
    assert "defer" not in queries.verbs(case, town.citizen) and "accept" in queries.verbs(case, town.by("town"))
    actions.return_for_completion(case=case, by=town.by("town"), missing={"illness": "诊断证明请现在交"})
    with pytest.raises(NotAllowed):
        actions.defer_material(case=case, by=town.citizen, material="illness")
    actions.attach_material(case=case, by=town.citizen, material="illness", content=PDF)
    actions.supplement_case(case=case, by=town.citizen)
    case.refresh_from_db()
    assert case.papers_due_on is None


def test_nothing_is_given_before_the_paper_is_there(town: Town) -> None:
    with clock.use(date(2026, 7, 6)):
        case = actions.open_case(item="minimum_living", applicant=town.mother, by=town.citizen, form_token=token())
        actions.submit_case(case=case, answers=ill(town), by=town.citizen, later=["illness"])
        actions.accept_case(case=case, by=town.by("town"))
        authorised(case, town)
        actions.run_check(case=case, by=town.by("town"), purpose="低保审核核对")
        actions.record_visit(case=case, by=town.by("worker"), visited_on=date(2026, 7, 6), met="本人", findings="陈设简单", with_whom=["同事"], form_token=token())
        actions.propose(case=case, by=town.by("town"), kind="grant", opinion="同意", class_="B")
        assert queries.standing(case, town.by("county")).decidable == ("refuse",)
        with pytest.raises(CaseError, match="容缺受理的材料还没有补来.*疾病诊断证明"):
            actions.decide(case=case, by=town.by("county"), kind="grant", class_="B")
        actions.attach_material(case=case, by=town.citizen, material="illness", content=PDF)
        actions.decide(case=case, by=town.by("county"), kind="grant", class_="B")


def test_what_does_not_come_lapses_also_before_it_was_accepted(town: Town) -> None:
    case = actions.open_case(item="minimum_living", applicant=town.mother, by=town.citizen, form_token=token())
    actions.submit_case(case=case, answers=ill(town), by=town.citizen, later=["illness"])
    for day, state in ((date(2024, 6, 18), "submitted"), (date(2024, 6, 19), "lapsed")):
        with clock.use(day):
            if state == "lapsed":
                with pytest.raises(NotAllowed):
                    actions.accept_case(case=case, by=town.by("town"))
            actions.lapse_overdue(as_of=day, by=NIGHT)
        case.refresh_from_db()
        assert case.state == state
    assert case.papers_due_on is None and "疾病诊断证明" in case.actions.get(verb="lapse").note
    assert not Case.objects.exclude(papers_due_on=None).exists()
