"""Payments of a batch as a list: filtered, chosen, and done to in bulk what may be done in bulk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.ledger import actions, queries
from minzheng.kernel.ledger.channels import titles
from minzheng.kernel.ledger.errors import LedgerError
from minzheng.kernel.ledger.models import PaymentBatch, PaymentLine
from minzheng.kernel.ledger.reasons import REASONS
from minzheng.kernel.ledger.states import LAWFUL
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import PER_PAGE, Slices, page_of
from minzheng.portals.staff.places import relative_names
from minzheng.portals.staff.views.payments.shown import (
    LINE_TONES,
    batch_of,
    channel_title,
    programme_title,
    purpose_title,
)

State = PaymentLine.State
MOST_AT_ONCE = 2_000  # each leaves an audit entry of its own
IN_BULK = ("retry", "park", "cancel")


@dataclass(frozen=True)
class Filters:
    """What an address asks for; the empty text asks for nothing."""

    state: str = ""
    reason: str = ""
    channel: str = ""
    division: str = ""

    @classmethod
    def of(cls, address: QueryDict) -> Filters:
        """The filters in an address; a state, reason or channel that there is not is left aside."""
        known = {"state": set(State.values), "reason": set(REASONS), "channel": set(titles())}
        given = {name: address.get(name, "").strip()[:32] for name in cls.__dataclass_fields__}
        return cls(**{name: value for name, value in given.items() if name not in known or value in known[name]})

    def rows(self, actor: Actor, batch_id: int) -> QuerySet[PaymentLine]:
        """The payments of a batch under these filters; none for a place that is no place."""
        place = {"division" if self.division.isdigit() else "district": self.division}
        try:
            return queries.lines(actor, batch_id, self.state, self.reason, self.channel, **place)
        except ValueError:
            return queries.lines(actor, batch_id).none()

    def address(self) -> str:
        """These filters as the query of an address."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


@page("benefits.view")
def payment_lines(request: StaffRequest, payment_batch_id: int) -> HttpResponse:
    """The payments of the jurisdiction, names and accounts masked."""
    return _list(request, batch_of(request, payment_batch_id), Filters.of(request.GET))


@page("payments.manage", "POST")
def act_on_payment_lines(request: StaffRequest, payment_batch_id: int) -> HttpResponse:
    """Send again, park or cancel those that were chosen, or all that the filters let through; all of them or none."""
    batch, filters = batch_of(request, payment_batch_id), Filters.of(QueryDict(request.POST.get("query", "")))
    verb = request.POST.get("verb", "")
    if verb not in IN_BULK:
        return _list(request, batch, filters, "请选择要办的事：重发、暂缓或撤销")
    try:
        ids = _chosen(request, batch, filters, verb)
        count = _verb(request, verb, ids)
    except LedgerError as refusal:
        return _list(request, batch, filters, str(refusal))
    messages.success(request, f"已{WORDS[verb]} {count:,} 笔")
    return redirect(_address(batch, filters))


WORDS = {"retry": "转待重发", "park": "暂缓", "cancel": "撤销"}


def _verb(request: StaffRequest, verb: str, ids: list[int]) -> int:
    note = request.POST.get("note", "").strip()[:256]
    verbs: dict[str, Callable[[], int]] = {
        "retry": lambda: actions.retry_lines(line_ids=ids, by=request.actor),
        "park": lambda: actions.park_lines(line_ids=ids, reason=request.POST.get("reason", "") or "by_hand", note=note, by=request.actor),
        "cancel": lambda: actions.cancel_lines(line_ids=ids, reason=note, by=request.actor),
    }
    return verbs[verb]()


def _chosen(request: StaffRequest, batch: PaymentBatch, filters: Filters, verb: str) -> list[int]:
    """The payments that were ticked, or all under the filters to which the verb may be done."""
    if request.POST.get("all"):
        allowed = filters.rows(request.actor, batch.pk).filter(state__in=LAWFUL[verb][0])
        if verb == "retry":
            allowed = allowed.filter(reason__in=[code for code, reason in REASONS.items() if reason.again])
        ids = list(allowed.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    else:
        ids = [int(text) for text in request.POST.getlist("line") if text.isdecimal() and len(text) < 18]
    if not ids:
        raise LedgerError("没有选中可以这样办的款项：请先勾选，或放宽筛选条件")
    if len(ids) > MOST_AT_ONCE:
        raise LedgerError(f"一次至多办理 {MOST_AT_ONCE:,} 笔：请用镇街、渠道等条件分几次办")
    return ids


def _list(request: StaffRequest, batch: PaymentBatch, filters: Filters, problem: str = "") -> HttpResponse:
    actor, rows = request.actor, filters.rows(request.actor, batch.pk)
    pages = page_of(request, Slices(lambda start, stop: queries.shown(rows, start, stop - start)), PER_PAGE, rows.count())
    manages = actor.may("payments.manage")
    lines = list(pages)
    names = relative_names({line.division_code for line in lines}, actor)
    context = {
        "batch": batch, "title": programme_title(batch.programme), "page_obj": pages, "filters": filters, "problem": problem,
        "rows": [row(line, names[line.division_code]) for line in lines], "states": State.choices, "channels": titles().items(),
        "reasons": [(code, reason.title) for code, reason in REASONS.items()], "filtered": any(asdict(filters).values()),
        "may_manage": manages, "query": filters.address(), "chosen": request.POST.getlist("line"), "note": request.POST.get("note", ""),
        "may_retry": filters.state in ("", State.RETURNED), "may_park": filters.state in ("", *LAWFUL["park"][0]),
        "may_cancel": filters.state in ("", *LAWFUL["cancel"][0]),
    }  # fmt: skip
    return render(request, "staff/payments/lines.html", context, status=422 if problem else 200)


def row(line: queries.LineRow, place: str) -> dict[str, Any]:
    """A payment in a list."""
    return {"line": line, "place": place, "tone": LINE_TONES[State(line.state)], "channel": channel_title(line.channel),
            "programme": programme_title(line.programme), "purpose": purpose_title(line.purpose),
            "may_choose": line.state in (State.PLANNED, State.RETURNED, State.RETRIED, State.PARKED)}  # fmt: skip


def _address(batch: PaymentBatch, filters: Filters) -> str:
    return f"{reverse('staff:payment_lines', args=[batch.pk])}?{filters.address()}"
