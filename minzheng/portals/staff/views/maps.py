"""预警地图: the same filter as the list, on the city's own map; beside it the same places as a table."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Q
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from minzheng.kernel.divisions import maps as divisions
from minzheng.kernel.foundation import clock
from minzheng.portals.staff import maps, places
from minzheng.portals.staff.alert_filters import AlertFilters
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import ANYBODY, page
from minzheng.portals.staff.views.alerts import filter_context, status_tabs


@page("alerts.view")
def alert_map(request: StaffRequest) -> HttpResponse:
    """The map with its filters, and the parts of the place asked for."""
    today, asked = clock.business_date(), AlertFilters.of(request.GET)
    counts, actor = _counts(request, asked, today), request.actor
    rows = [
        {"part": part, "list": _list(asked, part.value), "closer": f"?{asked.address(division=part.value)}"}
        for part in maps.parts(counts, asked.division, actor, today)
    ]
    context = {
        "data": f"{reverse('staff:alert_map_data')}?{asked.address()}", "rows": rows, "schematic": divisions.is_schematic(),
        "total": sum(tally.count for tally in counts.values()), "late": sum(tally.late for tally in counts.values()),
        "nowhere": maps.without_place(counts), "can_go_closer": len(rows) > 1, "whole": places.whole_city(actor),
        "tabs": status_tabs(actor, asked, today), **filter_context(actor, asked),
    }  # fmt: skip
    return render(request, "staff/alerts/map.html", context)


@page("alerts.view")
def alert_map_data(request: StaffRequest) -> JsonResponse:
    """Counts by board, town and village under the filters, inside the reader's jurisdiction."""
    today, asked = clock.business_date(), AlertFilters.of(request.GET)
    found = maps.tallied(_counts(request, asked, today), request.actor, today, _list(asked, ""))
    return JsonResponse(found, content_type=maps.GEOJSON)


@page(ANYBODY)
def outlines(request: StaffRequest) -> JsonResponse:
    """The counties' outlines; they change with the deployment only."""
    response = JsonResponse(divisions.outlines(), content_type=maps.GEOJSON)
    response["Cache-Control"] = "private, max-age=86400"
    return response


def _counts(request: StaffRequest, asked: AlertFilters, today: date) -> dict[str, maps.Tally]:
    try:
        rows = asked.rows(request.actor, today).order_by().values_list("division_code")
        counted = rows.annotate(n=Count("id"), late=Count("id", filter=Q(closed_on=None, due_on__lt=today)))
        return {code: maps.Tally(count, late) for code, count, late in counted}
    except (ValueError, LookupError) as unknown:  # a place or state that does not exist
        raise Http404 from unknown


def _list(asked: AlertFilters, value: str) -> str:
    """The list of a place; without one, an address to which the place is added at the end."""
    return f"{reverse('staff:alerts')}?{asked.address(division='')}&division={value}"
