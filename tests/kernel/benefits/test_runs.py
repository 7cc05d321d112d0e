"""A run from snapshot to approval: what starts, stops, changes, waits for a review, is held back, and why."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from minzheng.kernel.benefits import actions
from minzheng.kernel.benefits.errors import BenefitsError, StaleRun, Unverified
from minzheng.kernel.benefits.models import Entitlement, Recovery, Review, Run, RunChange, RunTotal
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Forbidden
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.ledger.models import PaymentBatch, PaymentLine
from tests.kernel.benefits.conftest import (
    APPROVER,
    CLERK,
    DISTRICT,
    ELSEWHERE,
    HOME_VILLAGE,
    SECOND_CLERK,
    City,
    line,
    lines,
)


def standing(programme: str, unit: int) -> Entitlement:
    return Entitlement.objects.get(programme=programme, unit_key=unit, valid_to=None)


def test_a_benefit_begins_without_an_application_and_is_paid_from_then_on(city: City) -> None:
    city.put(1, birth=19400101)
    city.put(2, birth=19600101)
    first = city.month("2024-01")
    assert lines(first) == [("longevity_allowance", 1, "start", 0, 5000)]
    assert line(first, "start").cause["text"] == "首次核算，符合全部条件"
    second = city.month("2024-02")
    assert lines(second) == []
    assert second.totals["longevity_allowance"]["keep"] == 1
    assert second.totals["longevity_allowance"]["fen"] == 5000
    entitlement = standing("longevity_allowance", 1)
    assert (entitlement.amount_fen, entitlement.valid_from) == (5000, date(2024, 1, 1))
    paid = PaymentLine.objects.order_by("month").values_list("person_key", "month", "amount_fen", "purpose")
    assert list(paid) == [(1, date(2024, 1, 1), 5000, "regular"), (1, date(2024, 2, 1), 5000, "regular")]


def test_the_cause_is_the_condition_that_turned(city: City) -> None:
    city.put(1, birth=19400101)
    city.put(2, disability_level=2)
    city.month("2024-01")
    city.put(1, hukou=0)
    city.put(2, disability_level=3)
    run = city.month("2024-02")
    assert lines(run) == [("living_subsidy", 2, "stop", 30000, 0), ("longevity_allowance", 1, "stop", 5000, 0)]
    moved, level = line(run, "stop", unit_key=1).cause, line(run, "stop", unit_key=2).cause
    assert (moved["kind"], moved["name"], moved["before"], moved["after"], moved["condition"]) == ("input", "hukou", "是", "否", "本市户籍")
    assert (level["name"], level["before"], level["after"]) == ("disability_level", "二级", "三级")
    assert not Entitlement.objects.filter(valid_to=None).exists()
    assert set(Entitlement.objects.values_list("valid_to", flat=True)) == {date(2024, 2, 1)}


def household(city: City, wage: int = 20_000) -> None:
    city.put(11, household_key=900, wage=wage, award_low_income=1)
    city.put(12, household_key=900, rank=1, award_low_income=1)


def test_a_rise_of_a_means_tested_benefit_is_made_a_cut_waits_for_a_person(city: City) -> None:
    household(city)
    city.month("2024-01")
    assert standing("minimum_living", 900).amount_fen == 180_000
    city.put(11, wage=10_000)
    assert lines(city.month("2024-02")) == [("minimum_living", 900, "change", 180_000, 190_000)]
    city.put(11, wage=50_000)
    run = city.month("2024-03")
    assert lines(run) == [("minimum_living", 900, "review", 190_000, 150_000)]
    assert line(run, "review").cause["text"] == "工资性收入（按缴费基数，前 12 个月月均）由 ¥100.00 变为 ¥500.00"
    assert standing("minimum_living", 900).amount_fen == 190_000, "nothing is cut by the run"
    assert PaymentLine.objects.get(month=date(2024, 3, 1)).amount_fen == 190_000
    review = Review.objects.get()
    assert (review.state, review.was_fen, review.is_fen, review.ends) == ("open", 190_000, 150_000, False)


def test_a_review_is_decided_after_the_person_was_heard_and_carried_out_by_the_next_run(city: City) -> None:
    household(city)
    city.month("2024-01")
    city.put(11, wage=50_000)
    city.month("2024-02")
    review = Review.objects.get()
    with pytest.raises(BenefitsError, match="听取当事人意见"):
        actions.decide_review(review=review, decision="apply", reasons="收入确已增加", by=CLERK)
    with clock.use(date(2024, 4, 2)):
        actions.record_hearing(review=review, by=CLERK, heard_on=date(2024, 4, 2), statement="新找到工作，没有异议")
        decided = actions.decide_review(review=review, decision="apply", reasons="收入确已增加", by=CLERK)
    assert (decided.decided_fen, decided.effective_from) == (150_000, date(2024, 3, 1))
    assert "没有异议" not in str(AuditEntry.objects.filter(subject=f"review:{review.pk}").values_list("details", flat=True))
    run = city.month("2024-03")
    assert lines(run) == [("minimum_living", 900, "change", 180_000, 150_000)]
    assert line(run, "change").cause["text"] == "按复核决定调整：收入确已增加"
    city.put(11, wage=60_000)
    assert lines(city.month("2024-04")) == [("minimum_living", 900, "review", 150_000, 140_000)], "a decision is used once"


@pytest.mark.parametrize("until", [None, date(2024, 5, 1)])
def test_a_decision_to_go_on_outlives_the_next_runs(city: City, until: date | None) -> None:
    household(city)
    city.month("2024-01")
    city.put(11, wage=250_000)
    city.month("2024-02")
    review = Review.objects.get()
    assert review.ends
    actions.record_hearing(review=review, by=CLERK, heard_on=date(2024, 4, 2), statement="刚就业，不稳定")
    with pytest.raises(BenefitsError, match="没有渐退期的规定"):
        actions.decide_review(review=review, decision="gradual", reasons="就业不稳定", by=CLERK)
    actions.decide_review(review=review, decision="keep", reasons="就业不稳定，先维持", by=CLERK, until=until)
    for month in ("2024-03", "2024-04"):
        assert lines(city.month(month)) == []
        assert standing("minimum_living", 900).amount_fen == 180_000
    if until:
        assert lines(city.month("2024-05")) == [("minimum_living", 900, "review", 180_000, 0)]


def test_a_review_whose_cause_has_gone_is_closed(city: City) -> None:
    household(city)
    city.month("2024-01")
    city.put(11, wage=50_000)
    city.month("2024-02")
    city.put(11, wage=60_000)
    city.month("2024-03")
    assert (Review.objects.get().state, Review.objects.get().is_fen) == ("open", 140_000)
    city.put(11, wage=20_000)
    city.month("2024-04")
    assert Review.objects.get().state == "moot"


def test_the_dead_are_stopped_from_the_next_month_also_where_means_are_tested(city: City) -> None:
    household(city)
    city.put(1, birth=19400101)
    city.month("2024-01")
    for person in (1, 11, 12):
        city.put(person, present=0, death=20240115)
    run = city.month("2024-02")
    assert lines(run) == [("longevity_allowance", 1, "stop", 5000, 0), ("minimum_living", 900, "stop", 180_000, 0)]
    assert line(run, "stop", unit_key=1).cause["text"] == "因死亡调整：2024-01-15 去世"
    assert "最后一位 2024-01-15" in line(run, "stop", unit_key=900).cause["text"]
    assert not Recovery.objects.exists() and not Review.objects.exists()


def test_a_death_told_late_proposes_recovery_for_the_months_paid_after_it(city: City) -> None:
    city.put(1, birth=19400101)
    for month in ("2024-01", "2024-02", "2024-03"):
        city.month(month)
    city.put(1, present=0, death=20240120)
    run = city.month("2024-04")
    assert [row[2:] for row in lines(run)] == [("recovery", 5000, 0), ("recovery", 5000, 0), ("stop", 5000, 0)]
    found = Recovery.objects.order_by("month").values_list("month", "amount_fen", "state")
    assert list(found) == [("2024-02", 5000, "proposed"), ("2024-03", 5000, "proposed")]
    assert "2024-01-20 去世" in Recovery.objects.first().cause["text"]  # type: ignore[union-attr]
    assert [row for row in lines(city.month("2024-05")) if row[2] == "recovery"] == [], "proposed once"


def test_a_death_in_a_household_lowers_its_share_alone(city: City) -> None:
    household(city)
    for month in ("2024-01", "2024-02", "2024-03"):
        city.month(month)
    city.put(12, present=0, death=20240110)
    city.put(11, wage=40_000)
    run = city.month("2024-04")
    # Without the dead: 1000 − 200 = 800; the wage that rose as well waits for a review: 1000 − 400.
    assert lines(run) == [
        ("minimum_living", 900, "change", 180_000, 80_000), ("minimum_living", 900, "recovery", 180_000, 80_000),
        ("minimum_living", 900, "recovery", 180_000, 80_000), ("minimum_living", 900, "review", 80_000, 60_000),
    ]  # fmt: skip
    assert sum(Recovery.objects.values_list("amount_fen", flat=True)) == 200_000


def test_prison_suspends_and_release_goes_on(city: City) -> None:
    city.put(2, disability_level=1)
    city.month("2024-01")
    city.put(2, custody=1)
    run = city.month("2024-02")
    assert lines(run) == [("living_subsidy", 2, "hold", 30000, 0)]
    assert "服刑或强制隔离戒毒" in line(run, "hold").cause["text"]
    assert not PaymentLine.objects.filter(month=date(2024, 2, 1)).exists()
    city.put(2, custody=0)
    assert lines(city.month("2024-03")) == []
    assert PaymentLine.objects.get(month=date(2024, 3, 1)).amount_fen == 30000


def test_who_is_supported_as_destitute_gets_no_living_subsidy(city: City) -> None:
    city.put(2, disability_level=1)
    city.month("2024-01")
    city.put(2, award_destitute=2)
    run = city.month("2024-02")
    assert lines(run) == [("destitute_support", 2, "start", 0, 130_000), ("living_subsidy", 2, "stop", 30000, 0)]
    stopped = line(run, "stop")
    assert stopped.exclusion == "destitute_support/living_subsidy"
    assert "国发〔2015〕52号" in stopped.cause["text"]


def test_a_one_off_benefit_is_paid_once(city: City) -> None:
    household(city)
    city.month("2024-06")
    july = city.month("2024-07")
    assert ("electricity_gift", 900, "start", 0, 9000) in lines(july)
    gift = Entitlement.objects.get(programme="electricity_gift")
    assert (gift.valid_from, gift.valid_to) == (date(2024, 7, 1), date(2024, 8, 1))
    assert lines(city.month("2024-08")) == []
    assert PaymentLine.objects.filter(programme="electricity_gift").count() == 1


def test_a_new_standard_is_the_cause_of_every_change(city: City) -> None:
    household(city)
    city.month("2024-06")
    run = city.month("2024-07")
    cause = line(run, "change", programme="minimum_living").cause
    assert (cause["kind"], cause["name"], cause["text"]) == ("parameter", "standard", "标准由 ¥1,000.00 调整为 ¥1,100.00")


def test_a_status_is_granted_and_reviewed_like_money(city: City) -> None:
    city.put(21, household_key=901, award_borderline=1)
    assert lines(city.month("2024-01")) == [("borderline_status", 901, "start", 0, 0)]
    city.put(21, wage=400_000)
    run = city.month("2024-02")
    assert lines(run) == [("borderline_status", 901, "review", 0, 0)]
    assert Review.objects.get().ends and standing("borderline_status", 901)
    assert not PaymentBatch.objects.exists()


def test_another_payee_is_a_change_without_another_amount(city: City) -> None:
    household(city, wage=0)
    city.month("2024-01")
    city.put(11, rank=2)
    run = city.month("2024-02")
    assert lines(run) == [("minimum_living", 900, "change", 200_000, 200_000)]
    assert standing("minimum_living", 900).person_key == 12
    assert line(run, "change").cause_kind == "payee"


# Who does what.


def test_a_second_person_approves(city: City) -> None:
    city.put(1, birth=19400101)
    run = city.compute("2024-01")
    with pytest.raises(BenefitsError, match="提交以后才能审批"):
        actions.approve_run(run=run, by=APPROVER)
    actions.submit_run(run=run, by=CLERK)
    with pytest.raises(Forbidden):
        actions.approve_run(run=run, by=SECOND_CLERK)
    from dataclasses import replace

    both = replace(APPROVER, name="clerk")
    with pytest.raises(BenefitsError, match="不同的人"):
        actions.approve_run(run=run, by=both)
    with pytest.raises(Forbidden):
        actions.compute_run(month=run.snapshot.month, by=DISTRICT)  # type: ignore[arg-type]
    assert not Entitlement.objects.exists()
    assert actions.approve_run(run=run, by=APPROVER).decided_by == "approver"


def test_unverified_parameters_block_the_money_of_a_real_deployment(city: City, settings: Any) -> None:
    settings.SYNTHETIC = False
    city.put(1, birth=19400101)
    run = actions.submit_run(run=city.compute("2024-01"), by=CLERK)
    assert ["longevity_allowance"] in [each["programmes"] for each in run.unverified]
    with pytest.raises(Unverified, match="未经核定"):
        actions.approve_run(run=run, by=APPROVER)
    assert Run.objects.get().state == "submitted" and not PaymentBatch.objects.exists()
    settings.SYNTHETIC = True
    assert actions.approve_run(run=run, by=APPROVER).unverified, "marked"


def test_what_changed_since_the_reckoning_sends_the_run_back(city: City) -> None:
    city.put(1, birth=19400101)
    city.month("2024-01")
    run = actions.submit_run(run=city.compute("2024-02"), by=CLERK)
    actions.pause_entitlement(entitlement=standing("longevity_allowance", 1), reason="本人要求", by=CLERK)
    with pytest.raises(StaleRun, match="重新核算"):
        actions.approve_run(run=run, by=APPROVER)
    rejected = actions.reject_run(run=run, by=APPROVER, note="有新的暂停")
    assert rejected.state == "rejected"
    again = city.month("2024-02")
    assert again.pk != run.pk and lines(again) == [("longevity_allowance", 1, "hold", 5000, 0)]


def test_totals_are_kept_by_village(city: City) -> None:
    city.put(1, birth=19400101)
    city.put(2, birth=19400101, village=ELSEWHERE)
    run = city.month("2024-01")
    rows = RunTotal.objects.filter(run=run, programme="longevity_allowance").values_list("division_code", "units", "fen", "start")
    assert sorted(rows) == [(f"{ELSEWHERE}", 1, 5000, 1), (f"{HOME_VILLAGE}", 1, 5000, 1)]
    assert RunChange.objects.filter(run=run).count() == 2
