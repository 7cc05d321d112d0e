"""Records of the night's rounds."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from minzheng.kernel.foundation import queries
from minzheng.kernel.foundation.models import RoundRun
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import page_of


@page("rounds.view")
def rounds(request: StaffRequest) -> HttpResponse:
    """All nights, newest first."""
    return render(request, "staff/rounds/list.html", {"page_obj": page_of(request, queries.round_runs(request.actor))})


@page("rounds.view")
def round_run(request: StaffRequest, run_id: int) -> HttpResponse:
    """One night with its steps."""
    try:
        run = queries.round_run(run_id, request.actor)
    except RoundRun.DoesNotExist as missing:
        raise Http404 from missing
    return render(request, "staff/rounds/detail.html", {"run": run, "steps": run.steps.all()})
