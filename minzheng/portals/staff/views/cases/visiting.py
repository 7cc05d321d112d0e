"""入户调查 of a case: the form, on line; `rounds.py` has it for phones without a connection."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.casework import actions
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.items import Service
from minzheng.kernel.casework.models import Case
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.calendar import CalendarMissing
from minzheng.portals.staff import case_fields
from minzheng.portals.staff.case_words import masker
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.cases.case import found_case, heading, here

SEEN_KINDS = frozenset({"fen", "boolean", "number", "choice"})  # what can be seen at the door without much typing


class CaseVisitForm(forms.Form):
    """What was found at the door."""

    form_token = forms.CharField(label="令牌", widget=forms.HiddenInput, max_length=64, error_messages={"required": "页面不完整，请重新打开这一页"})
    version = forms.IntegerField(label="版本", widget=forms.HiddenInput, error_messages={"required": "页面不完整，请重新打开这一页"})
    visited_on = forms.DateField(label="入户日期", error_messages={"required": "请填写入户日期", "invalid": "日期请写成 2024-05-31"})
    met = forms.CharField(label="见到了谁", max_length=64, error_messages={"required": "请写明见到了谁"})
    with_whom = forms.CharField(label="同行人", max_length=200, required=False)
    findings = forms.CharField(label="看到的情况", max_length=4000, error_messages={"required": "请写明看到的情况"})


@page("cases.visit", "GET", "POST")
def case_visit(request: StaffRequest, case_id: int) -> HttpResponse:
    """The visit form on line."""
    found = found_case(case_id, request.actor)
    seen = here(found, request.actor)
    form = CaseVisitForm(posted(request), initial=initial(found))
    if request.method == "GET" and "visit" not in seen.verbs:
        messages.warning(request, f"办件{seen.standing.title}，现在没有要做的入户调查，或不由您做")
        return redirect("staff:case", case_id=case_id)
    if request.method == "POST" and form.is_valid():
        try:
            record(found, seen.service, form.cleaned_data, request)
        except (CaseError, CalendarMissing) as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{found.number}：入户调查已登记")
            return redirect("staff:case", case_id=case_id)
    fields = seen_fields(seen.service, request)
    context = {
        **heading(seen), "form": form, "fields": fields, "people": people_needed(seen.service),
        "photographs": found.household_id if request.actor.may("documents.add") else None,
    }  # fmt: skip
    return render(request, "staff/cases/visit.html", context, status=422 if form.errors else 200)


def initial(found: Case) -> dict[str, Any]:
    """What an empty form holds: today, the case's version, and a token that makes sending it twice one visit."""
    return {"form_token": uuid.uuid4().hex, "version": found.version, "visited_on": clock.business_date()}


def people_needed(service: Service) -> int:
    """How many must go together."""
    return max((step.people for road in service.version.routes for step in road if step.kind == "visit"), default=1)


def seen_fields(service: Service, request: StaffRequest) -> list[case_fields.FieldView]:
    """The fields of the form that can be confirmed at the door, empty: what the applicant said is not on this page."""
    form = service.version.form
    views = [view for _title, page_ in case_fields.pages(form, {}, request.POST if request.method == "POST" else None, {}) for view in page_]
    return [view for view in views if view.kind in SEEN_KINDS and not masker(form, view.name.removeprefix("f-"))]


def record(found: Case, service: Service, data: dict[str, Any], request: StaffRequest) -> Case:
    """Keep the visit, with what was confirmed at the door. Raises CaseError."""
    form = service.version.form
    told, faults = case_fields.parsed(form, request.POST, {})
    asked = {view.name.removeprefix("f-") for view in seen_fields(service, request)}
    if wrong := {name: reason for name, reason in faults.items() if name in asked}:
        raise CaseError("；".join(f"{form.fields[name]['title']}：{reason}" for name, reason in wrong.items()))
    confirmed = {name: value for name, value in told.items() if name in asked and request.POST.get(f"f-{name}", "").strip()}
    companions = [name.strip() for name in data["with_whom"].replace("，", "、").replace(",", "、").split("、") if name.strip()]
    return actions.record_visit(
        case=found, by=request.actor, visited_on=data["visited_on"], met=data["met"], findings=data["findings"], with_whom=companions,
        confirmed=confirmed, form_token=data["form_token"],
    )  # fmt: skip
