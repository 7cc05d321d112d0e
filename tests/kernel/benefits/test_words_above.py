"""What a person says outlives the runs; a month that is behind us is corrected by lines, never edited; a re-run gives the same."""

from __future__ import annotations

from datetime import date

import pytest

from minzheng.kernel.benefits import actions, history
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Entitlement, Override, Recovery, Run, RunChange
from minzheng.kernel.foundation.access import Forbidden
from minzheng.kernel.ledger.models import PaymentLine
from minzheng.kernel.rules.language import Month
from tests.kernel.benefits.conftest import APPROVER, CLERK, DISTRICT, ELSEWHERE, City, line, lines
from tests.kernel.benefits.test_runs import household, standing


def paid(month: str) -> dict[tuple[str, int], int]:
    rows = PaymentLine.objects.filter(month=date.fromisoformat(f"{month}-01"))
    return {(row.purpose.split(":")[0], row.person_key): row.amount_fen for row in rows}


def test_a_pause_outlives_runs_and_ends_when_it_is_lifted(city: City) -> None:
    city.put(1, birth=19400101)
    city.month("2024-01")
    pause = actions.pause_entitlement(entitlement=standing("longevity_allowance", 1), reason="本人出国，要求暂停", by=CLERK)
    assert pause.valid_from == date(2024, 2, 1)
    for month in ("2024-02", "2024-03"):
        run = city.month(month)
        assert lines(run) == [("longevity_allowance", 1, "hold", 5000, 0)]
        assert "本人出国" in line(run, "hold").cause["text"]
        assert paid(month) == {}
    actions.lift_pause(override=pause, because="已回国", by=CLERK)
    assert lines(city.month("2024-04")) == []
    assert paid("2024-04") == {("regular", 1): 5000}


def test_a_pause_lifted_for_the_past_is_paid_back_by_a_correction(city: City) -> None:
    city.put(1, birth=19400101)
    city.month("2024-01")
    pause = actions.pause_entitlement(entitlement=standing("longevity_allowance", 1), reason="误报", by=CLERK)
    city.month("2024-02")
    actions.lift_pause(override=pause, because="误报，应补发", by=CLERK, from_month=date(2024, 2, 1))
    run = city.month("2024-02", "correction")
    assert lines(run) == [("longevity_allowance", 1, "backpay", 0, 5000)]
    assert paid("2024-02") == {("backpay", 1): 5000}
    assert lines(city.month("2024-02", "correction")) == [], "a correction is not due twice"


def test_death_stands_above_a_persons_word(city: City) -> None:
    city.put(1, birth=19400101)
    city.put(2, disability_level=2)
    city.month("2024-01")
    actions.fix_amount(entitlement=standing("longevity_allowance", 1), amount_fen=7000, reason="市长批示", by=CLERK)
    actions.pause_entitlement(entitlement=standing("living_subsidy", 2), reason="核实中", by=CLERK)
    assert lines(city.month("2024-02")) == [("living_subsidy", 2, "hold", 30000, 0), ("longevity_allowance", 1, "change", 5000, 7000)]
    city.put(1, present=0, death=20240210)
    city.put(2, present=0, death=20240211)
    assert [row[:3] for row in lines(city.month("2024-03"))] == [("living_subsidy", 2, "stop"), ("longevity_allowance", 1, "stop")]


def test_words_need_rights_place_and_a_month_to_come(city: City) -> None:
    city.put(1, birth=19400101)
    city.month("2024-01")
    mine = standing("longevity_allowance", 1)
    with pytest.raises(Forbidden):
        actions.pause_entitlement(entitlement=mine, reason="理由", by=APPROVER)
    with pytest.raises(BenefitsError, match="辖区"):
        actions.pause_entitlement(entitlement=mine, reason="理由", by=DISTRICT)
    with pytest.raises(BenefitsError, match="已经审批发放"):
        actions.pause_entitlement(entitlement=mine, reason="理由", by=CLERK, valid_from=date(2024, 1, 1))
    with pytest.raises(BenefitsError, match="写明理由"):
        actions.pause_entitlement(entitlement=mine, reason=" ", by=CLERK)
    actions.pause_entitlement(entitlement=mine, reason="理由", by=CLERK)
    with pytest.raises(BenefitsError, match="已有人工处置"):
        actions.fix_amount(entitlement=mine, amount_fen=1, reason="理由", by=CLERK)
    assert Override.objects.count() == 1


def test_a_re_run_gives_the_same_result_and_an_approved_month_is_left_alone(city: City) -> None:
    household(city)
    city.put(1, birth=19400101)
    first = city.compute("2024-01")
    before = (first.digest, first.snapshot.sha256, lines(first))
    again = city.compute("2024-01")
    assert (again.pk, (again.digest, again.snapshot.sha256, lines(again))) == (first.pk, before)
    city.put(1, birth=19600101)
    assert city.compute("2024-01").digest == before[0], "the snapshot of a draft is frozen"
    assert city.compute("2024-01", refresh=True).digest != before[0]
    done = city.month("2024-01")
    stands = list(Entitlement.objects.values())
    assert city.compute("2024-01").pk == done.pk and actions.approve_run(run=done, by=APPROVER).pk == done.pk
    assert list(Entitlement.objects.values()) == stands
    assert PaymentLine.objects.count() == 1


def test_what_is_known_later_is_paid_back_or_proposed_for_recovery(city: City) -> None:
    city.put(1, birth=19600101)
    city.put(2, disability_level=1)
    city.put(3, birth=19400101)
    city.month("2024-01")
    city.month("2024-02")
    history_before = list(Entitlement.objects.order_by("id").values())
    city.put(1, birth=19390101)
    city.put(2, disability_level=4)
    run = city.month("2024-01", "correction")
    assert lines(run) == [("living_subsidy", 2, "recovery", 30000, 0), ("longevity_allowance", 1, "backpay", 0, 5000)]
    assert line(run, "backpay").cause["name"] == "birth"
    assert line(run, "recovery").cause["name"] == "disability_level"
    assert list(Entitlement.objects.order_by("id").values()) == history_before, "history is not edited"
    assert paid("2024-01") == {("regular", 2): 30000, ("regular", 3): 5000, ("backpay", 1): 5000}
    proposal = Recovery.objects.get()
    assert (proposal.amount_fen, proposal.state) == (30000, "proposed")
    decided = actions.decide_recovery(recovery=proposal, claim=False, reasons="残疾证系残联误录，不予追回", by=CLERK)
    assert decided.state == "waived"
    with pytest.raises(BenefitsError, match="已由"):
        actions.decide_recovery(recovery=proposal, claim=True, reasons="再想想看", by=CLERK)


def test_a_correction_claims_nothing_that_waits_for_a_review(city: City) -> None:
    household(city)
    city.month("2024-01")
    city.put(11, wage=90_000)
    city.month("2024-02")
    assert lines(city.month("2024-02", "correction")) == []


def test_months_go_forward_and_only_paid_ones_are_corrected(city: City) -> None:
    city.put(1, birth=19400101)
    with pytest.raises(BenefitsError, match="没有审批过"):
        city.compute("2024-01", "correction")
    city.month("2024-02")
    with pytest.raises(BenefitsError, match="2024-02 已经审批"):
        city.compute("2024-01")
    assert Run.objects.count() == 1


def test_the_books_of_the_room_and_of_the_ledger_agree(city: City) -> None:
    household(city)
    city.put(1, birth=19400101)
    city.put(2, birth=19400101, village=ELSEWHERE)
    run = city.month("2024-01")
    had = history.paid([Month.of("2024-01")])
    assert had["amount_fen"].sum() == sum(PaymentLine.objects.values_list("amount_fen", flat=True))
    assert had["amount_fen"].sum() == sum(row["fen"] for row in run.totals.values()) == 190_000
    assert RunChange.objects.filter(run=run).count() == 3
