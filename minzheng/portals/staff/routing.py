"""In which order a grid worker goes: along the addresses of the village, numbers as numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.registry.queries import addresses_of

_PARTS = re.compile(r"\d+|\D+")


def by_route(alerts: Iterable[Alert], actor: Actor, on: date) -> list[Alert]:
    """Alerts along the addresses of their people; those without an address last."""
    found = list(alerts)
    addresses = addresses_of([alert.person_id for alert in found], actor, on)
    return sorted(found, key=lambda alert: route_key(addresses.get(alert.person_id, "")))


def route_key(address: str) -> tuple[bool, list[tuple[int, int, str]]]:
    """Sorts '2 组 9 号' before '2 组 10 号' before '10 组 1 号'; nothing comes last."""
    parts = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in _PARTS.findall(address)]
    return not address, parts
