"""Small helpers of the plan's pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from minzheng.kernel.indicators.queries.shapes import ReadingFigure
from minzheng.portals.staff.views.plan.shown import Figure, in_words

register = template.Library()


@register.filter
def at(known: Mapping[Any, Any], key: Any) -> Any:
    """What stands under a key, or nothing."""
    return known.get(key, "") if known else ""


@register.filter
def reading_value(figure: Figure, reading: ReadingFigure) -> str:
    """The figure of a reading in words."""
    return in_words(reading.value, figure.target.target.per, figure.target.target.unit)
