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

from minzheng.kernel.monitoring.engines import Engine
from minzheng.kernel.monitoring.parameters import Values
from minzheng.kernel.monitoring.scenario import Background, Frame, Frames, Scenario

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
    feeds = {**frames, **engine.settle(background.prepare(frames, shared, as_of))}
    candidates = engine.settle({s.name: s.candidates(feeds, values[s.name], as_of) for s in scenarios})
    around = _background(engine, background, feeds, candidates, shared, as_of)
    wanted: dict[str, Frame] = {}
    for scenario in scenarios:
        own = candidates[scenario.name]
        found = scenario.detect({**feeds, **around, "candidates": own}, values[scenario.name], as_of)
        wanted[scenario.name] = found.join(around["residents"], on="person_key", how="inner")
        people = own.select("person_key").unique()
        wanted[f"{scenario.name}:candidates"] = people.select(nw.len().alias("n"))
        unknown = people.join(around["registered"], on="person_key", how="anti")
        wanted[f"{scenario.name}:unknown"] = unknown.select(nw.len().alias("n"))
    fetched = engine.fetch(wanted)
    return {s.name: _result(s.name, fetched) for s in scenarios}


def _background(
    engine: Engine, background: Background, feeds: Frames, candidates: Mapping[str, Frame], shared: Values, as_of: date
) -> dict[str, Frame]:
    keys = nw.concat([frame.select("person_key") for frame in candidates.values()], how="vertical").unique()
    settled = engine.settle({"keys": keys})["keys"]
    return background.build(feeds, settled, shared, as_of, engine.settle)


def _result(name: str, fetched: Mapping[str, pl.DataFrame]) -> Result:
    """One finding a person: the gravest, of equal ones the latest, then whatever sorts first, so that the result
    does not depend on the order in which an engine works."""
    rows = fetched[name]
    figures = sorted(set(rows.columns) - set(FIXED))
    rows = rows.select(*FIXED, *figures).sort(
        "person_key", "severity_rank", "event_date", *figures, descending=[False, False, True, *([False] * len(figures))]
    )
    rows = rows.unique("person_key", keep="first", maintain_order=True)
    rows = rows.with_columns(pl.selectors.integer().cast(pl.Int64))
    counts = [int(fetched[f"{name}:{part}"]["n"].item()) for part in ("candidates", "unknown")]
    return Result(rows, *counts)
