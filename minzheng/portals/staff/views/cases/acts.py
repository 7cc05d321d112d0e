"""What is done to a case: one small form a verb. The room's verbs decide; here their answers become pages."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.casework import queries
from minzheng.kernel.casework.errors import CaseError, StaleCase
from minzheng.kernel.foundation.calendar import CalendarMissing
from minzheng.portals.staff import case_words
from minzheng.portals.staff.case_acts import ACTS
from minzheng.portals.staff.case_forms import act_form
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.cases.case import found_case, heading, here


@page("cases.accept", "GET", "POST")
def case_act(request: StaffRequest, case_id: int, verb: str) -> HttpResponse:
    """The form of a verb that needs no more than handling cases, or what came of it."""
    if verb not in ACTS or ACTS[verb].route != "case_act":
        raise Http404
    return _act(request, case_id, verb)


@page("cases.check", "GET", "POST")
def case_check(request: StaffRequest, case_id: int) -> HttpResponse:
    """核对, with its purpose; refused without live authorisations."""
    return _act(request, case_id, "check")


@page("cases.decide", "GET", "POST")
def case_decide(request: StaffRequest, case_id: int) -> HttpResponse:
    """The decision."""
    return _act(request, case_id, "decide")


@page("cases.decide", "GET", "POST")
def case_review(request: StaffRequest, case_id: int) -> HttpResponse:
    """The answer to an objection."""
    return _act(request, case_id, "review")


def _act(request: StaffRequest, case_id: int, verb: str) -> HttpResponse:
    """Show the form of a verb, or carry it out; when the case changed meanwhile, say what happened and keep what was typed."""
    found, act = found_case(case_id, request.actor), ACTS[verb]
    seen = here(found, request.actor)
    asks = {"kept", "breach"} if verb == "settle" else {verb}
    if request.method == "GET" and not asks & seen.verbs:
        messages.warning(request, f"办件{seen.standing.title}，现在不能“{act.title}”，或不由您办")
        return redirect("staff:case", case_id=found.pk)
    form, status, changed = act_form(verb, seen, posted(request), request.FILES or None), 200, []
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                act.carry(seen, form.cleaned_data)
            except StaleCase as stale:
                status, changed = 409, _since(seen, form.cleaned_data["version"])
                data = request.POST.copy()
                data["version"] = str(found_case(case_id, request.actor).version)
                form = act_form(verb, here(found_case(case_id, request.actor), request.actor), data, request.FILES or None)
                form.add_error(None, str(stale))
            except (CaseError, CalendarMissing) as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, _done(act.title, seen.case.number))
                return _after(request, case_id)
    context: dict[str, Any] = {**heading(seen), "act": act, "form": form, "url": act.url(found.pk), "changed": changed, "alone": True}
    return render(request, "staff/cases/act.html", context, status=status)


def _since(seen: Any, version: int) -> list[Any]:
    """What was done since the form was opened."""
    return case_words.entries(seen.service, [each for each in queries.history(seen.case, seen.actor) if each.seq > version])


def _done(what: str, number: str) -> str:
    return f"{number}：{what}，已办"


def _after(request: StaffRequest, case_id: int) -> HttpResponse:
    """The case as it stands now; the list when it went out of one's hands to another place."""
    if queries.cases(request.actor).filter(pk=case_id).exists():
        return redirect("staff:case", case_id=case_id)
    return redirect("staff:cases")
