"""Where a promise stands, worked by hand: values beside goals and time."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.kernel.indicators.states import (
    FEW_POINTS,
    SHORT_TIME,
    Goal,
    Month,
    State,
    forecast,
    judge,
    judge_event,
    judge_item,
    judge_months,
    reached,
    thinned,
    value_of,
)

YEAR = (date(2024, 1, 1), date(2024, 12, 31))  # 366 days
SITES = Goal(Decimal(83), "at_least", *YEAR)
FULL = Goal(Decimal(100), "reach", *YEAR)


@pytest.mark.parametrize(("value", "on", "state"), [
    (0, date(2023, 12, 31), "not_begun"),
    (0, date(2024, 1, 1), "on_track"),  # 1/366 of the time, 0 of the goal: within five hundredths
    (41, date(2024, 6, 30), "on_track"),  # 182/366 = 49.73 %, wanted 44.73 %: 41/83 = 49.4 %
    (37, date(2024, 6, 30), "behind"),  # 44.58 %
    (38, date(2024, 6, 30), "on_track"),  # 45.78 %
    (82, date(2024, 12, 30), "on_track"), (82, date(2024, 12, 31), "behind"), (83, date(2024, 12, 31), "achieved"),
    (83, date(2024, 2, 1), "achieved"), (90, date(2025, 3, 1), "achieved"), (82, date(2025, 3, 1), "behind"),
])  # fmt: skip
def test_a_number_of_things(value: int, on: date, state: State) -> None:
    assert judge(Decimal(value), SITES, on) == state


def test_a_time_that_begins_later_is_counted_from_there() -> None:
    summer = Goal(Decimal(100), "at_least", date(2024, 7, 1), date(2024, 12, 31))
    assert summer.elapsed(date(2024, 6, 30)) == 0 and judge(Decimal(0), summer, date(2024, 6, 30)) == "not_begun"
    assert summer.elapsed(date(2024, 9, 30)) == Decimal(92) / 184
    assert judge(Decimal(45), summer, date(2024, 9, 30)) == "on_track" and judge(Decimal(44), summer, date(2024, 9, 30)) == "behind"


def test_a_share_is_full_by_whole_numbers_only() -> None:
    assert value_of(99_999, 100_000, is_share=True) == Decimal("100.00")
    assert not reached(99_999, 100_000, FULL) and reached(7, 7, FULL)
    assert judge(Decimal("100.00"), FULL, date(2024, 12, 31), reached(99_999, 100_000, FULL)) == "behind"
    assert value_of(0, 0, is_share=True) is None and judge(None, FULL, date(2024, 6, 1)) == "not_begun"
    assert reached(45, 100, Goal(Decimal(45), "at_least", *YEAR)) and not reached(4499, 10_000, Goal(Decimal(45), "at_least", *YEAR))


def test_equals_is_neither_less_nor_more() -> None:
    one = Goal(Decimal(7), "equals", *YEAR)
    assert judge(Decimal(7), one, date(2024, 5, 1)) == "achieved" and judge(Decimal(8), one, date(2024, 12, 31)) == "behind"


def months(*shares: int, whole: int) -> list[Month]:
    return [
        Month(date(2024, n + 1, 1), share, 100, Decimal(share), n < whole, "achieved" if share >= 100 else "behind" if n < whole else "on_track")
        for n, share in enumerate(shares)
    ]


def test_a_monthly_target_has_twelve_values_and_a_yearly_minimum() -> None:
    assert judge_months([], FULL, date(2024, 1, 5)) == "not_begun"
    assert judge_months(months(40, whole=0), FULL, date(2024, 1, 20)) == "on_track"
    assert judge_months(months(100, 100, 60, whole=2), FULL, date(2024, 3, 10)) == "on_track"
    assert judge_months(months(100, 99, 100, whole=3), FULL, date(2024, 4, 1)) == "behind"
    assert judge_months(months(*[100] * 12, whole=12), FULL, date(2025, 1, 1)) == "achieved"
    assert judge_months(months(*[100] * 11, 30, whole=11), FULL, date(2024, 12, 10)) == "on_track"


def test_an_event_is_held_or_its_day_is_over() -> None:
    assert judge_event(date(2024, 10, 31), False, date(2024, 10, 31)) == "not_begun"
    assert judge_event(date(2024, 10, 31), False, date(2024, 11, 1)) == "behind"
    assert judge_event(date(2024, 10, 31), True, date(2024, 4, 1)) == "achieved"


@pytest.mark.parametrize(("targets", "late", "still", "done", "state"), [
    ((), 0, 3, 0, "on_track"), ((), 1, 3, 2, "behind"), ((), 0, 0, 3, "achieved"), (("no_source",), 0, 0, 0, "no_source"),
    (("no_source",), 0, 2, 0, "on_track"), (("achieved", "no_source"), 0, 0, 2, "on_track"), (("achieved",), 0, 0, 2, "achieved"),
    (("achieved", "behind"), 0, 0, 2, "behind"), (("not_begun",), 0, 2, 0, "not_begun"), (("part",), 0, 0, 0, "no_source"),
])  # fmt: skip
def test_an_item_is_as_its_worst_part(targets: tuple[State, ...], late: int, still: int, done: int, state: State) -> None:
    assert judge_item(targets, late, still, done) == state


def points(*values: int, step: int = 30, first: date = date(2024, 1, 31)) -> list[tuple[date, Decimal]]:
    return [(first + timedelta(days=step * n), Decimal(value)) for n, value in enumerate(values)]


def test_a_forecast_needs_three_days_far_enough_apart() -> None:
    assert forecast(points(1, 2), SITES).reason == FEW_POINTS and forecast(points(1, 2), SITES).value is None
    assert forecast(points(1, 2, 3, step=6), SITES).reason == SHORT_TIME
    assert forecast([*points(1, 2), (date(2023, 12, 1), Decimal(9))], SITES).reason == FEW_POINTS, "another year says nothing"


def test_a_forecast_goes_on_in_a_line_and_one_wild_value_bends_nothing() -> None:
    straight = forecast(points(10, 20, 30, 40, 50), SITES)
    assert straight.value == Decimal("121.67")  # 31 Jan + 335 days: 10 + 335/30 × 10
    assert forecast(points(10, 20, 3000, 40, 50), SITES).value == straight.value
    assert forecast(points(50, 40, 30, 20), SITES).value == 0, "never below nothing"
    assert forecast(points(50, 70, 90), FULL, Decimal(100)).value == 100, "a share never above the whole"


@given(st.lists(st.integers(0, 10**6), min_size=3, max_size=200), st.integers(5, 9))
def test_a_forecast_of_anything_is_a_figure_within_bounds(values: list[int], step: int) -> None:
    found = forecast(points(*values, step=step), FULL, Decimal(100))
    assert found.reason or (found.value is not None and 0 <= found.value <= 100)


@given(st.integers(1, 500))
def test_thinned_points_keep_their_ends(many: int) -> None:
    days = [(date(2020, 1, 1) + timedelta(days=n), Decimal(n)) for n in range(many)]
    kept = thinned(days)
    assert kept[0] == days[0] and kept[-1] == days[-1] and len(kept) == min(many, 40) and kept == sorted(set(kept))


@given(st.integers(0, 100), st.dates(date(2024, 1, 1), date(2024, 12, 30)))
def test_more_is_never_worse(value: int, on: date) -> None:
    order: list[State] = ["behind", "on_track", "achieved"]
    assert order.index(judge(Decimal(value), SITES, on)) <= order.index(judge(Decimal(value + 1), SITES, on))
