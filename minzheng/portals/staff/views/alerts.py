"""预警: the list with its filters in the address, and one alert with its evidence."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.monitoring import actions, queries
from minzheng.kernel.monitoring.catalogue import scenarios, title_of
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.registry import queries as registry
from minzheng.portals.staff import evidence, places, timelines
from minzheng.portals.staff.alert_rows import outcome_title, rows
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import page_of
from minzheng.portals.staff.people import member_card, person_line

FILTERS = ("status", "scenario", "severity", "division", "overdue")
STATUS_TABS = (("open", "在办"), ("new", "待派单"), ("assigned", "待入户"), ("closed", "已办结"), ("all", "全部"))


@page("alerts.view")
def alerts(request: StaffRequest) -> HttpResponse:
    """Alerts of the reader's area, most urgent first, under the filters of the address."""
    query = {name: request.GET.get(name, "") for name in FILTERS}
    query["status"] = query["status"] or "open"
    try:
        found = _filtered(request.actor, query)
        tabs = _tabs(request.actor, query, request.GET)
    except (ValueError, LookupError) as unknown:  # a place or state that does not exist
        raise Http404 from unknown
    total = next((tab["count"] for tab in tabs if tab["here"]), None)
    page_obj = page_of(request, found, count=total)
    context = {
        "rows": rows(page_obj.object_list, request.actor), "page_obj": page_obj, "query": query, "tabs": tabs,
        "scenarios": [places.Choice(s.name, s.title) for s in scenarios().values()],
        "severities": Alert.Severity.choices, "by_place": roles()[request.actor.role].level != "village",
        "filtered": any(query[name] for name in FILTERS[1:]),
    }  # fmt: skip
    return render(request, "staff/alerts/list.html", context)


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
        "household_url": reverse("staff:household", args=[household.pk]) if household else "",
        "steps": timelines.of_alert(found, actor), "precision": _precision(found), "others": rows(others, actor),
        "place": places.relative_names([found.division_code], actor)[found.division_code],
        "rung_note": f"{found.get_rung_display()}督办" if found.rung < Alert.Rung.VILLAGE else "", **_verbs(found, actor),
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
        "may_visit": is_open and actor.may("alerts.visit"), "may_assign": may_assign,
        "may_close": is_open and actor.may("alerts.close"), "may_reopen": not is_open and actor.may("alerts.reopen"),
        "assignees": [
            {"pk": user.pk, "label": f"{user.full_name} · {roles()[user.role].title} · 在办 {user.open_alerts}"}  # type: ignore[attr-defined]
            for user in (queries.assignees(found, actor) if may_assign else [])
            if user.pk != found.assigned_to_id
        ],
    }  # fmt: skip


def _filtered(actor: Actor, query: dict[str, str]) -> Any:
    overdue = clock.business_date() if query["overdue"] else None
    status = "" if query["status"] == "all" else query["status"]
    found = queries.alerts(
        actor, status=status, scenario=query["scenario"], severity=query["severity"], division=query["division"],
        overdue_on=overdue,
    )  # fmt: skip
    return found.order_by("-closed_on", "-id") if status == "closed" else found


def _tabs(actor: Actor, query: dict[str, str], address: QueryDict) -> list[dict[str, Any]]:
    """The states with their counts under the other filters; one grouped query."""
    grouped = _filtered(actor, {**query, "status": "all"}).order_by().values_list("status").annotate(Count("id"))
    counts = dict(grouped)
    counts["open"] = sum(counts.get(status, 0) for status in queries.OPEN)
    counts["all"] = sum(counts.get(status, 0) for status in Alert.Status.values)
    tabs = []
    for code, label in STATUS_TABS:
        to = address.copy()
        to.pop("page", None)
        to["status"] = code
        here = code == query["status"]
        tabs.append({"label": label, "count": counts.get(code, 0), "here": here, "url": f"?{to.urlencode()}"})
    return tabs


def _precision(found: Alert) -> str:
    for row in queries.precision(clock.business_date()):
        if row.scenario == found.scenario and row.value is not None:
            return f"{row.value:.0%}（{row.helped}/{row.helped + row.not_needed}）"
    return ""
