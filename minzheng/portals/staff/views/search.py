"""Global search: a page of its own, and the list under the box while one types."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from minzheng.kernel.foundation import clock
from minzheng.portals.staff.finding import find
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page

LONGEST = 64


@page("households.view", "GET", "POST")
def search(request: StaffRequest) -> HttpResponse:
    """Results for what was typed. Sent in the body, not in the address: names and numbers belong into no log.

    With the header `X-Part: list` only the list, for the box in the top bar.
    """
    text = request.POST.get("q", "")[:LONGEST]
    part = request.headers.get("X-Part") == "list"
    results = find(text, request.actor, clock.business_date(), submitted=not part) if text.strip() else None
    template = "staff/search/list.html" if part else "staff/search/page.html"
    return render(request, template, {"results": results, "typed": text if not (results and results.text == "") else ""})
