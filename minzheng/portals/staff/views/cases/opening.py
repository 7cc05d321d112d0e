"""A new case: at the counter (find the person, choose the item, fill in the form), or from an alert with everything known filled in."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.casework import actions, catalogue, queries
from minzheng.kernel.casework.actions.checking import HOW
from minzheng.kernel.casework.errors import CaseError, FormFaults
from minzheng.kernel.casework.items import APPLICANTS, Service
from minzheng.kernel.casework.models import Case
from minzheng.kernel.divisions.queries import path_name
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.calendar import CalendarMissing
from minzheng.kernel.monitoring import queries as monitoring
from minzheng.kernel.monitoring.catalogue import title_of
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.models import Person
from minzheng.portals.staff import case_fields
from minzheng.portals.staff.case_rows import rows
from minzheng.portals.staff.finding import by_number, find, whole_number
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.people import person_line
from minzheng.portals.staff.views.cases.case import found_case, heading, here

LONGEST, SHOWN = 64, 12


@page("cases.open", "GET", "POST")
def case_new(request: StaffRequest) -> HttpResponse:
    """Find whom the case is about: by name, pinyin, the end of the number, or (on record) the whole number."""
    typed = request.POST.get("q", "").replace("\0", "")[:LONGEST].strip()
    results = None
    if typed and (number := whole_number(typed)) and (person := by_number(number, request.actor)):
        return redirect("staff:case_start", person_id=person.pk)
    if typed:
        results = find(typed, request.actor, clock.business_date(), SHOWN)
        if results.whole_id:
            results = None
            messages.warning(request, "辖区内没有登记这个号码的人：请核对号码；新迁入的先在家庭档案里建档")
    return render(request, "staff/cases/new.html", {"results": results, "typed": "" if whole_number(typed) else typed})


class StartForm(forms.Form):
    """Which item, on whose wish, and where the need arose if the item goes by that."""

    item = forms.ChoiceField(label="办什么事", widget=forms.RadioSelect, error_messages={"required": "请选择事项"})
    applied_by = forms.ChoiceField(label="怎样申请的", widget=forms.RadioSelect, initial="self", error_messages={"required": "请选择一项"})
    place = forms.CharField(label="急难发生地", required=False, max_length=12)
    form_token = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, services: dict[str, Service], ways: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [(name, each.title) for name, each in services.items()]  # type: ignore[attr-defined]
        self.fields["applied_by"].choices = [(way, APPLICANTS[way]) for way in ways]  # type: ignore[attr-defined]


@page("cases.open", "GET", "POST")
def case_start(request: StaffRequest, person_id: int) -> HttpResponse:
    """Choose the item for a person and begin the case."""
    try:
        person = registry.person(person_id, request.actor)
    except Person.DoesNotExist as missing:
        raise Http404 from missing
    follows = _follows(request)

    def begin(data: dict[str, Any]) -> Case:
        return actions.open_case(
            item=data["item"], applicant=person, by=request.actor, form_token=data["form_token"], applied_by=data["applied_by"],
            division_code=data["place"], follows=follows, channel=Case.Channel.REVIEW if follows else "",
        )  # fmt: skip

    return _start(request, person, list(APPLICANTS), begin, {"follows": follows})


@page("cases.open", "GET", "POST")
def case_from_alert(request: StaffRequest, alert_id: int) -> HttpResponse:
    """Choose the item for the person of an alert and begin the case ex officio, with everything known filled in."""
    try:
        alert = monitoring.alert(alert_id, request.actor)
    except Alert.DoesNotExist as missing:
        raise Http404 from missing

    def begin(data: dict[str, Any]) -> Case:
        return actions.open_from_alert(alert=alert, item=data["item"], by=request.actor, form_token=data["form_token"], division_code=data["place"])

    return _start(request, alert.person, ["ex_officio"], begin, {"alert": alert, "scenario_title": title_of(alert.scenario)})


def _start(request: StaffRequest, person: Person, ways: list[str], begin: Callable[[dict[str, Any]], Case], extra: dict[str, Any]) -> HttpResponse:
    today, actor = clock.business_date(), request.actor
    services = {name: each for name, each in catalogue.on_day(today).items() if any(each.item.applicants.get(way) for way in ways)}
    initial = {"form_token": uuid.uuid4().hex, "applied_by": ways[0], "item": request.GET.get("item", next(iter(services)) if len(services) == 1 else "")}
    form = StartForm(services, ways, posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = begin(form.cleaned_data)
        except (CaseError, CalendarMissing) as refused:
            form.add_error(None, str(refused))
        else:
            if actor.may("cases.accept"):
                messages.success(request, f"已开办 {made.number}，已知的都填好了，请补齐后提交")
                return redirect("staff:case_form", case_id=made.pk)
            messages.success(request, f"已开办 {made.number}，已知的都填好了，由镇街补齐后提交")
            return redirect("staff:case", case_id=made.pk)
    home = registry.household_of(person.pk, actor, today)
    context = {
        "form": form, "person": person_line(person), "place": path_name(home.division_code if home else person.division_code, today),
        "services": services, "needs_place": any(each.version.place == "need" for each in services.values()),
        "others": rows(queries.cases(actor, people=[person.pk]).order_by("-id")[:8], actor), **extra,
    }  # fmt: skip
    return render(request, "staff/cases/start.html", context, status=422 if form.errors else 200)


def _follows(request: StaffRequest) -> Case | None:
    """The case that this one reviews, named by the address or the form."""
    asked = request.POST.get("follows") or request.GET.get("follows") or ""
    return found_case(int(asked), request.actor) if asked.isdecimal() else None


@page("cases.accept", "GET", "POST")
def case_form(request: StaffRequest, case_id: int) -> HttpResponse:
    """The form of the item, made from its schema: sent for the first time, or again with what was asked for."""
    found = found_case(case_id, request.actor)
    seen = here(found, request.actor)
    verb = "submit" if "submit" in seen.verbs else "supplement" if "supplement" in seen.verbs else ""
    if not verb:
        if request.method == "POST" and request.POST.get("form_token"):
            messages.warning(request, f"办件{seen.standing.title}，申请内容现在不能改")
        return redirect("staff:case", case_id=case_id)
    known, status = queries.answers(found, request.actor), 200
    faults: dict[str, str] = {}
    if request.method == "POST":
        answers, faults = case_fields.parsed(seen.service.version.form, request.POST, known)
        status = 422
        if not faults:
            try:
                _send(verb, found, answers, request)
            except FormFaults as wrong:
                faults = {fault.field: fault.reason for fault in wrong.faults}
            except (CaseError, CalendarMissing) as refused:
                faults = {"": str(refused)}
            else:
                messages.success(request, f"{found.number}：{'申请已提交' if verb == 'submit' else '补正已提交'}")
                return redirect("staff:case", case_id=case_id)
    context = {
        **heading(seen), "pages": case_fields.pages(seen.service.version.form, known, request.POST if request.method == "POST" else None, faults),
        "faults": case_fields.labelled(seen.service.version.form, faults), "verb": verb, "token": uuid.uuid4().hex, "how": HOW.items(),
        "promises": [each for each in seen.service.version.materials if each.may_promise] if verb == "submit" else [],
        "promised": request.POST.getlist("promises"), "asked": _asked(found, request.actor) if verb == "supplement" else [],
    }  # fmt: skip
    return render(request, "staff/cases/form.html", context, status=status)


def _send(verb: str, found: Case, answers: dict[str, Any], request: StaffRequest) -> None:
    version = request.POST.get("version", "")
    common: dict[str, Any] = {
        "case": found, "by": request.actor, "answers": answers, "form_token": request.POST.get("form_token", "")[:64],
        "expected_version": int(version) if version.isdecimal() else None,
    }  # fmt: skip
    if verb == "supplement":
        actions.supplement_case(**common)
        return
    service = catalogue.service(found.item, found.item_version)
    allowed = {each.name for each in service.materials(answers) if each.may_promise}
    signed = HOW.get(request.POST.get("signed_how", ""), "")
    actions.submit_case(**common, promises=[name for name in request.POST.getlist("promises") if name in allowed], signature=signed)


def _asked(found: Case, actor: Actor) -> list[dict[str, str]]:
    """What was asked for at once (一次性告知)."""
    for each in reversed(queries.history(found, actor)):
        if each.verb == "return":
            listed: list[dict[str, str]] = each.content.get("missing", [])
            return listed
    return []
