"""What will not come back is given up by two people; the books balance, the statement says it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from minzheng.kernel.foundation.access import Forbidden
from minzheng.kernel.ledger import actions, queries
from minzheng.kernel.ledger.channels.channel import SUCCESS
from minzheng.kernel.ledger.checks import faults_of_the_books
from minzheng.kernel.ledger.errors import LedgerError, SamePerson
from minzheng.kernel.ledger.models import PaymentLine, Transfer, WriteOff
from minzheng.kernel.ledger.statements import made_statement
from tests.kernel.ledger.conftest import CHECKER, CLERK, line, sent
from tests.kernel.ledger.test_road import answer, standing, take

BOTH = replace(CLERK, name="clerk", capabilities=CLERK.capabilities | CHECKER.capabilities)
WHY = "领款人死亡且无遗产，社区证明"


@pytest.fixture
def claimed(make: Any) -> int:
    take(answer(sent(make([line(1, amount=10_000)])), {1: SUCCESS}))
    pk = PaymentLine.objects.get().pk
    actions.record_recovery(line_id=pk, amount_fen=8_000, key="r", reason="已去世", by=CLERK)
    actions.record_repayment(line_id=pk, amount_fen=3_000, key="p", by=CLERK)
    return pk


def test_two_people_give_up_what_is_left(claimed: int) -> None:
    row = actions.propose_write_off(line_id=claimed, reason=WHY, by=CLERK)
    assert row.amount_fen == 5_000 and actions.propose_write_off(line_id=claimed, reason="再提一次", by=CLERK) == row
    with pytest.raises(SamePerson):
        actions.decide_write_off(write_off_id=row.pk, confirm=True, by=BOTH)
    with pytest.raises(Forbidden):
        actions.decide_write_off(write_off_id=row.pk, confirm=True, by=CLERK)
    for _ in range(2):
        assert actions.decide_write_off(write_off_id=row.pk, confirm=True, by=CHECKER).state == "confirmed"
    after = standing()
    assert after["written_off/longevity_allowance/tianning"] == 5_000 and "receivable/longevity_allowance/tianning" not in after
    assert sum(after.values()) == 0 and faults_of_the_books() == [] and Transfer.objects.filter(kind="write_off").count() == 1
    (told,) = made_statement(Transfer.objects.latest("on").on.replace(day=1)).programmes
    assert (told.claimed, told.repaid, told.written_off, told.closing_claims) == (8_000, 3_000, 5_000, 0)
    assert queries.claim_totals(CLERK) == {"claimed": 8_000, "repaid": 3_000, "written_off": 5_000, "left": 0}
    with pytest.raises(LedgerError, match="未退的 0 分"):
        actions.record_repayment(line_id=claimed, amount_fen=1, key="late", by=CLERK)


def test_what_came_back_meanwhile_needs_another_proposal(claimed: int) -> None:
    row = actions.propose_write_off(line_id=claimed, reason=WHY, by=CLERK)
    actions.record_repayment(line_id=claimed, amount_fen=1_000, key="q", by=CLERK)
    with pytest.raises(LedgerError, match="现还差 4000 分"):
        actions.decide_write_off(write_off_id=row.pk, confirm=True, by=CHECKER)
    with pytest.raises(LedgerError, match="写明理由"):
        actions.decide_write_off(write_off_id=row.pk, confirm=False, by=CHECKER)
    actions.decide_write_off(write_off_id=row.pk, confirm=False, note="有退缴", by=CHECKER)
    with pytest.raises(LedgerError, match="已由 checker 处理"):
        actions.decide_write_off(write_off_id=row.pk, confirm=True, by=CHECKER)
    assert actions.propose_write_off(line_id=claimed, reason=WHY, by=CLERK).amount_fen == 4_000
    assert WriteOff.objects.count() == 2 and not Transfer.objects.filter(kind="write_off").exists()


def test_what_cannot_be_given_up_is_refused(claimed: int) -> None:
    with pytest.raises(LedgerError, match="原因和依据"):
        actions.propose_write_off(line_id=claimed, reason="无", by=CLERK)
    with pytest.raises(Forbidden):
        actions.propose_write_off(line_id=claimed, reason=WHY, by=CHECKER)
    actions.record_repayment(line_id=claimed, amount_fen=5_000, key="all", by=CLERK)
    with pytest.raises(LedgerError, match="不用核销"):
        actions.propose_write_off(line_id=claimed, reason=WHY, by=CLERK)


def test_money_is_received_inside_the_jurisdiction_only(city: Any) -> None:
    district = replace(CLERK, ranges=(("320402000000", "320403000000"),))
    given = {"level": "city", "purse": "尊老金", "amount_fen": 100, "by": district}
    assert actions.receive_funds(**given, district="tianning", key="a") == 1
    with pytest.raises(LedgerError, match="不在您的辖区内"):
        actions.receive_funds(**given, district="wujin", key="b")
    with pytest.raises(LedgerError, match="没有“atlantis”这个板块"):
        actions.receive_funds(**given, district="atlantis", key="c")
    assert Transfer.objects.count() == 1
