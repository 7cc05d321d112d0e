"""What the queries of the room give: the plan as it stands on a day, in plain dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from minzheng.kernel.indicators.declarations import UNITS, Indicator, Reading
from minzheng.kernel.indicators.measuring import shown
from minzheng.kernel.indicators.models import (
    Evidence,
    Measurement,
    Milestone,
    MilestoneRecord,
    Office,
    OfficeMember,
    Plan,
    PlanChange,
    PlanItem,
    Remark,
    Reminder,
    ReportedFigure,
    SubTask,
    Target,
)
from minzheng.kernel.indicators.states import STATES, Forecast, Month, Point, State

Source = Literal["measured", "reported", "milestone", "none"]
SOURCES: dict[Source, str] = {"measured": "系统计算", "reported": "人工填报", "milestone": "节点登记", "none": "尚无数据来源"}


@dataclass(frozen=True)
class ReadingFigure:
    """One reading of a target with its definition in words and its figure, if anything measures it."""

    name: str
    title: str
    numerator_words: str
    denominator_words: str
    note: str = ""
    numerator: int | None = None
    denominator: int | None = None
    value: Decimal | None = None


@dataclass(frozen=True)
class TargetState:
    """A target on a day. `value`, `goal`: a count, percent or 分 (`target.per`); `goal` is None for a part of the city when the promise is
    a number of things (state 'part'). `reason`: why there is no value. `pending`: a typed figure that waits for its second person."""

    target: Target
    reading: ReadingFigure
    indicator: Indicator | None
    source: Source
    state: State
    numerator: int | None = None
    denominator: int | None = None
    value: Decimal | None = None
    goal: Decimal | None = None
    share_of_goal: Decimal | None = None
    expected_share: Decimal | None = None
    forecast: Forecast = field(default_factory=lambda: Forecast(None))
    trend: tuple[Point, ...] = ()
    months: tuple[Month, ...] = ()
    as_of: date | None = None
    reported_by: str = ""
    confirmed_by: str = ""
    pending: ReportedFigure | None = None
    other_readings: tuple[ReadingFigure, ...] = ()
    reason: str = ""
    unplaced: int = 0
    place: str = ""

    @property
    def state_title(self) -> str:
        """The state in words."""
        return STATES[self.state]

    @property
    def source_title(self) -> str:
        """Where the figure comes from, in words."""
        return SOURCES[self.source]

    @property
    def unit_title(self) -> str:
        """The unit in words."""
        return UNITS[self.target.unit]

    @property
    def shown(self) -> str:
        """The figure in words: 98.5%, 1,234 人, 12,345.67 元; — without one."""
        return value_in_words(self.value, self.target.per, self.target.unit)

    @property
    def goal_shown(self) -> str:
        """The goal in words."""
        return value_in_words(Decimal(self.target.figure), self.target.per, self.target.unit)

    @property
    def opens(self) -> bool:
        """Whether there are rows behind the figure (who may open them, `rows` tells)."""
        return self.source == "measured" and self.numerator is not None


@dataclass(frozen=True)
class OwnFigure:
    """本项监测数: a figure without a promise."""

    indicator: Indicator
    reading: Reading
    numerator: int | None
    denominator: int | None
    value: Decimal | None
    as_of: date | None
    trend: tuple[Point, ...] = ()
    unplaced: int = 0

    @property
    def shown(self) -> str:
        """The figure in words."""
        return value_in_words(self.value, "percent" if self.indicator.is_share else "count", self.indicator.unit)


@dataclass(frozen=True)
class Late:
    """Something whose day is over: a milestone or a sub-task, how many days, whose it is; `verified`: whether the date is the plan's own."""

    kind: Literal["milestone", "task"]
    title: str
    due: date
    days: int
    owner: str
    verified: bool = True


@dataclass(frozen=True)
class ItemCard:
    """An item at a glance."""

    item: PlanItem
    state: State
    targets: tuple[TargetState, ...]
    figures: tuple[OwnFigure, ...]
    milestones_done: int
    milestones_total: int
    late: tuple[Late, ...]
    next_due: Milestone | None = None

    @property
    def number(self) -> int:
        return self.item.number

    @property
    def office(self) -> Office:
        return self.item.office

    @property
    def state_title(self) -> str:
        """The state in words."""
        return STATES[self.state]

    @property
    def lead(self) -> TargetState | None:
        """The target whose figure and trend stand for the item: the furthest behind that has one."""
        known = [each for each in self.targets if each.value is not None]
        return min(known, key=lambda each: (each.share_of_goal is None, each.share_of_goal or Decimal(0)), default=None)


@dataclass(frozen=True)
class ChapterView:
    """A chapter with the cards of its items."""

    number: int
    title: str
    cards: tuple[ItemCard, ...]


@dataclass(frozen=True)
class PlanView:
    """The whole plan for a place on a day. `measured`: the night that the figures are from; `elapsed`: the share of the year that is gone."""

    plan: Plan
    on: date
    place: str
    place_title: str
    whole_city: bool
    measured: Measurement | None
    elapsed: Decimal
    chapters: tuple[ChapterView, ...]

    @property
    def cards(self) -> tuple[ItemCard, ...]:
        """All cards in order."""
        return tuple(card for chapter in self.chapters for card in chapter.cards)

    @property
    def counts(self) -> dict[State, int]:
        """How many items stand in each state."""
        return {state: sum(card.state == state for card in self.cards) for state in STATES}

    @property
    def target_counts(self) -> dict[State, int]:
        """How many targets stand in each state."""
        return {state: sum(each.state == state for card in self.cards for each in card.targets) for state in STATES}


@dataclass(frozen=True)
class MilestoneView:
    """A milestone with its record that stands (or the last that was returned), all records, its evidence, and what the reader may do."""

    milestone: Milestone
    record: MilestoneRecord | None
    history: tuple[MilestoneRecord, ...]
    evidence: tuple[Evidence, ...]
    late_days: int
    may_record: bool
    may_confirm: bool

    @property
    def state(self) -> Literal["open", "recorded", "confirmed", "returned"]:
        return self.record.state if self.record else "open"  # type: ignore[return-value]


@dataclass(frozen=True)
class ItemPage:
    """Everything about one item."""

    plan: Plan
    card: ItemCard
    place: str
    place_title: str
    milestones: tuple[MilestoneView, ...]
    reported: tuple[ReportedFigure, ...]
    tasks: tuple[SubTask, ...]
    remarks: tuple[Remark, ...]
    members: tuple[OfficeMember, ...]
    changes: tuple[PlanChange, ...]
    may_work: bool
    may_confirm: bool
    may_manage: bool


@dataclass(frozen=True)
class PlaceFigure:
    """A figure of one place, beside others."""

    place: str
    title: str
    numerator: int | None
    denominator: int | None
    value: Decimal | None
    as_of: date | None
    state: State


@dataclass(frozen=True)
class Waiting:
    """What waits for a reader: to be confirmed, to be done, to be known."""

    milestones: tuple[MilestoneRecord, ...]
    figures: tuple[ReportedFigure, ...]
    tasks: tuple[SubTask, ...]
    reminders: tuple[Reminder, ...]

    @property
    def total(self) -> int:
        return len(self.milestones) + len(self.figures) + len(self.tasks) + len(self.reminders)


@dataclass(frozen=True)
class PublicFigure:
    """What anybody may read of a target: its words, its figure for the whole city, its state."""

    item: int
    item_title: str
    chapter: int
    chapter_title: str
    code: str
    verbatim: str
    shown: str
    goal_shown: str
    share_of_goal: Decimal | None
    state: State
    source: Source
    as_of: date | None

    @property
    def state_title(self) -> str:
        """The state in words."""
        return STATES[self.state]


def value_in_words(value: Decimal | None, per: str, unit: str) -> str:
    """A figure in its measure (percent, a count, 分) in words; — without one."""
    if value is None:
        return "—"
    if per == "percent":
        text = f"{value:.2f}".rstrip("0").rstrip(".")
        return f"{text}%"
    return shown(int(value), unit)
