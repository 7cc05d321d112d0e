"""`python -m bench.benefits make|programmes|simulate|explain|reconcile FOLDER SIZE`: benefits at the size of a city, in a fresh process.

The people are drawn at random in the proportions of a city of the Yangtze delta (a sixth over 60, one in fifty with a disability
certificate, one in eighty on the roster), with every input that the programmes ask; `reconcile` enrols SIZE elders and lets a
month's run change some of them, on the database of DATABASE_URL.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from bench.setup import start

MONTH = "2024-07"


def make(folder: Path, size: int) -> None:
    """A snapshot of `size` people under FOLDER, as `store.keep` would write it."""
    import numpy as np
    import polars as pl

    from minzheng.kernel.benefits.programmes import inputs
    from minzheng.kernel.benefits.snapshot.store import ROW_GROUP
    from minzheng.kernel.rules.inputs import BASE

    rng = np.random.default_rng(1)
    homes = np.sort(rng.integers(0, max(size * 10 // 27, 1), size))
    first = np.r_[True, homes[1:] != homes[:-1]]
    villages = np.array([320402001001, 320404100201, 320411001001, 320412100201, 320413100201, 320481100201])
    poor = rng.random(homes[-1] + 1) < 1 / 80
    year = np.clip(2024 - np.abs(rng.normal(44, 21, size)).astype(np.int64), 1918, 2024)
    disabled = rng.random(size) < 0.02
    known: dict[str, Any] = {
        "rank": np.where(first, 0, 2), "present": np.where(rng.random(size) < 0.99, 1, 0), "hukou": np.where(rng.random(size) < 0.75, 1, 0),
        "birth": year * 10_000 + rng.integers(1, 13, size) * 100 + rng.integers(1, 29, size), "sex": rng.integers(1, 3, size),
        "disability_category": np.where(disabled, rng.integers(1, 8, size), 0), "disability_level": np.where(disabled, rng.integers(1, 5, size), 0),
        "award_low_income": np.where(poor[homes], 1, 0), "award_destitute": np.where(rng.random(size) < 0.0008, 2, 0),
        "wage": np.where((year < 2004) & (year > 1964) & ~poor[homes], rng.integers(0, 1_500_000, size), 0),
        "resident_pension": np.where(year < 1964, rng.integers(20_000, 90_000, size), 0), "custody": np.where(rng.random(size) < 0.0005, 1, 0),
        "medical_paid": np.where(rng.random(size) < 0.3, rng.integers(0, 2_000_000, size), 0),
    }  # fmt: skip
    names = {each.name: each for each in (*BASE, *inputs().values())}
    columns = {"person_key": np.arange(size), "household_key": homes, "village": villages[homes % len(villages)]}
    columns |= {name: known.get(name, np.full(size, each.absent, dtype=np.int8)) for name, each in names.items()}
    frame = pl.DataFrame(columns).lazy().select(pl.all().cast(pl.Int64))
    target = folder / "people.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    frame.sink_parquet(target, compression="zstd", compression_level=1, row_group_size=ROW_GROUP)


def programmes(folder: Path, size: int) -> dict[str, Any]:
    """Every programme and the matrix over everybody."""
    import polars as pl

    from minzheng.kernel.benefits.months import terms_of
    from minzheng.kernel.benefits.reckoning import desired
    from minzheng.kernel.rules.language import Month

    terms = terms_of(Month.of(MONTH))
    started = time.perf_counter()
    found = desired(pl.scan_parquet(folder / "people.parquet"), terms)
    return {"seconds": time.perf_counter() - started, "entitled": found.height, "programmes": len(terms.programmes)}


def explain(folder: Path, size: int) -> dict[str, Any]:
    """One household through every programme and row, again and again."""
    import polars as pl

    from minzheng.kernel.benefits.months import terms_of
    from minzheng.kernel.benefits.why import explain_people
    from minzheng.kernel.rules.language import Month

    terms = terms_of(Month.of(MONTH))
    people = pl.scan_parquet(folder / "people.parquet")
    taken = []
    for number in range(12):
        started = time.perf_counter()
        home = people.filter(pl.col("household_key") == 1000 + number).collect()
        read = time.perf_counter()
        explain_people(home, terms)
        taken.append((time.perf_counter() - read, read - started))
    taken.sort()
    return {"seconds": taken[len(taken) // 2][0], "reading": taken[len(taken) // 2][1]}


def simulate(folder: Path, size: int) -> dict[str, Any]:
    """The whole city with a higher 低保 standard: the first question, and the next."""
    from django.conf import settings
    from django.utils import timezone

    from minzheng.kernel.benefits import simulation
    from minzheng.kernel.benefits.models import Snapshot

    name = f"{MONTH}-1"
    target = settings.HOME.snapshots / name
    target.mkdir(parents=True, exist_ok=True)
    if not (target / "people.parquet").exists():
        (target / "people.parquet").symlink_to(folder / "people.parquet")
        (target / "manifest.json").write_text(json.dumps({"month": MONTH, "sha256": "bench", "rows": size}), encoding="utf-8")
    snapshot = Snapshot(month=MONTH, name=name, sha256="bench", rows=size, frozen_on=date(2024, 8, 1), frozen_at=timezone.now(), frozen_by="bench")
    seconds = []
    for standard in (115_000, 118_000, 121_000):
        started = time.perf_counter()
        found = simulation.simulate(snapshot, {"standards.subsistence_standard": standard})
        seconds.append(time.perf_counter() - started)
    return {"seconds": seconds[1], "first": seconds[0], "winners": found.total["winners"]}


def reconcile(folder: Path, size: int) -> dict[str, Any]:
    """SIZE entitlements: the first run starts them all, the second raises each amount; both are stored and applied."""
    from bench.benefits_run import run

    return run(size)


if __name__ == "__main__":
    start()
    from minzheng.portals.cli.bootstrap import bring_up_to_date

    bring_up_to_date()
    verb, where, count = sys.argv[1], Path(sys.argv[2]).resolve(), int(sys.argv[3])
    print(json.dumps(globals()[verb](where, count) or {}))
