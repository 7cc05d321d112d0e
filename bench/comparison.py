"""`python -m bench.comparison MODE FOLDER AS_OF`: one comparison of all scenarios, or the bare scan, in a fresh process.

MODE: make (with RESIDENTS and MEDICAL_ROWS after AS_OF), scan, scan-rows, polars, duckdb, pandas (written by hand),
pandas-same-text (the scenarios' own text on pandas).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bench.setup import start

Paths = Mapping[str, Sequence[Path]]


def main(mode: str, folder: Path, as_of: date, sizes: list[int]) -> None:
    """Print seconds, and how many findings each scenario has, as one JSON line."""
    start()
    from bench.lake import bare_scan, make_lake
    from bench.pandas_scenarios import compared
    from minzheng.kernel.feeds import lake
    from minzheng.kernel.monitoring.comparison import columns_needed

    if mode == "make":
        make_lake(folder, sizes[0], sizes[1], as_of)
        return
    paths = {feed.name: sorted(feed.rglob("*.parquet")) for feed in folder.iterdir() if feed.is_dir()}
    needed = columns_needed(compared().values())
    # Contracts and parameters are read once when a process starts; what is measured is the comparison.
    schemas = {name: {column: lake.schema(name)[column] for column in columns} for name, columns in needed.items()}
    started = time.perf_counter()
    findings: dict[str, int] = {}
    if mode.startswith("scan"):
        there = {name: columns for name, columns in needed.items() if name in paths}
        bare_scan(paths, there, whole_rows=mode == "scan-rows")
    else:
        findings = _compare(mode, paths, schemas, as_of)
    print(json.dumps({"seconds": time.perf_counter() - started, "findings": findings}))


def _compare(mode: str, paths: Paths, schemas: Mapping[str, Mapping[str, Any]], as_of: date) -> dict[str, int]:
    from bench.pandas_engine import PandasEngine
    from bench.pandas_scenarios import compared
    from minzheng.kernel.monitoring.comparison import compare
    from minzheng.kernel.rules.engines import engine

    if mode == "pandas":
        return _pandas(paths, schemas, as_of)
    with PandasEngine() if mode == "pandas-same-text" else engine(mode) as chosen:
        frames = {name: chosen.read(paths.get(name, []), schema) for name, schema in schemas.items()}
        results = compare(chosen, frames, compared().values(), as_of)
    return {name: result.findings.height for name, result in results.items()}


def _pandas(paths: Paths, schemas: Mapping[str, Mapping[str, Any]], as_of: date) -> dict[str, int]:
    from bench import pandas_scenarios
    from bench.pandas_scenarios import compared
    from minzheng.kernel.monitoring.comparison import values_of

    parameters = {name: values_of(scenario, as_of).plain() for name, scenario in compared().items()}
    background = next(iter(compared().values())).background
    parameters[pandas_scenarios.SHARED] = background.parameters.at(as_of).plain()
    alerts = pandas_scenarios.run(pandas_scenarios.read(paths, schemas), parameters, as_of)
    counted = alerts["scenario"].value_counts()
    return {name: int(counted.get(name, 0)) for name in compared()}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), date.fromisoformat(sys.argv[3]), [int(size) for size in sys.argv[4:]])
