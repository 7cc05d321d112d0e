"""What must hold for any household: more means never bring more money, a mouth more never less, nothing is negative."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.foundation.packs import manifests
from minzheng.kernel.rules.evaluation import evaluate, plan
from minzheng.kernel.rules.language import Input, Month, values_of
from tests.domains.benefit_cases import Case, frame, values_for

PACK = next(manifest for manifest in manifests() if manifest.name == "assistance")
OURS = {module.split(".")[-2]: programmes()[module.split(".")[-2]] for module in PACK.programmes}
MEANS_TESTED = [name for name, each in OURS.items() if each.kind == "means_tested"]
MONTHS = [Month.of(text) for text in ("2024-02", "2024-06", "2024-07", "2026-06", "2026-07")]
# What comes in. An agreement or judgment is left out: it takes the place of the formula, and may lie below it.
INCOMES = [
    "wage", "pension", "resident_pension", "unemployment_benefit", "declared_income", "business_income", "property_income",
    "transfer_income", "supporter_1_income", "supporter_2_income", "supporter_3_income",
]  # fmt: skip
PROPERTY = ["financial_assets", "homes", "shops", "vehicles", "businesses"]
Person = dict[str, Any]
quick = settings(max_examples=60, deadline=None)


RARE = ("custody", "apart", "able_obligor", "job_refusals", *PROPERTY[1:])  # what shuts almost everybody out stays rare


def value(draw: st.DrawFn, each: Input) -> int:
    """A plausible figure for an input, so that a good part of the households is entitled."""
    if each.name in ("present", "hukou"):
        return draw(st.sampled_from([1] * 9 + [0]))
    if each.measure == "day":
        years = st.integers(1935, 2026) if each.name == "birth" else st.integers(2023, 2026)
        day = draw(years) * 10_000 + draw(st.integers(1, 12)) * 100 + draw(st.integers(1, 28))
        return draw(st.sampled_from([day, day, day, 0, 20240229, 20080229]))
    if draw(st.integers(0, 14 if each.name in RARE else 2)):
        return each.absent
    if each.measure == "flag":
        return 1
    if each.measure == "code":
        return draw(st.sampled_from(sorted(each.words)))
    return draw(st.integers(0, 4 if each.measure == "count" else 120_000))


@st.composite
def households(draw: st.DrawFn, name: str) -> list[Person]:
    """One household of up to four that the programme asks about: awarded to all, or to one alone."""
    people: list[Person] = []
    award = draw(st.sampled_from([1, 1, 2]))
    for number in range(1, draw(st.integers(1, 4)) + 1):
        person = {each.name: value(draw, each) for each in OURS[name].rule.inputs}
        for code in ("award_low_income", "award_destitute", "award_borderline", "award_rigid_spending"):
            if code in person:
                person[code] = 0
        asked = {"minimum_living": "award_low_income", "destitute_support": "award_destitute",
                 "borderline_status": "award_borderline", "rigid_spending_status": "award_rigid_spending",
                 "electricity_gift": "award_low_income"}.get(name, "")  # fmt: skip
        if "medical_paid" in person:
            person["medical_paid"] *= draw(st.sampled_from([0, 1, 40]))
        if asked and (award == 1 or number == 1):
            person[asked] = award
        people.append({"id": number, "home": 1, **person})
    return people


def paid(name: str, people: list[Person], month: Month, bands: bool = False) -> Mapping[int, int]:
    """Person → what is paid, of those entitled; checked to be negative nowhere, not even before the conditions are asked."""
    rule = OURS[name].rule
    values = values_for(rule, Case("", month, (), {"pays_bands": True} if bands else {}, ()))
    rows = evaluate(rule, nw.from_native(frame(people, rule.inputs).lazy()), month, values, keep_steps=True)
    found = rows.to_native().collect()
    amounts = [step.name for step in rule.steps if step.kind == "amount"]
    assert all(found[column].min() >= 0 for column in ("amount_fen", *amounts) if len(found))
    return {row["person_key"]: row["amount_fen"] for row in found.iter_rows(named=True) if row["eligible"] == 1}


@pytest.mark.parametrize("name", MEANS_TESTED)
@quick
@given(data=st.data(), month=st.sampled_from(MONTHS), more=st.integers(1, 500_000))
def test_more_means_never_bring_more_money(name: str, data: st.DataObject, month: Month, more: int) -> None:
    people = data.draw(households(name))
    column = data.draw(st.sampled_from([*INCOMES, *PROPERTY]))
    who = data.draw(st.integers(0, len(people) - 1))
    added = more if column in INCOMES or column == "financial_assets" else 1
    richer = [{**person, column: person[column] + added} if number == who else person for number, person in enumerate(people)]
    assert sum(paid(name, richer, month).values()) <= sum(paid(name, people, month).values())


@quick
@given(
    income=st.integers(60_000, 170_000), more=st.integers(1, 60_000), kept=st.integers(0, 150_000), begun=st.sampled_from([20231101, 20230101, 0]),
    ill=st.integers(0, 1), size=st.integers(1, 3), bands=st.booleans(),
)  # fmt: skip
def test_around_the_line_earning_more_never_pays_more(
    income: int, more: int, kept: int, begun: int, ill: int, size: int, bands: bool
) -> None:
    def home(each: int) -> list[Person]:
        first = {"declared_income": each * size, "exit_since": begun, "exit_amount": kept, "serious_illness": ill, "birth": 19800501}
        others = [{"id": number, "birth": 19820501} for number in range(2, size + 1)]
        return [{"id": 1, "award_low_income": 1, **first}, *others]

    less, greater = (sum(paid("minimum_living", home(each), MONTHS[0], bands).values()) for each in (income, income + more))
    assert greater <= less


@quick
@given(data=st.data(), month=st.sampled_from(MONTHS), bands=st.booleans())
def test_a_further_member_without_income_never_lowers_the_top_up(data: st.DataObject, month: Month, bands: bool) -> None:
    people = data.draw(households("minimum_living"))
    born = data.draw(st.sampled_from([19500101, 19850101, 20200229]))
    further = {"id": 99, "home": 1, "rank": 2, "birth": born, "award_low_income": people[0]["award_low_income"] % 2}
    before, after = (paid("minimum_living", each, month, bands) for each in (people, [*people, further]))
    assert sum(before.values()) <= sum(after.values())


@pytest.mark.parametrize("name", OURS)
@quick
@given(data=st.data(), month=st.sampled_from(MONTHS))
def test_nothing_is_negative_and_households_get_one_payment(name: str, data: st.DataObject, month: Month) -> None:
    amounts = paid(name, data.draw(households(name)), month)
    assert all(amount >= 0 for amount in amounts.values())
    if OURS[name].rule.entity == "household":
        assert len(amounts) <= 1


@pytest.mark.parametrize("name", OURS)
def test_every_input_and_parameter_is_used(name: str) -> None:
    """What a rule asks of people and of the bureau it uses: a parameter that nothing reads would block a pay run for nothing.
    A switch that is off leaves what it would ask unread; those names stand here."""
    programme = OURS[name]
    behind_switches = {"bands", "residence_permit", "in_school", "special_hardship"}
    asked, used = set(), set()
    for month in MONTHS:
        for step in plan(programme.rule, month, values_of(programme.rule, month)).steps:
            asked |= set(step.columns)
            used |= set(step.parameters)
    assert {each.name for each in programme.rule.inputs} - asked <= behind_switches
    assert set(programme.rule.parameters.names()) - used - {programme.shares} <= behind_switches
