"""What the desk shows: my to-do by clock, my area by its parts, and how often the scenarios are right."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q

from minzheng.kernel.casework import queries as casework
from minzheng.kernel.feeds import queries as feeds
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.monitoring import queries
from minzheng.kernel.monitoring.models import AlertStep
from minzheng.portals.staff import case_rows, places
from minzheng.portals.staff.alert_filters import HAPPENED
from minzheng.portals.staff.alert_rows import Row, rows
from minzheng.portals.staff.desk_clocks import spans
from minzheng.portals.staff.routing import by_route

ICONS = {"overdue": "alert-triangle", "today": "clock", "week": "calendar", "later": "calendar-due"}
ALWAYS = ("raised", "visited", "closed")  # said even when there were none
MONTH = (AlertStep.Verb.RAISED, AlertStep.Verb.VISITED, AlertStep.Verb.CLOSED)
TREND = timedelta(days=30)  # precision is compared with what it was then
CASES_SHOWN = 8
SHOWN = {"overdue": 30, "today": 30, "week": 20, "later": 15}  # per group; the rest is one click away
TITLES = {"overdue": ("逾期", "red"), "today": ("今天到期", "amber"), "week": ("本周到期", ""), "later": ("以后", "")}


@dataclass(frozen=True)
class Group:
    """Part of the to-do list with one clock."""

    slug: str
    title: str
    tone: str
    total: int
    rows: list[Row] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True)
class Bar:
    """A labelled length; widths are in hundredths of the longest."""

    code: str
    name: str
    width: int
    text: str = ""
    trend: str = ""  # up | down | same, '' when there is nothing to compare


def clocks(today: date) -> dict[str, Q]:
    """The four clocks as conditions."""
    return {name: Q(due_on__gte=first, due_on__lte=last) for name, (first, last) in spans(today).items()}


def groups(actor: Actor, today: date, only: str = "") -> tuple[dict[str, int], list[Group]]:
    """Counts by clock, and the groups that hold something; with `only`, one clock without the limit."""
    waiting = queries.todo(actor, today)
    conditions = clocks(today)
    counted: dict[str, int] = waiting.aggregate(**{name: Count("id", filter=q) for name, q in conditions.items()})
    found = {}
    for name, condition in conditions.items():
        if counted[name] and only in ("", name):
            chosen = waiting.filter(condition)
            found[name] = list(chosen[: SHOWN[name]] if not only else chosen[:500])
    if roles()[actor.role].level == "village":  # who walks goes from door to door
        found = {name: by_route(alerts, actor, today) for name, alerts in found.items()}
    shown = iter(rows([alert for alerts in found.values() for alert in alerts], actor))
    made = [
        Group(name, *TITLES[name], counted[name], [next(shown) for _ in alerts]) for name, alerts in found.items()
    ]
    return {**counted, "all": sum(counted.values())}, made


def cases(actor: Actor, today: date) -> dict[str, Any]:
    """The cases that wait for the actor, most urgent first, and how many there are."""
    if not actor.may("cases.view"):
        return {"cases": [], "case_count": 0}
    waiting = casework.todo(actor, today)
    return {"cases": case_rows.rows(waiting[:CASES_SHOWN], actor), "case_count": waiting.order_by().count()}


def tiles(counts: dict[str, int]) -> list[tuple[str, str, str, int, str]]:
    """The four clocks as tiles: (slug, label, icon, count, tone)."""
    return [(slug, label, ICONS[slug], counts[slug], tone) for slug, (label, tone) in TITLES.items()]


def figures(actor: Actor, today: date) -> list[dict[str, Any]]:
    """Counts for the actor's area, each with the list behind it."""
    counts = queries.counts(actor, today)
    shown = (
        ("在办", counts["new"] + counts["assigned"], "status=open", False), ("待派单", counts["new"], "status=new", False),
        ("待入户", counts["assigned"], "status=assigned", False), ("逾期", counts["overdue"], "overdue=1", counts["overdue"] > 0),
        ("高级别", counts["high"], "status=open&severity=high", False), ("已办结", counts["closed"], "status=closed", False),
    )  # fmt: skip
    return [{"label": label, "count": count, "query": query, "red": red} for label, count, query, red in shown]


@dataclass(frozen=True)
class Area:
    """One part of the actor's area on the board; widths in hundredths of the longest."""

    code: str
    name: str
    figures: queries.PlaceFigures
    width: int
    late_width: int


def areas(actor: Actor, today: date) -> list[Area]:
    """The units right below the actor's own side by side, busiest first."""
    unit_of = places.part_finder(actor)
    totals: dict[tuple[str, str], queries.PlaceFigures] = {}
    for code, figures in queries.by_village(actor, today).items():
        total = totals.setdefault(unit_of(code), queries.PlaceFigures())
        for name, value in vars(figures).items():
            setattr(total, name, getattr(total, name) + value)
    longest = max((figures.open for figures in totals.values()), default=0) or 1
    found = [
        Area(code, name, figures, 100 * figures.open // longest, 100 * figures.overdue // longest)
        for (code, name), figures in totals.items()
    ]
    return sorted(found, key=lambda area: (-area.figures.open, area.code))


def this_month(actor: Actor, today: date) -> list[dict[str, Any]]:
    """The road of alerts in this month: how many were found, visited, closed, each with the list of exactly those."""
    first = today.replace(day=1)
    counted = queries.changes(actor, first, today)
    steps = [(HAPPENED[verb], counted.get(verb, 0), f"happened={verb.value}&since={first}") for verb in MONTH]
    most = max((count for _label, count, _query in steps), default=0) or 1
    return [{"label": label, "count": count, "query": query, "width": 100 * count // most} for label, count, query in steps]


def since_yesterday(actor: Actor, today: date) -> list[dict[str, Any]]:
    """What was done to alerts since yesterday, each with the list of exactly those; and what data came or is late."""
    first = today - timedelta(days=1)
    counted = queries.changes(actor, first, today)
    found = [
        {"label": label, "count": counted.get(verb, 0), "route": "alerts", "query": f"?happened={verb.value}&since={first}", "red": verb == "escalated" and counted.get(verb, 0)}
        for verb, label in HAPPENED.items() if counted.get(verb) or verb in ALWAYS
    ]  # fmt: skip
    if actor.may("feeds.view"):
        entries = feeds.catalogue(actor, today)
        came = sum(entry.last_as_of is not None and entry.last_as_of >= first for entry in entries)
        late = sum(entry.days_late > 0 for entry in entries)
        found.append({"label": "数据到达", "count": came, "route": "catalogue", "query": "", "red": False})
        if late:
            found.append({"label": "数据逾期", "count": late, "route": "catalogue", "query": "", "red": True})
    return found


def precisions(today: date) -> list[Bar]:
    """How often each scenario was right, from what visits found so far; and whether that is more than a month ago."""
    before = {p.scenario: p.value for p in queries.precision(today - TREND)}
    return [
        Bar(
            p.scenario, p.title, round(100 * (p.value or 0)),
            text="还没有结果" if p.value is None else f"{p.value:.0%}（{p.helped}/{p.helped + p.not_needed}）",
            trend=_trend(before.get(p.scenario), p.value),
        )
        for p in queries.precision(today)
    ]  # fmt: skip


def _trend(was: float | None, now: float | None) -> str:
    if was is None or now is None:
        return ""
    change = round(100 * now) - round(100 * was)
    return "up" if change > 0 else "down" if change < 0 else "same"
