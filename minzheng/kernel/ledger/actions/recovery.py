"""What people have to give back of what they were paid: it becomes a claim, and goes back to the funds that bore it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import Sum

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.ledger import chart
from minzheng.kernel.ledger.actions.posting import Entry, post
from minzheng.kernel.ledger.errors import LedgerError
from minzheng.kernel.ledger.models import Account, PaymentBatch, PaymentLine, Transfer
from minzheng.kernel.ledger.splitting import split


def record_recovery(*, line_id: int, amount_fen: int, key: str, reason: str, by: Actor) -> int:
    """Claim back a part or all of a payment that arrived; 1 when it is new, 0 for a repetition of `key`.

    Raises Forbidden, PaymentLine.DoesNotExist outside the jurisdiction, LedgerError for a payment that is not paid or more
    than is left of it, KeyClash, MonthIsClosed.
    """
    by.require("payments.manage")
    if len(reason.strip()) < 2:
        raise LedgerError("请写明追回的原因")
    with transaction.atomic():
        line = held_line(line_id, by)
        entry = Entry(
            f"recovery:{key}", Transfer.Kind.RECOVERY, chart.receivable(line.programme, line.district),
            chart.paid(line.programme, line.district), amount_fen, line.batch_id, line.pk, reason.strip()[:128],
        )  # fmt: skip
        if not _is_booked(entry.key):
            if line.state != PaymentLine.State.PAID:
                raise LedgerError(f"这笔{PaymentLine.State(line.state).label}，没有付出，不能追回")
            left = line.amount_fen - _claimed(line.pk)
            if amount_fen > left:
                raise LedgerError(f"追回 {amount_fen} 分超过还可追回的 {left} 分")
        new = post([entry], clock.business_date())
        if new:
            audit.record(by, "payment.recover", f"payment_line:{line.pk}", reason.strip(), amount_fen=amount_fen, key=key)
    return new


def record_repayment(*, line_id: int, amount_fen: int, key: str, by: Actor, memo: str = "") -> int:
    """Somebody has given back: the money goes to the funds by the shares of the batch. How many transfers are new.

    Raises Forbidden, PaymentLine.DoesNotExist, LedgerError for more than is claimed, KeyClash, MonthIsClosed.
    """
    by.require("payments.manage")
    if amount_fen <= 0:
        raise LedgerError(f"退缴金额应大于 0：{amount_fen} 分")
    with transaction.atomic():
        line = held_line(line_id, by)
        shares = line.batch.shares.get(line.district) or line.batch.shares[""]
        entries = [
            Entry(f"repayment:{key}:{level}", Transfer.Kind.REPAYMENT, chart.fund(level, line.batch.purse, line.district),
                  chart.receivable(line.programme, line.district), part, line.batch_id, line.pk, memo[:128])
            for level, part in split(amount_fen, shares).items() if part
        ]  # fmt: skip
        if not any(_is_booked(entry.key) for entry in entries) and amount_fen > (left := outstanding(line.pk)):
            raise LedgerError(f"退缴 {amount_fen} 分超过应追回而未退的 {left} 分")
        new = post(entries, clock.business_date())
        if new:
            audit.record(by, "payment.repay", f"payment_line:{line.pk}", memo, amount_fen=amount_fen, key=key)
    return new


def void_recoveries(ids: Sequence[int], on: date) -> None:
    """Payments were sent back after all: what was still claimed of them is claimed no longer. In the caller's transaction."""
    entries = []
    for line in PaymentLine.objects.filter(pk__in=_with_claims(ids)):
        if left := outstanding(line.pk):
            spots = chart.paid(line.programme, line.district), chart.receivable(line.programme, line.district)
            key = f"line:{line.pk}:claim_void:{line.attempt}"
            entries.append(Entry(key, Transfer.Kind.RECOVERY, *spots, left, line.batch_id, line.pk, "退汇，追回取消"))
    post(entries, on)


def outstanding(line_id: int) -> int:
    """What is claimed of a payment and has not come back, in 分."""
    rows = Transfer.objects.filter(line_id=line_id).order_by()
    debit = rows.filter(debit__kind=Account.Kind.RECEIVABLE).aggregate(s=Sum("amount_fen"))["s"] or 0
    credit = rows.filter(credit__kind=Account.Kind.RECEIVABLE).aggregate(s=Sum("amount_fen"))["s"] or 0
    return int(debit - credit)


def _claimed(line_id: int) -> int:
    """All that was ever claimed of a payment and not voided, in 分."""
    rows = Transfer.objects.filter(line_id=line_id, kind=Transfer.Kind.RECOVERY).order_by()
    claimed = rows.filter(debit__kind=Account.Kind.RECEIVABLE).aggregate(s=Sum("amount_fen"))["s"] or 0
    voided = rows.filter(credit__kind=Account.Kind.RECEIVABLE).aggregate(s=Sum("amount_fen"))["s"] or 0
    return int(claimed - voided)


def _with_claims(ids: Sequence[int]) -> list[int]:
    found: list[int] = []
    for start in range(0, len(ids), 5_000):
        chunk = ids[start : start + 5_000]
        rows = Transfer.objects.filter(line_id__in=chunk, debit__kind=Account.Kind.RECEIVABLE)
        found += rows.order_by().values_list("line_id", flat=True).distinct()
    return found


def _is_booked(key: str) -> bool:
    return Transfer.objects.filter(key=key).exists()


def held_line(line_id: int, by: Actor) -> PaymentLine:
    """The payment, its batch held for the rest of the transaction: claims on it and answers of channels come one after another."""
    found = scoped(PaymentLine.objects.all(), by).get(pk=line_id)
    PaymentBatch.objects.select_for_update().get(pk=found.batch_id)
    return PaymentLine.objects.select_related("batch").get(pk=line_id)
