"""Alerts as lists show them: one line each, names masked, places short."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.urls import reverse

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.monitoring.catalogue import title_of
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.monitoring.outcomes import OUTCOMES
from minzheng.portals.staff import places
from minzheng.portals.staff.people import PersonLine, person_line


@dataclass(frozen=True)
class Row:
    """One line of a list of alerts."""

    alert: Alert
    url: str
    person: PersonLine
    scenario: str
    place: str
    outcome: str
    token: str = field(default_factory=lambda: uuid.uuid4().hex)  # makes a tap sent twice one visit


def rows(alerts: Iterable[Alert], actor: Actor) -> list[Row]:
    """Lines for alerts whose person is already fetched; place names come in one query."""
    found = list(alerts)
    names = places.relative_names({alert.division_code for alert in found}, actor) if found else {}
    return [
        Row(
            alert, reverse("staff:alert", args=[alert.pk]), person_line(alert.person), title_of(alert.scenario),
            names[alert.division_code], outcome_title(alert.outcome),
        )
        for alert in found
    ]  # fmt: skip


def outcome_title(code: str) -> str:
    """The words for an outcome's code; the code itself for one that is no longer used."""
    return OUTCOMES[code].title if code in OUTCOMES else code
