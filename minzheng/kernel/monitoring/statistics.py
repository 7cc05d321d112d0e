"""How the scenarios fare over time: precision by month, workload by week, days until somebody went. Counts only.

Figures of the actor's jurisdiction; nothing about people. An alert's finding is that of its last visit.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth

from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.monitoring.catalogue import scenarios, title_of
from minzheng.kernel.monitoring.models import Alert, AlertStep, Visit
from minzheng.kernel.monitoring.outcomes import OUTCOMES
from minzheng.kernel.monitoring.queries import seen_by

MONTHS, WEEKS = 12, 13


@dataclass
class ScenarioMonths:
    """Precision of one scenario: month → (helped, found)."""

    scenario: str
    title: str
    months: dict[date, tuple[int, int]] = field(default_factory=dict)


@dataclass
class Week:
    """What happened to alerts in the week that begins on `monday`."""

    monday: date
    raised: int = 0
    visited: int = 0
    closed: int = 0


@dataclass(frozen=True)
class Speed:
    """Days from discovery to the visit, over the last 12 months."""

    scenario: str
    title: str
    visits: int
    median_days: float


def precision_by_month(actor: Actor, as_of: date) -> list[ScenarioMonths]:
    """Helped ÷ (helped + not needed) by the month of closing, for each scenario, the last 12 months."""
    actor.require("alerts.view")
    first = _months_back(as_of, MONTHS - 1)
    rows = seen_by(scoped(Alert.objects.filter(closed_on__gte=first, closed_on__lte=as_of), actor), actor)
    grouped = rows.annotate(month=TruncMonth("closed_on")).values_list("scenario", "month", "outcome").annotate(n=Count("id")).order_by()
    found: dict[str, dict[date, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for scenario, month, outcome, count in grouped:
        counting = OUTCOMES[outcome].counting if outcome in OUTCOMES else ""
        if counting in ("helped", "not_needed"):
            found[scenario][month][0] += count if counting == "helped" else 0
            found[scenario][month][1] += count
    names = [name for name in scenarios() if name in found] + sorted(set(found) - set(scenarios()))
    return [ScenarioMonths(name, title_of(name), {month: (h, n) for month, (h, n) in sorted(found[name].items())}) for name in names]


def workload_by_week(actor: Actor, as_of: date, scenario: str = "") -> list[Week]:
    """Raised, visited and closed alerts of each of the last 13 weeks, weeks without any among them."""
    actor.require("alerts.view")
    this = as_of - timedelta(days=as_of.weekday())
    weeks = {this - timedelta(weeks=back): Week(this - timedelta(weeks=back)) for back in range(WEEKS)}
    steps: QuerySet[AlertStep] = seen_by(scoped(AlertStep.objects.filter(on__gte=min(weeks), on__lte=as_of), actor), actor, "alert__")
    if scenario:
        steps = steps.filter(alert__scenario=scenario)
    counted = steps.filter(verb__in=["raised", "visited", "closed"]).values_list("on", "verb").annotate(n=Count("id")).order_by()
    for day, verb, count in counted:
        week = weeks[day - timedelta(days=day.weekday())]
        setattr(week, verb, getattr(week, verb) + count)
    return [weeks[monday] for monday in sorted(weeks)]


def days_until_visit(actor: Actor, as_of: date) -> list[Speed]:
    """Median days from discovery to the first visit, by scenario."""
    actor.require("alerts.view")
    first = _months_back(as_of, MONTHS - 1)
    rows = seen_by(scoped(Visit.objects.filter(visited_on__gte=first, visited_on__lte=as_of), actor), actor, "alert__")
    days: dict[str, dict[int, int]] = defaultdict(dict)
    for scenario, alert, visited, raised in rows.order_by("-id").values_list("alert__scenario", "alert_id", "visited_on", "alert__raised_on"):
        days[scenario][alert] = (visited - raised).days
    names = [name for name in scenarios() if name in days] + sorted(set(days) - set(scenarios()))
    return [Speed(name, title_of(name), len(days[name]), float(median(days[name].values()))) for name in names]


def _months_back(day: date, months: int) -> date:
    place = day.year * 12 + day.month - 1 - months
    return date(place // 12, place % 12 + 1, 1)
