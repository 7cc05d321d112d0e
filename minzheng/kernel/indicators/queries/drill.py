"""From a figure down to its rows, inside the reader's jurisdiction and with the right that the rows' own room asks for.

Reading here tells what there is; names come out through `actions.open_rows`, which leaves a trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.db.models import Exists, Model, OuterRef, QuerySet

from minzheng.kernel.foundation.access import Actor, in_ranges, scoped
from minzheng.kernel.indicators.catalogue import indicator as indicator_named
from minzheng.kernel.indicators.declarations import Column, Indicator, Reading, Rows, Span
from minzheng.kernel.indicators.measuring import span_of, total
from minzheng.kernel.indicators.models import IndicatorValue, Plan, Target
from minzheng.kernel.indicators.places import Places
from minzheng.kernel.indicators.queries.jurisdiction import Area, area_of
from minzheng.kernel.indicators.queries.plan import chosen_reading, measured_by

Part = Literal["numerator", "denominator", "gap"]
PARTS: dict[Part, str] = {"numerator": "计入分子的", "denominator": "分母全部", "gap": "还差的"}
NO_ROWS_HERE = "这项数字没有明细：它是填报的，或还没有数据来源"
CITY_ONLY = "这项数字不分地方，只有全市范围的用户可以打开明细"


@dataclass(frozen=True)
class RowSet:
    """The rows of a figure's part. `rows` is None where the reader may know the number alone; `reason` then says why. `kept`: what the
    measure of `as_of` counted; `query` counted again may differ where rows were put right since."""

    indicator: Indicator
    reading: Reading
    part: Part
    place: str
    place_title: str
    span: Span
    kept: int | None
    rows: QuerySet[Any] | None
    reason: str = ""
    counted: Rows | None = None

    @property
    def columns(self) -> Sequence[Column]:
        """How a row is shown."""
        return self.indicator.columns

    def count(self) -> int:
        """How many there are now, in the figure's unit: things that have several rows once."""
        return total(self.counted) if self.counted else 0

    def subject(self, row: Model) -> str:
        """What a row is about ('alert:12'), for a link; empty when it leads nowhere."""
        return self.indicator.subject(row) if self.indicator.subject else ""


def rows(figure: Target | str, part: Part, actor: Actor, on: date, place: str = "", reading: str = "") -> RowSet:
    """The rows behind a target, or behind an indicator by name, as of the last measure up to a day.

    gap: what the denominator has and the numerator has not. Raises Forbidden (no `plan.view`, place outside), LookupError (unknown
    place, reading, or a target that nothing measures).
    """
    actor.require("plan.view")
    if isinstance(figure, Target):
        if not figure.indicator:
            raise LookupError(NO_ROWS_HERE)
        found, name = indicator_named(figure.indicator), reading or chosen_reading(figure, on)
    else:
        found, name = indicator_named(figure), reading
    chosen, places = found.reading(name), Places.on(on)
    if part != "numerator" and chosen.denominator is None:
        raise LookupError(f"指标“{found.title}”不是比例，没有分母")
    area = area_of(actor, places, place)
    as_of = measured_by(figure, on) or on
    span = _span(found, as_of)
    kept = _kept(found, chosen, part, as_of, area)
    if refusal := refused(found, actor, area):
        return RowSet(found, chosen, part, area.place, area.title, span, kept, None, refusal)
    counted = _of_part(chosen, part, span)
    counted = Rows(_inside(counted, found, actor, area, places), counted.place, counted.counts, counted.sums)
    return RowSet(found, chosen, part, area.place, area.title, span, kept, counted.query.order_by(*order_of(counted)), counted=counted)


def order_of(counted: Rows) -> tuple[str, ...]:
    """Place by place, along the index that the jurisdiction is looked up in: the first page of 150,000 rows is read, not sorted out."""
    return (counted.place, "pk") if counted.place else ("pk",)


def refused(found: Indicator, actor: Actor, area: Area) -> str:
    """Why a reader may not open the rows of an indicator; empty when nothing stands against it."""
    if not actor.may(found.capability):
        return "您的角色只能看数字，不能打开明细"
    if found.sensitive and not actor.may("indicators.sensitive"):
        return "明细涉及儿童等敏感人群，您的角色只能看数字"
    return CITY_ONLY if found.placeless and not area.whole_city else ""


def _of_part(reading: Reading, part: Part, span: Span) -> Rows:
    if part == "numerator" or reading.denominator is None:
        return reading.numerator(span)
    whole = reading.denominator(span)
    if part == "denominator":
        return whole
    inside = reading.numerator(span).query.order_by().filter(**{whole.counts: OuterRef(whole.counts)})  # row by row: a first page asks few
    return Rows(whole.query.filter(~Exists(inside)), whole.place, whole.counts, whole.sums)


def _inside(counted: Rows, found: Indicator, actor: Actor, area: Area, places: Places) -> QuerySet[Any]:
    """Those of an area that the reader may see, as the rows' own room has it."""
    query = counted.query
    if hasattr(query.model, "scope_field"):
        query = scoped(query, actor)
    if counted.place:
        query = query.filter(in_ranges((each for key in area.keys for each in places.ranges_of(key)), counted.place))
    return found.visible(query, actor) if found.visible else query


def _span(found: Indicator, as_of: date) -> Span:
    plan = Plan.objects.filter(first__lte=as_of, last__gte=as_of).first()
    first, last = (plan.first, plan.last) if plan else (date(as_of.year, 1, 1), date(as_of.year, 12, 31))
    return span_of(found, first, last, as_of)


def _kept(found: Indicator, reading: Reading, part: Part, as_of: date, area: Area) -> int | None:
    kept = IndicatorValue.objects.filter(as_of=as_of, indicator=found.name, reading=reading.name, place__in=area.keys)
    values = list(kept.values_list("numerator", "denominator"))
    if not values:
        return None
    numerator, denominator = sum(each[0] for each in values), sum(each[1] or 0 for each in values)
    return {"numerator": numerator, "denominator": denominator, "gap": denominator - numerator}[part]
