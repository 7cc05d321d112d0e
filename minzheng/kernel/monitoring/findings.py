"""Between comparing and raising: what the comparison of a date found, kept as scratch files.

A folder a date, renamed into place when it is whole; whoever finds none compares again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
from django.conf import settings

from minzheng.kernel.feeds import lake
from minzheng.kernel.monitoring.catalogue import scenarios
from minzheng.kernel.monitoring.comparison import Result, columns_needed, compare
from minzheng.kernel.monitoring.scenario import Frame
from minzheng.kernel.rules.engines import Engine, engine

COUNTS = "counts.json"


def run_comparison(as_of: date) -> dict[str, Result]:
    """Compare the lake of a date with all scenarios on the engine of the deployment, and keep the findings."""
    with engine(settings.MONITORING_ENGINE) as chosen:
        needed = columns_needed(scenarios().values())
        frames = {name: _open(chosen, name, columns, as_of) for name, columns in needed.items()}
        results = compare(chosen, frames, scenarios().values(), as_of)
    _keep(results, as_of)
    return results


def kept(as_of: date) -> dict[str, Result] | None:
    """The findings of a date if its comparison was finished and none of the scenarios is missing."""
    folder = _folder(as_of)
    if not (folder / COUNTS).exists():
        return None
    counts = json.loads((folder / COUNTS).read_text(encoding="utf-8"))
    if set(counts) != set(scenarios()):
        return None
    return {name: Result(pl.read_parquet(folder / f"{name}.parquet"), *counts[name]) for name in counts}


def discard() -> None:
    """Throw all kept findings away (they name pseudonyms and are of no use once raised)."""
    shutil.rmtree(_root(), ignore_errors=True)


def _open(chosen: Engine, contract: str, columns: tuple[str, ...], as_of: date) -> Frame:
    if chosen.name == "polars":  # corrections of earlier rows are applied on the way, without a copy
        return nw.from_native(lake.scan(contract, as_of).select(columns))
    schema: Mapping[str, Any] = lake.schema(contract)
    return chosen.read(lake.parts(contract, as_of), {column: schema[column] for column in columns})


def _keep(results: Mapping[str, Result], as_of: date) -> None:
    discard()
    draft = _root() / f"{as_of}.draft"
    draft.mkdir(parents=True)
    for name, result in results.items():
        result.findings.write_parquet(draft / f"{name}.parquet")
    counts = {name: (result.candidates, result.unknown_person) for name, result in results.items()}
    (draft / COUNTS).write_text(json.dumps(counts), encoding="utf-8")
    draft.rename(_folder(as_of))


def _root() -> Path:
    root: Path = settings.HOME.work / "findings"
    return root


def _folder(as_of: date) -> Path:
    return _root() / as_of.isoformat()
