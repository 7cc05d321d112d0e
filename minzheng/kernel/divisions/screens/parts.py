"""What registers of placed records share: the filter by place."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from minzheng.kernel.divisions.queries import inside
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.registers import Filter


def place_filter(field: str = "division_code", title: str = "所在地") -> Filter:
    """Everything at and below a place: a division code, its leading digits, or the slug of a management unit."""

    def condition(value: str, _actor: Actor, on: date) -> Q:
        return inside(value, on, field)

    return Filter("place", title, "place", field, condition=condition)
