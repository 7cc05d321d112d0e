"""Releasing a batch, and taking it back before it goes out. Money is reserved in the funds when a batch is approved."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Sum

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.ledger import chart
from minzheng.kernel.ledger.actions.posting import Entry, post
from minzheng.kernel.ledger.errors import LedgerError, SamePerson
from minzheng.kernel.ledger.models import Account, PaymentBatch, PaymentLine, Transfer
from minzheng.kernel.ledger.splitting import split

BatchState, State = PaymentBatch.State, PaymentLine.State


def locked_batch(batch_id: int, by: Actor) -> PaymentBatch:
    """The batch, held for the rest of the transaction: verbs on one batch come one after another.

    Raises PaymentBatch.DoesNotExist outside the jurisdiction.
    """
    return scoped(PaymentBatch.objects.select_for_update(), by).get(pk=batch_id)


def approve_batch(*, batch_id: int, by: Actor) -> PaymentBatch:
    """Release a batch: what it pays is reserved in the funds of each level, by the shares, for each district.

    A batch that is released stays as it is. Raises Forbidden, SamePerson for whoever prepared it, LedgerError for one that
    was cancelled, MonthIsClosed.
    """
    by.require("benefits.approve")
    on = clock.business_date()
    with transaction.atomic():
        batch = locked_batch(batch_id, by)
        if batch.state in (BatchState.APPROVED, BatchState.SENT):
            return batch
        if batch.state == BatchState.CANCELLED:
            raise LedgerError(f"批次 {batch.pk} 已撤销，不能复核")
        if by.name == batch.created_by:
            raise SamePerson(f"批次 {batch.pk} 是您编制的，须由另一个人复核")
        batch.state, batch.approved_on, batch.approved_by = BatchState.APPROVED, on, by.name
        batch.save(update_fields=["state", "approved_on", "approved_by"])
        reserved = fund(batch, on)
        audit.record(by, "payment.approve", f"payment_batch:{batch.pk}", amount_fen=batch.amount_fen, reserved_fen=reserved)
    return batch


def cancel_batch(*, batch_id: int, reason: str, by: Actor) -> PaymentBatch:
    """Take back a batch of which nothing was ever sent; what was reserved goes back to the funds.

    Raises Forbidden, LedgerError when something was sent or no reason is given.
    """
    by.require("payments.manage")
    on = clock.business_date()
    with transaction.atomic():
        batch = locked_batch(batch_id, by)
        if batch.state == BatchState.CANCELLED:
            return batch
        if len(reason.strip()) < 2:
            raise LedgerError("请写明撤销的原因")
        if batch.state == BatchState.SENT:
            raise LedgerError(f"批次 {batch.pk} 已经发出，不能整批撤销：请逐笔撤销还没有付出的")
        lines = PaymentLine.objects.filter(batch=batch).exclude(state=State.CANCELLED)
        count = lines.update(state=State.CANCELLED, changed_on=on)
        released = fund(batch, on) if batch.state == BatchState.APPROVED else 0
        batch.state = BatchState.CANCELLED
        batch.save(update_fields=["state"])
        audit.record(by, "payment.cancel", f"payment_batch:{batch.pk}", reason.strip(), lines=count, released_fen=-released)
    return batch


def fund(batch: PaymentBatch, on: date) -> int:
    """Bring what is reserved for a batch to what its lines that are not cancelled need, district by district and level by
    level; returns by how much (分) it changed. The split of a district's total is exact by largest remainder, also after
    single lines are cancelled. The caller holds the batch; its version, which is part of the keys, goes up."""
    batch.version += 1
    batch.save(update_fields=["version"])
    lines = PaymentLine.objects.filter(batch=batch).exclude(state=State.CANCELLED).order_by()
    needed = {place: int(total) for place, total in lines.values_list("district").annotate(total=Sum("amount_fen"))}
    reserved = _reserved(batch)
    entries = []
    for district in sorted({*needed, *(place for place, _level in reserved)}):
        shares = batch.shares.get(district) or batch.shares[""]
        parts = split(needed.get(district, 0), shares)
        for level in sorted({*parts, *(level for place, level in reserved if place == district)}):
            change = parts.get(level, 0) - reserved.get((district, level), 0)
            if not change:
                continue
            owed, source = chart.payable(batch.programme, district), chart.fund(level, batch.purse, district)
            debit, credit = (owed, source) if change > 0 else (source, owed)
            kind = Transfer.Kind.ACCRUAL if change > 0 else Transfer.Kind.RELEASE
            key = f"batch:{batch.pk}:{batch.version}:{district}:{level}"
            entries.append(Entry(key, kind, debit, credit, abs(change), batch_id=batch.pk))
    post(entries, on)
    return sum(needed.values()) - sum(reserved.values())


def _reserved(batch: PaymentBatch) -> dict[tuple[str, str], int]:
    """(district, level) → what stands reserved."""
    found: dict[tuple[str, str], int] = {}
    rows = Transfer.objects.filter(batch=batch, kind__in=[Transfer.Kind.ACCRUAL, Transfer.Kind.RELEASE])
    for side, sign in (("credit", 1), ("debit", -1)):
        of_funds = rows.filter(**{f"{side}__kind": Account.Kind.FUND}).order_by()
        for district, level, total in of_funds.values_list(f"{side}__district", f"{side}__level").annotate(s=Sum("amount_fen")):
            found[district, level] = found.get((district, level), 0) + sign * int(total)
    return found
