"""Places for drop-downs: searched on the server, never more than fit on a screen."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse

from minzheng.portals.staff import place_search
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import ANYBODY, page


@page(ANYBODY)
def places(request: StaffRequest) -> HttpResponse:
    """Places of the reader's jurisdiction that `q` fits; with `codes` only those that have a division code."""
    found = place_search.find(request.GET.get("q", ""), request.actor, bool(request.GET.get("codes")))
    listed = [{"value": place.value, "label": place.label} for place in found.places]
    return JsonResponse({"places": listed, "more": found.more})
