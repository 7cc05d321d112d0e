"""A confirmed recovery becomes a claim on the payments of its month, once, when they have arrived."""

from __future__ import annotations

import pytest

from minzheng.kernel.benefits import actions, room
from minzheng.kernel.benefits.actions.recovering import booked_fen
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Recovery
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Forbidden
from minzheng.kernel.ledger import queries
from minzheng.kernel.ledger.actions import approve_batch, collect_returns, send_batch, unpark_line
from minzheng.kernel.ledger.checks import faults_of_the_books
from minzheng.kernel.ledger.models import PaymentBatch, PaymentLine
from tests.kernel.benefits.conftest import APPROVER, CLERK, DISTRICT, HOME_VILLAGE, City


@pytest.fixture
def recovery(city: City) -> Recovery:
    """An elder was paid for two months after their death; the first of them is claimed back."""
    city.put(1, birth=19400101)
    for month in ("2024-01", "2024-02"):
        city.month(month)
    city.put(1, present=0, death=20240110)
    city.month("2024-03")
    return Recovery.objects.get(month="2024-02")


def arrive(month: str) -> None:
    """The payments of a month go out and reach people."""
    batch = PaymentBatch.objects.get(month=f"{month}-01")
    approve_batch(batch_id=batch.pk, by=APPROVER)
    for line in PaymentLine.objects.filter(batch=batch, state="parked"):
        unpark_line(line_id=line.pk, account="6228480000000000001", payee_name="张三", note="核对存折", by=CLERK)
    send_batch(batch_id=batch.pk, by=CLERK)
    for days in range(12):
        with clock.use(clock.business_date().replace(day=3 + days)):
            collect_returns(as_of=clock.business_date(), by=CLERK)
    PaymentLine.objects.get(batch=batch, state="paid")


def test_it_is_claimed_when_the_money_has_arrived_and_only_once(recovery: Recovery) -> None:
    with pytest.raises(BenefitsError, match="决定追回以后才能立账"):
        actions.book_recovery(recovery=recovery, by=CLERK)
    actions.decide_recovery(recovery=recovery, claim=True, reasons="死亡后发放，应当追回", by=CLERK)
    assert booked_fen(recovery) == 0, "the money is not out yet"
    arrive("2024-02")
    with pytest.raises(Forbidden):
        actions.book_recovery(recovery=recovery, by=DISTRICT)
    counts = room.book_recoveries(clock.business_date(), lambda _done, _total: None)
    assert (counts.rows_in, counts.rows_out) == (1, 1)
    assert actions.book_recovery(recovery=Recovery.objects.get(pk=recovery.pk), by=CLERK) == 0
    assert booked_fen(recovery) == recovery.amount_fen == 5_000
    (claim,) = queries.claims_by_key(f"benefits:{recovery.pk}:", CLERK)
    assert (claim.person_key, claim.claimed_fen, claim.division_code) == (1, 5_000, f"{HOME_VILLAGE}")
    assert faults_of_the_books() == []


def test_whoever_sees_to_payments_claims_by_the_same_act(recovery: Recovery) -> None:
    arrive("2024-02")
    actions.decide_recovery(recovery=recovery, claim=True, reasons="死亡后发放，应当追回", by=CLERK)
    assert booked_fen(recovery) == 5_000 and faults_of_the_books() == []
    assert actions.book_recoveries(by=CLERK) == (0, 0)


def test_what_is_waived_is_never_claimed(recovery: Recovery) -> None:
    arrive("2024-02")
    actions.decide_recovery(recovery=recovery, claim=False, reasons="金额小，家属困难", by=CLERK)
    assert actions.book_recoveries(by=CLERK) == (0, 0) and not queries.claims(CLERK).exists()
