"""Grid workers at work in the demo: they visit part of the alerts handed to them and find what the truth holds."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.monitoring.actions import record_visit
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.monitoring.outcomes import OUTCOMES
from minzheng.kernel.monitoring.queries import alerts
from minzheng.synthetic_city.truth import load_truth

VISITED_SHARE = 0.45  # of what waits, each time; the rest goes on waiting, and some of it runs over its time


def work_off(city: Path, today: date) -> int:
    """Visit most of the alerts that were handed over before `today`; returns how many. Same city, same visits.

    Everything goes through the same action as a visit recorded on a page.
    """
    truth = load_truth(city).outcomes()
    done = 0
    waiting = alerts(Actor.system("演示"), status=Alert.Status.ASSIGNED).filter(raised_on__lt=today)
    for alert in waiting.select_related("person", "assigned_to").order_by("id"):
        if _chance(alert, today) > VISITED_SHARE or alert.assigned_to is None:
            continue
        outcome = "deceased" if alert.person.death_date else truth[alert.person.id_number]
        record_visit(
            alert=alert, by=Actor.of(alert.assigned_to), visited_on=today, met="nobody" if OUTCOMES[outcome].unseen else "self",
            situation=["medical_burden"] if alert.scenario == "large_medical_spending" else [],
            needs=["none"] if outcome == "no_need" else ["living"], outcome=outcome,
            findings="(演示)家庭情况与数据相符" if OUTCOMES[outcome].counting == "helped" else "",
            form_token=f"demo-{alert.pk}-{today}",
        )  # fmt: skip
        done += 1
    return done


def _chance(alert: Alert, today: date) -> float:
    """A number in [0, 1) that depends on the alert and the day alone."""
    text = f"{alert.scenario}:{alert.person.id_number}:{alert.event_date}:{today}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest()) / (1 << 32)
