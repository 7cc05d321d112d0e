"""Grid workers at work in the demo: they visit part of the alerts handed to them and find what the truth holds."""

from __future__ import annotations

import zlib
from datetime import date
from pathlib import Path

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.monitoring.actions import record_visit
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.monitoring.queries import alerts
from minzheng.synthetic_city.truth import load_truth

VISITED_SHARE = 0.72  # the rest waits, and some of it runs over its time


def work_off(city: Path, today: date) -> int:
    """Visit most of the alerts that were handed over before `today`; returns how many. Same city, same visits.

    Everything goes through the same action as a visit recorded on a page.
    """
    needy = load_truth(city).needy_ids()
    done = 0
    waiting = alerts(Actor.system("演示"), status=Alert.Status.ASSIGNED).filter(raised_on__lt=today)
    for alert in waiting.select_related("person", "assigned_to").order_by("id"):
        chance = _chance(alert, "visit")
        if chance > VISITED_SHARE or alert.assigned_to is None:
            continue
        outcome = _outcome(alert, alert.person.id_number in needy)
        record_visit(
            alert=alert, by=Actor.of(alert.assigned_to), visited_on=today, met="nobody" if outcome == "not_found" else "self",
            situation=["medical_burden"] if alert.scenario == "large_medical_spending" else [],
            needs=["none"] if outcome == "no_need" else ["living"], outcome=outcome,
            findings="(演示)与数据情况相符" if outcome not in ("no_need", "not_found") else "",
            form_token=f"demo-{alert.pk}-{today}",
        )  # fmt: skip
        done += 1
    return done


def _outcome(alert: Alert, needy: bool) -> str:
    if alert.person.death_date is not None:
        return "deceased"
    chance = _chance(alert, "outcome")
    if chance < 0.03:
        return "not_found"
    if chance < 0.05:
        return "moved"
    if not needy:
        return "no_need"
    return ("low_income", "borderline", "temporary_aid", "temporary_aid", "charity")[int(_chance(alert, "help") * 5)]


def _chance(alert: Alert, purpose: str) -> float:
    """A number in [0, 1) that depends on the alert and the purpose alone."""
    return zlib.crc32(f"{purpose}:{alert.scenario}:{alert.person.person_key}".encode()) / (1 << 32)
