"""一张图: the city with what is counted in its places, month by month; beside it the same places as a table.

Everything that the page asks for stands in its address, so the way back from a list is the way there.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from minzheng.kernel.divisions import maps as divisions
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry.kinds import FACILITIES
from minzheng.portals.staff import maps
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.city_map import steps
from minzheng.portals.staff.views.city_map.figures import Figures, figures_layer
from minzheng.portals.staff.views.city_map.layers import Layer, Time, facilities, layers, months

MOST_ROWS = 200  # of the table; further ones are found by going closer


@dataclass(frozen=True)
class Asked:
    """What an address asks for. what: a scenario, programme, kind or indicator; points: kind of facilities to be shown
    as well, 'all' for every kind."""

    layer: str = "alerts"
    what: str = ""
    step: str = ""
    month: str = ""
    division: str = ""
    points: str = ""

    @classmethod
    def of(cls, address: QueryDict) -> Asked:
        """What stands in an address; anything else is left aside."""
        given = {name: address.get(name, "").strip()[:96] for name in cls.__dataclass_fields__}
        return cls(**{**given, "layer": given["layer"] or "alerts"})

    def address(self, **changes: str) -> str:
        """The same, changed, as the query of an address."""
        return urlencode({name: value for name, value in asdict(replace(self, **changes)).items() if value})


@page("plan.view")
def city_map(request: StaffRequest) -> HttpResponse:
    """The map with its layers, its slider and the table of its places."""
    actor, today = request.actor, clock.business_date()
    known = layers() | figures_layer(actor, today)
    asked = _sound(Asked.of(request.GET), actor, known, today)
    layer = known[asked.layer]
    deals, times = (
        layer.deals(actor),
        layer.times(actor, asked.what, today) if isinstance(layer, Figures) else months(today),
    )
    now = next((number for number, time in enumerate(times) if time.value == asked.month), len(times) - 1)
    try:
        shown = _places(layer, asked, times, actor, today)
    except (LookupError, ValueError) as unknown:  # a place that does not exist
        raise Http404 from unknown
    behind = [layer.behind(actor, asked.what, time) for time in times]
    data = {
        "unit": layer.unit, "share": isinstance(layer, Figures) and layer.share(asked.what), "step": asked.step, "now": now, "places": shown,
        "times": [{"value": time.value, "label": time.label, "list": to} for time, to in zip(times, behind, strict=True)],
    }  # fmt: skip
    context = {
        "asked": asked, "layer": layer, "data": data, "time": times[now] if times else None, "last": len(times) - 1, "deals": deals,
        "tabs": [(each.title, f"?{asked.address(layer=name, what='', month='')}", name == asked.layer) for name, each in known.items()],
        "steps": [(steps.STEPS[step], f"?{asked.address(step=step)}", step == asked.step) for step in _steps(layer, actor)],
        "choices": layer.choices(), "rows": _rows(shown, asked, behind, now)[:MOST_ROWS], "left": max(0, len(shown) - MOST_ROWS),
        "schematic": divisions.is_schematic(), "kinds": FACILITIES.items(), "guarded": layer.people and asked.step not in steps.exact_for(actor, deals),
        "points_url": f"{reverse('staff:city_map_points')}?{asked.address(month='', step='')}" if asked.points else "",
        "note": layer.note(asked.what) if isinstance(layer, Figures) else "", "step_title": steps.STEPS[asked.step],
    }  # fmt: skip
    return render(request, "staff/city_map/map.html", context)


@page("plan.view")
def city_map_points(request: StaffRequest) -> JsonResponse:
    """Facilities at their own positions, inside the reader's jurisdiction."""
    asked, actor = Asked.of(request.GET), request.actor
    rows: Any = facilities(actor, asked.points if asked.points in FACILITIES else "")
    today, opens = clock.business_date(), actor.may("registers.view")
    rows = (
        rows.filter(longitude__isnull=False, valid_from__lte=today)
        .exclude(valid_to__lte=today)
        .order_by("pk")
    )
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [x, y]},
         "properties": {"name": name, "kind": FACILITIES.get(kind, kind), "url": reverse("staff:register_facilities_record", args=[pk]) if opens else ""}}
        for pk, name, kind, x, y in rows.values_list("pk", "name", "kind", "longitude", "latitude")
    ]  # fmt: skip
    return JsonResponse({"type": "FeatureCollection", "features": features}, content_type=maps.GEOJSON)


def _sound(asked: Asked, actor: Actor, known: dict[str, Layer], today: date) -> Asked:
    """The same with what it leaves open filled in. Raises Http404 for what does not exist."""
    layer = known.get(asked.layer)
    if layer is None or (asked.what and asked.what not in {choice.value for choice in layer.choices()}):
        raise Http404
    if not asked.what and isinstance(layer, Figures):
        asked = replace(asked, what=layer.choices()[0].value)
    if asked.points and asked.points != "all" and asked.points not in FACILITIES:
        raise Http404
    possible = _steps(layer, actor)
    return (
        asked
        if asked.step in possible
        else replace(asked, step="board" if "board" in possible else possible[0])
    )


def _steps(layer: Layer, actor: Actor) -> list[str]:
    found = steps.steps_for(actor, layer.deals(actor) or not layer.people)
    return [step for step in found if step != "village"] if isinstance(layer, Figures) else found


def _places(layer: Layer, asked: Asked, times: list[Time], actor: Actor, today: date) -> list[dict[str, Any]]:
    """The places of the asked step with their numbers, as the page and the map show them."""
    lay = steps.geography(actor, today)
    if isinstance(layer, Figures):
        rows = layer.placed(actor, asked.what, asked.step, times)
    else:
        counted = layer.read(layer.counting(actor), asked.what, times)
        every = steps.rolled(counted, lay, len(times))
        rows = (
            steps.guarded(every, lay, steps.exact_for(actor, layer.deals(actor)), today)
            if layer.people
            else every
        )[asked.step]
    names = lay.names[asked.step]
    wanted = {
        place
        for place in names
        if not asked.division or steps.within(asked.step, place, asked.division, today)
    }
    where = steps.positions(asked.step, wanted, today)
    nothing = [None] * len(times)
    return [
        {"value": place, "name": name, "at": where.get(place), "v": rows.get(place, nothing)}
        for place, name in names.items() if place in wanted
    ]  # fmt: skip


def _rows(shown: list[dict[str, Any]], asked: Asked, behind: list[str], now: int) -> list[dict[str, Any]]:
    """The rows of the table at one time, fullest first."""
    finer = {"county": "town", "board": "town", "town": "village"}.get(asked.step, "")
    rows = [
        {"value": place["value"], "name": place["name"], "count": place["v"][now] if place["v"] else None,
         "list": f"{behind[now]}{place['value']}" if behind and behind[now] else "",
         "closer": f"?{asked.address(step=finer, division=place['value'])}" if finer else ""}
        for place in shown
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (_rank(row["count"]), row["value"]))


def _rank(count: int | None) -> float:
    """Fullest first; what is held back before nothing, and nothing before what is not known."""
    return 2 if count is None else -0.5 if count == steps.HELD_BACK else -count
