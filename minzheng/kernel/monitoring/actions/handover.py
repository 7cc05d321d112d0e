"""What the night does to all open alerts: hand over the new ones, let the overdue ones climb; in bulk."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, roles, scoped
from minzheng.kernel.foundation.calendar import add_working_days
from minzheng.kernel.foundation.dated import Parameters
from minzheng.kernel.foundation.models import Jurisdiction, User
from minzheng.kernel.monitoring.actions.telling import tell_climbed, tell_handed_over
from minzheng.kernel.monitoring.catalogue import for_officials
from minzheng.kernel.monitoring.models import Alert, AlertStep
from minzheng.kernel.monitoring.queries import OPEN, visitors

CHUNK = 2000
ESCALATION = Parameters(Path(__file__).resolve().parent.parent / "escalation.yaml")
RUNGS = {Alert.Rung.TOWN: "escalation_town", Alert.Rung.COUNTY: "escalation_county", Alert.Rung.CITY: "escalation_city"}


@dataclass
class _Worker:
    """A grid worker while alerts are handed out."""

    pk: int
    username: str
    full_name: str
    ranges: list[tuple[str, str]]
    open_alerts: int

    def covers(self, code: str) -> bool:
        return any(low <= code < high for low, high in self.ranges)


@transaction.atomic
def assign_new(*, as_of: date, by: Actor) -> int:
    """Hand every alert that nobody has to the grid worker of its village: the one with the fewest open alerts, then
    the lowest id. Where there is none it stays with the town, and a step says so once. What officials look into first (the
    roster itself is in doubt) waits for them. Returns how many alerts were handed over on `as_of` by this actor."""
    workers = _workers()
    covering: dict[str, list[_Worker]] = {}
    given: dict[int, list[int]] = defaultdict(list)
    pooled: list[int] = []
    waiting = Alert.objects.filter(status=Alert.Status.NEW).exclude(scenario__in=for_officials()).order_by("id").select_for_update()
    for pk, code in waiting.values_list("pk", "division_code"):
        if code not in covering:
            covering[code] = [worker for worker in workers if worker.covers(code)]
        if not covering[code]:
            pooled.append(pk)
            continue
        chosen = min(covering[code], key=lambda worker: (worker.open_alerts, worker.pk))
        chosen.open_alerts += 1
        given[chosen.pk].append(pk)
    by_pk = {worker.pk: worker for worker in workers}
    for worker_pk, alerts in sorted(given.items()):
        _hand_over(by_pk[worker_pk], alerts)
    taken = {pk: by_pk[worker_pk] for worker_pk, alerts in given.items() for pk in alerts}
    _note_assigned(taken, as_of, by)
    _note_pooled(pooled, as_of, by)
    tell_handed_over({pk: len(alerts) for pk, alerts in given.items()}, as_of)
    return AlertStep.objects.filter(verb=AlertStep.Verb.ASSIGNED, on=as_of, by=by.name).count()


@dataclass(frozen=True)
class Plan:
    """Who would get how many of some alerts, and how many nobody can take, by reason. The numbers add up to `asked`."""

    asked: int
    given: dict[User, list[int]]
    left: dict[str, int]

    @property
    def handed(self) -> int:
        return sum(len(alerts) for alerts in self.given.values())


CLOSED, SAME, NOT_COVERED, NOBODY = "已办结", "已在此人手里", "不在此人的辖区", "所在村社区没有在用的网格员"
OFFICIALS = "对名册的核查先由镇街、区县办理，确需上门的逐件派单"
MOST_AT_ONCE = 5000  # alerts handed over in one go


def plan_handover(*, alert_ids: Iterable[int], to: User | None, by: Actor) -> Plan:
    """What handing over would do: to one person, or (to=None) to the grid workers of the alerts' villages.

    Raises Forbidden without `alerts.assign`. Alerts outside the jurisdiction are not among those asked for.
    """
    by.require("alerts.assign")
    wanted = sorted(set(alert_ids))[:MOST_AT_ONCE]
    rows = [row for chunk in _chunks(wanted) for row in scoped(Alert.objects.filter(pk__in=chunk), by).order_by("pk").values_list("pk", "division_code", "status", "assigned_to_id", "scenario")]
    workers = _workers() if to is None else [_one_worker(to)]
    to_village = to is None or (to.role in roles() and roles()[to.role].level == "village")
    officials = for_officials() if to_village else frozenset()
    covering: dict[str, list[_Worker]] = {}
    given: dict[int, list[int]] = defaultdict(list)
    left: Counter[str] = Counter()
    for pk, code, status, holder, scenario in rows:
        able = covering.setdefault(code, [worker for worker in workers if worker.covers(code)])
        if status == Alert.Status.CLOSED:
            left[CLOSED] += 1
        elif scenario in officials:
            left[OFFICIALS] += 1
        elif not able:
            left[NOBODY if to is None else NOT_COVERED] += 1
        elif holder in {worker.pk for worker in able}:
            left[SAME] += 1
        else:
            chosen = min(able, key=lambda worker: (worker.open_alerts, worker.pk))
            chosen.open_alerts += 1
            given[chosen.pk].append(pk)
    users = {user.pk: user for user in User.objects.filter(pk__in=list(given))}
    return Plan(len(rows), {users[pk]: alerts for pk, alerts in sorted(given.items())}, dict(left))


@transaction.atomic
def assign_many(*, alert_ids: Iterable[int], to: User | None, by: Actor, note: str = "") -> Plan:
    """Hand many alerts over at once; returns what was done. What changed meanwhile is left and counted with its reason.

    Two officials at once: the rows are locked, so that each alert goes to one person, and the other hears of it in
    the counts. Raises Forbidden.
    """
    by.require("alerts.assign")
    wanted = sorted(set(alert_ids))[:MOST_AT_ONCE]
    for chunk in _chunks(wanted):
        list(scoped(Alert.objects.filter(pk__in=chunk), by).order_by("pk").select_for_update().values_list("pk"))
    plan = plan_handover(alert_ids=wanted, to=to, by=by)
    as_of = clock.business_date()
    workers = {user.pk: _Worker(user.pk, user.username, user.full_name, [], 0) for user in plan.given}
    for user, alerts in plan.given.items():
        _hand_over(workers[user.pk], alerts)
    taken = {pk: workers[user.pk] for user, alerts in plan.given.items() for pk in alerts}
    _note_assigned(taken, as_of, by, note.strip()[:200] or "批量派单")
    tell_handed_over({user.pk: len(alerts) for user, alerts in plan.given.items()}, as_of)
    return plan


@transaction.atomic
def escalate_overdue(*, as_of: date, by: Actor) -> int:
    """Let every open alert whose date has passed climb one rung, with a new date by the parameters of that rung.

    What stands on the city's rung stays there: nobody is above. Returns how many climbed on `as_of`. The new date
    lies after `as_of`, so a second call of the same date finds nothing more to do.
    """
    values = ESCALATION.at(as_of)
    late = Alert.objects.filter(status__in=OPEN, due_on__lt=as_of, rung__gt=Alert.Rung.CITY)
    versions = dict(late.order_by("id").select_for_update().values_list("pk", "version"))
    climbed: dict[int, list[str]] = {}
    for rung, name in sorted(RUNGS.items()):  # from the city down, so that none climbs twice
        due_on = add_working_days(as_of, values.number(name))
        places = dict(late.filter(rung=rung + 1).order_by("id").values_list("pk", "division_code"))
        standing, climbed[rung] = list(places), list(places.values())
        for chunk in _chunks(standing):
            Alert.objects.filter(pk__in=chunk).update(rung=rung, due_on=due_on, version=F("version") + 1)
        note = f"逾期未办，升级到{Alert.Rung(rung).label}，新期限 {due_on}"
        details = {pk: {"version": versions[pk] + 1, "rung": int(rung), "due_on": due_on.isoformat()} for pk in standing}
        _record(AlertStep.Verb.ESCALATED, details, note, as_of, by)
    tell_climbed(climbed, as_of)
    return AlertStep.objects.filter(verb=AlertStep.Verb.ESCALATED, on=as_of).count()


def _one_worker(user: User) -> _Worker:
    """Somebody chosen by hand; without ranges when the role does not go to doors."""
    may = visitors().filter(pk=user.pk).exists()
    ranges = list(user.jurisdictions.values_list("low", "high")) if may else []
    return _Worker(user.pk, user.username, user.full_name, ranges, 0)


def _workers() -> list[_Worker]:
    names = [name for name, role in roles().items() if role.level == "village" and "alerts.visit" in role.capabilities]
    load = Count("alerts", filter=Q(alerts__status__in=OPEN))
    users: Iterable[Any] = User.objects.filter(is_active=True, role__in=names).annotate(load=load).order_by("pk")
    ranges: dict[int, list[tuple[str, str]]] = defaultdict(list)
    areas = Jurisdiction.objects.filter(user__role__in=names)
    for user_id, low, high in areas.values_list("user_id", "low", "high"):
        ranges[user_id].append((low, high))
    return [_Worker(user.pk, user.username, user.full_name, ranges[user.pk], user.load) for user in users]


def _hand_over(worker: _Worker, alerts: list[int]) -> None:
    for chunk in _chunks(alerts):
        Alert.objects.filter(pk__in=chunk).update(
            assigned_to_id=worker.pk, status=Alert.Status.ASSIGNED, version=F("version") + 1
        )


def _note_assigned(taken: dict[int, _Worker], as_of: date, by: Actor, note: str = "系统派给所在村社区网格员") -> None:
    versions: dict[int, int] = {}
    for chunk in _chunks(sorted(taken)):
        versions |= dict(Alert.objects.filter(pk__in=chunk).values_list("pk", "version"))
    details = {
        pk: {"version": versions[pk], "to": worker.username, "to_name": worker.full_name, "previous": None}
        for pk, worker in sorted(taken.items())
    }  # fmt: skip
    _record(AlertStep.Verb.ASSIGNED, details, note, as_of, by)


def _note_pooled(pooled: list[int], as_of: date, by: Actor) -> None:
    noted: set[int] = set()
    for chunk in _chunks(pooled):
        steps = AlertStep.objects.filter(alert_id__in=chunk, verb=AlertStep.Verb.POOLED)
        noted.update(steps.values_list("alert_id", flat=True))
    details: dict[int, dict[str, Any]] = {pk: {} for pk in pooled if pk not in noted}
    _record(AlertStep.Verb.POOLED, details, "村社区没有在用的网格员，由镇街派单", as_of, by)


def _record(verb: AlertStep.Verb, details: dict[int, dict[str, Any]], note: str, as_of: date, by: Actor) -> None:
    now = timezone.now()
    AlertStep.objects.bulk_create(
        (AlertStep(alert_id=pk, verb=verb, on=as_of, at=now, by=by.name, note=note, details=more)
         for pk, more in details.items()),
        batch_size=CHUNK,
    )  # fmt: skip
    audit.record_many(by, f"alert.{verb.value}", [audit.Entry(f"alert:{pk}", note) for pk in details])


def _chunks(keys: list[int]) -> Iterable[list[int]]:
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))
