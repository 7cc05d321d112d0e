"""A lake of any size for measuring the comparison, made straight from random numbers, and the bare scan to compare with.

Not the synthetic city: no files of departments, no names, only the columns that the scenarios read, with the shapes
that matter for speed (64-bit random keys, files sorted by key, a delivery a month).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

Paths = dict[str, list[Path]]
EPOCH = date(1970, 1, 1)


def make_lake(folder: Path, residents: int, medical_rows: int, as_of: date, seed: int = 1) -> Paths:
    """Write the feeds that the scenarios and the snapshot of a month read; returns contract → files. 5.4 million
    residents and 20 million medical rows take about a minute."""
    random = np.random.default_rng(seed)
    keys = np.unique(random.integers(-(2**63), 2**63 - 1, residents, dtype=np.int64))
    ages = np.minimum(random.gamma(6.0, 7.0, len(keys)), 100).astype(np.int64)
    feeds = {**_register(random, keys, ages, as_of), **_means(random, keys, ages, as_of), **_events(random, keys, ages, as_of)}
    paths: Paths = {name: [_write(folder, name, 0, frame)] for name, frame in feeds.items()}
    paths["medical_settlements"] = _medical(folder, random, keys, ages, medical_rows, as_of)
    paths |= {name: [_write(folder, name, 0, frame)] for name, frame in _belongings(random, keys, ages, as_of).items()}
    return paths


def bare_scan(paths: Mapping[str, Sequence[Path]], columns: Mapping[str, Sequence[str]], *, whole_rows: bool = False) -> int:
    """Read every one of the columns once, hash each value (or each row as a whole) and add the hashes up: what any
    comparison must at least do."""
    scans = []
    for name, wanted in columns.items():
        hashed = pl.struct(list(wanted)).hash() if whole_rows else pl.col(list(wanted)).hash()
        scans.append(pl.scan_parquet(list(paths[name])).select(hashed.sum()))
    return sum(sum(frame.row(0)) for frame in pl.collect_all(scans, engine="streaming"))


def _register(random: np.random.Generator, keys: np.ndarray, ages: np.ndarray, as_of: date) -> dict[str, pl.DataFrame]:
    count = len(keys)
    birth = _day(as_of) - ages * 365 - random.integers(0, 365, count)
    homes = np.repeat(random.integers(-(2**63), 2**63 - 1, count, dtype=np.int64), random.integers(1, 5, count))[:count]
    relation = np.where(np.r_[True, homes[1:] != homes[:-1]], "head", random.choice(["spouse", "child", "parent"], count))
    mixed = random.permutation(count)
    status = np.where(random.random(count) < 0.02, "moved_out", "active")
    population = pl.DataFrame({
        "person_key": keys, "village_code": 320402001001 + random.integers(0, 1000, count),
        "birth_date": pl.Series(birth).cast(pl.Int32).cast(pl.Date), "status": status,
    }).with_columns(sex=pl.lit("1"), residence_type=pl.lit("hukou"))  # fmt: skip
    households = pl.DataFrame({"person_key": keys, "household_key": homes[mixed], "relation": relation[mixed]})
    dead = random.choice(keys, count // 125, replace=False)
    deaths = pl.DataFrame({"person_key": dead, "death_date": _days(random, len(dead), as_of, 365)})
    return {"population": population, "households": households, "deaths": pl.concat([deaths, deaths.head(len(dead) // 2)])}


def _means(random: np.random.Generator, keys: np.ndarray, ages: np.ndarray, as_of: date) -> dict[str, pl.DataFrame]:
    working = keys[(ages >= 18) & (ages < 60) & (random.random(len(keys)) < 0.55)]
    old = keys[ages >= 60]
    first = date(as_of.year - 1, 7, 1)
    insurance = pl.DataFrame({
        "person_key": working, "base_fen": random.integers(450_000, 2_400_000, len(working)),
        "status": np.where(random.random(len(working)) < 0.05, "suspended", "paying"),
    }).with_columns(period_start=pl.lit(first), period_end=pl.lit(date(as_of.year, 6, 1)))  # fmt: skip
    pensions = pl.DataFrame({
        "person_key": old, "pension_kind": random.choice(["employee", "resident", "civil"], len(old), p=[0.6, 0.35, 0.05]),
        "monthly_fen": random.integers(20_000, 600_000, len(old)), "status": np.full(len(old), "paying"),
    }).with_columns(started_on=pl.lit(date(as_of.year - 5, 1, 1)))  # fmt: skip
    poor = random.choice(keys, len(keys) // 150, replace=False)
    helped = pl.DataFrame({
        "person_key": poor, "programme": random.choice(["low_income", "destitute", "borderline"], len(poor)),
    }).with_columns(
        since=pl.lit(date(as_of.year - 2, 7, 1)), until=pl.lit(None, dtype=pl.Date), household_key=pl.lit(None, dtype=pl.Int64),
        monthly_fen=pl.lit(60_000, dtype=pl.Int64),
    )  # fmt: skip
    return {"social_insurance": insurance, "pensions": pensions, "assistance_recipients": helped}


def _events(random: np.random.Generator, keys: np.ndarray, ages: np.ndarray, as_of: date) -> dict[str, pl.DataFrame]:
    def some(share: float, pool: np.ndarray = keys) -> np.ndarray:
        return random.choice(pool, max(1, int(len(keys) * share)), replace=False)

    def frame(who: np.ndarray, day: str, days: int, **columns: Sequence[object] | np.ndarray) -> pl.DataFrame:
        return pl.DataFrame({"person_key": who, day: _days(random, len(who), as_of, days), **columns})

    jobless, disabled, hurt, aided, struck = some(0.02), some(0.02), some(0.002), some(0.001), some(0.0005)
    pick = random.choice
    return {
        "unemployment": frame(
            jobless, "registered_on", 900, benefit_monthly_fen=random.integers(150_000, 250_000, len(jobless)),
            status=pick(["receiving", "stopped", "ended", "reemployed", "none"], len(jobless)),
        ),
        "disability_certificates": frame(
            disabled, "issued_on", 3650, category=pick(list("1234567"), len(disabled)), level=pick(list("1234"), len(disabled)),
            status=pick(["valid", "cancelled"], len(disabled), p=[0.9, 0.1]),
        ),
        "traffic_accidents": frame(
            hurt, "occurred_on", 365, injury=pick(["dead", "serious", "minor", "none"], len(hurt), p=[0.02, 0.1, 0.5, 0.38]),
            responsibility=pick(["full", "main", "equal", "minor", "none"], len(hurt)),
        ),
        "legal_aid": frame(
            aided, "accepted_on", 365, matter=pick(["labour", "injury", "family", "support", "other"], len(aided)),
            income_checked=pick(["hardship", "exempt"], len(aided)),
        ),
        "disasters": frame(
            struck, "occurred_on", 365, disaster_type=pick(["flood", "typhoon", "fire"], len(struck)),
            house_damage=pick(["collapsed", "severe", "minor", "none"], len(struck)),
            loss_fen=random.integers(0, 5_000_000, len(struck)),
        ),
    }  # fmt: skip


def _belongings(random: np.random.Generator, keys: np.ndarray, ages: np.ndarray, as_of: date) -> dict[str, pl.DataFrame]:
    """What people own, and who is in prison."""
    adult = keys[ages >= 20]

    def some(share: float) -> np.ndarray:
        return random.choice(adult, int(len(keys) * share), replace=True)

    cars, flats, firms, inside = some(0.28), some(0.4), some(0.06), some(0.001)
    return {
        "vehicles": pl.DataFrame({"person_key": cars, "plate": np.arange(len(cars)).astype(str)}).with_columns(
            status=pl.lit("normal"), vehicle_type=pl.lit("小型轿车"), first_registered_on=pl.lit(date(as_of.year - 6, 5, 1))
        ),
        "real_estate": pl.DataFrame({"person_key": flats, "unit_no": np.arange(len(flats)).astype(str)}).with_columns(
            usage=pl.lit("residence"), status=pl.lit("current"), registered_on=pl.lit(date(as_of.year - 9, 5, 1))
        ),
        "market_entities": pl.DataFrame({"person_key": firms, "uscc": np.arange(len(firms)).astype(str)}).with_columns(
            role=pl.lit("owner"), status=pl.lit("open"), established_on=pl.lit(date(as_of.year - 1, 5, 1)),
            capital_fen=pl.lit(None, dtype=pl.Int64),
        ),
        "custody": pl.DataFrame({"person_key": inside, "started_on": _days(random, len(inside), as_of, 1_500)}).with_columns(
            kind=pl.lit("imprisonment"), planned_until=pl.lit(None, dtype=pl.Date), released_on=pl.lit(None, dtype=pl.Date)
        ),
    }


def _medical(
    folder: Path, random: np.random.Generator, keys: np.ndarray, ages: np.ndarray, rows: int, as_of: date
) -> list[Path]:
    """Twelve monthly deliveries: the old go to the doctor more often, one in 150 is seriously ill, most bills are small
    (shapes of the synthetic city)."""
    ill = random.random(len(keys)) < 1 / 150
    weight = np.cumsum(0.3 + (ages / 40.0) ** 2 + 6.0 * ill)
    paths = []
    for month in range(12):
        count = rows // 12 + (month < rows % 12)
        person = np.searchsorted(weight, random.random(count) * weight[-1])
        kind = np.searchsorted([0.03, 0.2, 0.8], random.random(count))  # inpatient, chronic, outpatient, other
        kind = np.where(ill[person] & (random.random(count) < 0.4), 0, kind)
        median, sigma = np.array([210_000, 10_500, 8_500, 6_800])[kind], np.array([0.75, 0.6, 0.8, 0.5])[kind]
        bill = (median * np.where(ill[person], 3.0, 1.0) * np.exp(random.standard_normal(count) * sigma)).astype(np.int64)
        own = np.where(random.random(count) < 0.65, bill * random.random(count) * 0.3, 0).astype(np.int64)
        frame = pl.DataFrame({
            "person_key": keys[person], "settled_on": _days(random, count, as_of - timedelta(days=30 * month), 30),
            "visit_type": pl.Series(["inpatient", "chronic", "outpatient", "other"]).gather(kind),
            "self_paid_fen": bill, "own_paid_fen": own,
        })  # fmt: skip
        paths.append(_write(folder, "medical_settlements", month, frame))
    return paths


def _write(folder: Path, name: str, number: int, frame: pl.DataFrame) -> Path:
    path = folder / name / f"{number:04d}" / "part-0000.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.sort("person_key").write_parquet(path, compression="zstd", row_group_size=250_000)
    return path


def _days(random: np.random.Generator, count: int, until: date, days: int) -> pl.Series:
    return pl.Series(_day(until) - random.integers(0, days, count)).cast(pl.Int32).cast(pl.Date)


def _day(day: date) -> int:
    return (day - EPOCH).days
