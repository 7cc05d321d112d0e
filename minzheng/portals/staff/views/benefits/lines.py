"""A run down to places and people, and the payments that do not go through."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from minzheng.kernel.benefits import queries
from minzheng.kernel.benefits.models import Run, RunChange
from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.ledger import queries as ledger
from minzheng.portals.staff import places
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import page_of
from minzheng.portals.staff.views.benefits.place_rows import PlaceRows, rows_below
from minzheng.portals.staff.views.benefits.run import batches_of, run_of
from minzheng.portals.staff.views.benefits.shown import (
    KINDS,
    cause_label,
    cause_text,
    is_status,
    subjects,
    title_of,
)

WRONG_PLACE = "没有这个区划，下面是您辖区内的全部"
STOPPED = ("parked", "returned", "retried")


@page("benefits.view")
def benefit_run_places(request: StaffRequest, benefit_run_id: int) -> HttpResponse:
    """The parts of one place in a run."""
    run, programme, division = run_of(benefit_run_id, request.actor), _programme(request), request.GET.get("division", "")
    found, problem = PlaceRows(), ""
    try:
        found = rows_below(run, request.actor, division, programme)
    except (LookupError, ValueError):
        problem = WRONG_PLACE.split("，")[0]
    context = {
        "run": run, "programme": programme, "programme_title": title_of(programme), "division": division, "places": found, "problem": problem,
        "place": places.labelled(division, request.actor).label.strip() if division and not problem else "",
    }  # fmt: skip
    return render(request, "staff/benefits/places.html", context, status=422 if problem else 200)


@page("benefits.view")
def benefit_run_lines(request: StaffRequest, benefit_run_id: int) -> HttpResponse:
    """Everybody for whom something changes, by what the address asks for."""
    run, problem = run_of(benefit_run_id, request.actor), ""
    asked = {name: request.GET.get(name, "") for name in ("kind", "cause", "division")} | {"programme": _programme(request)}
    try:
        rows = queries.changes(run, request.actor, **asked)
    except (LookupError, ValueError):
        problem, asked["division"] = WRONG_PLACE, ""
        rows = queries.changes(run, request.actor, **asked)
    pages = page_of(request, rows)
    listed = list(pages)
    context = {
        "run": run, "asked": asked, "rows": list(zip(map(_line, listed), subjects(listed, request.actor), strict=True)), "page_obj": pages,
        "tabs": _tabs(run, request, asked), "programmes": [(name, each.title) for name, each in programmes().items()],
        "cause": _cause(rows, asked["cause"]), "problem": problem,
    }  # fmt: skip
    return render(request, "staff/benefits/lines.html", context, status=422 if problem else 200)


@page("benefits.view")
def benefit_run_exceptions(request: StaffRequest, benefit_run_id: int) -> HttpResponse:
    """Payments of the run that wait for somebody: no account, returned, parked."""
    run = run_of(benefit_run_id, request.actor)
    wanted = [batch.pk for batch in batches_of(run, request.actor)]
    rows = ledger.lines(request.actor).filter(batch_id__in=wanted, state__in=STOPPED)
    pages = page_of(request, rows)
    shown = [(line, title_of(line.programme)) for line in ledger.shown(rows, pages.start_index() - 1 if pages.paginator.count else 0)]
    return render(request, "staff/benefits/exceptions.html", {"run": run, "rows": shown, "page_obj": pages})


def _programme(request: StaffRequest) -> str:
    asked = request.GET.get("programme", "")
    return asked if asked in programmes() else ""


def _line(change: RunChange) -> dict[str, Any]:
    title, tone = KINDS[change.kind]
    return {
        "change": change, "programme": title_of(change.programme), "status": is_status(change.programme), "kind": title, "tone": tone,
        "more_fen": change.is_fen - change.was_fen, "why": cause_text(change.cause, change.exclusion),
    }  # fmt: skip


def _tabs(run: Run, request: StaffRequest, asked: dict[str, str]) -> list[tuple[str, str, int]]:
    """(kind, title, how many) of what there is under the other filters."""
    every = queries.kinds(run, request.actor, asked["programme"], asked["division"])
    counts = {kind: sum(row.get(kind, {}).get("lines", 0) for row in every.values()) for kind in KINDS}
    return [("", "全部", sum(counts.values())), *((kind, KINDS[kind][0], count) for kind, count in counts.items() if count)]


def _cause(rows: QuerySet[RunChange], asked: str) -> str:
    """The words of the cause that the lines are filtered by."""
    if not asked:
        return ""
    kind, _, name = asked.partition(":")
    first = rows.first()
    return cause_label(kind, name, str(first.cause.get("label", "")) if first else "")
