"""One text, three engines: identical findings to the 分 on a lake of random rows and on all worked cases."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from bench.lake import Paths, make_lake
from minzheng.kernel.feeds import lake
from minzheng.kernel.monitoring.catalogue import scenarios
from minzheng.kernel.monitoring.comparison import Result, columns_needed, compare
from minzheng.kernel.rules.engines import EngineError, engine
from tests.domains.assistance.scenarios.casefile import Rows, cases, frames_of

AS_OF = date(2024, 6, 3)


def run(name: str, paths: Paths) -> dict[str, Result]:
    chosen = list(scenarios().values())
    with engine(name) as opened:
        frames = {
            contract: opened.read(paths.get(contract, []), {column: lake.schema(contract)[column] for column in columns})
            for contract, columns in columns_needed(chosen).items()
        }  # fmt: skip
        return compare(opened, frames, chosen, AS_OF)


def same(left: dict[str, Result], right: dict[str, Result]) -> None:
    for name, result in left.items():
        assert result.findings.equals(right[name].findings), name
        assert result.findings.schema == right[name].findings.schema, name
        assert (result.candidates, result.unknown_person) == (right[name].candidates, right[name].unknown_person), name


@pytest.fixture(scope="module")
def random_lake(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    return make_lake(tmp_path_factory.mktemp("lake"), 20_000, 120_000, AS_OF, seed=5)


@pytest.fixture(scope="module")
def case_lake(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """All worked cases in one lake: keys are shifted so that no case meets another."""
    folder, together = tmp_path_factory.mktemp("cases"), Rows()
    number = 0
    for name in scenarios():
        for case in cases(name):
            number += 1
            for contract, rows in case.rows.items():
                for row in rows:
                    shifted = {**row, "person_key": row["person_key"] + number * 1000}
                    if "household_key" in row:
                        shifted["household_key"] = row["household_key"] + number * 1000
                    together.setdefault(contract, []).append(shifted)
    paths: Paths = {}
    for contract, frame in frames_of(together, list(scenarios().values())).items():
        paths[contract] = [folder / f"{contract}.parquet"]
        frame.sort("person_key").write_parquet(paths[contract][0])
    return paths


def test_every_scenario_finds_something(random_lake: Paths, case_lake: Paths) -> None:
    found = [run("polars", paths) for paths in (random_lake, case_lake)]
    assert all(any(results[name].findings.height for results in found) for name in scenarios())


def test_duckdb_agrees(random_lake: Paths, case_lake: Paths) -> None:
    for paths in (random_lake, case_lake):
        same(run("polars", paths), run("duckdb", paths))


@pytest.mark.spark
def test_spark_agrees(random_lake: Paths, case_lake: Paths) -> None:
    for paths in (random_lake, case_lake):
        same(run("polars", paths), run("spark", paths))


def test_empty_feeds(tmp_path: Path) -> None:
    for name in ("polars", "duckdb"):
        assert all(result.findings.height == 0 for result in run(name, {}).values())


def test_the_order_of_rows_does_not_matter(random_lake: Paths, tmp_path: Path) -> None:
    mixed: Paths = {}
    for contract, files in random_lake.items():
        mixed[contract] = [tmp_path / f"{contract}.parquet"]
        pl.read_parquet(files).sample(fraction=1, shuffle=True, seed=7).write_parquet(mixed[contract][0])
    same(run("polars", random_lake), run("polars", mixed))


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(EngineError, match="pandas"):
        engine("pandas")
