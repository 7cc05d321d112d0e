"""From findings to alerts: who is new, make them known, store alert and first step; in bulk, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from minzheng.kernel.feeds.acquaintance import make_known
from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.calendar import add_working_days
from minzheng.kernel.foundation.rounds import Progress
from minzheng.kernel.monitoring.catalogue import scenarios
from minzheng.kernel.monitoring.comparison import Result
from minzheng.kernel.monitoring.evidence import Renderer, sources
from minzheng.kernel.monitoring.models import Alert, AlertStep
from minzheng.kernel.monitoring.queries import RUNG_OF_LEVEL
from minzheng.kernel.monitoring.scenario import SEVERITY, Scenario

CHUNK = 2000
WHY = "动态监测预警"
Row = dict[str, Any]


@dataclass(frozen=True)
class Existing:
    """What decides whether a finding about the same person is news."""

    event_date: date
    raised_on: date
    closed: bool


def raise_alerts(*, results: Mapping[str, Result], as_of: date, by: Actor, progress: Progress = lambda _d, _t: None) -> int:
    """Store an alert for every finding that is news, and return how many alerts have `as_of` as their date.

    News is: no alert of the scenario for this person that is still open, none within the de-duplication window
    around `as_of`, and none about this very event, however old. The order of the alerts follows from the findings
    alone, so that the same lake gives the same alerts.
    """
    news = {name: _news(scenarios()[name], result, as_of) for name, result in results.items()}
    keys = {row["person_key"] for rows in news.values() for row in rows}
    progress(0, len(keys))
    people = make_known(keys, by, WHY, as_of)
    alerts = [alert for name, rows in news.items() for alert in _alerts(scenarios()[name], rows, people, as_of)]
    with transaction.atomic():
        Alert.objects.bulk_create(alerts, batch_size=CHUNK)
        now = timezone.now()
        AlertStep.objects.bulk_create(
            (AlertStep(alert=alert, verb=AlertStep.Verb.RAISED, on=as_of, at=now, by=by.name, note=alert.summary,
                       details={"version": alert.version}) for alert in alerts),
            batch_size=CHUNK,
        )  # fmt: skip
        audit.record_many(by, "alert.raise", [audit.Entry(f"alert:{alert.pk}", alert.scenario) for alert in alerts])
    progress(len(keys), len(keys))
    return Alert.objects.filter(raised_on=as_of).count()


def _news(scenario: Scenario, result: Result, as_of: date) -> list[Row]:
    rows = result.findings.sort("severity_rank", "village_code", "person_key").to_dicts()
    before = _existing(scenario.name, [row["person_key"] for row in rows])
    return [row for row in rows if not _is_known(scenario, row, before.get(row["person_key"], []), as_of)]


def _is_known(scenario: Scenario, row: Row, before: Iterable[Existing], as_of: date) -> bool:
    return any(
        not alert.closed
        or alert.event_date == row["event_date"]
        or abs((as_of - alert.raised_on).days) <= scenario.dedup_days
        for alert in before
    )


def _existing(scenario: str, keys: list[int]) -> dict[int, list[Existing]]:
    found: dict[int, list[Existing]] = defaultdict(list)
    for start in range(0, len(keys), 5000):
        rows = Alert.objects.filter(scenario=scenario, person__person_key__in=keys[start : start + 5000])
        for key, event_date, raised_on, status in rows.values_list("person__person_key", "event_date", "raised_on", "status"):
            found[key].append(Existing(event_date, raised_on, status == Alert.Status.CLOSED))
    return found


def _alerts(scenario: Scenario, rows: list[Row], people: Mapping[int, int], as_of: date) -> list[Alert]:
    renderer = Renderer(scenario, as_of, sources([scenario], as_of))
    due_on = add_working_days(as_of, scenario.visit_working_days)
    alerts = []
    for row in rows:
        if row["person_key"] not in people:  # left the population register between comparing and raising
            continue
        summary, evidence = renderer.render(row)
        alerts.append(
            Alert(
                scenario=scenario.name, person_id=people[row["person_key"]], division_code=f"{row['village_code']:012d}",
                severity=SEVERITY[row["severity_rank"]], severity_rank=row["severity_rank"], raised_on=as_of,
                event_date=row["event_date"], due_on=due_on, evidence=evidence, summary=summary,
                rung=RUNG_OF_LEVEL[scenario.goes_to],
            )
        )  # fmt: skip
    return alerts
