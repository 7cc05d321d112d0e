"""预警地图: the same filter as the list, on the city's own map."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from minzheng.kernel.divisions import maps as divisions
from minzheng.kernel.foundation import clock
from minzheng.portals.staff.alert_filters import AlertFilters
from minzheng.portals.staff.maps import Place, collection
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import ANYBODY, page
from minzheng.portals.staff.views.alerts import filter_context

GEOJSON = "application/geo+json"


@page("alerts.view")
def alert_map(request: StaffRequest) -> HttpResponse:
    """The map with its filters; beside it the same places as a table."""
    asked = AlertFilters.of(request.GET)
    found = _found(request, asked)
    towns = sorted((f["properties"] for f in found["features"] if f["properties"]["step"] == "town"), key=lambda p: -p["count"])
    surveyed, known = divisions.surveyed_share()
    context = {
        "data": f"{reverse('staff:alert_map_data')}?{asked.address()}", "towns": towns, "schematic": surveyed < known,
        **filter_context(request.actor, asked),
    }  # fmt: skip
    return render(request, "staff/alerts/map.html", context)


@page("alerts.view")
def alert_map_data(request: StaffRequest) -> JsonResponse:
    """Counts by county, town and village under the filters, inside the reader's jurisdiction."""
    return JsonResponse(_found(request, AlertFilters.of(request.GET)), content_type=GEOJSON)


@page(ANYBODY)
def outlines(request: StaffRequest) -> JsonResponse:
    """The counties' outlines; they change with the deployment only."""
    response = JsonResponse(divisions.outlines(), content_type=GEOJSON)
    response["Cache-Control"] = "private, max-age=86400"
    return response


def _found(request: StaffRequest, asked: AlertFilters) -> dict[str, object]:
    today = clock.business_date()
    try:
        rows = asked.rows(request.actor, today).order_by().values_list("division_code")
        counted = rows.annotate(n=Count("id"), late=Count("id", filter=Q(closed_on=None, due_on__lt=today)))
        villages = {code: Place(n, late) for code, n, late in counted}
    except (ValueError, LookupError) as unknown:
        raise Http404 from unknown
    return collection(villages, lambda code: f"{reverse('staff:alerts')}?{asked.address(division=code)}", today)
