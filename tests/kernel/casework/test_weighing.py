"""What a check reads of the lake, and what the rules then say; the pre-check of somebody who only asks."""

from __future__ import annotations

from datetime import date

from minzheng.kernel.benefits.models import Award
from minzheng.kernel.benefits.programmes import inputs
from minzheng.kernel.casework import actions, queries
from minzheng.kernel.casework.models import Case, CaseAction, Check
from minzheng.kernel.casework.precheck import Possible, possible
from minzheng.kernel.casework.reading import unsealed
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.rules import household_file
from minzheng.kernel.rules.language import Month
from tests.domains.assistance.scenarios.casefile import rows_of
from tests.kernel.casework.conftest import TODAY, Town, authorised, submitted
from tests.kernel.monitoring.small_lake import put_all


def accepted(town: Town) -> Case:
    case = submitted(town)
    actions.accept_case(case=case, by=town.by("town"))
    authorised(case, town)
    return case


def test_a_check_reads_these_people_alone_and_its_figures_decide(town: Town) -> None:
    rows = rows_of(
        [{"id": 11, "home": 901}, {"id": 12, "home": 901, "relation": "spouse", "wage": 30000}, {"id": 13, "home": 901, "relation": "child"},
         {"id": 500, "home": 950, "wage": 9000}],
        {"household_economy": [{"person_key": 11, "declared_on": date(2024, 5, 1), "financial_assets_fen": 8_000_000}]},
    )  # fmt: skip
    put_all(rows)
    case = accepted(town)
    before = queries.weighed(case, town.by("town"))
    assert before is not None and before.eligible and not before.checked
    actions.run_check(case=case, by=town.by("town"), purpose="低保审核核对")
    row = Check.objects.get()
    found = unsealed(row.result)["people"]
    assert set(found) == {str(town.mother.pk), str(town.father.pk), str(town.child.pk)}
    assert found[str(town.father.pk)]["wage"] == 3_000_000
    assert row.as_of["social_insurance"][1] == "2024-05-31" and row.as_of["vehicles"] == []
    after = queries.weighed(case, town.by("town"))
    assert after is not None and after.checked and not after.eligible
    assert "家庭人均收入" in "；".join(line.label for line in after.why.result.failed) or after.why.result.failed
    compared = {each.field: each for each in queries.compared(case, town.by("town"))}
    assert compared["financial_assets_fen"].differs and compared["financial_assets_fen"].told == "¥80,000.00"
    assert not compared["phone"].differs
    entry = AuditEntry.objects.get(verb="check.run")
    assert entry.details["case"] == case.number and entry.reason == "低保审核核对"


def test_feeds_that_are_not_authorised_are_not_read(town: Town) -> None:
    bill = {"settled_on": date(2024, 5, 2), "visit_type": "inpatient", "own_paid_fen": 0}
    bills = [{"person_key": 77, "self_paid_fen": 480000, **bill}, {"person_key": 500, "self_paid_fen": 1, **bill}]
    put_all(rows_of([{"id": 77, "home": 902, "wage": 9000}], {"medical_settlements": bills, "vehicles": [{"person_key": 77, "status": "normal"}]}))
    case = actions.open_case(item="medical_charity", applicant=town.stranger, by=town.other_citizen, form_token="x")
    answers = {"name": town.stranger.name, "id_number": town.stranger.id_number, "phone": "13900001234", "hospital": "第一人民医院", "self_paid_fen": 500000, "statement": "住院治疗"}
    actions.submit_case(case=case, answers=answers, by=town.other_citizen)
    actions.accept_case(case=case, by=town.by("town"))
    actions.authorise(case=case, person=town.stranger, by=town.other_citizen, signed_how="phone")
    actions.run_check(case=case, by=town.by("town"), purpose="慈善助医核对")
    found = unsealed(Check.objects.get().result)["people"][str(town.stranger.pk)]
    assert found["medical_paid"] == 480000 and not {"wage", "vehicles", "pension"} & set(found)


def test_what_is_held_already_counts(town: Town) -> None:
    Award.objects.create(
        programme="minimum_living", mode="household", person_key=11, household_key=901, division_code=town.household.division_code,
        since=date(2024, 1, 1), source="测试", recorded_on=TODAY,
    )  # fmt: skip
    case = actions.open_case(item="borderline_status", applicant=town.mother, by=town.citizen, form_token="x")
    weighed = queries.weighed(case, town.citizen)
    assert weighed is not None and not weighed.eligible
    assert any("低保家庭" in line.label for line in weighed.why.result.failed)


def described(text: str) -> list[Possible]:
    on = date(2024, 6, 3)
    return possible(household_file.read(text, inputs(), Month(on.replace(day=1))).people, on)


def test_who_only_asks_leaves_no_trace(town: Town) -> None:
    before = AuditEntry.objects.count()
    text = household_file.example()
    found = {each.service.name: each for each in described(text) if each.service}
    assert {"minimum_living", "borderline_status", "rigid_spending_status", "destitute_support", "temporary_assistance"} <= set(found)
    assert not {"change_of_circumstances", "leaving", "recheck"} & set(found), "what takes away or changes is nothing to be entitled to"
    assert found["minimum_living"].why.result.lines
    richer = text.replace('"wage": "1650.50"', '"wage": "99999.00"')
    assert not {each.service.name: each for each in described(richer) if each.service}["minimum_living"].likely
    poorer = {each.service.name: each for each in described(text.replace('"wage": "1650.50"', '"wage": "4000.00"')) if each.service}
    validity = [line for line in poorer["borderline_status"].why.result.failed if "12" in line.label or "有效" in line.label]
    assert not validity, "what is about to be recognised begins now"
    assert AuditEntry.objects.count() == before and not CaseAction.objects.exists() and not Check.objects.exists()
