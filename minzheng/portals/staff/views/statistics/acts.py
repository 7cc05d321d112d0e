"""Preparing a month, confirming or returning it, proposing a correction."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from minzheng.kernel.foundation.access import Forbidden
from minzheng.kernel.foundation.money import fen
from minzheng.kernel.indicators.errors import PlanError
from minzheng.kernel.indicators.statistics import actions, queries
from minzheng.kernel.indicators.statistics.actions import Correction
from minzheng.kernel.indicators.statistics.figures import BY_NAME
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.statistics.pages import month_page
from minzheng.portals.staff.views.statistics.shown import month_of


@page("statistics.prepare", "POST")
def statistics_prepare(request: StaffRequest, statistics_month: str) -> HttpResponse:
    """Count the month anew and hand it to a second person."""
    try:
        table = actions.prepare_month(month=month_of(statistics_month), by=request.actor)
    except (PlanError, Forbidden) as refusal:
        messages.warning(request, str(refusal))
        return redirect("staff:statistics")
    messages.success(request, f"{table.month:%Y-%m} 月报已编制，等待另一人确认")
    return redirect("staff:statistics_month", statistics_month)


@page("statistics.confirm", "POST")
def statistics_decide(request: StaffRequest, statistics_month: str) -> HttpResponse:
    """The second person's yes or no about the revision that waits."""
    month, sent = month_of(statistics_month), request.POST
    waiting = next((line.waits or line.holds for line in queries.months(request.actor) if line.month == month), None)
    if waiting is None:
        messages.warning(request, "这个月还没有月报")
        return redirect("staff:statistics")
    version = int(sent["version"]) if sent.get("version", "").isascii() and sent.get("version", "").isdigit() else None
    try:
        if sent.get("verb") == "return":
            left = actions.return_month(table=waiting, by=request.actor, because=sent.get("because", ""), expected_version=version)
            messages.success(request, "已退回编制人" if left else "更正已退回，已锁定的报表没有变")
        else:
            done = actions.confirm_month(table=waiting, by=request.actor, note=sent.get("note", ""), expected_version=version)
            messages.success(request, f"{done.month:%Y-%m} 月报第 {done.revision} 版已确认并锁定")
    except (PlanError, Forbidden) as refusal:
        return month_page(request, statistics_month, str(refusal), sent.dict())
    return redirect("staff:statistics_month", statistics_month)


@page("statistics.prepare", "POST")
def statistics_correct(request: StaffRequest, statistics_month: str) -> HttpResponse:
    """Propose the next revision of a locked month: one figure of a town, or what rows say now."""
    sent = request.POST
    try:
        figures = None if sent.get("how") != "figure" else [_correction(sent.dict())]
        table = actions.correct_month(month=month_of(statistics_month), reason=sent.get("reason", ""), by=request.actor, figures=figures)
    except (PlanError, LookupError, Forbidden) as refusal:
        return month_page(request, statistics_month, str(refusal), sent.dict())
    messages.success(request, f"更正（第 {table.revision} 版）已提出，等待另一人确认；已锁定的报表没有变")
    return redirect(f"/statistics/{statistics_month}/?revision={table.revision}")


def _correction(sent: dict[str, str]) -> Correction:
    figure, text = sent.get("figure", ""), sent.get("now", "").strip().replace(",", "").removeprefix("¥")
    if figure not in BY_NAME:
        raise LookupError("请选择要更正哪一栏")
    try:
        number = fen(Decimal(text)) if BY_NAME[figure].unit == "fen" else int(text)
    except (InvalidOperation, ValueError) as wrong:
        raise PlanError("更正后的数请写成数字") from wrong
    return Correction(sent.get("programme", ""), sent.get("place", ""), figure, number)
