"""Worked cases in YAML: a few people and rows of feeds, and the alerts that they must give.

A person: {id, home, relation, born, status, wage (yuan a month), wage_until, pension, kind, programme}; whoever has
`unregistered: true` has no row in the population register, whoever has no `home` none in the households.
Further rows stand under `feeds` with the lake's column names; what a row leaves out is null.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import yaml

from minzheng.kernel.feeds import lake
from minzheng.kernel.monitoring.comparison import Result, columns_needed, compare
from minzheng.kernel.monitoring.scenario import SEVERITY, Scenario
from minzheng.kernel.rules.engines import PolarsEngine

FOLDER = Path(__file__).parent
VILLAGE = 320402001001
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Case:
    """One worked case of one scenario."""

    scenario: str
    name: str
    as_of: date
    rows: Rows
    expect: list[dict[str, Any]]
    unknown: int


def cases(scenario: str) -> list[Case]:
    """The cases of a scenario, from <scenario>/cases.yaml."""
    content = yaml.safe_load((FOLDER / scenario / "cases.yaml").read_text(encoding="utf-8"))
    return [
        Case(
            scenario, body["name"], body.get("as_of", content["as_of"]), rows_of(body["people"], body.get("feeds", {})),
            body["expect"], body.get("unknown", 0),
        )
        for body in content["cases"]
    ]  # fmt: skip


def rows_of(people: list[dict[str, Any]], feeds: Rows) -> Rows:
    """Rows of the lake for people in shorthand, and those given as they are."""
    rows: Rows = {name: list(given) for name, given in feeds.items()}

    def add(contract: str, key: int, **columns: Any) -> None:
        rows.setdefault(contract, []).append({"person_key": key, **columns})

    for person in people:
        key = person["id"]
        if not person.get("unregistered"):
            add("population", key, village_code=VILLAGE, birth_date=person.get("born", date(1980, 1, 1)),
                status=person.get("status", "active"), residence_type="hukou", sex="1")  # fmt: skip
        if "home" in person:
            add("households", key, household_key=person["home"], relation=person.get("relation", "head"), village_code=VILLAGE)
        if "wage" in person:
            add("social_insurance", key, period_start=date(2023, 1, 1), base_fen=person["wage"] * 100, status="paying",
                period_end=person.get("wage_until", date(2024, 6, 1)))  # fmt: skip
        if "pension" in person:
            add("pensions", key, pension_kind=person.get("kind", "employee"), monthly_fen=person["pension"] * 100,
                started_on=date(2015, 1, 1), status="paying")  # fmt: skip
        if "programme" in person:
            add("assistance_recipients", key, programme=person["programme"], since=date(2022, 7, 1))
    return rows


def frames_of(rows: Rows, scenarios: list[Scenario]) -> dict[str, pl.DataFrame]:
    """The feeds that the scenarios read, with the lake's types; feeds without rows are empty."""
    return {
        name: pl.DataFrame(rows.get(name, []), schema=lake.schema(name)).select(columns)
        for name, columns in columns_needed(scenarios).items()
    }


def detect(scenario: Scenario, rows: Rows, as_of: date) -> Result:
    """Run one scenario over the rows."""
    frames = {name: nw.from_native(frame.lazy()) for name, frame in frames_of(rows, [scenario]).items()}
    with PolarsEngine() as engine:
        return compare(engine, frames, [scenario], as_of)[scenario.name]


def alerts(result: Result) -> list[tuple[int, str, date]]:
    """(person, severity, event date) of the findings, by person."""
    return [
        (row["person_key"], SEVERITY[row["severity_rank"]], row["event_date"])
        for row in result.findings.iter_rows(named=True)
    ]
