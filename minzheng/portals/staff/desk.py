"""What the desk shows: my to-do by clock, my area by its parts, and how often the scenarios are right."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.monitoring import queries
from minzheng.kernel.monitoring.models import Alert
from minzheng.portals.staff import places
from minzheng.portals.staff.alert_rows import Row, rows

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
    late_width: int = 0
    open: int = 0
    overdue: int = 0
    text: str = ""


def clocks(today: date) -> dict[str, Q]:
    """The four clocks as conditions; the week ends on Sunday."""
    sunday = today + timedelta(days=6 - today.weekday())
    return {
        "overdue": Q(due_on__lt=today), "today": Q(due_on=today),
        "week": Q(due_on__gt=today, due_on__lte=sunday), "later": Q(due_on__gt=max(sunday, today)),
    }  # fmt: skip


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
    shown = iter(rows([alert for alerts in found.values() for alert in alerts], actor))
    made = [
        Group(name, *TITLES[name], counted[name], [next(shown) for _ in alerts]) for name, alerts in found.items()
    ]
    return {**counted, "all": sum(counted.values())}, made


def figures(actor: Actor, today: date) -> list[dict[str, Any]]:
    """Counts for the actor's area, each with the list behind it."""
    counts = queries.counts(actor, today)
    shown = (
        ("在办", counts["new"] + counts["assigned"], "status=open", False), ("待派单", counts["new"], "status=new", False),
        ("待入户", counts["assigned"], "status=assigned", False), ("逾期", counts["overdue"], "overdue=1", counts["overdue"] > 0),
        ("高级别", counts["high"], "status=open&severity=high", False), ("已办结", counts["closed"], "status=closed", False),
    )  # fmt: skip
    return [{"label": label, "count": count, "query": query, "red": red} for label, count, query, red in shown]


def areas(actor: Actor, today: date) -> list[Bar]:
    """Open alerts of the units right below the actor's own, busiest first."""
    open_alerts: QuerySet[Alert, Any] = queries.alerts(actor, status="open").order_by()
    by_village = open_alerts.values_list("division_code").annotate(
        waiting=Count("id"), late=Count("id", filter=Q(due_on__lt=today))
    )
    totals: dict[tuple[str, str], list[int]] = {}
    unit_of = places.part_finder(actor)
    for code, waiting, late in by_village:
        total = totals.setdefault(unit_of(code), [0, 0])
        total[0] += waiting
        total[1] += late
    longest = max((waiting for waiting, _late in totals.values()), default=1)
    bars = [
        Bar(code, name, 100 * waiting // longest, 100 * late // longest, waiting, late)
        for (code, name), (waiting, late) in totals.items()
    ]
    return sorted(bars, key=lambda bar: -bar.open)


def precisions(today: date) -> list[Bar]:
    """How often each scenario was right, from what visits found so far."""
    return [
        Bar(
            p.scenario, p.title, round(100 * (p.value or 0)),
            text="还没有结果" if p.value is None else f"{p.value:.0%}（{p.helped}/{p.helped + p.not_needed}）",
        )
        for p in queries.precision(today)
    ]  # fmt: skip
