"""Tables of the search benchmark."""

from __future__ import annotations

import statistics
from typing import Any


def search_rows(size: int, database: str, cases: list[dict[str, Any]]) -> list[list[str]]:
    """One row a way of asking and reader: median and 99th percentile of first asking, the same of the best of three, share found."""
    return [
        [f"{size:,}", database, case["scope"], case["way"], f"{statistics.median(case['ms']):.1f} ms", f"{_p99(case['ms']):.1f} ms",
         f"{statistics.median(case['best']):.1f} ms", f"{_p99(case['best']):.1f} ms", f"{case['found']:.0%}"]
        for case in cases
    ]  # fmt: skip


def _p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


def summary(size: int, database: str, made: dict[str, Any], done: dict[str, Any]) -> str:
    """How large the index is, how long it took, and how many share a name."""
    megabytes = done["megabytes"]
    return (
        f"{database}, {size:,} people: {made['distinct']:,} distinct names, the commonest borne by {made['largest']:,}, a drawn person shares "
        f"the name with {made['mean'] - 1:,.0f} others on average; {done['rows']:,} rows of the index in {done['index']:.0f} s "
        f"(the people themselves {done['people']:.0f} s), {megabytes['index']:,.0f} MB (the people {megabytes['people']:,.0f} MB)."
    )
