"""Contributions: how what the departments' feeds hold becomes inputs of rules. Django-free.

    HEATING = Contribution(
        "heating", {"heating": ("person_key", "kind", "until")}, (HEATED,),
        lambda frames, month: one_each(frames["heating"].filter(holds(month.first, until="until")), code("kind", KINDS).alias("heated")),
    )

A contribution tells facts, never judgments: amounts as they were sent, without what a rule disregards. States (custody, a
certificate, an assessment) are those of the month's first day, so that a change within a month counts from the next one.
Kernel contributions stand in base.py, those of a pack in its `benefits/snapshot.py` as CONTRIBUTIONS (Manifest.snapshot).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from minzheng.kernel.rules.language import Input, Month

Frames = Mapping[str, pl.LazyFrame]
Build = Callable[[Frames, Month], pl.LazyFrame]


@dataclass(frozen=True)
class Contribution:
    """Inputs that one reading of some feeds fills. `contracts`: feed → the lake columns that it needs; `build` gets these
    frames (as of the month's last day) and gives [person_key, one column an input], whole numbers, one row a person, nobody
    twice. A null or a missing row counts as the input's `absent`."""

    name: str
    contracts: Mapping[str, tuple[str, ...]]
    inputs: tuple[Input, ...]
    build: Build

    def __post_init__(self) -> None:
        if not self.inputs:
            raise ValueError(f"快照来源“{self.name}”没有写明提供哪些输入项")
        for contract, columns in self.contracts.items():
            if "person_key" not in columns:
                raise ValueError(f"快照来源“{self.name}”读取的 {contract} 缺少 person_key 列")


def day_number(day: pl.Expr) -> pl.Expr:
    """A date as 20240229."""
    return day.dt.year().cast(pl.Int64) * 10_000 + day.dt.month().cast(pl.Int64) * 100 + day.dt.day().cast(pl.Int64)


def flag(condition: pl.Expr) -> pl.Expr:
    """1 where true, 0 where false or unknown."""
    return condition.fill_null(False).cast(pl.Int64)


def code(column: str, codes: Mapping[str, int]) -> pl.Expr:
    """A coded text column as the integer of its code; 0 for unknown and missing ones."""
    return pl.col(column).replace_strict(dict(codes), default=0, return_dtype=pl.Int64).fill_null(0)


def fen(column: str) -> pl.Expr:
    """An amount; nothing where none is known."""
    return pl.col(column).fill_null(0).clip(lower_bound=0)


def count(column: str) -> pl.Expr:
    """A decimal column that counts something, as a whole number."""
    return pl.col(column).fill_null(0).clip(lower_bound=0).floor().cast(pl.Int64)


def holds(day: date, since: str = "", until: str = "") -> pl.Expr:
    """Whether something holds on a day: begun on it or before (or it is not said when), not ended before it (`until` is
    its last day)."""
    begun = pl.lit(True) if not since else pl.col(since).is_null() | (pl.col(since) <= day)
    return begun if not until else begun & (pl.col(until).is_null() | (pl.col(until) >= day))


def one_each(rows: pl.LazyFrame, *columns: pl.Expr, order: tuple[str, ...] = (), newest: str = "") -> pl.LazyFrame:
    """[person_key, *columns]: of several rows of a person the one with the latest `newest`, of equal ones the first by
    `order`, else by all the columns themselves: never a matter of the order in which files were read."""
    named = [pl.col("person_key"), *columns]
    helpers = [name for name in (newest, *order) if name]
    rows = rows.select(*named, *(pl.col(name).alias(f"_{name}") for name in helpers))
    by = [pl.col("person_key")]
    by += [pl.col(f"_{name}") for name in helpers]
    by += [pl.col(column.meta.output_name()) for column in columns]
    downward = [False] * len(by)
    if newest:
        downward[1] = True
    ranked = rows.sort(by, descending=downward, nulls_last=True).unique("person_key", keep="first", maintain_order=True)
    return ranked.select("person_key", *(column.meta.output_name() for column in columns))
