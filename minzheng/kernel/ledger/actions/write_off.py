"""What is claimed and will not come back: one person proposes to give it up with the reason, another decides."""

from __future__ import annotations

from django.db import transaction

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.ledger import chart
from minzheng.kernel.ledger.actions.posting import Entry, post
from minzheng.kernel.ledger.actions.recovery import held_line, outstanding
from minzheng.kernel.ledger.errors import LedgerError, SamePerson
from minzheng.kernel.ledger.models import Transfer, WriteOff


def propose_write_off(*, line_id: int, reason: str, by: Actor) -> WriteOff:
    """Propose to give up what is still claimed of a payment; one that waits already is given back.

    Raises Forbidden, PaymentLine.DoesNotExist outside the jurisdiction, LedgerError without a claim or a reason.
    """
    by.require("payments.manage")
    if len(reason.strip()) < 4:
        raise LedgerError("请写明核销的原因和依据（如：领款人死亡且无遗产，附证明）")
    with transaction.atomic():
        line = held_line(line_id, by)
        if waiting := WriteOff.objects.filter(line=line, state=WriteOff.State.PROPOSED).first():
            return waiting
        left = outstanding(line.pk)
        if not left:
            raise LedgerError("这笔没有还差的追回款，不用核销")
        row = WriteOff.objects.create(line=line, amount_fen=left, reason=reason.strip()[:256], proposed_by=by.name, proposed_on=clock.business_date())
        audit.record(by, "payment.propose_write_off", f"payment_line:{line.pk}", row.reason, amount_fen=left, write_off=row.pk)
    return row


def decide_write_off(*, write_off_id: int, confirm: bool, by: Actor, note: str = "") -> WriteOff:
    """Give the claim up, or turn the proposal down; one that was decided the same way by the same person stays as it is.

    Raises Forbidden, WriteOff.DoesNotExist outside the jurisdiction, SamePerson for whoever proposed it, LedgerError when it
    was decided otherwise, when something came back meanwhile, or for a refusal without the reason; MonthIsClosed.
    """
    by.require("benefits.approve")
    with transaction.atomic():
        found = scoped(WriteOff.objects.all(), by).get(pk=write_off_id)
        line = held_line(found.line_id, by)
        row = WriteOff.objects.select_for_update().get(pk=found.pk)
        state = WriteOff.State.CONFIRMED if confirm else WriteOff.State.REJECTED
        if row.state == state and row.decided_by == by.name:
            return row
        if row.state != WriteOff.State.PROPOSED:
            raise LedgerError(f"这项核销已由 {row.decided_by} 处理：{row.get_state_display()}")
        if row.proposed_by == by.name:
            raise SamePerson("提出核销和决定核销须由不同的人办理")
        if not confirm and len(note.strip()) < 2:
            raise LedgerError("不同意核销须写明理由")
        if confirm and (left := outstanding(line.pk)) != row.amount_fen:
            raise LedgerError(f"提出核销 {row.amount_fen} 分以后有退缴，现还差 {left} 分：请退回，按现在的金额重新提出")
        row.state, row.decided_by, row.decided_on, row.note = state, by.name, clock.business_date(), note.strip()[:256]
        row.save()
        if confirm:
            spots = chart.written_off(line.programme, line.district), chart.receivable(line.programme, line.district)
            entry = Entry(f"write_off:{row.pk}", Transfer.Kind.WRITE_OFF, *spots, row.amount_fen, line.batch_id, line.pk, row.reason[:128])
            post([entry], clock.business_date())
        audit.record(by, f"payment.write_off_{state}", f"payment_line:{line.pk}", note.strip(), amount_fen=row.amount_fen, write_off=row.pk)
    return row
