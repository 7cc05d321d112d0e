"""What the matrix of benefits says beside a case: which other benefit of these people goes with it, gives way to it, or takes its place.

The case's own programme stands in it as if it were granted; of the others, what is paid now counts, else what the rules would give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl
from django.db.models import Q

from minzheng.kernel.benefits.exclusions import HOW, Row, apply, explain, people_with
from minzheng.kernel.benefits.models import Entitlement
from minzheng.kernel.benefits.months import terms_of, titles
from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.benefits.reckoning import Terms, by_rules, unit_column
from minzheng.kernel.casework.items import Service
from minzheng.kernel.casework.models import Case
from minzheng.kernel.casework.weighing import household_frame, last_check, month_of
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.models import Person

MACHINE = Actor.system("互斥规则")
Due = dict[str, Any]


@dataclass(frozen=True)
class Beside:
    """One row of the matrix that meets people of the case.

    rule, words: both 可同时享受, higher 择高享受, a_excludes_b 有前者不享受后者, suspended 期间暂停; other, other_title: the benefit (or the
    circumstance, `is_fact`) on the other side; person: whom it concerns (None: not known by name); mine_fen, other_fen: the amounts that
    were compared, 分; paid: the other one is being paid now; loses: name of the programme that is not paid then ('' none), loses_mine:
    whether that is the case's own; by_rule: the programme's own rule reckons with it already; text: all of it in words; source, status:
    the clause, confirmed or unverified.
    """

    rule: str
    words: str
    other: str
    other_title: str
    is_fact: bool
    person: Person | None
    mine_fen: int
    other_fen: int
    paid: bool
    loses: str
    loses_title: str
    loses_mine: bool
    by_rule: bool
    text: str
    source: str
    status: str


def beside(case: Case, service: Service, answers: Mapping[str, Any], on: date) -> list[Beside]:
    """What the matrix says of a case on a day, what takes something away first; nothing for an item without a programme. Raises
    LookupError (in Chinese) when a parameter has no value on that day."""
    use = service.version.rule
    if use is None or use.programme not in programmes():
        return []
    month = month_of(use, on)
    whole = terms_of(month)
    rows = tuple(row for row in whole.rows if use.programme in (row.a, row.b))
    names = {use.programme, *(name for row in rows for name in (row.a, row.b) if name in whole.programmes)}
    terms = replace(whole, programmes={name: whole.programmes[name] for name in names}, values={name: whole.values[name] for name in names})
    people = household_frame(case, use, answers, last_check(case), min(on, month.last))
    found, paid = _held(case, people, use.programme, terms, on)
    facts = people_with(whole.facts, people.lazy(), people.columns)
    due = apply(found, rows, facts).to_dicts()
    known = registry.people_by_key(people["person_key"].to_list(), MACHINE)
    holding = {name: set(frame["person_key"]) for name, frame in facts.items()}
    listed = [each for row in rows for each in _of_row(row, use.programme, found.to_dicts(), due, holding, paid, known)]
    return sorted(listed, key=lambda each: (not each.loses, each.by_rule, each.rule == "both", each.other))


def _held(case: Case, people: pl.DataFrame, mine: str, terms: Terms, on: date) -> tuple[pl.DataFrame, set[tuple[str, int]]]:
    """[what `apply` takes]: the case's programme as granted, the others as paid now or as the rules give; and which are paid now."""
    ruled = by_rules(people.lazy(), terms)
    if ruled.filter(pl.col("programme") == mine).is_empty():
        first = people.filter(pl.col("person_key") == case.applicant.person_key).row(0, named=True)
        unit = first[unit_column(terms.programmes[mine])]
        granted = (mine, unit, first["person_key"], first["household_key"], first["village"], 1, 0)
        ruled = pl.concat([ruled, pl.DataFrame([granted], schema=ruled.schema, orient="row")])
    mates = Q(person_key__in=people["person_key"].to_list()) | Q(household_key__in=people["household_key"].unique().to_list())
    lasting = Entitlement.objects.filter(mates, Q(valid_to=None) | Q(valid_to__gt=on), programme__in=[*set(terms.programmes) - {mine}], valid_from__lte=on)
    now = [(row.programme, row.unit_key, row.person_key, row.household_key, int(row.division_code), 1, row.amount_fen) for row in lasting]
    had = pl.DataFrame(now, schema=ruled.schema, orient="row").unique(["programme", "unit_key"], keep="last", maintain_order=True)
    both = pl.concat([ruled.join(had, on=["programme", "unit_key"], how="anti"), had])
    return both, {(row[0], row[1]) for row in now}


def _of_row(
    row: Row, mine: str, found: list[Due], due: list[Due], holding: Mapping[str, set[int]], paid: set[tuple[str, int]], known: Mapping[int, Person]
) -> Iterable[Beside]:
    """Each meeting of the case's programme with the other side of one row."""
    key = "household_key" if row.by == "household" else "person_key"
    other = row.b if row.a == mine else row.a
    ours = [each for each in found if each["programme"] == mine]
    left = {(each["programme"], each["unit_key"]): each for each in due}
    names = titles()
    for our in ours:
        if other in holding:
            theirs: list[Due] = [{"person_key": person} for person in sorted(holding[other]) if key == "household_key" or person == our["person_key"]]
        else:
            theirs = [each for each in found if each["programme"] == other and each[key] == our[key]]
        for their in theirs:
            units = {mine: our["unit_key"], other: their.get("unit_key", 0)}
            lost = next((name for name, unit in units.items() if left.get((name, unit), {}).get("exclusion") == row.name), "")
            amounts = {mine: our["amount_fen"]} | ({} if other in holding else {other: their["amount_fen"]})
            (line,) = explain(amounts, [row], [other] if other in holding else [], names, {lost: row.name} if lost else {})
            yield Beside(
                row.rule, HOW[row.rule], other, names.get(other, other), other in holding, known.get(their["person_key"]), our["amount_fen"],
                their.get("amount_fen", 0), (other, units[other]) in paid, lost, names.get(lost, ""), lost == mine, row.carried_out == "rule",
                line.text, row.source, row.status,
            )  # fmt: skip
