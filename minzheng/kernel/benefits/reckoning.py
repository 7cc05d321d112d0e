"""Who is due what in a month, by the rules and the matrix, over a frame of people. Free of Django, without any history.

The frame of people is a snapshot (one row a person, all inputs of the rules). Splitting it by households splits the
result: no figure here depends on anybody outside the household.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from minzheng.kernel.benefits.exclusions import Fact, Matrix, Row, apply, facts_needed, people_with
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.foundation.dated import Values
from minzheng.kernel.rules.evaluation import evaluate, plan_of
from minzheng.kernel.rules.language import Month

RESULT = {
    "programme": pl.String(), "unit_key": pl.Int64(), "person_key": pl.Int64(), "household_key": pl.Int64(),
    "village": pl.Int64(), "eligible": pl.Int64(), "amount_fen": pl.Int64(),
}  # fmt: skip
KEYS = ("person_key", "household_key", "village")


@dataclass(frozen=True)
class Terms:
    """All that a month's reckoning rests on beside the people: programmes, their values, and the rows of the matrix."""

    month: Month
    programmes: Mapping[str, Programme]
    values: Mapping[str, Values]
    rows: tuple[Row, ...]
    facts: Mapping[str, Fact]

    @classmethod
    def of(cls, month: Month, programmes: Mapping[str, Programme], values: Mapping[str, Values], table: Matrix) -> Terms:
        """The rows of the matrix that are in force on the month's first day go with it."""
        rows = table.at(month.first)
        return cls(month, programmes, values, rows, facts_needed(rows, table))

    def sha256(self) -> str:
        """A fingerprint of all figures and rows: the same people under the same terms give the same result."""
        figures = {
            name: {key: [value.dated.value, value.dated.source, value.dated.status] for key, value in values.items()}
            for name, values in self.values.items()
        }
        rows = [row.model_dump(mode="json") for row in self.rows]
        facts = {name: fact.model_dump(mode="json") for name, fact in self.facts.items()}
        content = json.dumps([str(self.month), figures, rows, facts], ensure_ascii=False, sort_keys=True, default=list)
        return hashlib.sha256(content.encode()).hexdigest()

    def unverified(self) -> list[dict[str, Any]]:
        """What the bureau has not confirmed: parameters by programme (shared ones once) and rows of the matrix."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for programme, values in self.values.items():
            for value in values.unverified():
                key = (value.name, value.dated.source)
                entry = found.setdefault(key, {"programmes": [], "name": value.name, "title": value.title, "text": value.text,
                                               "source": value.dated.source})  # fmt: skip
                entry["programmes"].append(programme)
        for row in self.rows:
            if row.status == "unverified" and {row.a, row.b} <= {*self.programmes, *self.facts}:
                found[(row.name, "")] = {"programmes": [row.a, row.b], "name": row.name, "title": "互斥规则", "text": row.rule, "source": row.source}
        return list(found.values())


def unit_column(programme: Programme) -> str:
    """The key of the programme's units: the person's or the household's."""
    return "household_key" if programme.rule.entity == "household" else "person_key"


def by_rule(people: pl.LazyFrame, terms: Terms, programme: Programme) -> pl.DataFrame:
    """Who is entitled by one rule alone; the columns of RESULT."""
    found = evaluate(programme.rule, nw.from_native(people), terms.month, terms.values[programme.name])
    due = found.to_native().filter(pl.col("eligible") == 1)
    if programme.rule.pays:
        due = due.filter(pl.col("amount_fen") > 0)
    frame: pl.DataFrame = due.select(*KEYS, "eligible", "amount_fen").collect()
    return frame.select(
        pl.lit(programme.name).alias("programme"), pl.col(unit_column(programme)).alias("unit_key"), *KEYS, "eligible", "amount_fen"
    ).sort("unit_key")


def by_rules(people: pl.LazyFrame, terms: Terms) -> pl.DataFrame:
    """Who is entitled by the rules, before the matrix.

    Rules of single people read their own columns one after the other. For those that look at households, everybody around
    whom one of them need be asked is read once, with all their columns: few of a city.
    """
    around = {name: each for name, each in terms.programmes.items() if looks_at_households(each)}
    near = _near(people, terms, around) if around else people
    found = [by_rule(near if name in around else people, terms, each) for name, each in terms.programmes.items()]
    return pl.concat([pl.DataFrame(schema=RESULT), *found])


def looks_at_households(programme: Programme) -> bool:
    """Whether the rule needs whole households."""
    return programme.rule.entity == "household" or any(step.kind == "total" for step in programme.rule.steps)


def _near(people: pl.LazyFrame, terms: Terms, around: Mapping[str, Programme]) -> pl.LazyFrame:
    """The households of everybody in the population of one of the programmes, in memory."""
    plans = [plan_of(each.rule, terms.month, terms.values[name]) for name, each in around.items()]
    asked = [nw.from_native(people).filter(planned.population).select("household_key").to_native() for planned in plans]
    homes = pl.concat(pl.collect_all(asked)).unique()["household_key"]
    needed = dict.fromkeys(name for planned in plans for name in planned.needed)
    # As a condition on one column, which the reader of the file applies before it reads the others.
    return people.select(*needed).filter(pl.col("household_key").is_in(homes.implode())).collect().lazy()


def granted_only(results: pl.DataFrame, terms: Terms, granted: pl.DataFrame | None) -> pl.DataFrame:
    """One-off programmes that begin with an award give to those alone who were granted it in the month:
    `granted` [programme, unit_key]; None leaves all in (a simulation)."""
    names = [each.name for each in terms.programmes.values() if each.pays == "once" and each.start == "award"]
    if granted is None or not names:
        return results
    once = pl.col("programme").is_in(names)
    return pl.concat([results.filter(~once), results.filter(once).join(granted, on=["programme", "unit_key"], how="semi")])


def with_matrix(results: pl.DataFrame, people: pl.LazyFrame, terms: Terms) -> pl.DataFrame:
    """The results after the matrix: `exclusion` and `suspended` added, what is cut has eligible 0."""
    facts = people_with(terms.facts, people, people.collect_schema().names())
    return apply(results, terms.rows, facts)


def desired(people: pl.LazyFrame, terms: Terms, granted: pl.DataFrame | None = None) -> pl.DataFrame:
    """Who is due what: rules, then matrix."""
    return with_matrix(granted_only(by_rules(people, terms), terms, granted), people, terms)
