"""追回建议: money that was paid and, as known now, was not due. A person decides whether it is claimed back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.benefits import queries
from minzheng.kernel.benefits.actions import decide_recovery
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Recovery
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


def _recovery(recovery_id: int, request: StaffRequest) -> Recovery:
    found = queries.recoveries(request.actor).filter(pk=recovery_id).first()
    if found is None:
        raise Http404
    return found


def _shown(request: StaffRequest, recovery: Recovery, form: RecoveryForm) -> HttpResponse:
    may = request.actor.may("benefits.review") and recovery.state == Recovery.State.PROPOSED
    context = {**_row(recovery), "subject": subjects([recovery], request.actor)[0], "form": form, "may_decide": may}
    return render(request, "staff/benefits/recovery.html", context, status=422 if form.errors else 200)


def _row(recovery: Recovery) -> dict[str, Any]:
    return {"recovery": recovery, "title": title_of(recovery.programme), "why": cause_text(recovery.cause)}
