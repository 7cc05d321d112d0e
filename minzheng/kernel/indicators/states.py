"""Where a promise stands: its value beside its goal and beside the time that is gone; where it is heading. Free of Django.

    value ≥ goal                                   已达标
    before its time begins, or nobody to count yet 未到时间
    share of the goal ≥ share of the time − leeway 正常
    otherwise                                      滞后

A monthly target (12 values and a yearly minimum) is the lowest of its whole months: behind as soon as one of them missed the goal,
achieved when the last month of its period is whole and none did. An event is achieved when it was confirmed, behind when its day is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Literal

State = Literal["achieved", "on_track", "behind", "no_source", "not_begun", "part"]
STATES: dict[State, str] = {
    "achieved": "已达标", "on_track": "正常", "behind": "滞后", "no_source": "尚无数据来源", "not_begun": "未到时间", "part": "计入全市",
}  # fmt: skip
LEEWAY = Decimal("0.05")  # of the goal: so far behind the time is still called on track
FEWEST_POINTS, SHORTEST_DAYS, MOST_POINTS = 3, 14, 40
FEW_POINTS = "快照不足 3 次，不作预测"
SHORT_TIME = f"快照前后相隔不到 {SHORTEST_DAYS} 天，不作预测"
Point = tuple[date, Decimal]
Compare = Literal["at_least", "reach", "equals"]


@dataclass(frozen=True)
class Goal:
    """What is promised: `figure` in the figure's own measure (count, percent, fen), how it compares, and from when to when."""

    figure: Decimal
    compare: Compare
    first: date
    last: date

    def met_by(self, value: Decimal) -> bool:
        """Whether a value keeps the promise."""
        return value == self.figure if self.compare == "equals" else value >= self.figure

    def elapsed(self, on: date) -> Decimal:
        """The share of the period that is gone at the end of a day, from 0 to 1."""
        days = (self.last - self.first).days + 1
        return Decimal(min(max((on - self.first).days + 1, 0), days)) / days


@dataclass(frozen=True)
class Forecast:
    """The value at the end of the period if it goes on as it did, or why there is none (in Chinese)."""

    value: Decimal | None
    reason: str = ""


@dataclass(frozen=True)
class Month:
    """One month of a monthly target; `whole`: the month was over when it was counted."""

    month: date
    numerator: int
    denominator: int | None
    value: Decimal | None
    whole: bool
    state: State


def value_of(numerator: int, denominator: int | None, is_share: bool) -> Decimal | None:
    """The figure in its measure: a count as it is, a share in percent with two decimals (half up); None for a share of nobody."""
    if not is_share:
        return Decimal(numerator)
    return (Decimal(100 * numerator) / denominator).quantize(Decimal("0.01"), ROUND_HALF_UP) if denominator else None


def reached(numerator: int, denominator: int, goal: Goal) -> bool:
    """Whether a share keeps the promise, by the whole numbers: 99.999 % shown as 100.00 is not full coverage."""
    left, right = Decimal(100 * numerator), goal.figure * denominator
    return left == right if goal.compare == "equals" else left >= right


def judge(value: Decimal | None, goal: Goal, on: date, met: bool | None = None) -> State:
    """The state of a yearly target on a day. `met`: whether the goal is kept where the value is rounded."""
    if on < goal.first:
        return "not_begun"
    if value is None:
        return "not_begun"
    if goal.met_by(value) if met is None else met:
        return "achieved"
    if on >= goal.last or goal.figure <= 0:
        return "behind"
    return "on_track" if value / goal.figure >= goal.elapsed(on) - LEEWAY else "behind"


def judge_months(months: Sequence[Month], goal: Goal, on: date) -> State:
    """The state of a monthly target: every whole month must keep the promise."""
    whole = [month for month in months if month.whole and month.value is not None]
    if any(month.state == "behind" for month in whole):
        return "behind"
    if not whole:
        return "on_track" if months and on >= goal.first else "not_begun"
    expected = 12 * (goal.last.year - goal.first.year) + goal.last.month - goal.first.month + 1
    return "achieved" if len(whole) >= expected else "on_track"


def judge_event(due: date, confirmed: bool, on: date) -> State:
    """The state of an event: confirmed, over without being so, or still to come."""
    return "achieved" if confirmed else "behind" if on > due else "not_begun"


def judge_item(targets: Sequence[State], milestones_late: int, milestones_open: int, milestones_done: int) -> State:
    """The state of an item from those of its targets and its milestones: what is late weighs most, what nothing measures says nothing."""
    known = [state for state in targets if state not in ("no_source", "part")]
    if milestones_late or "behind" in known:
        return "behind"
    if not known and not milestones_open and not milestones_done:
        return "no_source"
    if not milestones_open and len(known) == len(targets) and all(state == "achieved" for state in known):
        return "achieved"
    if not milestones_done and known and all(state == "not_begun" for state in known):
        return "not_begun"
    return "on_track"


def forecast(points: Sequence[Point], goal: Goal, highest: Decimal | None = None) -> Forecast:
    """The value on the last day of the period along a robust line (Theil–Sen: the median of all slopes), never below 0 nor above
    `highest`. None with a reason for fewer than three days, or days too close together."""
    days = sorted({day: value for day, value in points if goal.first <= day <= goal.last}.items())
    if len(days) < FEWEST_POINTS:
        return Forecast(None, FEW_POINTS)
    if (days[-1][0] - days[0][0]).days < SHORTEST_DAYS:
        return Forecast(None, SHORT_TIME)
    days = thinned(days)
    xs = [(day - goal.first).days for day, _value in days]
    ys = [float(value) for _day, value in days]
    slope = median((ys[j] - ys[i]) / (xs[j] - xs[i]) for i in range(len(xs)) for j in range(i + 1, len(xs)))
    height = median(y - slope * x for x, y in zip(xs, ys, strict=True))
    found = Decimal(str(height + slope * (goal.last - goal.first).days)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Forecast(min(max(found, Decimal(0)), highest) if highest is not None else max(found, Decimal(0)))


def thinned(points: list[Point]) -> list[Point]:
    """At most MOST_POINTS of them, evenly, the first and the last among them."""
    if len(points) <= MOST_POINTS:
        return points
    step = (len(points) - 1) / (MOST_POINTS - 1)
    return [points[round(place * step)] for place in range(MOST_POINTS)]
