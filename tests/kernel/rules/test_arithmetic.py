"""What formulas may do, held against plain Python, on Polars and DuckDB alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

import duckdb
import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minzheng.kernel.rules import arithmetic as a
from minzheng.kernel.rules.language import Month

AMOUNT = st.integers(0, 10**12)
PERCENT = st.integers(0, 400)
DAYS = st.dates(date(1900, 1, 1), date(2050, 12, 31))


def both(rows: dict[str, list[int]], *formulas: nw.Expr) -> list[list[int]]:
    """The columns of the formulas over `rows`; the same on both engines, 64-bit, without nulls."""
    frame = pl.DataFrame(rows, schema={name: pl.Int64() for name in rows})
    named = [formula.alias(f"f{number}") for number, formula in enumerate(formulas)]
    names = [f"f{number}" for number in range(len(formulas))]
    polars = nw.from_native(frame.lazy()).with_columns(*named).select(names).to_native().collect()
    with duckdb.connect() as connection:
        other = (
            nw.from_native(connection.from_arrow(frame.to_arrow()))
            .with_columns(*named)
            .select(names)
            .to_native()
            .pl()
        )
    assert set(polars.schema.values()) == {pl.Int64()}
    assert polars.equals(other.cast(pl.Int64)), (polars, other)
    return [polars[name].to_list() for name in polars.columns]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(AMOUNT, PERCENT), min_size=1, max_size=50), st.integers(1, 500))
def test_percent_and_divisions_round_as_they_say(rows: list[tuple[int, int]], by: int) -> None:
    value, share = nw.col("value"), nw.col("share")
    columns = {"value": [row[0] for row in rows], "share": [row[1] for row in rows]}
    found = both(
        columns, a.percent(value, 35), a.percent(value, share), a.divide(value, by), a.divide(value, share),
        a.divide_half_up(value, by), a.divide_half_up(value, share), a.yuan_up(value),
    )  # fmt: skip

    def half_up(part: int, whole: int) -> int:
        return int((Decimal(part) / Decimal(whole)).quantize(Decimal(1), ROUND_HALF_UP)) if whole else 0

    assert found[0] == [half_up(value * 35, 100) for value, _ in rows]
    assert found[1] == [half_up(value * share, 100) for value, share in rows]
    assert found[2] == [value // by for value, _ in rows]
    assert found[3] == [value // share if share else 0 for value, share in rows]
    assert found[4] == [half_up(value, by) for value, _ in rows]
    assert found[5] == [half_up(value, share) for value, share in rows]
    assert found[6] == [
        int((Decimal(value) / 100).to_integral_value(ROUND_CEILING)) * 100 for value, _ in rows
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=50))
def test_the_smaller_the_larger_and_nothing_below_zero(rows: list[int]) -> None:
    value = nw.col("value")
    found = both(
        {"value": rows},
        a.clip(value),
        a.least(value, 5, -7),
        a.greatest(value, 5),
        a.flag(value > 3),
        a.where(value > 3, value, -1),
    )
    assert found[0] == [max(value, 0) for value in rows]
    assert found[1] == [min(value, -7) for value in rows]
    assert found[2] == [max(value, 5) for value in rows]
    assert found[3] == [int(value > 3) for value in rows]
    assert found[4] == [value if value > 3 else -1 for value in rows]


def age(birth: date, day: date) -> int:
    """The plain way: count birthdays; one on 29 February falls on the 28th in a year without one."""
    years = day.year - birth.year
    try:
        birthday = birth.replace(year=day.year)
    except ValueError:
        birthday = date(day.year, 2, 28)
    return years if day >= birthday else years - 1


@settings(max_examples=60, deadline=None)
@given(st.lists(DAYS, min_size=1, max_size=50), DAYS)
def test_ages(births: list[date], day: date) -> None:
    births = [*births, date(1944, 2, 29), date(2004, 2, 29), day]
    columns = {"birth": [*map(a.days, births), 0, a.days(day + timedelta(days=1))]}
    for when in (day, date(day.year, 2, 28), date(day.year, 3, 1)):
        expected = [age(birth, when) if birth <= when else -1 for birth in births]
        found = both(columns, a.age_on(nw.col("birth"), when))[0]
        assert found[: len(births)] == expected
        assert found[len(births)] == -1
    assert both(columns, a.age_on(nw.col("birth"), day))[0][-1] == -1


@pytest.mark.parametrize(
    ("birth", "month", "years"),
    [
        (19440229, "2024-01", 79), (19440229, "2024-02", 80), (19360229, "2026-02", 90), (19360229, "2026-01", 89),
        (19440731, "2024-07", 80), (19440801, "2024-07", 79), (20240731, "2024-07", 0), (20240801, "2024-07", -1), (0, "2024-07", -1),
    ],
)  # fmt: skip
def test_the_age_of_a_month_is_that_of_its_last_day(birth: int, month: str, years: int) -> None:
    when = Month.of(month)
    birth_column = nw.col("birth")
    turned = a.flag(a.turned(birth_column, max(years, 0), when))
    found = both(
        {"birth": [birth]},
        a.age_within(birth_column, when),
        turned,
        a.flag(a.turned(birth_column, years + 1, when)),
    )
    assert found == [[years], [int(years >= 0)], [0 if years >= 0 else int(years + 1 <= -1)]]


def test_a_coarse_filter_by_age_misses_nobody() -> None:
    month = Month.of("2024-02")
    births = [19440229, 19441231, 19450101, 0, 19000101]
    found = both(
        {"birth": births},
        a.flag(a.may_be(nw.col("birth"), 80, month)),
        a.flag(a.turned(nw.col("birth"), 80, month)),
    )
    assert found[0] == [1, 1, 0, 0, 1]
    assert all(may >= does for may, does in zip(*found, strict=True))


def test_death_stops_the_month_after() -> None:
    found = both(
        {"death": [0, 20240630, 20240701, 20240731, 20240801]},
        a.flag(a.alive(nw.col("death"), Month.of("2024-07"))),
    )
    assert found == [[1, 0, 1, 1, 1]]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (lambda code: a.amount_of(code, {"1": 5000, "3": 200}), [0, 5000, 0, 200, 0]),
        (lambda code: a.amount_of(code, {}, otherwise=7), [7, 7, 7, 7, 7]),
        (lambda code: a.banded(code, {"3": 30, "1": 10}), [0, 10, 10, 30, 30]),
        (lambda code: a.banded(code, {"0": 1}, otherwise=9), [1, 1, 1, 1, 1]),
    ],
)
def test_tables(formula: Callable[[nw.Expr], nw.Expr], expected: list[int]) -> None:
    assert both({"code": [0, 1, 2, 3, 4]}, formula(nw.col("code"))) == [expected]


def test_days_between_two() -> None:
    column = {"day": [0, 20240131, 20240201, 20240229, 20240301]}
    found = both(column, a.flag(a.days_from(nw.col("day"), date(2024, 2, 1), date(2024, 2, 29))))
    assert found == [[0, 0, 1, 1, 0]]


def test_small_literals_do_not_overflow() -> None:
    """100 as an 8-bit number, times a million, is what one engine once made of it."""
    assert both({"n": [1_000_000]}, nw.col("n") * 100, a.whole(100) * 1_000_000_000_000) == [
        [100_000_000],
        [10**14],
    ]


@pytest.mark.parametrize(
    ("month", "count", "back"),
    [("2024-01", 1, "2023-12"), ("2024-03", 14, "2023-01"), ("2024-07", 0, "2024-07")],
)
def test_months(month: str, count: int, back: str) -> None:
    assert str(Month.of(month).back(count)) == back
    assert Month.of(back).after.before == Month.of(back)
    assert (Month.of("2024-02").last, Month.of("2023-12").last) == (date(2024, 2, 29), date(2023, 12, 31))
