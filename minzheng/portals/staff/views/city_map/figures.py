"""Indicators on the map: their stored values by county, board and town, at the days on which they were measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from minzheng.kernel.foundation.access import Actor
from minzheng.portals.staff.views.city_map.layers import Layer, Time
from minzheng.portals.staff.views.city_map.steps import Rows


@dataclass(frozen=True)
class Figures(Layer):
    """The layer of indicators."""

    def times(self, actor: Actor, what: str, today: date) -> list[Time]:
        raise LookupError

    def share(self, what: str) -> bool:
        return False

    def note(self, what: str) -> str:
        return ""

    def placed(self, actor: Actor, what: str, step: str, times: list[Time]) -> Rows:
        raise LookupError


def figures_layer(actor: Actor, today: date) -> dict[str, Layer]:
    """The layer by its name; nothing before anything was measured."""
    return {}
