"""Tables of the registers' benchmark."""

from __future__ import annotations

import statistics
from typing import Any


def register_rows(size: int, database: str, cases: list[dict[str, Any]]) -> list[list[str]]:
    """One row a list: p50 and p95 over all its requests, the slowest case by its median, and p95 of processor time, which
    others at work on the machine lengthen least."""
    found = []
    for name in dict.fromkeys(case["register"] for case in cases):
        own = [case for case in cases if case["register"] == name]
        times = sorted(time for case in own for time in case["ms"])
        busy = sorted(time for case in own for time in case["cpu"])
        worst = max(statistics.median(case["ms"]) for case in own)
        found.append([f"{size:,}", database, name, str(len(own)), f"{statistics.median(times):.0f} ms",
                      f"{times[int(len(times) * 0.95)]:.0f} ms", f"{worst:.0f} ms", f"{busy[int(len(busy) * 0.95)]:.0f} ms"])  # fmt: skip
    return found


def slowest_cases(cases: list[dict[str, Any]], most: int = 3) -> list[str]:
    """The slowest cases of the registers by their medians."""
    own = [case for case in cases if case["address"].startswith("/registers/")]
    ranked = sorted(own, key=lambda case: -statistics.median(case["ms"]))[:most]
    return [f"{statistics.median(case['ms']):.0f} ms {case['reader']} `{case['address']}`" for case in ranked]
