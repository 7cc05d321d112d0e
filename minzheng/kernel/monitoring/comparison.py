"""One comparison: all scenarios over one state of the lake, on one engine. Free of Django.

The large feeds are read once: sums and candidates first, then the background of all candidates together, then each
scenario's judgement on what is small by now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import narwhals as nw
import polars as pl

from minzheng.kernel.foundation.dated import Values
from minzheng.kernel.monitoring.scenario import Background, Frame, Frames, Scenario
from minzheng.kernel.rules.engines import Engine

COUNTS = ":counts"
FIXED = ("person_key", "event_date", "severity_rank", "village_code")


@dataclass(frozen=True)
class Result:
    """What one scenario found: `findings` has the columns of FIXED and the scenario's figures, one row a person,
    sorted by key; `candidates` how many people something happened to, `unknown_person` how many of them the
    population register does not know."""

    findings: pl.DataFrame
    candidates: int
    unknown_person: int


def columns_needed(scenarios: Iterable[Scenario]) -> dict[str, tuple[str, ...]]:
    """Contract → lake columns that the scenarios read together, each once."""
    needed: dict[str, dict[str, None]] = {}
    for scenario in scenarios:
        for inputs in (scenario.background.inputs, scenario.inputs):
            for contract, columns in inputs.items():
                needed.setdefault(contract, {}).update(dict.fromkeys(columns))
    return {contract: tuple(columns) for contract, columns in needed.items()}


def values_of(scenario: Scenario, as_of: date) -> Values:
    """The scenario's parameters with those of its background. Raises LookupError when one has no value then."""
    return scenario.background.parameters.at(as_of) | scenario.parameters.at(as_of)


def compare(engine: Engine, frames: Frames, scenarios: Iterable[Scenario], as_of: date) -> dict[str, Result]:
    """Run the scenarios; `frames` are the feeds by contract with at least the columns needed."""
    together: dict[str, list[Scenario]] = {}
    for scenario in scenarios:
        together.setdefault(scenario.background.name, []).append(scenario)
    results: dict[str, Result] = {}
    for group in together.values():
        results |= _compare_group(engine, frames, group, as_of)
    return results


def _compare_group(engine: Engine, frames: Frames, scenarios: list[Scenario], as_of: date) -> dict[str, Result]:
    background = scenarios[0].background
    values = {scenario.name: values_of(scenario, as_of) for scenario in scenarios}
    shared = background.parameters.at(as_of)
    feeds = {**frames, **background.prepare(frames, shared, as_of, engine)}
    candidates = engine.settle({s.name: s.candidates(feeds, values[s.name], as_of) for s in scenarios})
    around = _background(engine, background, feeds, candidates, shared, as_of)
    wanted: dict[str, Frame] = {}
    for scenario in scenarios:
        own = {**feeds, **around, "candidates": candidates[scenario.name]}
        found = scenario.detect(own, values[scenario.name], as_of)
        wanted[scenario.name] = found.join(around["residents"], on="person_key", how="inner")
    fetched = engine.fetch({**wanted, COUNTS: _counts(candidates, around["registered"])})
    counts = {name: (people, known) for name, people, known in fetched.pop(COUNTS).select("name", "people", "known").rows()}
    return {name: _result(rows, *counts.get(name, (0, 0))) for name, rows in fetched.items()}


def _counts(candidates: Mapping[str, Frame], registered: Frame) -> Frame:
    """[name, people, known]: per scenario how many people are candidates, and how many of them are registered."""
    tagged = [
        frame.select("person_key").unique().with_columns(nw.lit(name).alias("name")) for name, frame in candidates.items()
    ]
    everybody = nw.concat(tagged, how="vertical")
    marked = registered.select("person_key", nw.lit(1, nw.Int64).alias("known"))
    joined = everybody.join(marked, on="person_key", how="left").with_columns(nw.col("known").fill_null(0))
    counts = joined.group_by("name").agg(nw.len().alias("people"), nw.col("known").sum())
    return counts.with_columns(nw.col("people").cast(nw.Int64), nw.col("known").cast(nw.Int64))


def _background(
    engine: Engine, background: Background, feeds: Frames, candidates: Mapping[str, Frame], shared: Values, as_of: date
) -> dict[str, Frame]:
    keys = nw.concat([frame.select("person_key") for frame in candidates.values()], how="vertical").unique()
    settled = engine.settle({"keys": keys})["keys"]
    return background.build(feeds, settled, shared, as_of, engine)


def _result(rows: pl.DataFrame, people: int, known: int) -> Result:
    """One finding a person: the gravest, of equal ones the latest, then whatever sorts first, so that the result
    does not depend on the order in which an engine works."""
    figures = sorted(set(rows.columns) - set(FIXED))
    rows = rows.select(*FIXED, *figures).with_columns(pl.selectors.integer().cast(pl.Int64))
    rows = rows.sort(
        "person_key", "severity_rank", "event_date", *figures, descending=[False, False, True, *([False] * len(figures))]
    )
    return Result(rows.unique("person_key", keep="first", maintain_order=True), people, people - known)
