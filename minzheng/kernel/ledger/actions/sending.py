"""Sending: the channels' files are written, the money moves from what is owed to what is on its way."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.encryption import decrypt_many
from minzheng.kernel.ledger import storage
from minzheng.kernel.ledger.actions.approval import locked_batch
from minzheng.kernel.ledger.actions.posting import post_lines
from minzheng.kernel.ledger.bulk import execute, fetch, table_of
from minzheng.kernel.ledger.channels import FORMS
from minzheng.kernel.ledger.channels.channel import Form, Order, Payment
from minzheng.kernel.ledger.errors import LedgerError
from minzheng.kernel.ledger.models import Account, ChannelFile, PaymentBatch, PaymentLine, Transfer

Kind, State = Account.Kind, PaymentLine.State


def send_batch(*, batch_id: int, by: Actor) -> list[ChannelFile]:
    """Send whatever of an approved batch waits to be sent, for the first time or again: one file a channel, each written
    once and sealed. Nothing waiting, nothing sent: the list is empty, so that a repetition does no harm.

    Raises Forbidden, LedgerError for a batch that nobody has approved, MonthIsClosed.
    """
    by.require("payments.manage")
    on = clock.business_date()
    with transaction.atomic():
        batch = locked_batch(batch_id, by)
        if batch.state not in (PaymentBatch.State.APPROVED, PaymentBatch.State.SENT):
            raise LedgerError(f"批次 {batch.pk} {PaymentBatch.State(batch.state).label}，不能发出：须先由另一个人复核")
        files = [file for form in FORMS.values() if (file := _send(batch, form, on, by))]
        if files and batch.state != PaymentBatch.State.SENT:
            batch.state = PaymentBatch.State.SENT
            batch.save(update_fields=["state"])
        for file in files:
            audit.record(by, "payment.send", f"payment_batch:{batch.pk}", file=file.number, sha256=file.sha256,
                         lines=file.lines, amount_fen=file.amount_fen)  # fmt: skip
    return files


def _send(batch: PaymentBatch, form: Form, on: date, by: Actor) -> ChannelFile | None:
    waiting = fetch(
        "SELECT id, attempt, payee_name, account, amount_fen FROM ledger_paymentline"
        f" WHERE batch_id = %s AND channel = %s AND state IN ('{State.PLANNED}', '{State.RETRIED}') ORDER BY id",
        [batch.pk, form.name],
    )
    if not waiting:
        return None
    ids, attempts, names, accounts, amounts = zip(*waiting, strict=True)
    references = [reference_of(line, attempt + 1) for line, attempt in zip(ids, attempts, strict=True)]
    payments = list(map(Payment, references, decrypt_many(names), decrypt_many(accounts), amounts))
    count = ChannelFile.objects.filter(batch=batch, channel=form.name).count()
    order = Order(f"MZ{batch.pk:08d}{form.name[0].upper()}{count + 1:03d}", on, batch.title, payments)
    content = form.write(order)
    file = ChannelFile.objects.create(
        batch=batch, channel=form.name, number=order.number, file_name=f"{order.number}.{form.suffix}",
        sha256=storage.keep(content), size=len(content), lines=len(ids), amount_fen=order.amount_fen, sent_on=on, sent_by=by.name,
    )  # fmt: skip
    rows, parameters = table_of({"id": "bigint"}, {"id": ids})
    execute(
        f"UPDATE ledger_paymentline SET state = '{State.SENT}', reason = '', attempt = attempt + 1, file_id = %s, changed_on = %s"
        f" FROM {rows} WHERE ledger_paymentline.id = r.id", [file.pk, on, *parameters],
    )  # fmt: skip
    post_lines(kind=Transfer.Kind.SENDING, step="sent", debit=Kind.CLEARING, credit=Kind.PAYABLE, ids=ids, on=on)
    return file


def reference_of(line_id: int, attempt: int) -> str:
    """18 digits that name a payment and the attempt."""
    return f"{line_id:015d}{attempt:03d}"
