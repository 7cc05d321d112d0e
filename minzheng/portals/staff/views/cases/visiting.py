"""入户调查 on a phone: the list of visits works without a connection and is sent later; the ordinary form works everywhere.

What lies on the phone: the page of the list (masked names, villages, items, dates) and what was typed, in the clear, until it was sent
or one signs out, whichever comes first. No number, address or answer of the applicant is on that page.
"""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse

from minzheng.kernel.casework import actions, queries, reading
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.items import Service
from minzheng.kernel.casework.models import Case
from minzheng.kernel.casework.verbs import VERBS
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.calendar import CalendarMissing
from minzheng.portals.staff import case_fields, context
from minzheng.portals.staff.case_rows import rows
from minzheng.portals.staff.case_words import masker
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.cases.case import found_case, heading, here

MOST = 40  # visits on one phone
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
    form = CaseVisitForm(posted(request), initial=_initial(found))
    if request.method == "GET" and "visit" not in seen.verbs:
        messages.warning(request, f"办件{seen.standing.title}，现在没有要做的入户调查，或不由您做")
        return redirect("staff:case", case_id=case_id)
    if request.method == "POST" and form.is_valid():
        try:
            _record(found, seen.service, form.cleaned_data, request)
        except (CaseError, CalendarMissing) as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{found.number}：入户调查已登记")
            return redirect("staff:case", case_id=case_id)
    fields = _seen_fields(seen.service, request)
    return render(request, "staff/cases/visit.html", {**heading(seen), "form": form, "fields": fields, "people": _people(seen.service)}, status=422 if form.errors else 200)


@page("cases.visit")
def case_visits(request: StaffRequest) -> HttpResponse:
    """The visits that wait for the reader, each with its form: the page that works off-line."""
    actor = request.actor
    waiting = [case for case in queries.cases(actor, state="under_way")[: 2 * MOST] if "visit" in queries.verbs(case, actor)][:MOST]
    services = {case.pk: reading.service_of(case) for case in waiting}
    shown = [
        {"row": row, "form": CaseVisitForm(initial=_initial(row.case), auto_id=f"id_{row.case.pk}_%s"), "people": _people(services[row.case.pk]),
         "fields": _seen_fields(services[row.case.pk], request), "send": reverse("staff:case_visit_send", args=[row.case.pk])}
        for row in rows(waiting, actor)
    ]  # fmt: skip
    return render(request, "staff/cases/visits.html", {"visits": shown, "who": request.user.pk})


@page("cases.visit", "POST")
def case_visit_send(request: StaffRequest, case_id: int) -> HttpResponse:
    """A visit that was filled in off-line, as JSON: kept, or why not. Sent twice it is one visit."""
    found = found_case(case_id, request.actor)
    form = CaseVisitForm(request.POST)
    if not form.is_valid():
        words = "；".join(f"{form.fields[name].label or name}：{errors[0]}" for name, errors in form.errors.items())
        return JsonResponse({"done": False, "words": words}, status=422)
    try:
        _record(found, reading.service_of(found), form.cleaned_data, request)
    except (CaseError, CalendarMissing) as refused:
        return JsonResponse({"done": False, "words": _conflict(found, form.cleaned_data["version"], str(refused), request)}, status=422)
    return JsonResponse({"done": True, "words": f"{found.number}：入户调查已登记"})


@page("cases.visit")
def case_visits_script(request: StaffRequest) -> HttpResponse:
    """The service worker. It stands under /visits/, so that it governs these pages and no others."""
    script = render(request, "staff/cases/visits_worker.js", {"assets": _assets(), "page": reverse("staff:case_visits")}, content_type="text/javascript")
    script["Service-Worker-Allowed"] = reverse("staff:case_visits")
    return script


@page("cases.visit")
def case_visits_manifest(request: StaffRequest) -> HttpResponse:
    """What makes the visits an application on the phone."""
    icon = {"src": static("staff/icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    start = reverse("staff:case_visits")
    found = {
        "name": "民政云 入户", "short_name": "入户", "lang": "zh-Hans", "start_url": start, "scope": start, "display": "standalone",
        "background_color": "#ffffff", "theme_color": "#2f5da8", "icons": [icon],
    }  # fmt: skip
    return JsonResponse(found, content_type="application/manifest+json")


def _initial(found: Case) -> dict[str, Any]:
    return {"form_token": uuid.uuid4().hex, "version": found.version, "visited_on": clock.business_date()}


def _people(service: Service) -> int:
    """How many must go together."""
    return max((step.people for road in service.version.routes for step in road if step.kind == "visit"), default=1)


def _seen_fields(service: Service, request: StaffRequest) -> list[case_fields.FieldView]:
    """The fields of the form that can be confirmed at the door, empty: what the applicant said is not on this page."""
    form = service.version.form
    views = [view for _title, page_ in case_fields.pages(form, {}, request.POST if request.method == "POST" else None, {}) for view in page_]
    return [view for view in views if view.kind in SEEN_KINDS and not masker(form, view.name.removeprefix("f-"))]


def _record(found: Case, service: Service, data: dict[str, Any], request: StaffRequest) -> Case:
    form = service.version.form
    told, faults = case_fields.parsed(form, request.POST, {})
    asked = {view.name.removeprefix("f-") for view in _seen_fields(service, request)}
    if wrong := {name: reason for name, reason in faults.items() if name in asked}:
        raise CaseError("；".join(f"{form.fields[name]['title']}：{reason}" for name, reason in wrong.items()))
    confirmed = {name: value for name, value in told.items() if name in asked and request.POST.get(f"f-{name}", "").strip()}
    companions = [name.strip() for name in data["with_whom"].replace("，", "、").replace(",", "、").split("、") if name.strip()]
    return actions.record_visit(
        case=found, by=request.actor, visited_on=data["visited_on"], met=data["met"], findings=data["findings"], with_whom=companions,
        confirmed=confirmed, form_token=data["form_token"],
    )  # fmt: skip


def _conflict(found: Case, version: int, refused: str, request: StaffRequest) -> str:
    """The refusal, with what happened to the case since the phone last saw it."""
    since = [each for each in queries.history(found, request.actor) if each.seq > version]
    told = "；".join(f"{each.on} {each.by} {VERBS[each.verb]}" for each in since)
    return f"{refused}。您离线期间：{told}。填写的内容还在本机，可联系镇街处理" if told else refused


def _assets() -> list[str]:
    """What the page needs without a connection."""
    names = [*context.STYLESHEETS, "vendor/tabler.min.css", "vendor/icons.svg", "staff/cases.css", "staff/icon.svg"]
    return [static(name) for name in (*names, "staff/theme.js", "staff/keys.js", "staff/frame.js", "staff/search.js", "staff/visits.js")]
