"""Reading alerts, always inside the reader's jurisdiction."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from minzheng.kernel.divisions.queries import inside
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, M, roles, scoped
from minzheng.kernel.foundation.models import User
from minzheng.kernel.foundation.register_rows import BOUND, in_order
from minzheng.kernel.monitoring.catalogue import for_officials, goes_to, scenarios
from minzheng.kernel.monitoring.models import Alert, AlertStep, Visit
from minzheng.kernel.monitoring.outcomes import OUTCOMES
from minzheng.kernel.monitoring.scenario import DESKS

OPEN = (Alert.Status.NEW, Alert.Status.ASSIGNED)
RUNG_OF_LEVEL = {
    "village": Alert.Rung.VILLAGE, "town": Alert.Rung.TOWN, "county": Alert.Rung.COUNTY, "city": Alert.Rung.CITY,
}  # fmt: skip
ORDER = ("due_on", "severity_rank", "id")


@dataclass(frozen=True)
class Happened:
    """Something that was done to alerts from one business date to another, both included."""

    verb: str
    first: date
    last: date


def seen_by(rows: QuerySet[M], actor: Actor, alert: str = "") -> QuerySet[M]:
    """Alerts without those that are officials' alone: that a neighbour's benefit is in doubt is none of a grid worker's
    business, until an official hands that very alert over. `alert`: the way from the rows to their alert ("alert__")."""
    if actor.role not in roles() or roles()[actor.role].level != "village":
        return rows
    theirs = Q(**{f"{alert}assigned_to": actor.user}) if actor.user else Q(pk__in=[])
    return rows.filter(~Q(**{f"{alert}scenario__in": for_officials()}) | theirs)


def alerts(
    actor: Actor, status: str | None = None, scenario: str | None = None, severity: str | None = None,
    division: str | None = None, overdue_on: date | None = None, due: tuple[date, date] | None = None,
    happened: Happened | None = None, handler: int | None = None,
) -> QuerySet[Alert]:
    """Alerts in the actor's jurisdiction, most urgent first.

    status: a code of Alert.Status or 'open'; division: a division code, its leading digits, or the slug of a
    management unit; overdue_on: only open ones whose date was before that day; due: open ones due from a day to another,
    both included; happened: to which something was done in a time; handler: a user's number. Raises Forbidden,
    LookupError (unknown unit), ValueError (not a code).
    """
    actor.require("alerts.view")
    rows = seen_by(scoped(Alert.objects.select_related("person", "assigned_to"), actor), actor)
    if status == "open":
        rows = rows.filter(status__in=OPEN)
    elif status:
        rows = rows.filter(status=status)
    if scenario:
        rows = rows.filter(scenario=scenario)
    if severity:
        rows = rows.filter(severity=severity)
    if division:
        rows = rows.filter(inside(division, clock.business_date()))
    if overdue_on is not None:
        rows = rows.filter(status__in=OPEN, due_on__lt=overdue_on)
    if due is not None:
        rows = rows.filter(status__in=OPEN, due_on__gte=due[0], due_on__lte=due[1])
    if handler is not None:
        rows = rows.filter(assigned_to_id=handler)
    if happened is not None:
        steps = AlertStep.objects.filter(verb=happened.verb, on__gte=happened.first, on__lte=happened.last)
        rows = rows.filter(pk__in=steps.values("alert_id"))
    return rows.order_by(*ORDER)


def page(rows: QuerySet[Alert], actor: Actor, first: int, last: int, total: int) -> list[Alert]:
    """The alerts from one position of a list of `total` to another. What comes before is passed over in an index alone;
    evidence, people and handlers are fetched for the page's own rows."""
    order = [str(field) for field in rows.query.order_by]
    keys = list(in_order(rows.order_by(), order, many=total > BOUND).values_list("pk", flat=True)[first:last])
    found = scoped(Alert.objects.select_related("person", "assigned_to"), actor).in_bulk(keys)
    return [found[key] for key in keys if key in found]


def todo(actor: Actor, as_of: date) -> QuerySet[Alert]:
    """What waits for this actor: a grid worker's own visits; for officials the pool that is not handed over
    (town), and whatever ran over its time and climbed to their level."""
    rows = alerts(actor, status="open").filter(raised_on__lte=as_of)
    level = roles()[actor.role].level if actor.role in roles() else "city"
    if level == "village":
        return rows.filter(assigned_to=actor.user) if actor.user else rows.none()
    waiting = Q(rung__lte=RUNG_OF_LEVEL[level])
    if level == "town":
        waiting = (waiting | Q(status=Alert.Status.NEW)) & ~Q(scenario__in=for_officials("town"))
    if actor.user:
        waiting |= Q(assigned_to=actor.user)
    return rows.filter(waiting)


def changes(actor: Actor, first: date, last: date) -> dict[str, int]:
    """How many alerts of the actor's jurisdiction each verb was done to, from one business date to another. One query."""
    actor.require("alerts.view")
    steps = seen_by(scoped(AlertStep.objects.filter(on__gte=first, on__lte=last), actor), actor, "alert__")
    return dict(steps.values_list("verb").annotate(n=Count("alert", distinct=True)).order_by())


@dataclass
class PlaceFigures:
    """What a board shows of one place."""

    new: int = 0
    open: int = 0
    overdue: int = 0
    today: int = 0
    closed: int = 0
    helped: int = 0
    not_needed: int = 0

    @property
    def done_share(self) -> int:
        """Closed ones in hundredths of all."""
        return 100 * self.closed // (self.closed + self.open) if self.closed + self.open else 0

    @property
    def precision(self) -> int | None:
        """Helped in hundredths of those of whom it could be told."""
        found = self.helped + self.not_needed
        return 100 * self.helped // found if found else None


def by_village(actor: Actor, as_of: date) -> dict[str, PlaceFigures]:
    """Figures of every village with alerts in the actor's jurisdiction; two grouped queries over indexes alone."""
    actor.require("alerts.view")
    found: dict[str, PlaceFigures] = {}
    rows = seen_by(scoped(Alert.objects.filter(status__in=OPEN), actor), actor).order_by()
    for code, new, open_, overdue, today in rows.values_list("division_code").annotate(
        new=Count("id", filter=Q(status=Alert.Status.NEW)), open=Count("id"), overdue=Count("id", filter=Q(due_on__lt=as_of)),
        today=Count("id", filter=Q(due_on=as_of)),
    ):  # fmt: skip
        found[code] = PlaceFigures(new, open_, overdue, today)
    ended = seen_by(scoped(Alert.objects.exclude(outcome=""), actor), actor).order_by()
    for code, outcome, count in ended.values_list("division_code", "outcome").annotate(n=Count("id")):
        place = found.setdefault(code, PlaceFigures())
        place.closed += count
        counting = OUTCOMES[outcome].counting if outcome in OUTCOMES else ""
        place.helped += count if counting == "helped" else 0
        place.not_needed += count if counting == "not_needed" else 0
    return found


def crossed(rows: QuerySet[Alert], by: str) -> dict[tuple[str, str], int]:
    """Counts of a list by scenario and another field: {(scenario, value): count}."""
    return {(scenario, str(value)): n for scenario, value, n in rows.order_by().values_list("scenario", by).annotate(n=Count("id"))}


def alert(alert_id: int, actor: Actor) -> Alert:
    """One alert with person and handler; raises Alert.DoesNotExist outside the jurisdiction."""
    return alerts(actor).get(pk=alert_id)


def steps(of: Alert, actor: Actor) -> QuerySet[AlertStep]:
    """What happened to an alert, oldest first."""
    actor.require("alerts.view")
    return seen_by(scoped(AlertStep.objects.filter(alert=of), actor), actor, "alert__").order_by("id")


def visits(of: Alert, actor: Actor) -> QuerySet[Visit]:
    """The visits for an alert, oldest first."""
    actor.require("alerts.view")
    return seen_by(scoped(Visit.objects.filter(alert=of), actor), actor, "alert__").select_related("visitor").order_by("id")


def alerts_of_people(person_ids: list[int], actor: Actor) -> QuerySet[Alert]:
    """All alerts of some people (a household), newest event first."""
    actor.require("alerts.view")
    rows = seen_by(scoped(Alert.objects.filter(person_id__in=person_ids), actor), actor)
    return rows.select_related("person", "assigned_to").order_by("-event_date", "-id")


def open_counts(person_ids: list[int], actor: Actor) -> dict[int, int]:
    """How many open alerts each of some people has; one query, people without any are left out."""
    actor.require("alerts.view")
    rows = seen_by(scoped(Alert.objects.filter(person_id__in=person_ids, status__in=OPEN), actor), actor)
    return dict(rows.values_list("person_id").annotate(n=Count("id")).order_by())


def visitors() -> QuerySet[User]:
    """Active users of the levels that go to people's doors: grid workers and town officials."""
    names = [
        name for name, role in roles().items()
        if role.level in {"village", "town"} and "alerts.visit" in role.capabilities
    ]  # fmt: skip
    return User.objects.filter(is_active=True, role__in=names)


def visitors_in(actor: Actor) -> QuerySet[User]:
    """Visitors whose jurisdiction lies within the actor's, town officials first."""
    inside = Q(pk__in=[])
    for low, high in actor.ranges:
        inside |= Q(jurisdictions__low__gte=low, jurisdictions__high__lte=high)
    return visitors().filter(inside).distinct().order_by("-role", "username")


def assignees(of: Alert, actor: Actor) -> list[User]:
    """Who can take this alert: visitors whose jurisdiction covers its village, grid workers first, then the
    least burdened. Each user carries `open_alerts`."""
    if not actor.covers(of.division_code):
        return []
    here = Q(jurisdictions__low__lte=of.division_code, jurisdictions__high__gt=of.division_code)
    open_alerts = Count("alerts", filter=Q(alerts__status__in=OPEN), distinct=True)
    people: list[Any] = list(visitors().filter(here).annotate(open_alerts=open_alerts).distinct())
    return sorted(people, key=lambda user: (roles()[user.role].level != "village", user.open_alerts, user.pk))


def counts(actor: Actor, as_of: date) -> dict[str, int]:
    """Alerts by state in the actor's jurisdiction: new, assigned, closed, overdue, today (due), high (open)."""
    actor.require("alerts.view")
    open_ = Q(status__in=OPEN)
    figures: dict[str, int] = seen_by(scoped(Alert.objects.all(), actor), actor).aggregate(
        total=Count("id"),
        new=Count("id", filter=Q(status=Alert.Status.NEW)),
        assigned=Count("id", filter=Q(status=Alert.Status.ASSIGNED)),
        closed=Count("id", filter=Q(status=Alert.Status.CLOSED)),
        overdue=Count("id", filter=open_ & Q(due_on__lt=as_of)),
        today=Count("id", filter=open_ & Q(due_on=as_of)),
        high=Count("id", filter=open_ & Q(severity=Alert.Severity.HIGH)),
        escalated=Count("id", filter=open_ & _climbed()),
    )
    return figures


def climbed(of: Alert) -> bool:
    """Whether an alert ran over its time and stands higher than the desk that it went to."""
    return of.rung < RUNG_OF_LEVEL[goes_to(of.scenario)]


def _climbed() -> Q:
    """The same as a condition."""
    beyond = Q(rung__lt=Alert.Rung.VILLAGE)
    for below, desk in pairwise(DESKS):
        beyond &= Q(rung__lt=RUNG_OF_LEVEL[desk]) | ~Q(scenario__in=for_officials(below))
    return beyond


@dataclass(frozen=True)
class Precision:
    """How often a scenario was right. `value` = helped ÷ (helped + not_needed), None before the first finding;
    closed alerts whose person had died, moved or was not found are `not_counted`: nobody could tell."""

    scenario: str
    title: str
    raised: int
    unvisited: int
    helped: int
    not_needed: int
    not_counted: int

    @property
    def value(self) -> float | None:
        found = self.helped + self.not_needed
        return self.helped / found if found else None


def precision(as_of: date) -> list[Precision]:
    """Precision of every scenario from what visits found up to and including `as_of`.

    Counts alerts, not visits: of an alert that was visited again after re-opening, the last visit counts. What officials
    looked into counts by what they closed it with.
    Figures of the whole city without personal data, so that small places show no individual outcome.
    """
    until = Visit.objects.filter(visited_on__lte=as_of)
    later = until.filter(alert=OuterRef("alert"), id__gt=OuterRef("id"))
    last = until.filter(~Exists(later)).values_list("alert__scenario", "outcome").annotate(n=Count("id")).order_by()
    found: dict[str, Counter[str]] = {}
    for scenario, outcome, count in last:
        found.setdefault(scenario, Counter())[OUTCOMES[outcome].counting] += count
    files = Alert.objects.filter(scenario__in=for_officials(), closed_on__lte=as_of, visits=None).order_by()
    for scenario, outcome, count in files.values_list("scenario", "outcome").annotate(n=Count("id")):
        found.setdefault(scenario, Counter())[OUTCOMES[outcome].counting] += count
    raised: dict[str, int] = dict(
        Alert.objects.filter(raised_on__lte=as_of).values_list("scenario").annotate(Count("id")).order_by("scenario")
    )
    names = [*scenarios(), *sorted(set(raised) - set(scenarios()))]
    return [_precision(name, raised.get(name, 0), found.get(name, Counter())) for name in names]


def _precision(name: str, raised: int, found: Counter[str]) -> Precision:
    known = scenarios().get(name)
    return Precision(
        scenario=name, title=known.title if known else name, raised=raised, unvisited=raised - found.total(),
        helped=found["helped"], not_needed=found["not_needed"], not_counted=found["not_counted"],
    )  # fmt: skip
