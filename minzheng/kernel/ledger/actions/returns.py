"""What channels answer: a return file is taken in as a whole or not at all, and what came back is seen to."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import polars as pl
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.rounds import Progress
from minzheng.kernel.ledger import storage
from minzheng.kernel.ledger.actions.approval import locked_batch
from minzheng.kernel.ledger.actions.posting import post_lines
from minzheng.kernel.ledger.actions.recovery import void_recoveries
from minzheng.kernel.ledger.actions.sending import reference_of
from minzheng.kernel.ledger.bulk import execute, fetch, table_of
from minzheng.kernel.ledger.channels import channel
from minzheng.kernel.ledger.channels.channel import SUCCESS, Form, Reply
from minzheng.kernel.ledger.errors import Fault, Refused
from minzheng.kernel.ledger.models import Account, ChannelFile, PaymentLine, ReturnFile, Transfer
from minzheng.kernel.ledger.reasons import MOST_ATTEMPTS, REASONS

Kind, State = Account.Kind, PaymentLine.State
LATEST = timedelta(days=15)  # after which the night asks about a file only while something of it is on its way


def take_return(*, channel_name: str, content: bytes, file_name: str, by: Actor) -> tuple[ReturnFile, bool]:
    """Take in a channel's return file; returns it, and whether this very content was taken in before (nothing changes).

    Each line becomes a transfer: paid, or back to what is owed, with the reason on the payment. Raises Forbidden,
    LedgerError for an unknown channel, MonthIsClosed, and Refused with line and reason when the form, a count, an unknown
    file or payment, an amount, or a payment that was answered already does not fit: then nothing is booked.
    """
    by.require("payments.manage")
    form = channel(channel_name).form
    fingerprint = hashlib.sha256(content).hexdigest()
    if before := ReturnFile.objects.filter(sha256=fingerprint).first():
        return before, True
    reply, what = form.read_reply(content), f"{form.title}回盘文件不能入账"
    file = ChannelFile.objects.filter(number=reply.number, channel=form.name).first()
    if file is None:
        raise Refused(what, [Fault(1, f"没有发出过文件号为“{reply.number}”的{form.title}文件")])
    on = clock.business_date()
    if not file.sent_on <= reply.on <= on:
        raise Refused(what, [Fault(1, f"日期 {reply.on} 不在发出日 {file.sent_on} 和今天之间")])
    with transaction.atomic():
        locked_batch(file.batch_id, by)
        if before := ReturnFile.objects.filter(sha256=fingerprint).first():
            return before, True
        answers = _checked(reply, file, form, what)
        row = ReturnFile.objects.create(
            file=file, file_name=file_name[:96], sha256=storage.keep(content), lines=answers.height, taken_on=on, taken_by=by.name,
            paid=answers.filter(pl.col("reason") == "").height, returned=answers.filter(pl.col("reason") != "").height,
        )  # fmt: skip
        _book(answers, on)
        audit.record(by, "payment.return", f"payment_batch:{file.batch_id}", file=file.number, sha256=fingerprint,
                     paid=row.paid, returned=row.returned)  # fmt: skip
    return row, False


def _checked(reply: Reply, file: ChannelFile, form: Form, what: str) -> pl.DataFrame:
    """[id, state, reason] of the answers, held against the payments of the file; raises Refused."""
    sent = fetch("SELECT id, attempt, amount_fen, state FROM ledger_paymentline WHERE file_id = %s", [file.pk])
    payments = pl.DataFrame(
        {"id": [row[0] for row in sent], "reference": [reference_of(row[0], row[1]) for row in sent],
         "owed": [row[2] for row in sent], "state": [row[3] for row in sent]},
        schema={"id": pl.Int64, "reference": pl.String, "owed": pl.Int64, "state": pl.String},
    )  # fmt: skip
    answers = pl.DataFrame(
        {"place": [a.place for a in reply.answers], "reference": [a.reference for a in reply.answers],
         "amount": [a.amount_fen for a in reply.answers],
         "reason": ["" if a.code == SUCCESS else form.codes[a.code] for a in reply.answers]},
        schema={"place": pl.Int64, "reference": pl.String, "amount": pl.Int64, "reason": pl.String},
    ).join(payments, on="reference", how="left", maintain_order="left")  # fmt: skip
    late = (pl.col("state") == State.PAID) & (pl.col("reason") != "")
    tests = {
        "流水号 {0} 不在文件 " + file.number + " 中，或已由新文件重发": pl.col("id").is_null(),
        "流水号 {0} 的金额不符：发出 {2} 分，回盘 {1} 分": pl.col("amount") != pl.col("owed"),
        "流水号 {0} 已有结果，不能再入账": (pl.col("state") != State.SENT) & ~late,
    }
    faults, total = [], 0
    for reason, wrong in tests.items():
        rows = answers.filter(wrong)
        total += rows.height
        shown = rows.head(Refused.SHOWN).select("place", "reference", "amount", "owed").rows()
        faults += [Fault(place, reason.format(*values)) for place, *values in shown]
    if faults:
        raise Refused(what, sorted(faults, key=lambda fault: fault.place), total)
    return answers


def _book(answers: pl.DataFrame, on: date) -> None:
    """Transfers first, while the payments still stand where the money is; then their states."""
    good, was_paid = pl.col("reason") == "", pl.col("state") == State.PAID
    steps: tuple[tuple[pl.Expr, str, str, str, str], ...] = (
        (good, Transfer.Kind.PAYMENT, "paid", Kind.PAID, Kind.CLEARING),
        (~good & ~was_paid, Transfer.Kind.RETURN, "returned", Kind.PAYABLE, Kind.CLEARING),
        (~good & was_paid, Transfer.Kind.RETURN, "sent_back", Kind.PAYABLE, Kind.PAID),
    )
    for which, kind, step, debit, credit in steps:
        ids: list[int] = answers.filter(which)["id"].to_list()
        post_lines(kind=kind, step=step, debit=debit, credit=credit, ids=ids, on=on)
        if step == "sent_back":
            void_recoveries(ids, on)
    rows, parameters = table_of({"id": "bigint", "reason": "text"}, {name: answers[name].to_list() for name in ("id", "reason")})
    execute(
        f"UPDATE ledger_paymentline SET state = CASE WHEN r.reason = '' THEN '{State.PAID}' ELSE '{State.RETURNED}' END,"
        f" reason = r.reason, changed_on = %s FROM {rows} WHERE ledger_paymentline.id = r.id", [on, *parameters],
    )  # fmt: skip


def settle_returns(*, by: Actor) -> tuple[int, int]:
    """See to what came back: a payment that only failed because the channel was busy waits to be sent again, up to three
    times; everything else is parked with its reason until somebody puts it right. Returns (to be sent again, parked)."""
    by.require("payments.manage")
    on = clock.business_date()
    again = [code for code, reason in REASONS.items() if reason.again]
    batches = PaymentLine.objects.filter(state=State.RETURNED).order_by("batch_id").values_list("batch_id", flat=True).distinct()
    retried = parked = 0
    for batch_id in list(batches):
        with transaction.atomic():
            locked_batch(batch_id, by)
            back = PaymentLine.objects.filter(batch_id=batch_id, state=State.RETURNED)
            resent = back.filter(reason__in=again, attempt__lt=MOST_ATTEMPTS).update(state=State.RETRIED, reason="", changed_on=on)
            given_up = back.filter(reason__in=again).update(state=State.PARKED, reason="too_often", changed_on=on)
            given_up += back.update(state=State.PARKED, changed_on=on)
            audit.record(by, "payment.settle", f"payment_batch:{batch_id}", retried=resent, parked=given_up)
            retried, parked = retried + resent, parked + given_up
    return retried, parked


def collect_returns(*, as_of: date, by: Actor, progress: Progress = lambda _done, _total: None) -> dict[str, int]:
    """Ask the channels what has come back for recent files and those with payments on their way, and take it in. Returns
    counts."""
    found = {"files": 0, "returns": 0, "paid": 0, "returned": 0}
    files = list(_to_ask_about(as_of))
    for done, file in enumerate(files, 1):
        asked = channel(file.channel)
        for content in asked.counterpart.replies(storage.content_of(file.sha256), as_of):
            fingerprint = hashlib.sha256(content).hexdigest()
            row, already = take_return(
                channel_name=file.channel, content=content, file_name=f"{file.number}-{fingerprint[:6]}.{asked.form.suffix}", by=by
            )
            if not already:
                found["returns"] += 1
                found["paid"] += row.paid
                found["returned"] += row.returned
        found["files"] += 1
        progress(done, len(files))
    return found


def _to_ask_about(as_of: date) -> QuerySet[ChannelFile]:
    on_its_way = Exists(PaymentLine.objects.filter(batch=OuterRef("batch"), state=State.SENT, file=OuterRef("pk")))
    recent = Q(sent_on__gte=as_of - LATEST) | Q(on_its_way)
    return ChannelFile.objects.filter(recent, sent_on__lte=as_of).order_by("pk")
