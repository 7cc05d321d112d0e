"""The benchmark's pandas scenarios, written independently, raise exactly the alerts of the comparison."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from bench import pandas_scenarios
from bench.lake import Paths, make_lake
from bench.pandas_scenarios import compared
from minzheng.kernel.feeds import lake
from minzheng.kernel.monitoring.comparison import columns_needed, compare, values_of
from minzheng.kernel.rules.engines import engine
from tests.domains.assistance.scenarios.casefile import cases, frames_of

AS_OF = date(2024, 6, 3)
Alert = tuple[Any, ...]
EVENTS = {
    "unemployment": ("status", "benefit_monthly_fen"),
    "disability_certificates": ("status",),
    "traffic_accidents": ("responsibility",),
    "legal_aid": (),
    "disasters": ("house_damage", "loss_fen"),
    "deaths": (),
}


def schemas() -> dict[str, dict[str, Any]]:
    needed = columns_needed(compared().values())
    return {name: {column: lake.schema(name)[column] for column in columns} for name, columns in needed.items()}


def by_comparison(paths: Paths, as_of: date) -> Counter[Alert]:
    with engine("polars") as opened:
        frames = {name: opened.read(paths.get(name, []), schema) for name, schema in schemas().items()}
        results = compare(opened, frames, compared().values(), as_of)
    columns = ("person_key", "event_date", "severity_rank")
    return Counter((name, *row) for name, result in results.items() for row in result.findings.select(columns).rows())


def by_pandas(paths: Paths, as_of: date) -> Counter[Alert]:
    parameters = {name: values_of(scenario, as_of).plain() for name, scenario in compared().items()}
    parameters[pandas_scenarios.SHARED] = next(iter(compared().values())).background.parameters.at(as_of).plain()
    alerts = pandas_scenarios.run(pandas_scenarios.read(paths, schemas()), parameters, as_of)
    rows = zip(alerts["scenario"], alerts["person_key"], alerts["event_date"].dt.date, alerts["severity_rank"], strict=True)
    return Counter((name, int(key), day, int(rank)) for name, key, day, rank in rows)


def different(paths: Paths, as_of: date) -> list[Alert]:
    one, other = by_comparison(paths, as_of), by_pandas(paths, as_of)
    return sorted([("only comparison", *row) for row in one - other] + [("only pandas", *row) for row in other - one])


def eventful(paths: Paths, folder: Path, as_of: date, seed: int) -> Paths:
    """The same lake with far more events: those of a larger one given to its residents, some codes missing."""
    residents = pl.read_parquet(paths["population"])["person_key"]
    larger = make_lake(folder / "larger", 400_000, 12, as_of, seed=seed)
    more = dict(paths)
    for number, (contract, optional) in enumerate(EVENTS.items()):
        rows = pl.read_parquet(larger[contract]).sample(1_500, with_replacement=True, shuffle=True, seed=seed)
        rows = rows.with_columns(residents.sample(len(rows), with_replacement=True, seed=seed + 10 * number).alias("person_key"))
        gap = pl.int_range(pl.len()) % 13 == 0
        rows = rows.with_columns(*(pl.when(~gap).then(pl.col(name)).alias(name) for name in optional))
        path = folder / f"more-{contract}.parquet"
        rows.write_parquet(path)
        more[contract] = [*paths[contract], path]
    return more


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pandas_raises_the_same_alerts(tmp_path: Path, seed: int) -> None:
    paths = eventful(make_lake(tmp_path, 6_000, 60_000, AS_OF, seed=seed), tmp_path, AS_OF, seed)
    found = Counter(alert[0] for alert in by_comparison(paths, AS_OF).elements())
    assert set(found) == set(compared()) == set(pandas_scenarios.SCENARIOS)
    assert found.total() > 150
    assert different(paths, AS_OF) == []


def test_pandas_agrees_on_the_leap_day(tmp_path: Path) -> None:
    leap_day = date(2024, 2, 29)
    assert different(eventful(make_lake(tmp_path, 6_000, 60_000, leap_day, seed=4), tmp_path, leap_day, 4), leap_day) == []


@pytest.mark.parametrize("name", sorted(compared()))
def test_pandas_agrees_on_every_worked_case(tmp_path: Path, name: str) -> None:
    """Cases with missing values, people in two households, deaths reported late."""
    for number, case in enumerate(cases(name)):
        paths: Paths = {}
        for contract, frame in frames_of(case.rows, list(compared().values())).items():
            paths[contract] = [tmp_path / f"{number}-{contract}.parquet"]
            frame.write_parquet(paths[contract][0])
        assert different(paths, case.as_of) == [], case.name


def test_pandas_stands_empty_feeds() -> None:
    assert not by_pandas({}, AS_OF)
