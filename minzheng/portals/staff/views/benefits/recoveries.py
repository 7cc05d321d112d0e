"""追回建议: money that was paid and, as known now, was not due. A person decides whether it is claimed back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.benefits import queries
from minzheng.kernel.benefits.actions import book_recovery, decide_recovery
from minzheng.kernel.benefits.actions.recovering import booked_fen, key_of
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Recovery
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.ledger.queries import claims_by_key
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import page_of
from minzheng.portals.staff.views.benefits.shown import cause_text, subjects, title_of

ANSWERS = [("claim", "决定追回"), ("waive", "不予追回")]


class RecoveryForm(forms.Form):
    """Claim or waive, and why."""

    answer = forms.ChoiceField(label="决定", choices=ANSWERS, widget=forms.RadioSelect, error_messages={"required": "请选择决定"})
    reasons = forms.CharField(label="理由", max_length=512, error_messages={"required": "请写明理由"})


@page("benefits.view")
def benefit_recoveries(request: StaffRequest) -> HttpResponse:
    """Proposals by state, oldest first."""
    asked = request.GET.get("state", Recovery.State.PROPOSED)
    state = asked if asked in Recovery.State.values else Recovery.State.PROPOSED
    pages = page_of(request, queries.recoveries(request.actor, state))
    listed = list(pages)
    rows = list(zip(map(_row, listed), subjects(listed, request.actor), strict=True))
    tabs = [(name, title, queries.recoveries(request.actor, name).count()) for name, title in Recovery.State.choices]
    return render(request, "staff/benefits/recoveries.html", {"rows": rows, "page_obj": pages, "tabs": tabs, "state": state})


@page("benefits.view")
def benefit_recovery(request: StaffRequest, recovery_id: int) -> HttpResponse:
    """One proposal and its evidence."""
    return _shown(request, _recovery(recovery_id, request), RecoveryForm())


@page("benefits.review", "POST")
def decide_benefit_recovery(request: StaffRequest, recovery_id: int) -> HttpResponse:
    """Claim the money back or waive it."""
    recovery, form = _recovery(recovery_id, request), RecoveryForm(posted(request))
    if form.is_valid():
        try:
            done = decide_recovery(
                recovery=recovery, claim=form.cleaned_data["answer"] == "claim", reasons=form.cleaned_data["reasons"], by=request.actor
            )
        except BenefitsError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已处理：{done.get_state_display()}")
            return redirect("staff:benefit_recoveries")
    return _shown(request, recovery, form)


@page("payments.manage", "POST")
def book_benefit_recovery(request: StaffRequest, recovery_id: int) -> HttpResponse:
    """Claim what was confirmed from the payments that have arrived."""
    recovery = _recovery(recovery_id, request)
    try:
        new = book_recovery(recovery=recovery, by=request.actor)
    except BenefitsError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, f"已立账 {yuan(new)}" if new else "没有可以立账的：这个月的款项还没有付讫，或已立过账")
    return redirect("staff:benefit_recovery", recovery_id=recovery.pk)


def _recovery(recovery_id: int, request: StaffRequest) -> Recovery:
    found = queries.recoveries(request.actor).filter(pk=recovery_id).first()
    if found is None:
        raise Http404
    return found


def _shown(request: StaffRequest, recovery: Recovery, form: RecoveryForm) -> HttpResponse:
    may = request.actor.may("benefits.review") and recovery.state == Recovery.State.PROPOSED
    rows: list[Any] = list(claims_by_key(key_of(recovery), request.actor))  # with the sums that the query adds
    claims = [
        {"line": line, "claimed": line.claimed_fen, "repaid": line.repaid_fen, "written_off": line.written_off_fen,
         "left": line.claimed_fen - line.repaid_fen - line.written_off_fen}
        for line in rows
    ]  # fmt: skip
    booked = booked_fen(recovery)
    context = {
        **_row(recovery), "subject": subjects([recovery], request.actor)[0], "form": form, "may_decide": may, "claims": claims, "booked": booked,
        "unbooked": recovery.amount_fen - booked if recovery.state == Recovery.State.CONFIRMED else 0, "may_book": request.actor.may("payments.manage"),
    }  # fmt: skip
    return render(request, "staff/benefits/recovery.html", context, status=422 if form.errors else 200)


def _row(recovery: Recovery) -> dict[str, Any]:
    return {"recovery": recovery, "title": title_of(recovery.programme), "why": cause_text(recovery.cause)}
