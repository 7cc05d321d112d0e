"""Why somebody gets what they get: one household out of a snapshot, through every rule and row of the matrix, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from minzheng.kernel.benefits.causes import Side
from minzheng.kernel.benefits.exclusions import Line, explain, people_with
from minzheng.kernel.benefits.models import Run
from minzheng.kernel.benefits.months import side_of_run, titles
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.benefits.reckoning import Terms, unit_column, with_matrix
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.rules.explanation import Difference, Explanation, Result, differences
from minzheng.kernel.rules.explanation import explain as explain_rule

Row = dict[str, Any]


@dataclass(frozen=True)
class Why:
    """One programme for one person or household: what the rule gives and why, what the matrix leaves of it (`amount_fen`),
    and what made the difference to the month before (None where there was none before)."""

    programme: Programme
    result: Result
    amount_fen: int
    suspended: bool
    exclusion: str
    lines: tuple[Line, ...]
    difference: Difference | None = None


def explain_people(people: pl.DataFrame, terms: Terms, before: tuple[pl.DataFrame, Terms] | None = None) -> list[Why]:
    """Every programme for whole households (a frame of people with all inputs), in the order of the programmes."""
    explained = {name: explain_rule(each.rule, people, terms.month, terms.values[name]) for name, each in terms.programmes.items()}
    frame = _due(explained, terms)
    ruled, due = frame.to_dicts(), with_matrix(frame, people.lazy(), terms).to_dicts()
    facts = {name: set(rows["person_key"]) for name, rows in people_with(terms.facts, people.lazy(), people.columns).items()}
    left_of = {(row["programme"], row["unit_key"]): row for row in due}
    found = []
    for name, explanation in explained.items():
        programme = terms.programmes[name]
        changed = _differences(explanation, programme, before)
        for result in explanation.results:
            unit = result.household_key if unit_column(programme) == "household_key" else result.person_key
            left = left_of.get((name, unit), {"amount_fen": 0, "suspended": 0, "exclusion": ""})
            found.append(
                Why(programme, result, left["amount_fen"] if not left["suspended"] else 0, bool(left["suspended"]), left["exclusion"],
                    tuple(_lines(name, result, ruled, due, facts, terms)), changed.get(unit))
            )  # fmt: skip
    return found


def why_in_run(run: Run, household_key: int, actor: Actor) -> list[Why]:
    """A household as a run saw it; empty when it lies outside the actor's jurisdiction or is not in the snapshot. Raises
    Forbidden."""
    actor.require("benefits.view")
    side = side_of_run(run)
    people = _household(side, household_key)
    if not people.height or not all(actor.covers(f"{village:012d}") for village in people["village"].unique()):
        return []
    before = None
    if run.previous:
        old = side_of_run(run.previous)
        homes = old.people.filter(pl.col("household_key") == household_key).collect()
        before = (homes, old.terms) if homes.height else None
    return explain_people(people, side.terms, before)


def _household(side: Side, household_key: int) -> pl.DataFrame:
    return side.people.filter(pl.col("household_key") == household_key).collect()


def _due(explained: Mapping[str, Explanation], terms: Terms) -> pl.DataFrame:
    """The results as the frame that the matrix takes."""
    rows = [
        (name, result.household_key if unit_column(terms.programmes[name]) == "household_key" else result.person_key,
         result.person_key, result.household_key, result.village, 1, result.amount_fen)
        for name, explanation in explained.items() for result in explanation.results
        if result.eligible and (result.amount_fen > 0 or not terms.programmes[name].rule.pays)
    ]  # fmt: skip
    schema = {"programme": pl.String, **dict.fromkeys(
        ("unit_key", "person_key", "household_key", "village", "eligible", "amount_fen"), pl.Int64)}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _lines(
    name: str, result: Result, ruled: list[Row], due: list[Row], facts: Mapping[str, set[int]], terms: Terms
) -> list[Line]:
    """The rows of the matrix that concern this programme and person: `ruled` before the matrix, `due` after it."""
    amounts = {row["programme"]: row["amount_fen"] for row in _near(result, ruled)}
    holding = [fact for fact, people in facts.items() if result.person_key in people]
    final = {row["programme"]: row["exclusion"] for row in _near(result, due) if row["exclusion"]}
    rows = [row for row in terms.rows if name in (row.a, row.b)]
    return explain(amounts, rows, holding, titles(), final)


def _near(result: Result, rows: list[Row]) -> list[Row]:
    """The rows of the person and the household; of a programme that several members have, this person's counts: it is last."""
    here = [row for row in rows if row["person_key"] == result.person_key or row["household_key"] == result.household_key]
    return sorted(here, key=lambda row: bool(row["person_key"] == result.person_key))


def _differences(after: Explanation, programme: Programme, before: tuple[pl.DataFrame, Terms] | None) -> dict[int, Difference]:
    if before is None or programme.name not in before[1].values:
        return {}
    people, terms = before
    old = explain_rule(programme.rule, people, terms.month, terms.values[programme.name])
    return {key: found for key, found in differences(old, after).items() if found.kind != "none"}
