"""One text, three engines: every rule of every pack gives the same 分, step by step, over a random city with odd values."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest

from minzheng.kernel.benefits.programmes import inputs, programmes
from minzheng.kernel.rules.engines import Engine, engine
from minzheng.kernel.rules.evaluation import Frame, evaluate
from minzheng.kernel.rules.inputs import PRESENT
from minzheng.kernel.rules.language import Month, values_of
from tests.domains import random_city

# Before and after a change of standard, a leap year's February, and the law of 2026-07-01.
MONTHS = [Month.of(text) for text in ("2024-02", "2024-07", "2026-02", "2026-07")]
PEOPLE = 6_000


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> dict[Month, tuple[pl.DataFrame, Path]]:
    folder = tmp_path_factory.mktemp("cities")
    found = {}
    for seed, month in enumerate(MONTHS):
        people = random_city.people(PEOPLE, inputs().values(), month, seed)
        people.write_parquet(folder / f"{month}.parquet")
        found[month] = people, folder / f"{month}.parquet"
    return found


def results(opened: Engine, frame: Frame, month: Month, everybody: bool = False) -> dict[str, pl.DataFrame]:
    """Name of a programme → its results with all steps, sorted."""
    frames = {
        name: evaluate(
            each.rule, frame, month, values_of(each.rule, month), keep_steps=True, everybody=everybody
        )
        for name, each in programmes().items()
    }
    return {name: found.sort("person_key") for name, found in opened.fetch(frames).items()}


@pytest.fixture(scope="module")
def expected(
    cities: dict[Month, tuple[pl.DataFrame, Path]],
) -> Iterator[dict[Month, dict[str, pl.DataFrame]]]:
    with engine("polars") as opened:
        yield {
            month: results(opened, opened.read([path], people.schema), month)
            for month, (people, path) in cities.items()
        }


def agree(
    name: str, month: Month, cities: dict[Month, tuple[pl.DataFrame, Path]], expected: dict[str, pl.DataFrame]
) -> None:
    people, path = cities[month]
    with engine(name) as opened:
        found = results(opened, opened.read([path], people.schema), month)
    for programme, frame in expected.items():
        assert found[programme].columns == frame.columns
        assert set(found[programme].schema.values()) == {pl.Int64()}, programme
        differing = [column for column in frame.columns if not found[programme][column].equals(frame[column])]
        assert not differing, f"{name} differs on {programme}: {differing}"


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_duckdb_agrees(
    month: Month,
    cities: dict[Month, tuple[pl.DataFrame, Path]],
    expected: dict[Month, dict[str, pl.DataFrame]],
) -> None:
    agree("duckdb", month, cities, expected[month])


@pytest.mark.spark
def test_spark_agrees(
    cities: dict[Month, tuple[pl.DataFrame, Path]], expected: dict[Month, dict[str, pl.DataFrame]]
) -> None:
    agree("spark", MONTHS[1], cities, expected[MONTHS[1]])


@pytest.mark.parametrize("name", programmes())
def test_the_city_has_people_on_both_sides_of_every_rule(
    name: str, expected: dict[Month, dict[str, pl.DataFrame]], cities: dict[Month, tuple[pl.DataFrame, Path]]
) -> None:
    """Otherwise agreement would say little; and amounts are whole, known and never below zero."""
    found = pl.concat([frames[name] for frames in expected.values()], how="diagonal")
    assert found["eligible"].sum() > 0
    assert found["eligible"].sum() < sum(people.height for people, _path in cities.values())
    assert set(found["eligible"].unique()) <= {0, 1}
    assert found.null_count().sum_horizontal().item() == 0
    assert found["amount_fen"].min() == 0 or found.filter(pl.col("amount_fen") < 0).is_empty()
    assert found.filter((pl.col("eligible") == 0) & (pl.col("amount_fen") != 0)).is_empty()
    if programmes()[name].rule.pays:
        assert found["amount_fen"].max() > 0  # type: ignore[operator]


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_the_population_of_a_rule_decides_nothing(
    month: Month,
    cities: dict[Month, tuple[pl.DataFrame, Path]],
    expected: dict[Month, dict[str, pl.DataFrame]],
) -> None:
    people, path = cities[month]
    with engine("polars") as opened:
        found = results(opened, opened.read([path], people.schema), month, everybody=True)
    for name, frame in expected[month].items():
        entitled = [each.filter(pl.col("eligible") == 1) for each in (frame, found[name])]
        assert entitled[0].equals(entitled[1]), name


def test_a_city_in_parts_gives_the_same(
    cities: dict[Month, tuple[pl.DataFrame, Path]], expected: dict[Month, dict[str, pl.DataFrame]]
) -> None:
    month = MONTHS[1]
    people = cities[month][0]
    with engine("polars") as opened:
        parts = [
            results(opened, nw.from_native(people.filter(pl.col("village") % 2 == rest).lazy()), month)
            for rest in (0, 1)
        ]
    for name, frame in expected[month].items():
        assert pl.concat([part[name] for part in parts]).sort("person_key").equals(frame), name


def test_households_pay_one_member_who_is_there(
    cities: dict[Month, tuple[pl.DataFrame, Path]], expected: dict[Month, dict[str, pl.DataFrame]]
) -> None:
    for name, each in programmes().items():
        if each.rule.entity != "household":
            continue
        entitled = 0
        for month in MONTHS:
            here = set(cities[month][0].filter(pl.col(PRESENT.name) == 1)["person_key"])
            found = expected[month][name]
            assert found["household_key"].is_unique().all()
            assert set(found["person_key"]) <= here, name
            paid = found.filter(pl.col("eligible") == 1)
            assert (paid[each.rule.paid_to] == 1).all(), f"{name}: nobody who is left out is paid"
            entitled += paid.height
        assert entitled, name
