"""Records of the night's rounds."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from minzheng.kernel.foundation import queries
from minzheng.kernel.foundation.models import RoundRun
from minzheng.kernel.monitoring.catalogue import title_of
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import page_of

COUNTS = {
    "candidates": "候选", "findings": "发现", "unknown_person": "查无此人", "left_with_towns": "留待镇街派单", "new": "新增",
    "repeated": "近期已发", "escalated": "升级",
}  # fmt: skip


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
    steps = [(step, _in_words(step.details)) for step in run.steps.all()]
    return render(request, "staff/rounds/detail.html", {"run": run, "steps": steps})


def _in_words(details: dict[str, Any]) -> list[str]:
    """A step's further counts, one line each; those of a scenario stand together on one."""
    plain = {name: value for name, value in details.items() if not isinstance(value, dict)}
    lines = [" · ".join(_count(name, value) for name, value in plain.items())] if plain else []
    for name, counts in details.items():
        if isinstance(counts, dict):
            lines.append(f"{title_of(name)}：" + " · ".join(_count(key, value) for key, value in counts.items()))
    return lines


def _count(name: str, value: Any) -> str:
    return f"{COUNTS.get(name, name)} {value:,}" if isinstance(value, int) else f"{COUNTS.get(name, name)} {value}"
