"""预警: the list with its filters in the address, and one alert with its evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.monitoring import actions, queries
from minzheng.kernel.monitoring.catalogue import for_officials, scenarios, title_of
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.registry import queries as registry
from minzheng.portals.staff import evidence, places, timelines
from minzheng.portals.staff.alert_board import cross_table
from minzheng.portals.staff.alert_filters import DUE, AlertFilters
from minzheng.portals.staff.alert_rows import outcome_title, rows
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import Slices, page_of
from minzheng.portals.staff.people import member_card, person_line

STATUS_TABS = (("open", "在办"), ("new", "待派单"), ("assigned", "待入户"), ("closed", "已办结"), ("all", "全部"))
SIDES = {"severity": ("级别", "severity"), "clock": ("期限", "due_on"), "part": ("辖区", "division_code"), "status": ("状态", "status")}


@page("alerts.view")
def alerts(request: StaffRequest) -> HttpResponse:
    """Alerts of the reader's area, most urgent first, under the filters of the address."""
    actor, today, asked = request.actor, clock.business_date(), AlertFilters.of(request.GET)
    try:
        found = asked.rows(actor, today)
        tabs = status_tabs(actor, asked, today)
    except (ValueError, LookupError) as unknown:  # a place or state that does not exist
        raise Http404 from unknown
    total = next((tab["count"] for tab in tabs if tab["here"]), None)
    total = found.count() if total is None else total
    page_obj = page_of(request, Slices(lambda first, last: queries.page(found, actor, first, last, total)), count=total)
    context = {
        "rows": rows(page_obj.object_list, actor), "page_obj": page_obj, "tabs": tabs,
        "may_hand_over": actor.may("alerts.assign") and asked.status != "closed", **filter_context(actor, asked),
    }  # fmt: skip
    return render(request, "staff/alerts/list.html", context)


def filter_context(actor: Actor, asked: AlertFilters) -> dict[str, Any]:
    """What the filter form and the switch between list, board, map and charts need."""
    return {
        "query": asked, "scenarios": [places.Choice(s.name, s.title) for s in scenarios().values()], "dues": DUE.items(),
        "severities": Alert.Severity.choices, "by_place": roles()[actor.role].level != "village", "filtered": asked.narrowed,
        "address": asked.address(),
    }  # fmt: skip


@page("alerts.view")
def board(request: StaffRequest) -> HttpResponse:
    """场景 × 级别, 时钟, 辖区 or 状态, each count leading to its list. Open alerts unless the address says otherwise."""
    actor, today, asked = request.actor, clock.business_date(), AlertFilters.of(request.GET)
    side = request.GET.get("by", "") if request.GET.get("by", "") in SIDES else "severity"
    try:
        counted = queries.crossed(asked.rows(actor, today), SIDES[side][1])
    except (ValueError, LookupError) as unknown:
        raise Http404 from unknown
    table = cross_table(counted, side, actor, today, asked)
    context = {"table": table, "side": side, "sides": [(key, label) for key, (label, _field) in SIDES.items()], **filter_context(actor, asked)}
    return render(request, "staff/alerts/board.html", context)


@page("alerts.view")
def alert(request: StaffRequest, alert_id: int) -> HttpResponse:
    """One alert: evidence, household, what happened, and what can be done. The reading is recorded."""
    actor, today = request.actor, clock.business_date()
    try:
        found = actions.open_alert(alert_id=alert_id, by=actor)
    except Alert.DoesNotExist as missing:
        raise Http404 from missing
    household = registry.household_of(found.person_id, actor, today)
    family = [member_card(m, today) for m in registry.members(household, actor, today)] if household else []
    others = [a for a in queries.alerts_of_people([card.person_id for card in family], actor) if a.pk != found.pk]
    context = {
        **heading(found), "cards": evidence.cards(found.evidence), "family": family,
        "why_url": reverse("staff:why", args=[household.pk]) if household and actor.may("benefits.view") else "",
        "household_url": reverse("staff:household", args=[household.pk]) if household else "",
        "steps": timelines.of_alert(found, actor), "precision": _precision(found), "others": rows(others, actor),
        "place": places.relative_names([found.division_code], actor)[found.division_code],
        "rung_note": f"{found.get_rung_display()}督办" if queries.climbed(found) else "", **_verbs(found, actor),
    }  # fmt: skip
    return render(request, "staff/alerts/detail.html", context)


def heading(found: Alert) -> dict[str, Any]:
    """What every page about one alert shows of it."""
    known = scenarios().get(found.scenario)
    return {
        "alert": found, "person": person_line(found.person), "scenario_title": title_of(found.scenario),
        "basis": "、".join(known.basis) if known else "", "outcome": outcome_title(found.outcome),
    }  # fmt: skip


def _verbs(found: Alert, actor: Actor) -> dict[str, Any]:
    """What this actor may do to the alert as it stands."""
    is_open = found.status in queries.OPEN
    may_assign = is_open and actor.may("alerts.assign")
    return {
        "in_doubt": found.scenario in for_officials(), "may_open_case": actor.may("cases.open"),
        "may_visit": is_open and actor.may("alerts.visit"), "may_assign": may_assign,
        "may_close": is_open and actor.may("alerts.close"), "may_reopen": not is_open and actor.may("alerts.reopen"),
        "assignees": [
            {"pk": user.pk, "label": f"{user.full_name} · {roles()[user.role].title} · 在办 {user.open_alerts}"}  # type: ignore[attr-defined]
            for user in (queries.assignees(found, actor) if may_assign else [])
            if user.pk != found.assigned_to_id
        ],
    }  # fmt: skip


def status_tabs(actor: Actor, asked: AlertFilters, today: date) -> list[dict[str, Any]]:
    """The states with their counts under the other filters; one grouped query."""
    everything = replace(asked, status="all").rows(actor, today)
    counts = dict(everything.order_by().values_list("status").annotate(Count("id")))
    counts["open"] = sum(counts.get(status, 0) for status in queries.OPEN)
    counts["all"] = sum(counts.get(status, 0) for status in Alert.Status.values)
    return [
        {"label": label, "count": counts.get(code, 0), "here": code == asked.status, "url": f"?{asked.address(status=code)}"}
        for code, label in STATUS_TABS
    ]  # fmt: skip


def _precision(found: Alert) -> str:
    for row in queries.precision(clock.business_date()):
        if row.scenario == found.scenario and row.value is not None:
            return f"{row.value:.0%}（{row.helped}/{row.helped + row.not_needed}）"
    return ""
