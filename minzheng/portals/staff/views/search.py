"""Global search: a page of its own, and the list under the box while one types.

What was typed is sent in the body and kept sealed in the session: names and numbers belong into no address and no log.
"""

from __future__ import annotations

import secrets

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.encryption import decrypt, encrypt
from minzheng.portals.staff.finding import WRONG_NUMBER, Results, by_number, find, whole_number
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page

LONGEST = 64
SHOWN, SHOWN_IN_LIST = 20, 8
KEPT = 20  # searches of a session to which Back leads


@page("households.view", "GET", "POST")
def search(request: StaffRequest) -> HttpResponse:
    """Results for what was typed. With the header `X-Part: list` only the list, for the box in the top bar."""
    typed = request.POST.get("q", "").replace("\0", "")[:LONGEST].strip()
    if request.headers.get("X-Part") == "list":
        results = find(typed, request.actor, clock.business_date(), SHOWN_IN_LIST) if typed else None
        return render(request, "staff/search/list.html", {"results": results})
    if request.method == "POST":
        return _submitted(request, typed)
    kept = request.session.get("searches", {}).get(request.GET.get("s", ""), "")
    typed = decrypt(kept) if kept else ""
    return _answer(request, typed, find(typed, request.actor, clock.business_date(), SHOWN) if typed else None)


def _submitted(request: StaffRequest, typed: str) -> HttpResponse:
    """A whole number opens the household, on record; anything else has an address of its own, so that Back works."""
    if not typed:
        return redirect("staff:search")
    if number := whole_number(typed):
        person = by_number(number, request.actor)
        if person:
            return redirect("staff:household_of", person_id=person.pk)
        wrong = find(typed, request.actor, clock.business_date(), 1).invalid
        return _answer(request, "", Results(invalid=wrong) if wrong == WRONG_NUMBER else Results())
    kept = {**request.session.get("searches", {}), (token := secrets.token_hex(4)): encrypt(typed)}
    request.session["searches"] = dict(list(kept.items())[-KEPT:])
    return redirect(f"{reverse('staff:search')}?{urlencode({'s': token})}")


def _answer(request: StaffRequest, typed: str, results: Results | None) -> HttpResponse:
    return render(request, "staff/search/page.html", {"results": results, "typed": typed})
