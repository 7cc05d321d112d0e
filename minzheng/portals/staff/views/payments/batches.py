"""支付批次: the batches of a month with what became of their payments, and what needs doing first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from minzheng.kernel.foundation.jobs.work import JobRefused
from minzheng.kernel.ledger import actions, queries
from minzheng.kernel.ledger.models import PaymentBatch, PaymentLine
from minzheng.kernel.ledger.queries import Total
from minzheng.kernel.ledger.states import OPEN
from minzheng.portals.staff import payment_jobs
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import page_of
from minzheng.portals.staff.views.payments.shown import (
    BATCH_TONES,
    led_by,
    month_of,
    programme_title,
    said,
)

Batch, Line = PaymentBatch.State, PaymentLine.State
PER_PAGE = 30  # more than there are programmes, so that a month is one page
LOOKED_AT = 90  # newest batches that are searched for what waits: about half a year
NONE = Total(0, 0)


@dataclass
class Waiting:
    """One kind of thing to be done: in words, how urgent, how much in all, and in which batches."""

    what: str
    tone: str
    places: list[tuple[PaymentBatch, str, Total, str]] = field(default_factory=list)

    @property
    def total(self) -> Total:
        """All batches together."""
        return Total(sum(place[2].lines for place in self.places), sum(place[2].amount_fen for place in self.places))


@page("benefits.view")
def payment_batches(request: StaffRequest) -> HttpResponse:
    """One month unless another or all are asked for; the newest when none is."""
    asked = {name: request.GET.get(name, "").strip()[:48] for name in ("month", "programme", "state")}
    newest = list(queries.batches(request.actor)[:LOOKED_AT])
    months = sorted({batch.month for batch in newest}, reverse=True)
    month = None if asked["month"] == "all" else month_of(asked["month"]) or (months[0] if months else None)
    state = asked["state"] if asked["state"] in Batch.values else ""
    rows = queries.batches(request.actor, month, asked["programme"], state)
    pages = page_of(request, rows, PER_PAGE)
    totals = queries.totals_of_batches([batch.pk for batch in pages], request.actor)
    shown = [_row(batch, totals.get(batch.pk, {})) for batch in pages]
    context = {
        "said": said(request), "rows": shown, "page_obj": pages, "month": month, "months": months, "all_months": asked["month"] == "all", "programme": asked["programme"],
        "programmes": sorted({(batch.programme, programme_title(batch.programme)) for batch in newest}), "state": state, "states": Batch.choices,
        "sum": _sum(shown), "waiting": _waiting(newest, request), "may_manage": request.actor.may("payments.manage"),
        "filtered": bool(asked["programme"] or state), "returned": any(row["totals"]["returned"].lines for row in shown),
    }  # fmt: skip
    return render(request, "staff/payments/batches.html", context)


@page("payments.manage", "POST")
def collect_payments(request: StaffRequest) -> HttpResponse:
    """Ask the channels what has come back, as the night does: in the demo the stand-ins answer."""
    back = request.POST.get("batch", "")
    batch = queries.batches(request.actor).filter(pk=int(back)).first() if back.isdecimal() and len(back) < 12 else None
    sent = sum(found.lines for found in queries.batches(request.actor, state=Batch.SENT)[:LOOKED_AT])
    try:
        job = payment_jobs.start("collect", request.actor, sent, **({"batch": batch.pk} if batch else {}))
    except JobRefused as refusal:
        messages.warning(request, str(refusal))
        return redirect("staff:payment_batches")

    def refused(failed: Any) -> HttpResponse:
        messages.warning(request, failed.message)
        return redirect("staff:payment_batch", payment_batch_id=batch.pk) if batch else redirect("staff:payment_batches")

    return led_by(job, refused)


@page("payments.manage", "POST")
def settle_payments(request: StaffRequest) -> HttpResponse:
    """See to what came back by the rules: busy channels are tried again, everything else is parked with its reason."""
    try:
        retried, parked = actions.settle_returns(by=request.actor)
    except PaymentBatch.DoesNotExist:
        messages.warning(request, "有退回的批次不全在您的辖区内，不能整批处理：请逐笔办理")
    else:
        messages.success(request, f"退回已处理：待重发 {retried:,} 笔，转暂缓 {parked:,} 笔" if retried + parked else "没有退回待处理的款项")
    return redirect("staff:payment_batches")


def _row(batch: PaymentBatch, totals: dict[str, Total]) -> dict[str, Any]:
    """A batch with its payments by state; those cancelled are not part of what is owed."""
    every = {str(state): totals.get(state, NONE) for state in Line}
    live = [total for state, total in every.items() if state != Line.CANCELLED]
    due = Total(sum(t.lines for t in live), sum(t.amount_fen for t in live))
    waiting = Total(every["planned"].lines + every["retried"].lines, every["planned"].amount_fen + every["retried"].amount_fen)
    title = programme_title(batch.programme)
    share = round(100 * every["paid"].amount_fen / due.amount_fen) if due.amount_fen else 0
    return {
        "batch": batch, "title": title, "more": "" if batch.title.startswith(title) else batch.title, "tone": BATCH_TONES[Batch(batch.state)],
        "totals": {**every, "waiting": waiting}, "due": due, "share": share,
    }  # fmt: skip


def _sum(rows: list[dict[str, Any]]) -> dict[str, Total]:
    """The foot of the table, without what was cancelled."""
    live = [row for row in rows if row["batch"].state != Batch.CANCELLED]

    def over(pick: Any) -> Total:
        return Total(sum(pick(row).lines for row in live), sum(pick(row).amount_fen for row in live))

    names = ("waiting", "sent", "paid", "returned", "parked")
    return {"due": over(lambda row: row["due"]), **{name: over(lambda row, name=name: row["totals"][name]) for name in names}}


def _waiting(newest: list[PaymentBatch], request: StaffRequest) -> list[Waiting]:
    """What to do first, the most pressing kind on top; for whoever approves that is what waits for approval."""
    kinds = {
        "draft": Waiting("待复核", "amber"), "returned": Waiting("退回待处理", "red"), "approved": Waiting("已复核待发", "blue"),
        "retried": Waiting("待重发", "blue"), "parked": Waiting("暂缓，要核实账户", "amber"), "sent": Waiting("渠道还没有应答", ""),
    }  # fmt: skip
    live = {batch.pk: batch for batch in newest if batch.state != Batch.CANCELLED}
    totals = queries.totals_of_batches(live, request.actor, OPEN)
    for batch in sorted(live.values(), key=lambda batch: (batch.month, batch.programme)):
        here, lines = reverse("staff:payment_batch", args=[batch.pk]), reverse("staff:payment_lines", args=[batch.pk])
        at = {str(state): totals.get(batch.pk, {}).get(state, NONE) for state in OPEN}
        unsent = Total(at["planned"].lines + at["retried"].lines, at["planned"].amount_fen + at["retried"].amount_fen)
        waits = {"draft": (unsent, here)} if batch.state == Batch.DRAFT else {
            "returned": (at["returned"], f"{lines}?state=returned"), "approved" if batch.state == Batch.APPROVED else "retried": (unsent, here),
            "sent": (at["sent"], f"{lines}?state=sent"),
        }  # fmt: skip
        waits["parked"] = at["parked"], f"{lines}?state=parked"
        for kind, (total, url) in waits.items():
            if total.lines:
                kinds[kind].places.append((batch, programme_title(batch.programme), total, url))
    order = list(kinds.values()) if request.actor.may("benefits.approve") else [kinds["returned"], *(one for kind, one in kinds.items() if kind != "returned")]
    return [one for one in order if one.places]
