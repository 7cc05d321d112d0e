"""一张图: the city with what is counted in its places, month by month; beside it the same places as a table.

Everything that the page asks for stands in its address, so the way back from a list is the way there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from minzheng.kernel.indicators import queries
from minzheng.kernel.registry.kinds import FACILITIES
from minzheng.portals.staff import maps
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.city_map import figures, steps
from minzheng.portals.staff.views.city_map.layers import Layer, Time, facilities, layers, months

HALF_A_MONTH = 15
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


@dataclass(frozen=True)
class Look:
    """What a layer shows on one step: names of places, their numbers at each time, the lists behind."""

    names: Mapping[str, str]
    rows: Mapping[str, list[Any]]
    times: list[Time]
    behind: list[str]
    unit: str
    share: bool = False
    table: str = ""  # the address of the same as a table of both geographies


@page("plan.view")
def city_map(request: StaffRequest) -> HttpResponse:
    """The map with its layers, its slider and the table of its places."""
    actor, today = request.actor, clock.business_date()
    known = layers()
    if own := figures.layer(actor, today):
        known["figures"] = own
    asked = _sound(Asked.of(request.GET), actor, known)
    layer = known[asked.layer]
    try:
        look = _figures(asked, actor, today) if asked.layer == "figures" else _counts(layer, asked, actor, today)
        shown = _places(look, asked, actor, today)
    except (LookupError, ValueError) as unknown:  # a place that does not exist
        raise Http404 from unknown
    now = next((number for number, time in enumerate(look.times) if time.value == asked.month), _first_look(asked, look.times, today))
    data = {
        "unit": look.unit, "share": look.share, "step": asked.step, "now": now, "places": shown,
        "times": [{"value": time.value, "label": time.label, "list": to} for time, to in zip(look.times, look.behind, strict=True)],
    }  # fmt: skip
    deals = layer.deals(actor)
    context = {
        "asked": asked, "layer": layer, "look": look, "data": data, "time": look.times[now] if look.times else None, "last": len(look.times) - 1,
        "tabs": [(each.title, f"?{asked.address(layer=name, what='', month='', step=_kept_step(asked, each))}", name == asked.layer) for name, each in known.items()],
        "steps": [(steps.STEPS[step], f"?{asked.address(step=step)}", step == asked.step) for step in _steps(layer, actor)],
        "choices": layer.choices(), "rows": _rows(shown, asked, look, now, _steps(layer, actor))[:MOST_ROWS], "left": max(0, len(shown) - MOST_ROWS),
        "schematic": divisions.is_schematic(), "kinds": FACILITIES.items(), "step_title": steps.STEPS[asked.step],
        "guarded": layer.people and asked.step not in steps.exact_for(actor, deals),
        "points_url": f"{reverse('staff:city_map_points')}?{asked.address(month='', step='')}" if asked.points else "",
    }  # fmt: skip
    return render(request, "staff/city_map/map.html", context)


def _first_look(asked: Asked, times: Sequence[Time], today: date) -> int:
    """Where the slider stands when no month is asked for: at the newest; of what happens in a month, at the one before as long as the
    running one is young, for then it says little."""
    young = asked.layer == "alerts" and bool(times) and times[-1].value == f"{today:%Y-%m}" and today.day < HALF_A_MONTH
    return max(0, len(times) - (2 if young else 1))


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
    record = reverse("staff:register_facilities")  # a record's address lies below the list's; 5,000 are not reversed one by one
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [x, y]},
         "properties": {"name": name, "kind": FACILITIES.get(kind, kind), "url": f"{record}{pk}/" if opens else ""}}
        for pk, name, kind, x, y in rows.values_list("pk", "name", "kind", "longitude", "latitude")
    ]  # fmt: skip
    return JsonResponse({"type": "FeatureCollection", "features": features}, content_type=maps.GEOJSON)


def _sound(asked: Asked, actor: Actor, known: dict[str, Layer]) -> Asked:
    """The same with what it leaves open filled in. Raises Http404 for what does not exist."""
    layer = known.get(asked.layer)
    if layer is None and asked.layer == "figures":  # no plan, nothing measured
        return _sound(replace(asked, layer="alerts", what=""), actor, known)
    if layer is None or (asked.what and asked.what not in {choice.value for choice in layer.choices()}):
        raise Http404
    if not asked.what and not layer.every:
        asked = replace(asked, what=next((choice.value for choice in layer.choices()), ""))
    if asked.points and asked.points != "all" and asked.points not in FACILITIES:
        raise Http404
    possible = _steps(layer, actor)
    return asked if asked.step in possible else replace(asked, step="board" if "board" in possible else possible[0])


def _steps(layer: Layer, actor: Actor) -> list[str]:
    """The steps of a layer for a reader; indicators are not kept for villages."""
    found = steps.steps_for(actor, layer.deals(actor) or not layer.people)
    return [step for step in found if step != "village"] if layer.name == "figures" else found


def _kept_step(asked: Asked, layer: Layer) -> str:
    return "" if layer.name == "figures" and asked.step == "village" else asked.step


def _counts(layer: Layer, asked: Asked, actor: Actor, today: date) -> Look:
    """What is counted in villages, month by month, on the asked step."""
    times, lay = months(today), steps.geography(actor, today)
    every = steps.rolled(layer.read(layer.counting(actor), asked.what, times), lay, len(times))
    told = steps.guarded(every, lay, steps.exact_for(actor, layer.deals(actor)), today) if layer.people else every
    return Look(lay.names[asked.step], told[asked.step], times, [layer.behind(actor, asked.what, time) for time in times], layer.unit)


def _figures(asked: Asked, actor: Actor, today: date) -> Look:
    """An indicator of the plan on the asked step, at the days on which it was measured."""
    plan = queries.plan_at(actor, today)
    assert plan is not None  # the layer is there
    found = figures.Figures(actor, plan, asked.what, asked.step, today)
    times = found.read()
    behind = [found.behind(time, time is times[-1]) for time in times]
    return Look(
        steps.geography(actor, today).names[asked.step], found.rows(times), times, behind, figures.unit_of(plan, asked.what),
        figures.is_share(plan, asked.what), figures.back_to_plan(asked.what),
    )  # fmt: skip


def _places(look: Look, asked: Asked, actor: Actor, today: date) -> list[dict[str, Any]]:
    """The places of the asked step with their numbers, as the page and the map show them."""
    wanted = {place for place in look.names if not asked.division or steps.within(asked.step, place, asked.division, today)}
    where = steps.positions(asked.step, wanted, today)
    nothing = [None] * len(look.times)
    return [
        {"value": place, "name": name, "at": where.get(place), "v": look.rows.get(place, nothing)}
        for place, name in look.names.items() if place in wanted
    ]  # fmt: skip


def _rows(shown: list[dict[str, Any]], asked: Asked, look: Look, now: int, possible: list[str]) -> list[dict[str, Any]]:
    """The rows of the table at one time, fullest first."""
    finer = {"county": "town", "board": "town", "town": "village"}.get(asked.step, "")
    finer = finer if finer in possible else ""
    rows = [
        {"value": place["value"], "name": place["name"], "count": place["v"][now] if place["v"] else None,
         "list": f"{look.behind[now]}{place['value']}" if look.behind and look.behind[now] else "",
         "closer": f"?{asked.address(step=finer, division=place['value'])}" if finer else ""}
        for place in shown
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (_rank(row["count"]), row["value"]))


def _rank(count: float | None) -> float:
    """Fullest first; what is held back before nothing, and nothing before what is not known."""
    return 2 if count is None else -0.5 if count == steps.HELD_BACK else -count
