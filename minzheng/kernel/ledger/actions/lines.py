"""Single payments: sending again, parking, putting right, cancelling. Each leaves an audit entry of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db import transaction

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.ledger.actions.approval import fund
from minzheng.kernel.ledger.errors import LedgerError
from minzheng.kernel.ledger.models import PaymentBatch, PaymentLine
from minzheng.kernel.ledger.reasons import REASONS, title_of
from minzheng.kernel.ledger.states import LAWFUL

State = PaymentLine.State
WORDS = {"retry": "重发", "park": "暂缓", "unpark": "恢复", "cancel": "撤销"}


def retry_lines(*, line_ids: Sequence[int], by: Actor) -> int:
    """Payments that came back wait to be sent again as they are; how many.

    Raises Forbidden, LedgerError when one of them did not come back, or came back for a reason that has to be put right
    first (`unpark_line` with another account); then none is changed.
    """
    with transaction.atomic():
        lines = _held(line_ids, "retry", by)
        for line in lines:
            if not (line.reason in REASONS and REASONS[line.reason].again):
                raise LedgerError(f"明细 {line.pk} 因“{title_of(line.reason)}”退回，照原样重发还会退回：请先暂缓，改正账户后再恢复")
        return _change(lines, "retry", by, "", reason="")


def park_lines(*, line_ids: Sequence[int], reason: str, note: str, by: Actor) -> int:
    """Hold payments back until somebody puts them right; `reason` is a code of reasons.py. How many.

    Raises Forbidden, LedgerError for an unknown reason or a payment that is sent, paid, parked or cancelled.
    """
    if reason not in REASONS:
        raise LedgerError(f"没有“{reason}”这个原因；可用：{'、'.join(REASONS)}")
    with transaction.atomic():
        return _change(_held(line_ids, "park", by), "park", by, note, reason=reason)


def unpark_line(*, line_id: int, by: Actor, account: str = "", payee_name: str = "", note: str = "") -> PaymentLine:
    """A parked payment waits to be sent again, with the account and name that were put right.

    Raises Forbidden, LedgerError when it is not parked or lacks account or name, when nothing was put right although its
    reason asks for it, or for an account that cannot be one.
    """
    account = re.sub(r"[\s-]", "", account)
    if account and not re.fullmatch(r"[0-9A-Za-z]{6,32}", account):
        raise LedgerError("收款账户应为 6 到 32 位数字或字母，请核对")
    with transaction.atomic():
        (line,) = _held([line_id], "unpark", by)
        corrected = {"account": account, "payee_name": payee_name.strip()[:64]}
        changed = {name: value for name, value in corrected.items() if value and value != getattr(line, name)}
        for name, value in changed.items():
            setattr(line, name, value)
        if not line.account or not line.payee_name:
            raise LedgerError("没有收款人姓名或账户，不能恢复：请先补上")
        if line.reason in ("account_closed", "name_mismatch", "account_frozen") and not changed:
            raise LedgerError(f"因“{title_of(line.reason)}”暂缓：请先改正账户或姓名")
        line.state, line.reason = State.RETRIED if line.attempt else State.PLANNED, ""
        line.changed_on = clock.business_date()
        line.save(update_fields=["state", "reason", "changed_on", *changed])
        audit.record(by, "payment.unpark", f"payment_line:{line.pk}", note, changed=sorted(changed))
    return line


def cancel_lines(*, line_ids: Sequence[int], reason: str, by: Actor) -> int:
    """Payments that will not be made; what was reserved for them goes back to the funds. How many.

    Raises Forbidden, LedgerError without a reason, or for a payment that is on its way, paid or cancelled.
    """
    if len(reason.strip()) < 2:
        raise LedgerError("请写明撤销的原因")
    with transaction.atomic():
        lines = _held(line_ids, "cancel", by)
        count = _change(lines, "cancel", by, reason.strip())
        for batch in PaymentBatch.objects.filter(pk__in={line.batch_id for line in lines}).order_by("pk"):
            if batch.state in (PaymentBatch.State.APPROVED, PaymentBatch.State.SENT):
                fund(batch, clock.business_date())
    return count


def _held(line_ids: Sequence[int], verb: str, by: Actor) -> list[PaymentLine]:
    """The payments, their batches held for the rest of the transaction. Raises Forbidden, LedgerError for one that is not
    in the jurisdiction, or to which the verb cannot be done."""
    by.require("payments.manage")
    wanted = scoped(PaymentLine.objects.filter(pk__in=line_ids), by)
    batches = sorted(set(wanted.values_list("batch_id", flat=True)))
    list(PaymentBatch.objects.select_for_update().filter(pk__in=batches).order_by("pk"))
    lines = list(wanted.order_by("pk"))
    if absent := sorted(set(line_ids) - {line.pk for line in lines}):
        raise LedgerError(f"没有这笔发放明细，或不在您的辖区内：{'、'.join(map(str, absent[:5]))}")
    for line in lines:
        if line.state not in LAWFUL[verb][0]:
            allowed = "、".join(sorted(state.label for state in LAWFUL[verb][0]))
            raise LedgerError(f"明细 {line.pk} 现在是“{State(line.state).label}”，不能{WORDS[verb]}：只有{allowed}的可以")
    return lines


def _change(lines: list[PaymentLine], verb: str, by: Actor, note: str, **fields: str) -> int:
    ids = [line.pk for line in lines]
    count = PaymentLine.objects.filter(pk__in=ids).update(state=LAWFUL[verb][1], changed_on=clock.business_date(), **fields)
    audit.record_many(by, f"payment.{verb}", [audit.Entry(f"payment_line:{pk}", note, dict(fields)) for pk in ids])
    return count
