"""Runs a rule over people: one household or a city, on whichever engine the frame belongs to. Free of Django.

Steps that do not need each other are reckoned together; totals are windows over the household. `population` only spares
work: with or without it the same people are entitled to the same amounts (a test holds every rule to that).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from minzheng.kernel.foundation.dated import Values
from minzheng.kernel.rules.arithmetic import flag, where, whole
from minzheng.kernel.rules.inputs import KEYS, PRESENT, RANK
from minzheng.kernel.rules.language import Month, Rule, Step

Frame = nw.LazyFrame[Any]
RESULT = (*KEYS, "eligible", "amount_fen")
_RANK, _LOWEST, PAYEE = "_rank", "_lowest_rank", "_payee"
_LAST = 1000  # above every rank
_NOBODY = 2**63 - 1
_KEPT_PLANS = 512


class RuleError(ValueError):
    """A rule or the people given to it do not fit together; the message says what is missing and where, in Chinese."""


class TermsOf:
    """The parameters of a month, and the month. `used` collects the names that were asked for."""

    def __init__(self, values: Values, month: Month) -> None:
        self.month = month
        self.used: list[str] = []
        self._values = values

    def number(self, name: str) -> int:
        """An integer parameter; RuleError for an unknown one or another kind."""
        return int(self._value(name, int))

    def switch(self, name: str) -> bool:
        """A yes-or-no parameter; RuleError for an unknown one or another kind."""
        return bool(self._value(name, bool))

    def table(self, name: str) -> Mapping[str, int]:
        """A table 'code: integer'; RuleError for an unknown one or another kind."""
        return {str(code): value for code, value in self._value(name, dict).items()}

    def _value(self, name: str, kind: type) -> Any:
        if name not in self._values:
            raise RuleError(f"规则用到的参数“{name}”不在它的参数文件里")
        value = self._values[name].dated.value
        if type(value) is not kind:
            raise RuleError(f"参数“{name}”的值 {value!r} 不是规则要的类型（{kind.__name__}）")
        self.used.append(name)
        return value


class Asked:
    """Columns by name; `used` collects the names that were asked for. RuleError for one that is not known yet."""

    def __init__(self, known: Iterable[str]) -> None:
        self.used: list[str] = []
        self._known = frozenset(known)

    def __getitem__(self, name: str) -> nw.Expr:
        if name not in self._known:
            raise RuleError(f"公式用到的“{name}”既不是规则的输入，也不是它之前的步骤")
        self.used.append(name)
        return nw.col(name)


@dataclass(frozen=True)
class Planned:
    """One step ready to run: its expression, and which columns and parameters its formula asked for."""

    step: Step
    expression: nw.Expr
    columns: tuple[str, ...]
    parameters: tuple[str, ...]
    level: int


@dataclass(frozen=True)
class Plan:
    """A rule with the values of a month: everything about it that does not depend on the people."""

    rule: Rule
    month: Month
    population: nw.Expr
    steps: tuple[Planned, ...]
    needed: tuple[str, ...]


_PLANS: dict[
    tuple[int, Month, tuple[tuple[str, str], ...]], Plan
] = {}  # each holds its rule, so ids stay its own


def plan(rule: Rule, month: Month, values: Values) -> Plan:
    """Ask every formula for its expression, and note what it uses. RuleError when one asks for what is not there."""
    inputs = [each.name for each in rule.inputs]
    known, levels = list(inputs), dict.fromkeys(inputs, 0)
    steps = []
    for step in rule.steps:
        asked, terms = Asked(known), TermsOf(values, month)
        if step.kind == "total":
            asked[step.of]
            expression = getattr(nw.col(step.of), step.how)().over("household_key")
        else:
            if step.formula is None:
                raise RuleError(f"规则“{rule.title}”的步骤 {step.name} 没有公式")
            expression = step.formula(asked, terms)
            expression = flag(expression) if step.kind == "condition" else expression
        level = 1 + max((levels[name] for name in asked.used), default=0)
        expression = expression.cast(nw.Int64).alias(step.name)
        used = tuple(dict.fromkeys(asked.used)), tuple(dict.fromkeys(terms.used))
        steps.append(Planned(step, expression, *used, level))
        known.append(step.name)
        levels[step.name] = level
    payee = (RANK.name, PRESENT.name) if rule.entity == "household" else ()
    needed = tuple(dict.fromkeys((*KEYS, *inputs, *payee)))
    return Plan(rule, month, rule.population(Asked(inputs), TermsOf(values, month)), tuple(steps), needed)


def plan_of(rule: Rule, month: Month, values: Values) -> Plan:
    """As `plan`, kept for the next time: the same rule with the same figures in the same month."""
    figures = tuple((name, repr(value.dated.value)) for name, value in values.items())
    key = (id(rule), month, figures)
    found = _PLANS.get(key)
    if found is None:
        if len(_PLANS) >= _KEPT_PLANS:
            _PLANS.clear()
        found = _PLANS[key] = plan(rule, month, values)
    return found


def evaluate(
    rule: Rule, people: Frame, month: Month, values: Values, keep_steps: bool = False, everybody: bool = False
) -> Frame:
    """[person_key, household_key, village, eligible, amount_fen (0 unless eligible)], with `keep_steps` inputs and steps too.

    One row a person of the rule's population (`everybody`: of all people given); for a household rule one a household,
    the payee's: of the present members whom the rule's `paid_to` lets receive it the one with the lowest rank, then the lowest
    key. RuleError when a column is missing.
    """
    return run(plan_of(rule, month, values), people, keep_steps, everybody)


def run(planned: Plan, people: Frame, keep_steps: bool = False, everybody: bool = False) -> Frame:
    """As `evaluate`, for a plan made before."""
    reckoned = reckon(planned, people, everybody)
    if planned.rule.entity == "household":
        reckoned = reckoned.filter(nw.col("person_key") == nw.col(PAYEE))
    return reckoned.select(*RESULT, *(_kept(planned) if keep_steps else ()))


def reckon(planned: Plan, people: Frame, everybody: bool = False) -> Frame:
    """The people asked about with all steps, eligible and amount_fen: every member's row, also of household rules."""
    rule = planned.rule
    if missing := sorted(set(planned.needed) - set(people.collect_schema().names())):
        raise RuleError(f"规则“{rule.title}”要的列不在人员表里：{'、'.join(missing)}")
    people = people.select(*planned.needed)
    if not everybody:
        people = _asked_about(planned, people)
    for level in range(1, max((each.level for each in planned.steps), default=0) + 1):
        people = people.with_columns(*(each.expression for each in planned.steps if each.level == level))
    if rule.entity == "household":
        people = _payee(people, rule)
    eligible = whole(1)
    for step in rule.steps:
        if step.kind == "condition" and step.required:
            eligible = eligible * nw.col(step.name)
    people = people.with_columns(eligible.cast(nw.Int64).alias("eligible"))
    due = where(nw.col("eligible") == 1, nw.col(rule.result), 0) if rule.pays else whole(0)
    return people.with_columns(due.cast(nw.Int64).alias("amount_fen"))


def _asked_about(planned: Plan, people: Frame) -> Frame:
    """The rule's population; with everybody of their households where the rule looks at households."""
    chosen = people.filter(planned.population)
    if not planned.rule.looks_at_households:
        return chosen
    return people.join(chosen.select("household_key").unique(), on="household_key", how="semi")


def _payee(people: Frame, rule: Rule) -> Frame:
    """Adds the key of the member to whom the household's money goes; households without anybody present have none."""
    here = nw.col(PRESENT.name) == 1
    order = nw.col(RANK.name)
    if rule.paid_to:  # whoever may not receive it comes after all who may: a household always has the row of its result
        order = order + where(nw.col(rule.paid_to) == 1, 0, _LAST)
    rank = where(here, order, _NOBODY).cast(nw.Int64)
    people = people.with_columns(rank.alias(_RANK)).with_columns(nw.col(_RANK).min().over("household_key").alias(_LOWEST))
    first = where(here & (nw.col(_RANK) == nw.col(_LOWEST)), nw.col("person_key"), _NOBODY).cast(nw.Int64)
    return people.with_columns(first.min().over("household_key").alias(PAYEE))


def _kept(planned: Plan) -> list[str]:
    names = [each.name for each in planned.rule.inputs] + [each.step.name for each in planned.steps]
    return [name for name in names if name not in RESULT]
