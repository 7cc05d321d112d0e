"""What registers of placed records share: the filter by place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from minzheng.kernel.divisions.codes import Range, code_range
from minzheng.kernel.divisions.queries import ranges_of_unit
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.registers import Filter


def place_filter(field: str = "division_code", title: str = "所在地") -> Filter:
    """Everything at and below a place: a division code, its leading digits, or the slug of a management unit."""

    def condition(value: str, _actor: Actor, on: date) -> Q:
        return in_ranges(field, [code_range(value)] if value.isdigit() else ranges_of_unit(value, on))

    return Filter("place", title, "place", field, condition=condition)


def in_ranges(field: str, ranges: Iterable[Range]) -> Q:
    """The condition that a code lies in one of the ranges."""
    found = Q(pk__in=[])
    for low, high in ranges:
        found |= Q(**{f"{field}__gte": low, f"{field}__lt": high})
    return found
