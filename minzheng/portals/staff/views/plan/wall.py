"""大屏: a few figures for a wall, alive without being touched. No personal data: it counts and names nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.indicators import queries
from minzheng.kernel.indicators.errors import PlanError
from minzheng.kernel.indicators.models import PlanItem
from minzheng.kernel.indicators.queries.shapes import OwnFigure, PlanView
from minzheng.kernel.indicators.states import STATES
from minzheng.kernel.monitoring import queries as monitoring
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.plan.shown import Figure, Line, StateChip, figure, own_line

MOST = 8  # figures on the wall: what can be read from five metres
PULSE = (("raised", "新预警"), ("visited", "入户"), ("closed", "办结"))


@page("plan.view")
def plan_wall(request: StaffRequest) -> HttpResponse:
    """The wall; it fetches its figures anew by itself."""
    return render(request, "staff/plan/wall.html", _context(request))


@page("plan.view")
def plan_wall_part(request: StaffRequest) -> HttpResponse:
    """The figures alone, for the page that is already open."""
    return render(request, "staff/plan/wall_part.html", _context(request))


def _context(request: StaffRequest) -> dict[str, Any]:
    actor, today = request.actor, clock.business_date()
    try:
        found = queries.overview(actor, today)
    except PlanError as nothing:
        return {"reason": str(nothing)}
    return {
        "view": found, "figures": (chosen := _chosen(found)), "own": _own(found, MOST - len(chosen)), "elapsed": round(float(found.elapsed) * 100), "at": timezone.localtime(),
        "states": [(StateChip(state), found.counts[state]) for state in STATES if found.counts[state]], "total": len(found.cards),
        "targets": [(StateChip(state), count) for state, count in found.target_counts.items() if count],
        "late": _late(found), "pulse": _pulse(actor, today), "jurisdiction": found.place_title, "today": today,
    }  # fmt: skip


def _chosen(found: PlanView) -> list[tuple[PlanItem, Figure]]:
    """The targets with figures, those behind first, then by how far they are; each with its item."""
    known = [
        (card.item, each)
        for card in found.cards
        for each in card.targets
        if each.value is not None and each.target.period != "event"
    ]
    known.sort(
        key=lambda pair: (
            pair[1].state != "behind",
            pair[1].share_of_goal is None,
            pair[1].share_of_goal or 0,
        )
    )
    return [(item, figure(each)) for item, each in known[:MOST]]


def _own(found: PlanView, most: int) -> list[tuple[int, OwnFigure, Line | None]]:
    """Figures without a promise where targets leave room: one of each item that has any."""
    known = [
        (card.number, next((each for each in card.figures if each.value is not None), None))
        for card in found.cards
    ]
    return [(number, each, own_line(each)) for number, each in known if each is not None][:most]


def _late(found: PlanView) -> list[tuple[str, int]]:
    """Which offices have how much that is late, most first."""
    counts: dict[str, int] = {}
    for card in found.cards:
        if card.late:
            counts[card.office.title] = counts.get(card.office.title, 0) + len(card.late)
    return sorted(counts.items(), key=lambda pair: -pair[1])[:4]


def _pulse(actor: Actor, today: date) -> list[tuple[str, int]]:
    """What was done this month, counted for readers who may not open any of it as well."""
    counting = replace(actor, capabilities=actor.capabilities | {"alerts.view"})
    done = monitoring.changes(counting, today.replace(day=1), today)
    return [(title, done.get(name, 0)) for name, title in PULSE]
