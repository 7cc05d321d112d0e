"""Choosing a village: county, town, village, each list filled by the one before. Works without a script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minzheng.kernel.divisions.queries import children, towns
from minzheng.kernel.foundation import clock

CITY = "320400000000"


def counties() -> list[tuple[str, str]]:
    """Six digits and name of the city's counties and districts of today."""
    return [(code[:6], name) for code, name in children(CITY, clock.business_date()).order_by("code").values_list("code", "name")]


def steps(told: Mapping[str, str]) -> dict[str, Any]:
    """The lists as far as they are chosen, and what is chosen."""
    today, known = clock.business_date(), counties()
    county = told.get("county", "")[:6]
    county = county if county in dict(known) else ""
    below = list(towns(today, county).order_by("code").values_list("code", "name")) if county else []
    town = told.get("town", "")[:12]
    town = town if town in dict(below) else ""
    villages = list(children(town, today).order_by("code").values_list("code", "name")) if town else []
    return {"counties": known, "county": county, "towns": below, "town": town, "villages": villages, "village": told.get("place", "")[:12]}
