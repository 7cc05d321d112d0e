"""One household's result in words: every step with its value, the clause, the parameters and the figures it rests on.

The same text runs as for a city; what a formula uses is found by watching what it asks for. Free of Django.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from threading import Lock

import narwhals as nw
import polars as pl
from polars.io.plugins import register_io_source

from minzheng.kernel.foundation.dated import Value, Values
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.rules.evaluation import PAYEE, Plan, Planned, RuleError, plan_of, reckon
from minzheng.kernel.rules.language import Clause, Input, Month, Rule, Step

Row = Mapping[str, int]
_UNITS = {"years": " 周岁", "months": " 个月", "percent": "%"}


@dataclass(frozen=True)
class Figure:
    """A value and how it reads: of an input, of an earlier step, or of one member (`person_key`)."""

    name: str
    label: str
    value: int
    text: str
    person_key: int = 0


@dataclass(frozen=True)
class Line:
    """One step. `holds`: of a condition; `columns` and `parameters`: what its formula used; `members`: of a total, what each
    member of the household brought in."""

    step: Step
    value: int
    text: str
    parameters: tuple[Value, ...]
    columns: tuple[Figure, ...]
    members: tuple[Figure, ...] = ()

    @property
    def name(self) -> str:
        return self.step.name

    @property
    def label(self) -> str:
        return self.step.label

    @property
    def clause(self) -> Clause:
        return self.step.clause

    @property
    def holds(self) -> bool:
        return self.value != 0

    @property
    def failed(self) -> bool:
        """Whether this is a required condition that did not hold."""
        return self.step.kind == "condition" and self.step.required and not self.holds


@dataclass(frozen=True)
class Result:
    """What the rule says of one person, or of a household through the member who is paid."""

    person_key: int
    household_key: int
    village: int
    eligible: bool
    amount_fen: int
    lines: tuple[Line, ...]

    @property
    def failed(self) -> tuple[Line, ...]:
        """The required conditions that did not hold, in the order of the rule."""
        return tuple(line for line in self.lines if line.failed)

    @property
    def unverified(self) -> tuple[Value, ...]:
        """The parameters behind this result that the bureau has not confirmed, each once."""
        used = {value.name: value for line in self.lines for value in line.parameters}
        return tuple(value for value in used.values() if value.unverified)


@dataclass(frozen=True)
class Explanation:
    """The results for the people given; with what they rest on, so that two explanations can be held against each other."""

    rule: Rule
    month: Month
    values: Values
    people: pl.DataFrame
    results: tuple[Result, ...]

    def result(self, key: int) -> Result | None:
        """The result of that person (of that household, for a rule of households)."""
        return next((each for each in self.results if _unit(self.rule, each) == key), None)


@dataclass(frozen=True)
class Difference:
    """Why a result is another than before. kind: member (who lives there), input, parameter, month (time went by: an age,
    a period), both (no single change does it; the first one is named), none. `person_key`: whose input it is (0: nobody's);
    `condition`: the label of the first required condition that turned, '' if none did."""

    kind: str
    name: str
    label: str
    was: str
    now: str
    person_key: int = 0
    condition: str = ""

    @property
    def text(self) -> str:
        """In one sentence."""
        if self.kind == "none":
            return "没有变化"
        change = self.label if self.kind == "member" else f"{self.label}由 {self.was} 变为 {self.now}"
        also = "等多项同时变化" if self.kind == "both" else ""
        return f"{change}{also}" + (f"，“{self.condition}”这一条件随之改变" if self.condition else "")


def in_words(of: Input | Step, value: int) -> str:
    """A value as people read it: ¥1,050.00, 是, 2024-02-29, 一级, 80 周岁."""
    if of.words:
        return of.words.get(value, f"未知代码 {value}")
    if of.measure == "fen":
        return yuan(value)
    if of.measure == "flag":
        return "是" if value else "否"
    if of.measure == "day":
        return f"{value // 10000:04d}-{value // 100 % 100:02d}-{value % 100:02d}" if value > 0 else "无"
    if of.measure == "years" and value < 0:
        return "未知"
    return f"{value}{_UNITS.get(of.measure, '')}"


def explain(rule: Rule, people: pl.DataFrame, month: Month, values: Values) -> Explanation:
    """What the rule says of these people (whole households), also of those whom it need not be asked about. RuleError when
    a column is missing."""
    planned = plan_of(rule, month, values)
    rows = _prepared(planned).rows(people)
    results = []
    for row in rows:
        if rule.entity == "household" and row["person_key"] != row[PAYEE]:
            continue
        home = [other for other in rows if other["household_key"] == row["household_key"]]
        lines = tuple(_line(rule, each, row, home, values) for each in planned.steps)
        keys = (row["person_key"], row["household_key"], row["village"])
        results.append(Result(*keys, row["eligible"] == 1, row["amount_fen"], lines))
    return Explanation(rule, month, values, people, tuple(results))


def differences(before: Explanation, after: Explanation) -> dict[int, Difference]:
    """Key of each person (household) in either → the first cause why the result differs.

    Each thing that changed is tried alone on the state before: who lives there, the inputs in the order of the rule, the
    parameters, the month. The first that gives the new result is the cause; if none does, the first that moves the result.
    """
    keys = dict.fromkeys(_unit(each.rule, result) for each in (before, after) for result in each.results)
    return {key: _difference(before, after, key) for key in keys}


def _unit(rule: Rule, result: Result) -> int:
    return result.household_key if rule.entity == "household" else result.person_key


class _Prepared:
    """A plan made ready once for whatever people come: putting the expressions of a large rule together takes many times as
    long as reckoning one household."""

    def __init__(self, planned: Plan) -> None:
        self.planned = planned
        self._lock = Lock()
        self._people = pl.DataFrame(schema=dict.fromkeys(planned.needed, pl.Int64()))
        later = register_io_source(self._source, schema=self._people.schema)
        self._reckoned: pl.LazyFrame = reckon(planned, nw.from_native(later), everybody=True).to_native()

    def _source(
        self, columns: list[str] | None, predicate: pl.Expr | None, count: int | None, _batch: int | None
    ) -> Iterator[pl.DataFrame]:
        rows = self._people if columns is None else self._people.select(columns)
        rows = rows if predicate is None else rows.filter(predicate)
        yield rows if count is None else rows.head(count)

    def rows(self, people: pl.DataFrame) -> list[dict[str, int]]:
        """Every person's row with all steps, by household and key."""
        if missing := sorted(set(self.planned.needed) - set(people.columns)):
            raise RuleError(f"规则“{self.planned.rule.title}”要的列不在人员表里：{'、'.join(missing)}")
        with self._lock:
            self._people = people.select(self.planned.needed)
            frame = self._reckoned.collect(optimizations=pl.QueryOptFlags.none())
        return frame.sort("household_key", "person_key").to_dicts()


_PREPARED: dict[int, _Prepared] = {}  # by the plan's id; each holds its plan, so ids stay its own
_KEPT = 256


def _prepared(planned: Plan) -> _Prepared:
    found = _PREPARED.get(id(planned))
    if found is None:
        if len(_PREPARED) >= _KEPT:
            _PREPARED.clear()
        found = _PREPARED[id(planned)] = _Prepared(planned)
    return found


def _line(rule: Rule, planned: Planned, row: Row, home: list[dict[str, int]], values: Values) -> Line:
    step = planned.step
    columns = tuple(_figure(rule.step(name), row) for name in planned.columns)
    members = tuple(_figure(rule.step(step.of), other) for other in home) if step.kind == "total" else ()
    value = row[step.name]
    return Line(
        step,
        value,
        in_words(step, value),
        tuple(values[name] for name in planned.parameters),
        columns,
        members,
    )


def _figure(of: Input | Step, row: Row) -> Figure:
    return Figure(of.name, of.label, row[of.name], in_words(of, row[of.name]), row["person_key"])


# --- what made the difference ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Try:
    """One change alone: how it is named, and the state before with that change."""

    change: Difference
    people: pl.DataFrame
    values: Values
    month: Month


def _difference(before: Explanation, after: Explanation, key: int) -> Difference:
    was, now = before.result(key), after.result(key)
    if was is None or now is None:
        return Difference("member", "", "新进入" if was is None else "已不在册", "", "")
    if _outcome(was) == _outcome(now):
        return Difference("none", "", "", "", "")
    turned = [new for old, new in zip(was.lines, now.lines, strict=True) if old.failed != new.failed]
    condition = turned[0].label if turned else ""
    tries = _single_changes(before, after, was.household_key)
    moved = tries[0].change  # if they make a difference only together, the first of them is named
    still = True
    for each in tries:
        tried = explain(before.rule, each.people, each.month, each.values).result(key)
        if tried is None or _outcome(tried) == _outcome(now):
            return replace(each.change, condition=condition)
        if still and _outcome(tried) != _outcome(was):
            moved, still = each.change, False
    return replace(moved, kind="both", condition=condition)


def _outcome(result: Result) -> tuple[bool, int]:
    return result.eligible, result.amount_fen


def _single_changes(before: Explanation, after: Explanation, home: int) -> list[_Try]:
    here = pl.col("household_key") == home
    old, new = before.people.filter(here).sort("person_key"), after.people.filter(here).sort("person_key")
    found = [
        _Try(change, people, before.values, before.month)
        for change, people in (*_members(old, new), *_inputs(before.rule, old, new))
    ]
    for name, value in after.values.items():
        if name in before.values and before.values[name].dated.value != value.dated.value:
            change = Difference("parameter", name, value.title, before.values[name].text, value.text)
            found.append(_Try(change, old, before.values | Values({name: value}), before.month))
    if before.month != after.month:
        change = Difference("month", "", "月份", str(before.month), str(after.month))
        found.append(_Try(change, old, before.values, after.month))
    return found


def _members(old: pl.DataFrame, new: pl.DataFrame) -> Iterator[tuple[Difference, pl.DataFrame]]:
    """Who lives there now, each as before, newcomers as they came."""
    common = old.join(new.select("person_key"), on="person_key", how="semi")
    joined = new.join(old.select("person_key"), on="person_key", how="anti")
    if joined.height or common.height < old.height:
        label = "家庭成员增加" if joined.height else "家庭成员减少"
        change = Difference("member", "", label, f"{old.height} 人", f"{new.height} 人")
        yield change, pl.concat([common, joined.select(common.columns)])


def _inputs(rule: Rule, old: pl.DataFrame, new: pl.DataFrame) -> Iterator[tuple[Difference, pl.DataFrame]]:
    """Each input of each member who was there before and is there now."""
    both = old.join(new, on="person_key", how="inner", suffix="_now", maintain_order="left")
    for of in rule.inputs:
        for key, was, now in both.select("person_key", of.name, f"{of.name}_now").iter_rows():
            if was != now:
                mended = (
                    pl.when(pl.col("person_key") == key)
                    .then(pl.lit(now, pl.Int64))
                    .otherwise(pl.col(of.name))
                )
                change = Difference("input", of.name, of.label, in_words(of, was), in_words(of, now), key)
                yield change, old.with_columns(mended.alias(of.name))
