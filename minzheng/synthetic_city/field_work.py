"""People at work in the demo: grid workers visit part of the alerts handed to them, officials look into part of those about
the roster itself; both find what the truth holds."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.monitoring.actions import close_alert, record_visit
from minzheng.kernel.monitoring.catalogue import for_officials
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.monitoring.outcomes import OUTCOMES
from minzheng.kernel.monitoring.queries import alerts
from minzheng.synthetic_city.truth import load_truth

VISITED_SHARE = 0.45  # of what waits, each time; the rest goes on waiting, and some of it runs over its time
# Scenario → the events that make it right; what officials then decide about the benefit.
WRONGS = {
    "paid_after_death": ("wrong_after_death", "benefit_ended"), "paid_in_custody": ("wrong_in_custody", "benefit_ended"),
    "double_enrolment": ("wrong_twice", "benefit_changed"), "undeclared_vehicle": ("wrong_vehicle", "benefit_changed"),
    "undeclared_property": ("wrong_home", "benefit_ended"), "undeclared_business": ("wrong_business", "benefit_changed"),
    "income_above_line": ("wrong_income", "benefit_changed"),
}  # fmt: skip


def work_off(city: Path, today: date) -> int:
    """Visit most of the alerts that were handed over before `today`; returns how many. Same city, same visits.

    Everything goes through the same action as a visit recorded on a page.
    """
    truth = load_truth(city).outcomes()
    done = look_into(city, today)
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


def look_into(city: Path, today: date) -> int:
    """Officials close part of the alerts about the roster that were raised before `today`; returns how many."""
    actor, wrong, done = Actor.system("演示"), load_truth(city).wrong_homes(), 0
    waiting = alerts(actor, status=Alert.Status.NEW).filter(raised_on__lt=today, scenario__in=for_officials())
    for alert in waiting.select_related("person").order_by("id"):
        if _chance(alert, today) > VISITED_SHARE:
            continue
        kind, decided = WRONGS[alert.scenario]
        right = alert.person.id_number in wrong.get(kind, frozenset())
        close_alert(
            alert=alert, by=actor, outcome=decided if right else "in_order",
            note="(演示)核查属实，转待遇复核" if right else "(演示)经核查，情况已申报或不影响待遇",
        )  # fmt: skip
        done += 1
    return done


def _chance(alert: Alert, today: date) -> float:
    """A number in [0, 1) that depends on the alert and the day alone."""
    text = f"{alert.scenario}:{alert.person.id_number}:{alert.event_date}:{today}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest()) / (1 << 32)
