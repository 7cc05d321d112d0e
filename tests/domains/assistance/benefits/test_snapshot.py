"""What a snapshot learns from declarations, schools and the care of the destitute."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from minzheng.domains.assistance.benefits import inputs
from minzheng.kernel.benefits.snapshot.build import build_people
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.rules.language import Month
from tests.kernel.monitoring.small_lake import put

pytestmark = pytest.mark.django_db


@pytest.fixture
def of(home: Home) -> Any:
    """Some of a person's inputs in May 2024."""
    put("population", [{"person_key": n, "village_code": 320402001001, "residence_type": kind, "status": status}
                       for n, kind, status in ((1, "hukou", None), (2, "non_hukou", None), (3, "non_hukou", "moved_out"))])  # fmt: skip

    def row(key: int, *names: str) -> tuple[int, ...]:
        frame = build_people(Month.of("2024-05"), inputs=inputs.ALL).frame
        return frame.filter(pl.col("person_key") == key).select(names or [each.name for each in inputs.ALL]).row(0)

    return row


def declaration(day: date, **columns: Any) -> dict[str, Any]:
    return {"person_key": 1, "declared_on": day, **columns}


def test_the_last_declaration_before_the_month_counts(of: Any) -> None:
    put("household_economy", [
        declaration(date(2024, 5, 1), apart="grown", serious_illness="1", able_obligor="0", business_income_fen=5, exempt_income_fen=6,
                    supporter_2_income_fen=7, supporter_2_members=3.0, supporter_2_supported=2.0, job_refusals=2.0, aid_vehicles=1.0,
                    education_costs_fen=8, necessary_costs_fen=9, agreed_support_fen=10, financial_assets_fen=11, other_income_fen=12),
        declaration(date(2024, 4, 30), business_income_fen=100, special_hardship="1", other_income_fen=100),
        declaration(date(2024, 5, 2), business_income_fen=200, other_income_fen=200),
    ])  # fmt: skip
    assert of(1, "apart", "serious_illness", "special_hardship", "able_obligor", "business_income", "exempt_income") == (3, 1, 0, 0, 5, 6)
    assert of(1, "supporter_2_income", "supporter_2_members", "supporter_2_supported", "supporter_1_income") == (7, 3, 2, 0)
    assert of(1, "job_refusals", "aid_vehicles", "education_costs", "other_necessary_costs", "agreed_support") == (2, 1, 8, 9, 10)
    assert of(1, "financial_assets", "declared_income") == (11, 12)
    assert set(of(2)) == {0, 1} and of(2, "residence_permit") == (1,)  # nothing else is known of her


def test_residence_permits(of: Any) -> None:
    assert [of(n, "residence_permit") for n in (1, 2, 3)] == [(0,), (1,), (0,)]


def test_school_on_the_first_day(of: Any) -> None:
    put("students", [
        {"person_key": 1, "stage": "senior", "enrolled_on": date(2021, 9, 1), "left_on": date(2024, 5, 1)},
        {"person_key": 2, "stage": "compulsory", "enrolled_on": date(2015, 9, 1), "left_on": date(2024, 4, 30)},
        {"person_key": 3, "stage": "higher", "enrolled_on": date(2023, 9, 1), "left_on": None},
    ])  # fmt: skip
    assert [of(n, "in_school") for n in (1, 2, 3)] == [(1,), (0,), (0,)]


def test_what_a_destitute_person_cannot_do(of: Any) -> None:
    def assessment(day: date, placement: str | None, *unable: str) -> dict[str, Any]:
        items = ("eat", "dress", "rise", "toilet", "walk", "bathe")
        return {"person_key": 1, "assessed_on": day, "placement": placement, **{n: "unable" if n in unable else "able" for n in items}}

    put("destitute_care", [assessment(date(2023, 1, 1), "institution", "eat", "dress"), assessment(date(2024, 4, 1), "institution", "bathe"),
                           assessment(date(2024, 5, 9), None, "eat")])  # fmt: skip
    assert of(1, "placement", *(each.name for each in inputs.SELF_CARE)) == (1, 0, 0, 0, 0, 0, 1)
