"""叠加规则: which benefits go together, as one table with sources; and confirming a row: one names the document, another agrees."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from minzheng.kernel.benefits import queries
from minzheng.kernel.benefits.actions import confirm_exclusion, propose_exclusion, reject_exclusion
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.exclusions import HOW, Row, matrix
from minzheng.kernel.benefits.exclusions_now import matrix_now
from minzheng.kernel.benefits.models import ExclusionChange
from minzheng.kernel.benefits.months import titles
from minzheng.kernel.foundation import clock
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page

TONES = {"both": "green", "higher": "blue", "a_excludes_b": "red", "suspended": "amber"}
BY = {"person": "同一人", "household": "同一户"}


@page("benefits.view")
def exclusion_matrix(request: StaffRequest) -> HttpResponse:
    """Every row, in the order in which they are applied; rows not in force today are marked."""
    today, asked, table = clock.business_date(), request.GET.get("of", ""), matrix_now()
    named = {name: title for name, title in titles().items() if any(name in (row.a, row.b) for row in table.rows)}
    chosen = asked if asked in named else ""
    rows = [row for row in table.rows if chosen in ("", row.a, row.b)]
    waiting = set(queries.exclusion_changes(request.actor, state=ExclusionChange.State.PROPOSED).values_list("row", flat=True))
    context = {
        "rows": [{**_row(row, named), "holds": row.holds(today), "waits": row.name in waiting} for row in rows],
        "named": sorted(named.items(), key=lambda pair: pair[1]), "chosen": chosen, "unverified": sum(row.status == "unverified" for row in rows),
        "waiting": len(waiting), "counts": [(HOW[how], TONES[how], sum(row.rule == how for row in rows)) for how in HOW],
    }  # fmt: skip
    return render(request, "staff/benefits/exclusions.html", context)


@page("benefits.view")
def exclusion_row(request: StaffRequest) -> HttpResponse:
    """One row: what it says, by which document, who confirmed it."""
    return _shown(request, request.GET.get("row", ""))


@page("parameters.propose", "POST")
def propose_exclusion_row(request: StaffRequest) -> HttpResponse:
    """Name the document by which a row is confirmed."""
    row = request.POST.get("row", "")
    try:
        propose_exclusion(row=row, source=request.POST.get("source", ""), note=request.POST.get("note", ""), by=request.actor)
    except BenefitsError as refusal:
        return _shown(request, row, str(refusal))
    messages.success(request, "已提出，等另一位有确认权限的人确认")
    return redirect(_address(row))


@page("parameters.confirm", "POST")
def decide_exclusion_row(request: StaffRequest) -> HttpResponse:
    """Confirm or turn down what waits for a row; never one's own."""
    row, note = request.POST.get("row", ""), request.POST.get("note", "")
    change = queries.exclusion_changes(request.actor, row=row, state=ExclusionChange.State.PROPOSED).first()
    try:
        if change is None:
            raise BenefitsError("没有等待确认的核实")
        if request.POST.get("answer") == "confirm":
            confirm_exclusion(change=change, by=request.actor, note=note)
            messages.success(request, "已核实，以后的核算按已核实处理；已核算未审批的批次须重新核算")
        else:
            reject_exclusion(change=change, by=request.actor, note=note)
            messages.success(request, "已退回，仍为未核实")
    except BenefitsError as refusal:
        return _shown(request, row, str(refusal))
    return redirect(_address(row))


def _address(row: str) -> str:
    return f"{reverse('staff:exclusion_row')}?{urlencode({'row': row})}"


def _shown(request: StaffRequest, name: str, problem: str = "") -> HttpResponse:
    found = matrix_now().named(name)
    if found is None:
        if problem:
            messages.warning(request, problem)
        return redirect("staff:exclusion_matrix")
    changes = list(queries.exclusion_changes(request.actor, row=name))
    waiting = next((change for change in changes if change.state == ExclusionChange.State.PROPOSED), None)
    context = {
        **_row(found, titles()), "changes": changes, "waiting": waiting, "problem": problem, "source": request.POST.get("source", ""),
        "own": waiting is not None and waiting.proposed_by == request.actor.name, "may_decide": request.actor.may("parameters.confirm"),
        "may_propose": request.actor.may("parameters.propose") and waiting is None,
    }  # fmt: skip
    return render(request, "staff/benefits/exclusion_row.html", context, status=422 if problem else 200)


def _row(row: Row, named: dict[str, str]) -> dict[str, Any]:
    return {
        "row": row, "a": named.get(row.a, row.a), "b": named.get(row.b, row.b), "how": HOW[row.rule], "tone": TONES[row.rule], "by": BY[row.by],
        "fact": row.a in matrix().facts,
    }  # fmt: skip
