"""`python -m bench.openfisca_run MODE FILE MONTH [RESIDENTS]`: three programmes over a random city, by us or by OpenFisca.

MODE: make, ours, ours-everybody (our rules without their `population`, which spares work), openfisca. Prints one JSON line: seconds and
processor seconds from people in memory to amounts (OpenFisca's building up of its population also apart), and what the programmes
pay in all, so that the caller sees that it is the same. Loading rules and parameters is done before, as in a process that stays up.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from bench.setup import start
from minzheng.kernel.rules.language import Input, Month, Rule

Array = np.ndarray[Any, Any]
NAMES = ("longevity_allowance", "living_subsidy", "minimum_living")
MONEY = {"wage": 0.45, "pension": 0.12, "resident_pension": 0.08, "unemployment_benefit": 0.01, "medical_paid": 0.4}  # share of people


def rules() -> dict[str, Rule]:
    """The programmes compared, by name."""
    from minzheng.kernel.benefits.programmes import programmes

    return {name: programmes()[name].rule for name in NAMES}


def inputs(of: Mapping[str, Rule]) -> dict[str, Input]:
    """What the rules ask of people, and what tells who is paid for a household."""
    from minzheng.kernel.rules.inputs import PRESENT, RANK

    return {each.name: each for each in (RANK, PRESENT, *(each for rule in of.values() for each in rule.inputs))}


def city(residents: int, month: Month, seed: int = 1) -> pl.DataFrame:
    """A random city: one household in fifty on 低保, one in a hundred near the line, one person in thirty disabled."""
    dice = np.random.default_rng(seed)
    homes = np.sort(dice.integers(0, int(residents / 2.5), residents))
    first = np.r_[True, homes[1:] != homes[:-1]]
    columns: dict[str, Array] = {"person_key": np.arange(1, residents + 1), "household_key": homes + 1}
    columns["village"] = 320_400_000_000 + homes % 1000
    asked = inputs(rules())
    of_home = {name: dice.random(int(residents / 2.5) + 1)[homes] for name in ("award", "means")}
    low = of_home["award"] < 0.02
    alone = (dice.random(residents) < 0.002) & ~low
    for name, each in asked.items():
        columns[name] = _column(name, each, residents, dice, month)
    columns["rank"] = np.where(first, 0, 2)
    columns["award_low_income"] = np.where(low, 1, np.where(alone, 2, 0))
    columns["award_borderline"] = ((of_home["award"] > 0.02) & (of_home["award"] < 0.03)).astype(np.int64)
    poor = low | (columns["award_borderline"] == 1)
    for name in MONEY:
        columns[name] = np.where(poor & (of_home["means"] < 0.6), columns[name] // 5, columns[name])
    for name in ("homes", "shops", "vehicles", "businesses"):
        columns[name] = np.where(poor & (of_home["means"] < 0.9), 0, columns[name])
    return pl.DataFrame({name: column.astype(np.int64) for name, column in columns.items()})


def _column(name: str, each: Input, residents: int, dice: np.random.Generator, month: Month) -> Array:
    if name == "birth":
        return (month.first.year - dice.integers(1, 104, residents)) * 10_000 + dice.integers(1, 13, residents) * 100 + dice.integers(1, 29, residents)
    if name in ("present", "hukou"):
        return (dice.random(residents) < 0.95).astype(np.int64)
    if name == "disability_level":
        return np.where(dice.random(residents) < 1 / 30, dice.integers(1, 5, residents), 0)
    if name == "disability_category":
        return dice.integers(1, 8, residents)
    some = dice.random(residents) < MONEY.get(name, 0.02)
    if each.measure == "fen":
        return np.where(some, dice.integers(1, 600_000, residents), 0)
    if each.measure == "day":
        return np.where(some, month.first.year * 10_000 + dice.integers(1, 13, residents) * 100 + dice.integers(1, 29, residents), 0)
    if each.measure == "count":
        return np.where(some, dice.integers(1, 4, residents), 0)
    codes = sorted(each.words) if each.measure == "code" else [0, 1]
    return np.where(some, dice.choice(np.array(codes), residents), 0)


def ours(people: pl.DataFrame, month: Month, everybody: bool = False) -> dict[str, pl.DataFrame]:
    """Programme → [person_key, household_key, amount_fen] of those entitled, all programmes in one go."""
    from minzheng.kernel.rules.evaluation import evaluate
    from minzheng.kernel.rules.language import values_of

    lazy = []
    for rule in rules().values():
        frame = evaluate(rule, nw.from_native(people.lazy()), month, values_of(rule, month), everybody=everybody)
        entitled = frame.filter(nw.col("eligible") == 1, nw.col("amount_fen") > 0)
        lazy.append(entitled.select("person_key", "household_key", "amount_fen").to_native())
    return dict(zip(NAMES, pl.collect_all(lazy), strict=True))


def theirs(people: pl.DataFrame, month: Month) -> tuple[dict[str, Array], float]:
    """Programme → amounts of all persons or households, and the seconds that building up took."""
    from bench.openfisca_rules import RESULTS, simulation, system
    from minzheng.kernel.rules.language import values_of

    of = rules()
    asked = {name: each for name, each in inputs(of).items() if name != "rank"}
    values = {name: values_of(rule, month) for name, rule in of.items()}
    built = system({name: each.absent for name, each in asked.items()}, month, values)
    started = time.perf_counter()
    columns = {name: people[name].to_numpy() for name in asked}
    made = simulation(built, columns, people["household_key"].to_numpy(), month)
    ready = time.perf_counter()
    return {name: made.calculate(name, str(month)) for name in RESULTS}, ready - started


def main(mode: str, file: Path, month: Month, residents: int) -> None:
    """Do what `mode` says and print what came of it as one JSON line."""
    start()
    if mode == "make":
        city(residents, month).write_parquet(file)
        return
    people = pl.read_parquet(file)
    rules()
    started, processor, building = time.perf_counter(), time.process_time(), 0.0
    if mode == "openfisca":
        amounts, building = theirs(people, month)
        paid = {name: int(amounts[name].astype(np.int64).sum()) for name in NAMES}
    else:
        found = ours(people, month, everybody=mode == "ours-everybody")
        paid = {name: int(found[name]["amount_fen"].sum()) for name in NAMES}
    seconds = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - processor, "build": building}
    print(json.dumps({**seconds, "paid": paid}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Month.of(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else 0)
