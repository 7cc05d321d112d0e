"""One batch of payments: what became of it, its files, and the verbs done to the whole of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.jobs.work import JobRefused
from minzheng.kernel.ledger import actions, queries
from minzheng.kernel.ledger.channels import titles
from minzheng.kernel.ledger.districts import district_names
from minzheng.kernel.ledger.errors import LedgerError
from minzheng.kernel.ledger.models import PaymentBatch, PaymentLine
from minzheng.kernel.ledger.queries import Part, Total
from minzheng.kernel.ledger.reasons import REASONS, title_of
from minzheng.kernel.ledger.splitting import LEVELS, split
from minzheng.portals.staff import payment_jobs
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.payments.shown import (
    BATCH_TONES,
    LINE_TONES,
    batch_of,
    channel_title,
    led_by,
    programme_title,
    said,
)

State, Line = PaymentBatch.State, PaymentLine.State


@page("benefits.view")
def payment_batch(request: StaffRequest, payment_batch_id: int) -> HttpResponse:
    """What became of the payments, by state, reason and channel; each count leads to its lines."""
    return shown(request, batch_of(request, payment_batch_id))


@page("benefits.approve", "POST")
def approve_payment_batch(request: StaffRequest, payment_batch_id: int) -> HttpResponse:
    """Release it, as the second person; the funds are reserved."""
    batch = batch_of(request, payment_batch_id)
    return _done(request, batch, lambda: actions.approve_batch(batch_id=batch.pk, by=request.actor), "已复核，资金已按各级负担比例计提")


@page("payments.manage", "POST")
def cancel_payment_batch(request: StaffRequest, payment_batch_id: int) -> HttpResponse:
    """Take it back before anything is sent."""
    batch, reason = batch_of(request, payment_batch_id), request.POST.get("reason", "")[:256]
    return _done(request, batch, lambda: actions.cancel_batch(batch_id=batch.pk, reason=reason, by=request.actor), "已撤销，计提的资金已退回")


@page("payments.manage", "POST")
def send_payment_batch(request: StaffRequest, payment_batch_id: int) -> HttpResponse:
    """Write the channels' files for whatever waits to be sent; a large batch is a worker's business."""
    batch = batch_of(request, payment_batch_id)
    waiting = queries.totals_of_batches([batch.pk], request.actor, (Line.PLANNED, Line.RETRIED)).get(batch.pk, {})
    try:
        job = payment_jobs.start("send", request.actor, sum(total.lines for total in waiting.values()), batch=batch.pk)
    except JobRefused as refusal:
        return shown(request, batch, str(refusal))
    return led_by(job, lambda failed: shown(request, batch, failed.message))


def shown(request: StaffRequest, batch: PaymentBatch, problem: str = "", faults: tuple[tuple[str, str], ...] = ()) -> HttpResponse:
    """The page of a batch; with what was refused on top. Files and funds are told to whoever has the whole batch in charge."""
    actor = request.actor
    batch.refresh_from_db()
    parts, whole = queries.parts(batch.pk, actor), actor.covers(batch.division_code)
    live = [part for part in parts if part.state != Line.CANCELLED]
    files = list(queries.files(batch.pk, actor)) if whole else []
    waiting = _sum(part for part in live if part.state in (Line.PLANNED, Line.RETRIED))
    manages, own = actor.may("payments.manage") and whole, batch.created_by == actor.name
    context = {
        "batch": batch, "title": programme_title(batch.programme), "tone": BATCH_TONES[State(batch.state)], "due": _sum(live), "waiting": waiting,
        "states": _groups(parts, Line.values, lambda part: part.state, lambda state: Line(state).label), "tones": LINE_TONES,
        "reasons": [(row, REASONS[row["key"]].again if row["key"] in REASONS else False) for row in _groups(live, REASONS, lambda part: part.reason, title_of)],
        "channels": _by_channel(live), "districts": _by_district(live), "bearing": _bearing(batch, live) if whole else [],
        "files": [(file, channel_title(file.channel)) for file in files], "whole": whole,
        "returns": list(queries.return_files(batch.pk, actor)) if whole else [],
        "answering": list(dict.fromkeys((file.channel, channel_title(file.channel)) for file in files)),
        "said": said(request), "problem": problem, "faults": faults, "own": own, "simulated": settings.SYNTHETIC,
        "may_approve": actor.may("benefits.approve") and whole and batch.state == State.DRAFT and not own,
        "may_send": manages and batch.state in (State.APPROVED, State.SENT) and waiting.lines,
        "may_cancel": manages and batch.state in (State.DRAFT, State.APPROVED), "may_manage": manages,
    }  # fmt: skip
    return render(request, "staff/payments/batch.html", context, status=422 if problem else 200)


def _done(request: StaffRequest, batch: PaymentBatch, verb: Callable[[], object], words: str) -> HttpResponse:
    try:
        verb()
    except LedgerError as refusal:
        return shown(request, batch, str(refusal))
    except PaymentBatch.DoesNotExist:
        return shown(request, batch, "这个批次不全在您的辖区内，整批的事由管辖全部地方的人办理")
    messages.success(request, words)
    return redirect("staff:payment_batch", payment_batch_id=batch.pk)


def _sum(parts: Iterable[Part]) -> Total:
    found = list(parts)
    return Total(sum(part.lines for part in found), sum(part.amount_fen for part in found))


def _groups(parts: list[Part], order: Iterable[str], by: Callable[[Part], str], label: Callable[[str], str]) -> list[dict[str, Any]]:
    """Sums by what `by` tells, in the given order, what there is none of left out."""
    found = {key: _sum(part for part in parts if by(part) == key) for key in [*order, *sorted({by(p) for p in parts} - set(order))]}
    return [{"key": key, "label": label(key), "total": total} for key, total in found.items() if key and total.lines]


def _by_channel(live: list[Part]) -> list[dict[str, Any]]:
    """Each channel with what is paid, on its way, and come to nothing."""
    rows = _groups(live, titles(), lambda part: part.channel, channel_title)
    for row in rows:
        mine = [part for part in live if part.channel == row["key"]]
        for name, states in {"paid": (Line.PAID,), "sent": (Line.SENT,), "stuck": (Line.RETURNED, Line.PARKED)}.items():
            row[name] = _sum(part for part in mine if part.state in states)
    return rows


def _by_district(live: list[Part]) -> list[dict[str, Any]]:
    names = district_names(clock.business_date())
    rows = _groups(live, [], lambda part: part.district, lambda slug: names.get(slug, slug))
    for row in rows:
        row["paid"] = _sum(part for part in live if part.district == row["key"] and part.state == Line.PAID)
    return rows


def _bearing(batch: PaymentBatch, live: list[Part]) -> list[tuple[str, int]]:
    """(level, 分): who bears what is paid, district by district to the 分."""
    needed: defaultdict[str, int] = defaultdict(int)
    for part in live:
        needed[part.district] += part.amount_fen
    found: defaultdict[str, int] = defaultdict(int)
    for district, amount in needed.items():
        for level, share in split(amount, batch.shares.get(district) or batch.shares[""]).items():
            found[level] += share
    return [(title, found[level]) for level, title in LEVELS.items() if found[level]]
