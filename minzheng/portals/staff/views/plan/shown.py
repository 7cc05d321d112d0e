"""How figures of the plan look: bars with a mark for the time, lines of what was, tones and icons of states. Never colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from minzheng.kernel.indicators.measuring import shown
from minzheng.kernel.indicators.queries.shapes import ItemCard, Late, OwnFigure, TargetState
from minzheng.kernel.indicators.states import STATES, State

TONES: dict[State, str] = {
    "achieved": "green", "on_track": "blue", "behind": "red", "no_source": "grey", "not_begun": "grey", "part": "grey",
}  # fmt: skip
ICONS: dict[State, str] = {
    "achieved": "circle-check", "on_track": "trending-up", "behind": "alert-triangle", "no_source": "database", "not_begun": "clock",
    "part": "circle-dot",
}  # fmt: skip
WIDE, HIGH, EDGE = 100, 24, 2  # of a line's drawing


@dataclass(frozen=True)
class Meter:
    """How far something is, from 0 to 100, and how far the time; in words as well."""

    width: float
    mark: float | None
    tone: str
    said: str


@dataclass(frozen=True)
class Line:
    """What a figure was, as points of a drawing, where it stands now, and in words."""

    points: str
    x: float
    y: float
    said: str


@dataclass(frozen=True)
class StateChip:
    """A state as it is shown."""

    state: State

    @property
    def title(self) -> str:
        """In words."""
        return STATES[self.state]

    @property
    def tone(self) -> str:
        return TONES[self.state]

    @property
    def icon(self) -> str:
        return ICONS[self.state]


@dataclass(frozen=True)
class Figure:
    """A target as pages show it."""

    target: TargetState
    chip: StateChip
    meter: Meter | None
    line: Line | None
    forecast: str

    @property
    def typed(self) -> bool:
        """Whether somebody typed it: it looks different everywhere."""
        return self.target.source == "reported"


@dataclass(frozen=True)
class Card:
    """An item on the board."""

    card: ItemCard
    chip: StateChip
    lead: Figure | None
    others: int
    meter: Meter | None
    late: Late | None
    more_late: int


def figure(target: TargetState) -> Figure:
    """A target with its bar, its line and its forecast in words."""
    heading = target.forecast.value
    forecast = in_words(heading, target.target.per, target.target.unit) if heading is not None else ""
    return Figure(
        target,
        StateChip(target.state),
        meter(target),
        line(target.trend, target.target.per, target.target.unit),
        forecast,
    )


def meter(target: TargetState) -> Meter | None:
    """The bar of a target; none where there is nothing to hold the figure against."""
    if target.share_of_goal is None or target.goal is None:
        return None
    share, elapsed = float(target.share_of_goal) * 100, target.expected_share
    said = f"完成目标的 {share:.0f}%" + (
        f"，时间已过 {float(elapsed) * 100:.0f}%" if elapsed is not None else ""
    )
    return Meter(
        _within(share),
        _within(float(elapsed) * 100) if elapsed is not None else None,
        TONES[target.state],
        said,
    )


def card(found: ItemCard, elapsed: Decimal) -> Card:
    """An item with what stands for it: its furthest target, or its milestones."""
    chip = StateChip(found.state)
    lead = found.lead or next(iter(found.targets), None)
    bar = None
    if (lead is None or lead.value is None) and found.milestones_total:
        done = 100 * found.milestones_done / found.milestones_total
        said = f"{found.milestones_total} 个节点完成 {found.milestones_done} 个，时间已过 {float(elapsed) * 100:.0f}%"
        bar = Meter(_within(done), _within(float(elapsed) * 100), chip.tone, said)
    late = max(found.late, key=lambda each: each.days, default=None)
    return Card(
        found,
        chip,
        figure(lead) if lead else None,
        max(len(found.targets) - 1, 0),
        bar,
        late,
        max(len(found.late) - 1, 0),
    )


def line(points: Sequence[tuple[date, Decimal]], per: str, unit: str) -> Line | None:
    """A line from the first to the last point; none for fewer than two."""
    if len(points) < 2:
        return None
    days = [(day - points[0][0]).days for day, _value in points]
    values = [float(value) for _day, value in points]
    low, span = min(values), (max(values) - min(values)) or 1
    placed = [
        (
            round(day / (days[-1] or 1) * WIDE, 1),
            round(HIGH - EDGE - (value - low) / span * (HIGH - 2 * EDGE), 1),
        )
        for day, value in zip(days, values, strict=True)
    ]
    said = f"{points[0][0]:%m-%d} {in_words(points[0][1], per, unit)} → {points[-1][0]:%m-%d} {in_words(points[-1][1], per, unit)}"
    return Line(" ".join(f"{x},{y}" for x, y in placed), *placed[-1], said)


def own_line(found: OwnFigure) -> Line | None:
    """The line of a figure without a promise."""
    return line(found.trend, "percent" if found.indicator.is_share else "count", found.indicator.unit)


def in_words(value: Decimal | None, per: str, unit: str) -> str:
    """A value with its unit: 98.5%, 1,234 人; a dash for none."""
    if value is None:
        return "—"
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%" if per == "percent" else shown(int(value), unit)


def _within(share: float) -> float:
    return round(min(max(share, 0.0), 100.0), 1)
