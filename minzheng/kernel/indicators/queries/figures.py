"""From kept values and typed figures to what a target says on a day, for one place. A fixed number of queries, whatever the plan holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import cast

from minzheng.kernel.indicators.catalogue import indicators
from minzheng.kernel.indicators.declarations import Indicator, Reading
from minzheng.kernel.indicators.models import (
    IndicatorValue,
    Measurement,
    MilestoneRecord,
    Plan,
    ReportedFigure,
    Target,
    TargetSetting,
)
from minzheng.kernel.indicators.places import Places
from minzheng.kernel.indicators.queries.jurisdiction import Area
from minzheng.kernel.indicators.queries.shapes import OwnFigure, ReadingFigure, Source, TargetState
from minzheng.kernel.indicators.states import (
    Compare,
    Forecast,
    Goal,
    Month,
    Point,
    State,
    forecast,
    judge,
    judge_event,
    judge_months,
    reached,
    thinned,
    value_of,
)

NO_SOURCE = "平台里还没有产生这项数字的业务数据"
NOT_MEASURED = "还没有测算过：夜间批处理运行后才有数字"
NOBODY = "还没有应当计入的对象（分母为 0）"
NO_FORECAST_HERE = "没有数字，不作预测"


@dataclass(frozen=True)
class Amount:
    """Numerator and denominator on a day; `said`: the typed figures they come from."""

    day: date
    numerator: int
    denominator: int | None
    unplaced: int = 0
    said: tuple[ReportedFigure, ...] = ()


def goal_of(target: Target, plan: Plan) -> Goal:
    """What a target promises, and for which time."""
    return Goal(Decimal(target.figure), cast("Compare", target.compare), target.begins or plan.first, plan.last)


@dataclass
class Figures:
    """All that is known of a plan's figures for an area, up to a day."""

    plan: Plan
    area: Area
    places: Places
    on: date

    @cached_property
    def measured_on(self) -> list[date]:
        """The nights of the plan's period up to the day, oldest first."""
        rows = Measurement.objects.filter(as_of__gte=self.plan.first, as_of__lte=min(self.on, self.plan.last))
        return list(rows.order_by("as_of").values_list("as_of", flat=True))

    @cached_property
    def measured(self) -> dict[tuple[str, str], list[Amount]]:
        """(indicator, reading) → amounts, oldest first: some forty nights, the last of each month among them."""
        if not self.measured_on:
            return {}
        last_of_month = {day.replace(day=1): day for day in self.measured_on}
        days = {day for day, _one in thinned([(day, Decimal(0)) for day in self.measured_on])} | set(last_of_month.values())
        rows = IndicatorValue.objects.filter(as_of__in=days, place__in=self.area.keys).order_by("as_of")
        found: dict[tuple[str, str], dict[date, Amount]] = defaultdict(dict)
        for name, reading, day, numerator, denominator, unplaced in rows.values_list(
            "indicator", "reading", "as_of", "numerator", "denominator", "unplaced"
        ):
            before = found[name, reading].get(day)
            both = None if denominator is None else denominator + ((before.denominator or 0) if before else 0)
            found[name, reading][day] = Amount(day, numerator + (before.numerator if before else 0), both, unplaced)
        return {key: list(each.values()) for key, each in found.items()}

    @cached_property
    def typed(self) -> dict[int, list[ReportedFigure]]:
        """Target → typed figures that were not returned, oldest first: of the area, and of the boards where it is the city."""
        places = [*self.area.keys, *(self.places.boards if self.area.whole_city else ())]
        rows = ReportedFigure.objects.filter(target__item__plan=self.plan, as_of__lte=self.on, place__in=places)
        found: dict[int, list[ReportedFigure]] = defaultdict(list)
        for row in rows.exclude(state=ReportedFigure.State.RETURNED).order_by("as_of", "pk"):
            found[row.target_id].append(row)
        return found

    @cached_property
    def held(self) -> dict[tuple[int, str], MilestoneRecord]:
        """(item, milestone) → its confirmed record."""
        rows = MilestoneRecord.objects.filter(
            milestone__item__plan=self.plan, state=MilestoneRecord.State.CONFIRMED, confirmed_on__lte=self.on
        ).select_related("milestone")
        return {(row.milestone.item_id, row.milestone.name): row for row in rows}

    @cached_property
    def chosen(self) -> dict[int, str]:
        """Target → the reading that was set for the day."""
        rows = TargetSetting.objects.filter(target__item__plan=self.plan, valid_from__lte=self.on).order_by("valid_from", "pk")
        return dict(rows.values_list("target_id", "reading"))

    def goal(self, target: Target) -> Goal:
        """What a target promises, and for which time."""
        return goal_of(target, self.plan)

    def state_of(self, target: Target) -> TargetState:
        """A target on the day."""
        name = self.chosen.get(target.pk) or target.reading or str(target.definitions[0]["name"])
        found = indicators().get(target.indicator)
        readings = [self._reading(target, each, found) for each in target.definitions]
        reading = next((each for each in readings if each.name == name), readings[0])
        others = tuple(each for each in readings if each is not reading)
        if target.period == "event":
            return self._event(target, reading)
        amounts, source = self.amounts(target, found, reading.name)
        pending = self._pending(target)
        if not amounts:
            reason = NOT_MEASURED if found else NO_SOURCE
            return TargetState(
                target, reading, found, "none", "no_source", goal=Decimal(target.figure), forecast=Forecast(None, NO_FORECAST_HERE), pending=pending,
                other_readings=others, reason=reason, place=self.area.place,
            )  # fmt: skip
        return self._judged(target, reading, found, source, amounts, others, pending)

    def amounts(self, target: Target, found: Indicator | None, reading: str) -> tuple[list[Amount], Source]:
        """What is known of a target, oldest first: measured, or else typed and confirmed."""
        if found:
            return self.measured.get((found.name, reading), []), "measured"
        confirmed = [row for row in self.typed.get(target.pk, []) if row.confirmed_on and row.confirmed_on <= self.on]
        own = [row for row in confirmed if row.place in self.area.keys]
        if own and len(self.area.keys) == 1:
            return [Amount(row.as_of, row.numerator, row.denominator, said=(row,)) for row in own], "reported"
        return self._added_up(confirmed), "reported"

    def _added_up(self, rows: Iterable[ReportedFigure]) -> list[Amount]:
        """Typed figures of parts, added up day by day: of each part the newest that was known."""
        newest: dict[str, ReportedFigure] = {}
        found: dict[date, Amount] = {}
        for row in rows:
            newest[row.place] = row
            said = tuple(newest.values())
            denominators = [each.denominator for each in said if each.denominator is not None]
            whole = sum(denominators) if denominators else None
            found[row.as_of] = Amount(row.as_of, sum(each.numerator for each in said), whole, said=said)
        return list(found.values())

    def _judged(
        self, target: Target, reading: ReadingFigure, found: Indicator | None, source: Source, amounts: list[Amount],
        others: tuple[ReadingFigure, ...], pending: ReportedFigure | None,
    ) -> TargetState:  # fmt: skip
        goal, is_share, last = self.goal(target), target.per == "percent", amounts[-1]
        months = self._months(target, goal, amounts) if target.period == "month" else ()
        value = value_of(last.numerator, last.denominator, is_share)
        if months:
            whole = [month.value for month in months if month.whole and month.value is not None]
            value = min(whole) if whole else value
        points = tuple((each.day, point) for each in amounts if (point := value_of(each.numerator, each.denominator, is_share)) is not None)
        part = not is_share and not self.area.whole_city
        met = reached(last.numerator, last.denominator, goal) if is_share and last.denominator else None
        state = "part" if part else judge_months(months, goal, self.on) if target.period == "month" else judge(value, goal, self.on, met)
        heading = Forecast(None, NO_FORECAST_HERE) if part or target.period == "month" else forecast(points, goal, Decimal(100) if is_share else None)
        return TargetState(
            target, reading, found, source, state, last.numerator, last.denominator, value, None if part else goal.figure,
            None if part or value is None else (value / goal.figure).quantize(Decimal("0.0001")),
            None if part else goal.elapsed(self.on).quantize(Decimal("0.0001")), heading, points, months, last.day,
            "、".join(dict.fromkeys(row.by for row in last.said)), "、".join(dict.fromkeys(row.confirmed_by for row in last.said)), pending, others,
            NOBODY if value is None else "", last.unplaced, self.area.place,
        )  # fmt: skip

    def _months(self, target: Target, goal: Goal, amounts: list[Amount]) -> tuple[Month, ...]:
        newest = {each.day.replace(day=1): each for each in amounts}
        found = []
        for month, each in newest.items():
            value = value_of(each.numerator, each.denominator, target.per == "percent")
            following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
            whole = self.on >= following
            met = value is not None and (reached(each.numerator, each.denominator, goal) if each.denominator else goal.met_by(value))
            state: State = "not_begun" if value is None else "achieved" if met else "behind" if whole else "on_track"
            found.append(Month(month, each.numerator, each.denominator, value, whole, state))
        return tuple(found)

    def _event(self, target: Target, reading: ReadingFigure) -> TargetState:
        milestone = next((each for each in target.item.milestones.all() if each.name == target.milestone), None)
        record = self.held.get((target.item_id, target.milestone))
        state = judge_event(milestone.due if milestone else self.plan.last, record is not None, self.on)
        done = Decimal(1 if record else 0)
        return TargetState(
            target, reading, None, "milestone", state, int(done), None, done, Decimal(target.figure), done, None,
            Forecast(None, "活动以举行为准，不作预测"), as_of=record.done_on if record else None, reported_by=record.by if record else "",
            confirmed_by=record.confirmed_by if record else "", place=self.area.place,
        )  # fmt: skip

    def _pending(self, target: Target) -> ReportedFigure | None:
        waiting = [row for row in self.typed.get(target.pk, []) if row.state == ReportedFigure.State.RECORDED and row.place in self.area.keys]
        return waiting[-1] if waiting else None

    def _reading(self, target: Target, definition: dict[str, str], found: Indicator | None) -> ReadingFigure:
        amounts = self.measured.get((found.name, definition["name"]), []) if found else []
        note = next((each.note for each in found.readings if each.name == definition["name"]), "") if found else ""
        plain = ReadingFigure(definition["name"], definition["title"], definition["numerator"], definition.get("denominator", ""), note)
        if not amounts:
            return plain
        last = amounts[-1]
        value = value_of(last.numerator, last.denominator, target.per == "percent")
        return ReadingFigure(
            plain.name, plain.title, plain.numerator_words, plain.denominator_words, note, last.numerator, last.denominator, value
        )

    def own(self, name: str) -> OwnFigure | None:
        """An item's own figure by the default reading; None for an indicator that is no longer there."""
        found = indicators().get(name)
        return self.own_of(found, found.readings[0]) if found else None

    def own_of(self, found: Indicator, reading: Reading) -> OwnFigure:
        """A figure without a promise, by one reading."""
        amounts = self.measured.get((found.name, reading.name), [])
        if not amounts:
            return OwnFigure(found, reading, None, None, None, None)
        last = amounts[-1]
        points = [(each.day, value) for each in amounts if (value := value_of(each.numerator, each.denominator, found.is_share)) is not None]
        value = value_of(last.numerator, last.denominator, found.is_share)
        return OwnFigure(found, reading, last.numerator, last.denominator, value, last.day, tuple(points), last.unplaced)


__all__ = ["NOBODY", "NOT_MEASURED", "NO_SOURCE", "Amount", "Figures", "Point"]
