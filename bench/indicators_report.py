"""The rows of the table of indicators, from what `bench.indicators` printed."""

from __future__ import annotations

from typing import Any

import numpy as np


def indicator_rows(people: int, database: str, done: dict[str, Any]) -> list[list[str]]:
    """The night first, then each question: median and 95th percentile as they passed, and of processors."""
    night = done["seconds"]
    rows = [[f"{people:,}", database, f"the night's measure ({done['values']:,} values)", f"{night['night']:.1f} s", "", f"{night['night_cpu']:.1f} s"]]
    for case in done["cases"]:
        p50, p95 = np.percentile(case["ms"], [50, 95])
        rows.append([f"{people:,}", database, case["what"], f"{p50:,.0f} ms", f"{p95:,.0f} ms", f"{np.percentile(case['cpu'], 95):,.0f} ms"])
    return rows


def slowest_readings(done: dict[str, Any]) -> str:
    """The readings that took longest in the night, in words."""
    return ", ".join(f"{name} {seconds} s" for name, seconds in done["slowest"][:4])
