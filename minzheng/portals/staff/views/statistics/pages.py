"""Reading the monthly tables."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from minzheng.kernel.divisions.queries import names
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Forbidden
from minzheng.kernel.indicators.queries import places_on
from minzheng.kernel.indicators.statistics import actions, queries
from minzheng.kernel.indicators.statistics.checks import KINDS
from minzheng.kernel.indicators.statistics.figures import BY_NAME, FIGURES, POPULATIONS, TOTAL, month_before
from minzheng.portals.staff import places
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import PER_PAGE, Slices, page_of
from minzheng.portals.staff.views.plan.board import place_choices
from minzheng.portals.staff.views.statistics.shown import cells, month_of, named, state_of, table_of

MOST = 200


@page("statistics.view")
def statistics(request: StaffRequest) -> HttpResponse:
    """All months that have a table, and which could be prepared."""
    actor = request.actor
    rows = [
        {"line": line, "state": state_of(line.holds), "slug": f"{line.month:%Y-%m}",
         "drift": [each for each in line.drift.differences if each[1] == "all"] if line.drift else []}
        for line in queries.months(actor)
    ]  # fmt: skip
    newest = month_before(clock.business_date())
    whole = places.whole_city(actor)
    known = {row["slug"] for row in rows}
    context = {
        "rows": rows, "newest": f"{newest:%Y-%m}", "missing": f"{newest:%Y-%m}" not in known, "whole": whole,
        "may_prepare": actor.may("statistics.prepare") and whole,
    }  # fmt: skip
    return render(request, "staff/statistics/months.html", context)


@page("statistics.view")
def statistics_month(request: StaffRequest, statistics_month: str) -> HttpResponse:
    """A month by programme for a place, beside the month before or the year before; what may be done with it."""
    return month_page(request, statistics_month)


def month_page(request: StaffRequest, slug: str, problem: str = "", sent: dict[str, str] | None = None) -> HttpResponse:
    """The page of a month; `problem`: why something was not done, with what was sent."""
    actor, month = request.actor, month_of(slug)
    asked = {name: request.GET.get(name, "") for name in ("revision", "place", "population", "beside") if request.GET.get(name)}
    view = table_of(actor, month, asked)
    beside = asked.get("beside", "")
    other = {"before": view.before, "year": view.year_ago}.get(beside)
    rows = [
        {"row": row, "cells": cells(row.programme, row.now, row.before if beside == "before" else row.year_ago, compared=other is not None)} for row in view.rows
    ]  # fmt: skip
    table, whole = view.table, places.whole_city(actor)
    open_one = next((each for each in view.revisions if not each.is_locked), None)
    context: dict[str, Any] = {
        "view": view, "slug": slug, "rows": rows, "figures": FIGURES, "state": state_of(table), "asked": asked, "other": other, "problem": problem,
        "sent": sent or {}, "places": place_choices(actor, clock.business_date()), "populations": POPULATIONS.items(), "beside": beside,
        "query": urlencode({name: value for name, value in asked.items() if name != "beside"}), "whole": whole,
        "changes": _changes(table), "drift": _drift(view), "total": TOTAL,
        "may_prepare": actor.may("statistics.prepare") and whole and table.revision == 1 and not table.is_locked,
        "may_decide": actor.may("statistics.confirm") and whole and table.state == "prepared" and table.prepared_by != actor.name,
        "may_correct": actor.may("statistics.prepare") and whole and view.holds and table.is_locked and open_one is None, "open_one": open_one,
        "programmes": [(row.programme, row.title) for row in view.rows if row.programme], "towns": place_choices(actor, clock.business_date()),
    }  # fmt: skip
    return render(request, "staff/statistics/month.html", context, status=422 if problem else 200)


@page("statistics.view")
def statistics_places(request: StaffRequest, statistics_month: str) -> HttpResponse:
    """One programme for places side by side, in both geographies and by town."""
    actor = request.actor
    view = table_of(actor, month_of(statistics_month), request.GET.dict())
    programme = request.GET.get("programme", "")
    cuts = []
    for cut in ("unit", "division", "town") if view.whole_city else ("town",):
        found = queries.by_place(actor, view.table, programme, cut, "" if view.whole_city else view.place, view.population)
        shown = [each for each in found if cut != "town" or any(each.now.values())]
        cuts.append({"cut": cut, "title": queries.CUTS[cut], "rows": [{"row": each, "cells": cells(programme, each.now)} for each in shown]})
    context = {
        "view": view, "slug": statistics_month, "cuts": cuts, "figures": FIGURES, "programme": programme, "title": queries.programme_title(programme),
        "programmes": [(row.programme, row.title) for row in view.rows], "state": state_of(view.table), "populations": POPULATIONS.items(),
    }  # fmt: skip
    return render(request, "staff/statistics/places.html", context)


@page("statistics.view")
def statistics_checks(request: StaffRequest, statistics_month: str) -> HttpResponse:
    """The balance checks and what rows say since, for whoever sees the whole city."""
    actor = request.actor
    view = table_of(actor, month_of(statistics_month), request.GET.dict())
    context: dict[str, Any] = {"view": view, "slug": statistics_month, "state": state_of(view.table), "whole": places.whole_city(actor)}
    try:
        found = queries.checked(actor, view.table)
        since = queries.changed_since(actor, view.table)
    except Forbidden as refusal:
        return render(request, "staff/statistics/checks.html", {**context, "reason": str(refusal)})
    titles = names({check.place for check in found.failed}, clock.business_date())
    context |= {
        "checked": found, "kinds": [(KINDS[kind], count, sum(check.kind == kind for check in found.failed)) for kind, count in found.counts.items()],
        "failed": [
            {"check": check, "programme": queries.programme_title(check.programme), "place": titles.get(check.place, check.place), "left": named(check.left, check.figure),
             "right": named(check.right, check.figure), "more": named(abs(check.difference), check.figure), "sign": "+" if check.difference > 0 else "−"}
            for check in found.failed[:MOST]
        ],
        "since": [_since(each) for each in since if each[1] == "all"], "more": max(len(found.failed) - MOST, 0),
    }  # fmt: skip
    return render(request, "staff/statistics/checks.html", context)


@page("statistics.view")
def statistics_rows(request: StaffRequest, statistics_month: str) -> HttpResponse:
    """What rows say now behind a figure, masked; opening them is on record. Without the right to see benefits, the number alone."""
    actor = request.actor
    view = table_of(actor, month_of(statistics_month), request.GET.dict())
    programme, figure = request.GET.get("programme", ""), request.GET.get("figure", "")
    figure = figure if figure in BY_NAME else "units_end"
    stated = next((row.now[figure] for row in view.rows if row.programme == programme), 0)
    context: dict[str, Any] = {
        "view": view, "slug": statistics_month, "figure": BY_NAME[figure], "title": queries.programme_title(programme), "stated": named(stated, figure),
        "programme": programme,
    }  # fmt: skip
    try:
        found = queries.rows_behind(actor, view.table, programme, view.place, figure)
    except Forbidden as refusal:
        return render(request, "staff/statistics/rows.html", {**context, "reason": str(refusal)})
    total = found.count()
    slices = Slices(lambda first, last: actions.open_rows(rows=found, table=view.table, figure=figure, by=actor, start=first, size=last - first))
    shown = page_of(request, slices, PER_PAGE, total)
    return render(request, "staff/statistics/rows.html", {**context, "rows": shown.object_list, "page_obj": shown, "total": total})


def _changes(table: Any) -> list[dict[str, Any]]:
    rows = [change for change in table.changes.all() if change.population == "all"]
    titles = names({row.place for row in rows}, clock.business_date())
    known = places_known(table.month)
    return [
        {"programme": queries.programme_title(row.programme), "place": known.get(row.place) or titles.get(row.place, row.place), "figure": BY_NAME[row.figure].title,
         "was": named(row.was, row.figure), "now": named(row.now, row.figure)}
        for row in rows[:MOST]
    ]  # fmt: skip


def places_known(month: Any) -> dict[str, str]:
    """Names of places, boards among them."""
    return places_on(month).titles


def _drift(view: queries.MonthView) -> list[dict[str, Any]]:
    drift = getattr(view.table, "drift", None)
    return [_since(each) for each in drift.differences if each[1] == "all"] if drift and view.whole_city else []


def _since(each: list[Any]) -> dict[str, Any]:
    programme, _population, figure, was, now = each
    more = now - was
    return {
        "programme": queries.programme_title(programme), "figure": BY_NAME[figure].title, "was": named(was, figure), "now": named(now, figure),
        "more": f"{'+' if more > 0 else '−'}{named(abs(more), figure)}",
    }  # fmt: skip
