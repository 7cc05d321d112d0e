"""各地对照: one figure for the places side by side, in both geographies, each leading to its rows and its map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.indicators import queries
from minzheng.kernel.indicators.catalogue import indicators
from minzheng.kernel.indicators.models import Plan, Target
from minzheng.kernel.indicators.queries.shapes import PlaceFigure
from minzheng.portals.staff import places
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.plan.shown import TONES, Meter, StateChip, in_words

TITLES = {"unit": "按管理口径（板块）", "division": "按行政区划（区县）", "town": "按镇街"}


@dataclass(frozen=True)
class Row:
    """One place beside others."""

    place: PlaceFigure
    shown: str
    chip: StateChip
    meter: Meter | None


def target_of(plan: Plan, code: str) -> Target | None:
    """The target of that code in a plan."""
    item = plan.items.filter(targets__code=code, withdrawn_on=None).first()
    return (
        item.targets.select_related("item__plan").filter(code=code, withdrawn_on=None).first()
        if item
        else None
    )


def choices(plan: Plan, measured: bool = False) -> list[tuple[str, list[tuple[str, str]]]]:
    """What may be compared: targets that something measures or somebody types (`measured`: only the former), then the other figures."""
    items = plan.items.filter(withdrawn_on=None).prefetch_related("targets").order_by("number")
    targets = [
        each
        for item in items
        for each in item.targets.all()
        if each.withdrawn_on is None and each.period != "event"
    ]
    own = [name for item in items for name in item.figures if name in indicators()]
    named = [(each.code, f"{each.code} {each.verbatim[:24]}") for each in targets if each.indicator or not measured]
    return [
        ("量化目标", named),
        ("本项监测数", [(name, indicators()[name].title) for name in dict.fromkeys(own)]),
    ]


@page("plan.view")
def plan_places(request: StaffRequest) -> HttpResponse:
    """The places of both geographies side by side for one figure."""
    actor, today = request.actor, clock.business_date()
    plan = queries.plan_at(actor, today)
    if plan is None:
        return render(
            request,
            "staff/plan/none.html",
            {"reason": f"{today.year} 年还没有导入工作要点", "may_manage": actor.may("plan.manage")},
        )
    groups = choices(plan)
    known = [value for _title, group in groups for value, _label in group]
    asked, reading = (
        request.GET.get("figure", "") or (known[0] if known else ""),
        request.GET.get("reading", ""),
    )
    target = target_of(plan, asked)
    if target is None and asked not in indicators():
        raise Http404
    measured = indicators().get(target.indicator if target else asked)
    chosen = reading or (
        queries.chosen_reading(target, today) if target else measured.readings[0].name if measured else ""
    )
    cuts: tuple[queries.Cut, ...] = ("division", "unit") if places.whole_city(actor) else ("town",)
    try:
        tables = [_table(cut, target or asked, actor, chosen) for cut in cuts]
    except LookupError as unknown:
        raise Http404 from unknown
    context = {
        "groups": groups, "asked": asked, "target": target, "measured": measured, "tables": tables, "reading": chosen,
        "readings": [(each.name, each.title) for each in measured.readings] if measured else [], "may_manage": actor.may("plan.manage"),
    }  # fmt: skip
    return render(request, "staff/plan/places.html", context)


def _table(cut: queries.Cut, figure: Target | str, actor: Actor, reading: str) -> dict[str, Any]:
    found = queries.by_place(figure, actor, clock.business_date(), cut, reading)
    known = [each for each in found if each.numerator is not None]
    per, unit = _measure(figure)
    most = max((float(each.value) for each in known if each.value is not None), default=0) or 1
    rows = [
        Row(each, in_words(each.value, per, unit), StateChip(each.state), _meter(each, per, most)) for each in found
    ]  # fmt: skip
    return {
        "title": TITLES[cut], "rows": rows, "numerator": sum(each.numerator or 0 for each in known), "as_of": known[0].as_of if known else None,
        "denominator": sum(each.denominator or 0 for each in known) if any(each.denominator is not None for each in known) else None,
    }  # fmt: skip


def _measure(figure: Target | str) -> tuple[str, str]:
    if isinstance(figure, Target):
        return figure.per, figure.unit
    found = indicators()[figure]
    return "percent" if found.is_share else "count", found.unit


def _meter(each: PlaceFigure, per: str, most: float) -> Meter | None:
    if each.value is None:
        return None
    width = float(each.value) if per == "percent" else 100 * float(each.value) / most
    return Meter(
        round(min(max(width, 0), 100), 1),
        None,
        TONES[each.state] if per == "percent" else "blue",
        in_words(each.value, per, "persons") if per == "percent" else "",
    )
