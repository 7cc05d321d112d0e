"""Payments in words, and what the pages about them share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.foundation.jobs import queries as jobs
from minzheng.kernel.foundation.models import Job
from minzheng.kernel.foundation.money import fen
from minzheng.kernel.ledger import queries
from minzheng.kernel.ledger.channels import titles
from minzheng.kernel.ledger.errors import LedgerError
from minzheng.kernel.ledger.models import PaymentBatch, PaymentLine
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.payment_jobs import KIND

Batch, Line = PaymentBatch.State, PaymentLine.State
BATCH_TONES = {Batch.DRAFT: "amber", Batch.APPROVED: "blue", Batch.SENT: "green", Batch.CANCELLED: "line"}
LINE_TONES = {Line.PLANNED: "", Line.SENT: "blue", Line.PAID: "green", Line.RETURNED: "red", Line.RETRIED: "amber", Line.PARKED: "amber", Line.CANCELLED: "line"}
PURPOSES = {"regular": "当月", "backpay": "补发", "recovery": "追回"}


def programme_title(name: str) -> str:
    """The programme's title; one that is no longer installed gives its name."""
    known = programmes().get(name)
    return known.title if known else name


def channel_title(name: str) -> str:
    """The channel's title."""
    return titles().get(name, name)


def purpose_title(purpose: str) -> str:
    """'补发 2024-03' for 'backpay:2024-03'."""
    kind, _, month = purpose.partition(":")
    return f"{PURPOSES.get(kind, kind)} {month}".strip()


def month_of(text: str) -> date | None:
    """The first day of '2024-06'; None for what is no month."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def fen_of(text: str) -> int:
    """An amount as typed → 分. Raises LedgerError in words."""
    plain = text.strip().replace(",", "").replace("，", "").removeprefix("¥")
    try:
        amount = fen(plain)
    except ValueError as error:
        raise LedgerError(f"“{text[:20]}”不是金额：请写成 1234.50") from error
    if len(plain.partition(".")[2]) > 2:
        raise LedgerError("金额最多到分（两位小数）")
    return amount


def batch_of(request: StaffRequest, payment_batch_id: int) -> PaymentBatch:
    """The batch; a missing page when nobody of the jurisdiction is on it."""
    try:
        return queries.batch(payment_batch_id, request.actor)
    except PaymentBatch.DoesNotExist as missing:
        raise Http404 from missing


def line_of(request: StaffRequest, payment_line_id: int) -> queries.LineRow:
    """The payment, masked; a missing page outside the jurisdiction."""
    try:
        return queries.line(payment_line_id, request.actor)
    except PaymentLine.DoesNotExist as missing:
        raise Http404 from missing


def led_by(job: Job, refused: Callable[[Job], HttpResponse]) -> HttpResponse:
    """Where a piece of work leads: to what came of it, to its progress, or back with the reason."""
    if job.state == Job.State.FAILED:
        return refused(job)
    if job.state == Job.State.DONE:
        return redirect(address(job))
    return redirect("staff:payment_job", job_id=job.pk)


def address(job: Job) -> str:
    """The page on which what came of a piece of work is seen. The job's number, and no message of the session, tells it what
    to say: whoever watches the progress asks for the page once before the browser does."""
    kind, _, number = job.subject.partition(":")
    if kind == "payment_batch":
        return f"{reverse('staff:payment_batch', args=[number])}?job={job.pk}"
    if kind == "payment_month":
        return f"{reverse('staff:payment_statement')}?month={number}&job={job.pk}"
    return f"{reverse('staff:payment_batches')}?job={job.pk}"


def said(request: StaffRequest) -> str:
    """What came of the piece of work of one's own that the address names."""
    number = request.GET.get("job", "")
    job = jobs.job(int(number), request.actor) if number.isdecimal() and len(number) < 18 else None
    return job.message if job and job.kind == KIND and job.state == Job.State.DONE else ""
