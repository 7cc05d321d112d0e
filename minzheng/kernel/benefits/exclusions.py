"""Which benefits go together: the matrix (exclusions.yaml), applied to what the rules of a month gave. Free of Django.

A row names two sides, `a` and `b`: programmes, or facts about people (`facts`: an input and the codes that count).

    both              a and b may be held together
    higher            of a and b the higher one is paid, of equal ones a
    a_excludes_b      whoever has a gets no b
    suspended         while a holds, b is not paid; it goes on afterwards

`by`: whether both must meet in one person or in one household. `carried_out: rule` marks what the programme's own rule
reckons already (whom it leaves out of a household, what it deducts): shown with the matrix, not applied a second time.
Rows are applied in the order of the file, each to what the rows before it left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from minzheng.kernel.foundation.declared import read_yaml
from minzheng.kernel.foundation.money import yuan

HERE = Path(__file__).parent
How = Literal["both", "higher", "a_excludes_b", "suspended"]
HOW = {"both": "可同时享受", "higher": "择高享受", "a_excludes_b": "有前者不享受后者", "suspended": "期间暂停"}


class Fact(BaseModel):
    """A side that is no programme: people whose input has one of these codes (`at_least`: or this and above)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    input: str
    codes: tuple[int, ...] = ()
    at_least: int | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Fact:
        if bool(self.codes) == (self.at_least is not None):
            raise ValueError("codes 和 at_least 必须写其中一个")
        return self

    def holds(self) -> pl.Expr:
        """The condition over people."""
        column = pl.col(self.input)
        return column >= self.at_least if self.at_least is not None else column.is_in(list(self.codes))


class Row(BaseModel):
    """One row of the matrix. `from` … `to` (exclusive): when it holds."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    a: str
    b: str
    rule: How
    by: Literal["person", "household"] = "person"
    carried_out: Literal["matrix", "rule"] = "matrix"
    when: str = ""
    valid_from: date = Field(default=date(1990, 1, 1), alias="from")
    valid_to: date | None = Field(default=None, alias="to")
    source: str = Field(min_length=2)
    status: Literal["confirmed", "unverified"]

    @property
    def name(self) -> str:
        """How lines of a run name the row."""
        return f"{self.a}/{self.b}"

    def holds(self, day: date) -> bool:
        """Whether the row is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class Matrix(BaseModel):
    """The whole table."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    facts: dict[str, Fact] = {}
    rows: tuple[Row, ...]

    @model_validator(mode="after")
    def _fits_together(self) -> Matrix:
        for position, row in enumerate(self.rows):
            place = f"第 {position + 1} 行规则（{row.name}）"
            if row.a == row.b:
                raise ValueError(f"{place}：两边是同一项")
            if row.b in self.facts or (row.a in self.facts and row.rule in ("both", "higher")):
                raise ValueError(f"{place}：情形只能写在 a，且只能排除或暂停 b")
            if not row.source.strip():
                raise ValueError(f"{place}：没有写明来源")
            if row.valid_to is not None and row.valid_to <= row.valid_from:
                raise ValueError(f"{place}：有效期是空的")
            for other in self.rows[:position]:
                if {row.a, row.b} == {other.a, other.b} and _overlap(row, other):
                    raise ValueError(f"{place}：与前面的 {other.name} 在同一时间重复")
        return self

    def at(self, day: date) -> tuple[Row, ...]:
        """The rows in force on a day."""
        return tuple(row for row in self.rows if row.holds(day))

    def named(self, name: str) -> Row | None:
        """The row that a line of a run names."""
        return next((row for row in self.rows if row.name == name), None)


def _overlap(one: Row, other: Row) -> bool:
    end = date.max
    return one.valid_from < (other.valid_to or end) and other.valid_from < (one.valid_to or end)


def load(path: Path) -> Matrix:
    """Read a matrix; DeclarationError with file, line and reason."""
    return read_yaml(path, Matrix)


@cache
def matrix() -> Matrix:
    """The matrix of the house."""
    return load(HERE / "exclusions.yaml")


def facts_needed(rows: Iterable[Row], table: Matrix) -> dict[str, Fact]:
    """The facts that these rows ask about."""
    return {row.a: table.facts[row.a] for row in rows if row.a in table.facts}


def people_with(facts: Mapping[str, Fact], people: pl.LazyFrame, known: Iterable[str]) -> dict[str, pl.DataFrame]:
    """Fact → [person_key, household_key] of whom it holds; nobody where the snapshot does not know the input."""
    columns = set(known)
    empty = pl.DataFrame(schema={"person_key": pl.Int64, "household_key": pl.Int64})
    asked = {
        name: people.filter(fact.holds()).select("person_key", "household_key")
        for name, fact in facts.items() if fact.input in columns
    }  # fmt: skip
    found = dict(zip(asked, pl.collect_all(list(asked.values())), strict=True))
    return {name: found.get(name, empty) for name in facts}


def apply(results: pl.DataFrame, rows: Iterable[Row], facts: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """What remains of `results` [programme, unit_key, person_key, household_key, eligible, amount_fen, …; one row a
    programme and unit]: adds `exclusion` (the row that cut, '' if none) and `suspended` (0/1); what is cut has eligible 0
    and amount 0, what is suspended keeps its amount. `facts`: the people of whom each fact holds."""
    results = results.with_columns(
        pl.lit("").alias("exclusion"), pl.lit(0, pl.Int64).alias("suspended"),
        pl.int_range(pl.len(), dtype=pl.Int64).alias("_row"),
    )  # fmt: skip
    present = set(results["programme"].unique())
    for row in rows:
        if row.rule == "both" or row.carried_out == "rule" or row.b not in present:
            continue
        if row.a in facts:
            hit = _hit_by_fact(results, row, facts[row.a])
        elif row.a in present:
            hit = _hit(results, row)
        else:
            continue
        results = _mark(results, hit, row)
    return results.drop("_row")


def _key(row: Row) -> str:
    return "household_key" if row.by == "household" else "person_key"


def _standing(results: pl.DataFrame, programme: str) -> pl.DataFrame:
    held = (pl.col("programme") == programme) & (pl.col("eligible") == 1) & (pl.col("suspended") == 0)
    return results.filter(held)


def _hit_by_fact(results: pl.DataFrame, row: Row, people: pl.DataFrame) -> pl.Series:
    key = _key(row)
    return _standing(results, row.b).join(people.select(key).unique(), on=key, how="semi")["_row"]


def _hit(results: pl.DataFrame, row: Row) -> pl.Series:
    """The rows that lose."""
    key = _key(row)
    a, b = _standing(results, row.a), _standing(results, row.b)
    if row.rule != "higher":
        return b.join(a.select(key).unique(), on=key, how="semi")["_row"]
    best_a = a.group_by(key).agg(pl.col("amount_fen").max().alias("_other"))
    best_b = b.group_by(key).agg(pl.col("amount_fen").max().alias("_other"))
    lose_b = b.join(best_a, on=key).filter(pl.col("amount_fen") <= pl.col("_other"))["_row"]
    lose_a = a.join(best_b, on=key).filter(pl.col("amount_fen") < pl.col("_other"))["_row"]
    return pl.concat([lose_a, lose_b])


def _mark(results: pl.DataFrame, hit: pl.Series, row: Row) -> pl.DataFrame:
    if not hit.len():
        return results
    chosen = pl.col("_row").is_in(hit.implode())
    marked = results.with_columns(pl.when(chosen).then(pl.lit(row.name)).otherwise("exclusion").alias("exclusion"))
    if row.rule == "suspended":
        return marked.with_columns(pl.when(chosen).then(1).otherwise("suspended").cast(pl.Int64).alias("suspended"))
    return marked.with_columns(
        pl.when(chosen).then(0).otherwise(name).cast(pl.Int64).alias(name) for name in ("eligible", "amount_fen")
    )


@dataclass(frozen=True)
class Line:
    """What one row of the matrix meant for somebody, in words."""

    row: Row
    touched: bool
    text: str


def explain(
    amounts: Mapping[str, int], rows: Iterable[Row], facts: Iterable[str], titles: Mapping[str, str],
    final: Mapping[str, str] | None = None,
) -> list[Line]:
    """Every row that concerns a person or household, put into words: `amounts` are what the rules gave by programme, `facts`
    what holds of them, `final` the row that cut each programme (as `apply` says), `titles` the names of programmes and facts."""
    holding, cut = set(facts), dict(final or {})
    lines = []
    for row in rows:
        if (row.a not in amounts and row.a not in holding) or row.b not in amounts:
            continue
        touched = [name for name in (row.a, row.b) if cut.get(name) == row.name]
        lines.append(Line(row, bool(touched), _sentence(row, amounts, touched, titles)))
    return lines


def _sentence(row: Row, amounts: Mapping[str, int], touched: list[str], titles: Mapping[str, str]) -> str:
    a, b = titles.get(row.a, row.a), titles.get(row.b, row.b)
    if row.rule == "both":
        text = f"{a}与{b}可以同时享受"
    elif row.rule == "suspended":
        text = f"{a}期间，{b}暂停发放"
    elif row.rule == "a_excludes_b":
        text = f"已有{a}的，不享受{b}"
    else:
        both = f"（{a} {yuan(amounts.get(row.a, 0))}，{b} {yuan(amounts.get(row.b, 0))}）"
        text = f"{a}与{b}择高享受{both}"
    if row.carried_out == "rule":
        text += "，已在项目自身的核算中处理"
    elif touched and row.rule != "suspended":
        text += f"，因此不发{'、'.join(titles.get(name, name) for name in touched)}"
    return f"{text}（{row.source}{'，待核定' if row.status == 'unverified' else ''}）"
