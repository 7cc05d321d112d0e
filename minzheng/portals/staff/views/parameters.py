"""待遇参数: what every amount rests on, and changing it: one person proposes with a source, another confirms."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.benefits import policy, queries
from minzheng.kernel.benefits.actions.parameters import confirm_parameter, propose_parameter, reject_parameter
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import ParameterChange
from minzheng.kernel.benefits.parameters import Name
from minzheng.kernel.foundation import clock
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.parameter_fields import fields_of, read

VALUE = "value"
EVERYTHING = "all"


class ProposeForm(forms.Form):
    """From which month, and by which document."""

    month = forms.CharField(label="从哪个月起", max_length=7, error_messages={"required": "请选择月份"})
    source = forms.CharField(label="依据", max_length=256, error_messages={"required": "请写明依据的文件（文号和条款）"})
    note = forms.CharField(label="说明", max_length=256, required=False)

    def clean_month(self) -> date:
        """The first day of the month."""
        try:
            return date.fromisoformat(f"{self.cleaned_data['month']}-01")
        except ValueError as error:
            raise forms.ValidationError("月份请写成 2024-07") from error


@page("benefits.view")
def benefit_parameters(request: StaffRequest) -> HttpResponse:
    """The parameters on the business date, one sheet at a time; what waits for a second person on top."""
    today, only = clock.business_date(), request.GET.get("only", "")
    sheets = policy.sheets(request.actor, today)
    asked = request.GET.get("scope", "")
    scope = asked if asked == EVERYTHING or any(sheet.scope == asked for sheet in sheets) else sheets[0].scope
    waiting = queries.parameter_changes(request.actor, state=ParameterChange.State.PROPOSED)
    context = {
        "sheets": sheets, "only": only, "scope": scope, "shown": [sheet for sheet in sheets if scope in (sheet.scope, EVERYTHING)], "unverified": sum(sheet.unverified for sheet in sheets),
        "count": sum(len(sheet.entries) for sheet in sheets), "waiting": [_row(change) for change in waiting],
        "done": [_row(change) for change in queries.parameter_changes(request.actor).exclude(state=ParameterChange.State.PROPOSED)[:10]],
    }  # fmt: skip
    return render(request, "staff/parameters/list.html", context)


@page("benefits.view")
def benefit_parameter(request: StaffRequest, scope: str, name: str) -> HttpResponse:
    """One parameter: what holds, what held before, whom it moves."""
    found = _found(scope, name)
    return _parameter(request, found, ProposeForm(initial={"month": f"{clock.business_date():%Y-%m}"}))


@page("parameters.propose", "POST")
def propose(request: StaffRequest, scope: str, name: str) -> HttpResponse:
    """Propose another value, or the same with a source by which it is confirmed."""
    found = _found(scope, name)
    form = ProposeForm(posted(request))
    if form.is_valid():
        try:
            value = read(policy.current(found, form.cleaned_data["month"]).value, VALUE, request.POST.dict())
            change = propose_parameter(
                name=str(found), value=value, valid_from=form.cleaned_data["month"], source=form.cleaned_data["source"],
                note=form.cleaned_data["note"], by=request.actor,
            )  # fmt: skip
        except (BenefitsError, LookupError, ValueError) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "已提出，等另一位有确认权限的人确认后生效")
            return redirect("staff:parameter_change", change_id=change.pk)
    return _parameter(request, found, form, 422)


@page("benefits.view")
def parameter_change(request: StaffRequest, change_id: int) -> HttpResponse:
    """A change: was → is, source, who proposed it and what it moves."""
    return _change(request, _change_of(request, change_id))


@page("parameters.confirm", "POST")
def decide_change(request: StaffRequest, change_id: int) -> HttpResponse:
    """Confirm or turn down; never one's own."""
    change, note = _change_of(request, change_id), request.POST.get("note", "")
    try:
        if request.POST.get("answer") == "confirm":
            confirm_parameter(change=change, by=request.actor, note=note)
            messages.success(request, f"已确认，{change.valid_from:%Y-%m} 起的核算按新值计算")
        else:
            reject_parameter(change=change, by=request.actor, note=note)
            messages.success(request, "已退回，原值不变")
    except BenefitsError as refusal:
        return _change(request, change, str(refusal), note)
    return redirect("staff:benefit_parameters")


def _found(scope: str, name: str) -> Name:
    try:
        return policy.known(f"{scope}.{name}")
    except BenefitsError as missing:
        raise Http404 from missing


def _change_of(request: StaffRequest, change_id: int) -> ParameterChange:
    change = queries.parameter_changes(request.actor).filter(pk=change_id).first()
    if change is None:
        raise Http404
    return change


def _parameter(request: StaffRequest, found: Name, form: ProposeForm, status: int = 200) -> HttpResponse:
    today = clock.business_date()
    entry = policy.current(found, today)
    sent = request.POST.dict() if form.is_bound else None
    context = {
        "name": found, "entry": entry, "form": form, "fields": fields_of(entry.value, VALUE, sent),
        "history": [(value, value.dated == entry.value.dated) for value in reversed(policy.on_file(found))],
        "changes": [_row(change) for change in queries.parameter_changes(request.actor, scope=found.scope, name=found.name)], "programmes": policy.read_by(found),
        "may_propose": request.actor.may("parameters.propose"),
    }  # fmt: skip
    return render(request, "staff/parameters/parameter.html", context, status=status)


def _change(request: StaffRequest, change: ParameterChange, problem: str = "", note: str = "") -> HttpResponse:
    own = change.proposed_by == request.actor.name
    context = {
        **_row(change), "problem": problem, "note": note, "own": own, "programmes": policy.read_by(Name(change.scope, change.name)),
        "may_decide": request.actor.may("parameters.confirm") and not own and change.state == ParameterChange.State.PROPOSED,
    }  # fmt: skip
    return render(request, "staff/parameters/change.html", context, status=422 if problem else 200)


def _row(change: ParameterChange) -> dict[str, Any]:
    """A change in words."""
    value = policy.on_file(Name(change.scope, change.name))[0]
    was = value.in_words(change.before) if change.before is not None else ""
    return {"change": change, "title": value.title, "was": was, "now": value.in_words(change.value), "same": change.before == change.value}
