"""Every read keeps to the reader's places; who lacks the capability reads nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from minzheng.kernel.benefits import actions, queries
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Recovery, Review, Run
from minzheng.kernel.benefits.why import why_in_run
from minzheng.kernel.foundation.access import Actor, Forbidden, roles
from tests.kernel.benefits.conftest import CLERK, DISTRICT, ELSEWHERE, HOME_VILLAGE, City
from tests.kernel.benefits.test_runs import standing

TODAY = date(2024, 4, 2)
WORKER = Actor("w", "grid_worker", roles()["grid_worker"].capabilities, DISTRICT.ranges)
READS: list[Callable[[Run, Actor], Any]] = [
    lambda run, by: queries.changes(run, by), lambda run, by: queries.entitlements(by), lambda run, by: queries.awards(by),
    lambda run, by: queries.overrides(by), lambda run, by: queries.reviews(by), lambda run, by: queries.recoveries(by),
]  # fmt: skip


@pytest.fixture
def run(city: City) -> Run:
    """The same in two districts: each has an elder, a family under review, a pause, a death told late, an award."""
    for shift, village in ((0, HOME_VILLAGE), (100, ELSEWHERE)):
        city.put(1 + shift, birth=19400101, village=village)
        city.put(2 + shift, birth=19400101, village=village)
        city.put(3 + shift, disability_level=1, village=village)
        city.put(4 + shift, household_key=900 + shift, award_low_income=1, village=village)
        actions.grant_award(
            programme="destitute_support", people=[9 + shift], household_key=9 + shift, division_code=f"{village}", mode="single",
            since=TODAY, source="某决定", by=CLERK,
        )  # fmt: skip
    city.month("2024-01")
    city.month("2024-02")
    for shift in (0, 100):
        actions.pause_entitlement(entitlement=standing("longevity_allowance", 1 + shift), reason="核实", by=CLERK)
        city.put(2 + shift, present=0, death=20240110)
        city.put(3 + shift, disability_level=3)
        city.put(4 + shift, wage=50_000)
    return city.month("2024-03")


def test_a_district_sees_its_own_half_of_everything(run: Run) -> None:
    for read in READS:
        everything, mine = list(read(run, CLERK)), list(read(run, DISTRICT))
        assert mine and len(everything) == 2 * len(mine)
        assert {row.division_code for row in mine} == {f"{ELSEWHERE}"}
    nobody = Actor("n", "district_official", DISTRICT.capabilities, ())
    assert not any(list(read(run, nobody)) for read in READS)
    for read in READS:
        with pytest.raises(Forbidden):
            read(run, WORKER)


def test_totals_causes_and_explanations_keep_to_the_place(run: Run) -> None:
    whole, mine = queries.totals(run, CLERK), queries.totals(run, DISTRICT)
    assert {name: row["before_units"] for name, row in whole.items()} == {name: 2 * row["before_units"] for name, row in mine.items()}
    assert list(queries.totals_by_board(run, DISTRICT)) == ["tianning"]
    assert list(queries.totals_by_place(run, DISTRICT, 6)) == ["320402000000"]
    assert sum(row["lines"] for row in queries.causes(run, CLERK)) == 2 * sum(row["lines"] for row in queries.causes(run, DISTRICT))
    assert queries.changes(run, CLERK, division="tianning").count() == queries.changes(run, DISTRICT).count()
    assert why_in_run(run, 900, DISTRICT) == []
    found = {each.programme.name: each for each in why_in_run(run, 1000, DISTRICT)}
    assert found["minimum_living"].result.amount_fen == 50_000
    assert found["minimum_living"].difference and "工资性收入" in found["minimum_living"].difference.text
    with pytest.raises(Forbidden):
        why_in_run(run, 1000, WORKER)


def test_decisions_keep_to_the_place(run: Run) -> None:
    elsewhere = Review.objects.get(unit_key=900)
    with pytest.raises(BenefitsError, match="辖区"):
        actions.record_hearing(review=elsewhere, by=DISTRICT, heard_on=TODAY, statement="无")
    with pytest.raises(BenefitsError, match="辖区"):
        actions.decide_recovery(recovery=Recovery.objects.get(unit_key=2), claim=True, reasons="应当追回", by=DISTRICT)
    assert actions.record_hearing(review=Review.objects.get(unit_key=1000), by=DISTRICT, heard_on=TODAY, statement="无").state == "heard"
