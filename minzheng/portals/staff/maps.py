"""GeoJSON for the map component: counts at places, on three steps of closeness. Nothing about people is in it.

A map is `{% include "staff/map/panel.html" with data=<address> %}`; the address answers with a FeatureCollection whose
points have the properties step (county, town, village, point), name, count, late, url.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from minzheng.kernel.divisions import maps as divisions
from minzheng.kernel.divisions import queries

STEPS = {"county": 6, "town": 9, "village": 12}


@dataclass
class Place:
    """What is counted at a place: all, and those that are late."""

    count: int = 0
    late: int = 0


def collection(villages: Mapping[str, Place], address: Callable[[str], str], on: date) -> dict[str, Any]:
    """Counts by village → points for counties, towns and villages; `address` makes the list behind a code."""
    steps: dict[str, dict[str, Place]] = {name: defaultdict(Place) for name in STEPS}
    for code, place in villages.items():
        for name, digits in STEPS.items():
            total = steps[name][code[:digits].ljust(12, "0")]
            total.count += place.count
            total.late += place.late
    codes = {code for totals in steps.values() for code in totals}
    where, names = divisions.points(codes), _names(codes, on)
    features = [
        {
            "type": "Feature", "geometry": {"type": "Point", "coordinates": list(where[code])},
            "properties": {"step": step, "code": code, "name": names[code], "count": place.count, "late": place.late, "url": address(code)},
        }
        for step, totals in steps.items() for code, place in sorted(totals.items()) if code in where
    ]  # fmt: skip
    return {"type": "FeatureCollection", "features": features}


def _names(codes: set[str], on: date) -> dict[str, str]:
    return queries.names(codes, on) if codes else {}
