"""Indicators on the map: what was measured of counties, boards and towns, at the end of each month of the plan's year.

These are the plan's own figures, which everybody who sees the plan may know of the places inside the jurisdiction; nothing is held back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.indicators import queries
from minzheng.kernel.indicators.catalogue import indicators
from minzheng.kernel.indicators.declarations import UNITS
from minzheng.kernel.indicators.models import Plan, Target
from minzheng.portals.staff.places import Choice
from minzheng.portals.staff.views.city_map.layers import Layer, Time
from minzheng.portals.staff.views.city_map.steps import Row
from minzheng.portals.staff.views.plan.places import choices as comparable
from minzheng.portals.staff.views.plan.places import target_of

CUTS: dict[str, queries.Cut] = {"county": "division", "board": "unit", "town": "town"}


@dataclass(frozen=True)
class Figures:
    """One indicator for one reader: places by step, at the days on which it was measured."""

    actor: Actor
    plan: Plan
    what: str
    step: str
    today: date
    kept: dict[str, dict[date, float]] = field(default_factory=dict)

    @property
    def target(self) -> Target | None:
        """The target of that code; an own figure is none."""
        return target_of(self.plan, self.what)

    def read(self) -> list[Time]:
        """Fetch the figure of each month of the plan's year; the times are the days on which it was measured."""
        figure, cut, share = self.target or self.what, CUTS[self.step], is_share(self.plan, self.what)
        places = [each.place for each in queries.by_place(figure, self.actor, self.today, cut)]
        told = [(day, amounts) for day, amounts in queries.history(figure, self.actor, self.today, cut) if day >= self.plan.first]
        for day, amounts in told:
            for place in places:
                numerator, denominator = amounts.get(place, (0, 0))
                if not share:
                    self.kept.setdefault(place, {})[day] = float(numerator)
                elif denominator:
                    self.kept.setdefault(place, {})[day] = round(100 * numerator / denominator, 1)
        return [Time(day.isoformat(), f"{day:%Y-%m-%d}", day, day) for day, _amounts in told]

    def rows(self, times: list[Time]) -> dict[str, list[Any]]:
        """The values of each place at each time; None where there is none."""
        return {place: [values.get(time.first) for time in times] for place, values in self.kept.items()}

    def behind(self, time: Time, newest: bool) -> str:
        """The rows behind the newest figure; earlier ones are kept as numbers."""
        measured = self.what in indicators() or bool(self.target and self.target.indicator)
        return f"{reverse('staff:plan_rows', args=[self.what])}?place=" if newest and measured else ""


def layer(actor: Actor, today: date) -> Layer | None:
    """The layer of indicators; none without a plan."""
    plan = queries.plan_at(actor, today)
    if plan is None:
        return None

    @cache
    def known() -> list[Choice]:
        return [Choice(value, label) for _title, group in comparable(plan, measured=True) for value, label in group]

    return Layer("figures", "指标", "", "plan.view", "", known, _nothing, lambda *_asked: "", people=False)


def is_share(plan: Plan, what: str) -> bool:
    """Whether the figure is in percent."""
    target = target_of(plan, what)
    return target.per == "percent" if target else indicators()[what].is_share


def unit_of(plan: Plan, what: str) -> str:
    """The figure's unit in words."""
    target = target_of(plan, what)
    return UNITS[target.unit if target else indicators()[what].unit]


def back_to_plan(what: str) -> str:
    """The same figure as a table of both geographies."""
    return f"{reverse('staff:plan_places')}?{urlencode({'figure': what})}"


def _nothing(_actor: Actor, _what: str, _times: list[Time]) -> dict[str, Row]:
    return {}
