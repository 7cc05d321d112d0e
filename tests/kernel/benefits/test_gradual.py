"""渐退期: granted by the decision of a review, paid by the following runs, ended by itself; the months are counted."""

from __future__ import annotations

import shutil
from datetime import date
from typing import Any

import pytest

from minzheng.kernel.benefits import actions
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.gradual import offer
from minzheng.kernel.benefits.models import Award, Entitlement, Review, Run
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.ledger.models import PaymentLine
from minzheng.kernel.rules.language import Month
from tests.domains.assistance.scenarios.casefile import VILLAGE, rows_of
from tests.kernel.benefits.conftest import APPROVER, CLERK
from tests.kernel.monitoring.conftest import Town, town  # noqa: F401 - fixture
from tests.kernel.monitoring.small_lake import put, put_all

HOME = 902
# From June on the mother earns 2400 a month: the child's and her share lie above the line of 1085 … and below its 150 %.
MAY, JUNE = Month.of("2024-05"), Month.of("2024-06")


def insured(base_fen: int, since: date) -> dict[str, Any]:
    return {"person_key": 11, "period_start": since, "period_end": date(2026, 12, 31), "base_fen": base_fen, "status": "paying"}


@pytest.fixture
def family(town: Town, home: Home, settings: Any) -> Home:  # noqa: F811
    settings.SYNTHETIC = True
    put_all(rows_of(
        [{"id": 11, "home": HOME}, {"id": 12, "home": HOME, "relation": "child", "born": date(2015, 1, 1)}],
        {"assistance_recipients": [
            {"person_key": person, "programme": "low_income", "household_key": HOME, "since": date(2023, 1, 1), "village_code": VILLAGE} for person in (11, 12)
        ]},
    ))  # fmt: skip
    with clock.use(MAY.after.first):
        actions.take_roster(as_of=MAY.after.first, by=CLERK)
    return home


def reckon(month: Month) -> Run:
    with clock.use(month.after.first):
        run = actions.submit_run(run=actions.compute_run(month=month, by=CLERK), by=CLERK)
        return actions.approve_run(run=run, by=APPROVER)


def lines(run: Run) -> list[tuple[str, int, int]]:
    return list(run.changes.filter(programme="minimum_living").values_list("kind", "was_fen", "is_fen"))


def earns_more(family: Home, base_fen: int = 330_000) -> Review:
    """May as ever, then a job whose income of twelve months lies above the line."""
    reckon(MAY)
    put("social_insurance", [insured(base_fen, date(2023, 5, 1))], date(2024, 6, 30))
    assert [kind for kind, _was, _is in lines(reckon(JUNE))] == ["review"]
    review = Review.objects.get(programme="minimum_living")
    assert review.ends
    with clock.use(JUNE.after.first):
        return actions.record_hearing(review=review, by=CLERK, heard_on=JUNE.after.first, statement="刚找到工作")


def test_it_is_paid_for_its_months_and_ends_by_itself(family: Home) -> None:
    review = earns_more(family)
    with clock.use(JUNE.after.first):
        granted = offer(review, date(2024, 7, 1))
        decided = actions.decide_review(review=review, decision="gradual", reasons="就业，给予渐退期", by=CLERK)
    was = review.was_fen
    assert (granted.months, granted.until, granted.last) == (12, date(2025, 7, 1), date(2025, 6, 1))
    assert granted.amount_fen == -(-was // 200) * 100, "half of it in whole yuan, by the parameters"
    assert {value.name for value in granted.parameters} >= {"exit_months", "exit_percent", "exit_ceiling_percent"}
    assert (decided.decided_fen, decided.until) == (granted.amount_fen, granted.until)
    assert AuditEntry.objects.get(verb="award.fade").details["months"] == 12
    month, runs = Month.of("2024-07"), []
    while month.first < date(2025, 8, 1):
        runs.append(reckon(month))
        month = month.after
    assert lines(runs[0]) == [("change", was, granted.amount_fen)]
    assert all(lines(run) == [] for run in runs[1:12]), "nothing is asked again meanwhile"
    assert lines(runs[12]) == [("stop", granted.amount_fen, 0)], "2025-07 is the thirteenth month"
    cause = runs[12].changes.get(programme="minimum_living").cause
    assert (cause["kind"], cause["text"]) == ("gradual", "渐退期已满：2024-07 起，至 2025-07（不含）")
    paid = PaymentLine.objects.filter(programme="minimum_living", month__gte=date(2024, 7, 1)).order_by("month").values_list("month", "amount_fen")
    assert len(paid) == 12 and {fen for _month, fen in paid} == {granted.amount_fen} and paid[11][0] == date(2025, 6, 1)
    assert not Entitlement.objects.filter(programme="minimum_living", valid_to=None).exists()
    assert set(Award.objects.values_list("until", "ended_because")) == {(date(2025, 7, 1), "渐退期满")}
    assert Review.objects.count() == 1


def test_a_draft_made_before_the_decision_is_frozen_anew(family: Home) -> None:
    review = earns_more(family)
    with clock.use(date(2024, 8, 1)):
        draft = actions.compute_run(month=Month.of("2024-07"), by=CLERK)
        actions.decide_review(review=review, decision="gradual", reasons="就业，给予渐退期", by=CLERK)
        again = actions.compute_run(month=Month.of("2024-07"), by=CLERK)
    assert again.pk == draft.pk and [kind for kind, _was, _is in lines(again)] == ["change"]


def test_who_falls_back_below_the_line_keeps_the_benefit_at_the_end(family: Home) -> None:
    review = earns_more(family)
    with clock.use(JUNE.after.first):
        actions.decide_review(review=review, decision="gradual", reasons="就业，给予渐退期", by=CLERK)
        Review.objects.update(until=date(2024, 9, 1))
    reckon(Month.of("2024-07"))
    put("social_insurance", [insured(0, date(2023, 5, 1))], date(2024, 8, 31))
    for award in Award.objects.all():  # as if the months were over
        award.terms = {**award.terms, "exit_since": 20200101}
        award.save()
    reckon(Month.of("2024-08"))
    assert Entitlement.objects.get(programme="minimum_living", valid_to=None).amount_fen > 0
    assert not Award.objects.exclude(until=None).exists()


def test_it_is_refused_with_the_condition_that_fails(family: Home) -> None:
    review = earns_more(family, base_fen=900_000)
    with clock.use(JUNE.after.first), pytest.raises(BenefitsError, match="不符合：“收入符合规定"):
        actions.decide_review(review=review, decision="gradual", reasons="就业，给予渐退期", by=CLERK)
    assert Review.objects.get().state == "heard" and Award.objects.filter(terms={}).count() == 2


def test_it_is_no_answer_to_a_smaller_amount_or_without_the_snapshot(family: Home) -> None:
    review = earns_more(family)
    Review.objects.update(ends=False)
    with clock.use(JUNE.after.first), pytest.raises(BenefitsError, match="只是金额减少"):
        actions.decide_review(review=review, decision="gradual", reasons="就业，给予渐退期", by=CLERK)
    Review.objects.update(ends=True)
    shutil.rmtree(family.snapshots / review.run.snapshot.name)
    with clock.use(JUNE.after.first), pytest.raises(BenefitsError, match="不在服务器上"):
        actions.decide_review(review=review, decision="gradual", reasons="就业，给予渐退期", by=CLERK)
