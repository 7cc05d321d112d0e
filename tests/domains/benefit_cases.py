"""Worked cases of programmes in YAML: a few people, and who must get what.

    month: 2024-07
    cases:
      - name: 满八十周岁当月
        month: 2024-02                                   # else that of the file
        people: [{id: 1, home: 1, rank: 0, birth: 1944-02-29}]
        set: {from_next_month: false}                    # parameters that this case sets
        expect: [{person: 1, amount: 5000}]              # 分; or {person: 1, eligible: false, fails: [aged]}; statuses: {person: 1, eligible: true}

Inputs are written by name; what is left out counts as the input's `absent`, `present` and `hukou` as 1, `home` as 1, `rank` as 0 for
the first of a home and 2 for the others. Whoever is not listed under `expect` must not be entitled. For a programme of
households `person` is the one who is paid. `fails`: all required conditions that do not hold, in the order of the rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.foundation.dated import Dated, Value, Values
from minzheng.kernel.rules.arithmetic import days
from minzheng.kernel.rules.inputs import HUKOU, KEYS, PRESENT, RANK
from minzheng.kernel.rules.language import Input, Month, Rule, values_of

FOLDER = Path(__file__).parent
VILLAGE = 320402001001
ASSUMED = {HUKOU.name: 1, PRESENT.name: 1}


@dataclass(frozen=True)
class Case:
    """One worked case."""

    name: str
    month: Month
    people: tuple[Mapping[str, Any], ...]
    settings: Mapping[str, Any]
    expect: tuple[Mapping[str, Any], ...]


def file_of(module: str) -> Path:
    """Where the cases of a programme stand: minzheng.domains.<pack>.benefits.<name>.rule → …/<pack>/benefits/<name>/cases.yaml."""
    pack, _benefits, name, _rule = module.split(".")[2:]
    return FOLDER / pack / "benefits" / name / "cases.yaml"


def cases(path: Path) -> list[Case]:
    """The cases of a file, in its order."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        Case(
            body["name"], Month.of(str(body.get("month", content.get("month")))), tuple(body["people"]), body.get("set", {}),
            tuple(body["expect"]),
        )
        for body in content["cases"]
    ]  # fmt: skip


def values_for(rule: Rule, case: Case) -> Values:
    """The parameters of the case's month with what the case sets. KeyError for a parameter that the rule does not have."""
    values = values_of(rule, case.month)
    since = case.month.first
    set_here = {
        name: Value(
            name, values[name].title, values[name].unit, Dated(value, since, None, "算例", "confirmed")
        )
        for name, value in case.settings.items()
    }
    return values | Values(set_here)


def frame(people: Iterable[Mapping[str, Any]], inputs: Iterable[Input]) -> pl.DataFrame:
    """People in shorthand as a frame that rules want. ValueError for a name that is no input."""
    known = {each.name: each for each in (*inputs, RANK, PRESENT)}
    homes: set[int] = set()
    rows = []
    for person in people:
        if unknown := sorted(set(person) - {*known, "id", "home", "village"}):
            raise ValueError(f"算例里的 {'、'.join(unknown)} 不是该项目的输入")
        home = person.get("home", 1)
        row = {"person_key": person["id"], "household_key": home, "village": person.get("village", VILLAGE)}
        for name, each in known.items():
            row[name] = _number(person.get(name, ASSUMED.get(name, each.absent)))
        if RANK.name not in person:
            row[RANK.name] = 0 if home not in homes else 2
        homes.add(home)
        rows.append(row)
    return pl.DataFrame(rows, schema={name: pl.Int64() for name in (*KEYS, *known)})


def inputs_of(programme: Programme) -> tuple[Input, ...]:
    """What may be said of people in a case; `hukou` always, so that files need not ask whether the rule does."""
    return tuple({each.name: each for each in (HUKOU, *programme.rule.inputs)}.values())


def _number(value: Any) -> int:
    return days(value) if isinstance(value, date) else int(value)
