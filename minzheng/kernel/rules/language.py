"""What a rule is: small named steps over columns, each with a label and a clause.

    LIVING = Clause("社会救助暂行办法", "第十二条", "…按照共同生活的家庭成员人均收入低于当地最低生活保障标准的差额…")

    RULE = Rule(
        name="minimum_living", title="最低生活保障", entity="household", law=(LIVING,), parameters=Parameters(HERE / "parameters.yaml"),
        inputs=(BIRTH, WAGE, AWARD), population=lambda c, t: c["award_low_income"] == 1,
        steps=(
            variable("counted_income", "计入的月收入", "fen", LIVING, lambda c, t: c["wage"] + c["pension"]),
            total("home_income", "家庭月收入", "fen", LIVING, of="counted_income"),
            condition("below_line", "家庭人均收入低于低保标准", LIVING,
                      lambda c, t: c["home_income"] < t.number("standard") * c["members"]),
            amount("amount", "低保金", LIVING, lambda c, t: clip(t.number("standard") * c["members"] - c["home_income"])),
        ),
    )

All columns are 64-bit integers without nulls: flags 0/1, codes as declared by their input, dates as 20240229, money in 分.
A formula gets `c` (columns: `c["name"]` is an input or an earlier step of the same rule) and `t` (terms: the parameters of
the month, and the month itself). It may not read the clock, the database or the network, and it must be a pure expression,
so that the three engines agree to the 分. What differs by date of law is a dated parameter (a switch, a table), never a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Literal, Protocol

import narwhals as nw

from minzheng.kernel.foundation.dated import Parameters, Values

Entity = Literal["person", "household"]
Kind = Literal["variable", "condition", "total", "amount"]
How = Literal["sum", "max", "min"]
Measure = Literal["fen", "flag", "count", "years", "months", "day", "code", "percent", "number"]


@dataclass(frozen=True)
class Clause:
    """Where a step comes from: document with number, article, and the words that it carries out."""

    document: str
    article: str = ""
    quote: str = ""

    def __post_init__(self) -> None:
        if not self.document.strip():
            raise ValueError("没有写明依据的文件")

    def __str__(self) -> str:
        return f"{self.document} {self.article}".strip()


@dataclass(frozen=True)
class Input:
    """Something known of a person before the rule begins. `words`: code → words of a coded input; `absent` is what an
    unknown value counts as; `source` the contract (or 'declared', 'award') it comes from."""

    name: str
    label: str
    measure: Measure
    source: str
    words: Mapping[int, str] = field(default_factory=dict)
    absent: int = 0


@dataclass(frozen=True)
class Month:
    """The month that is reckoned, by its first day."""

    first: date

    def __post_init__(self) -> None:
        if self.first.day != 1:
            raise ValueError(f"月份应写成当月第一天，收到的是 {self.first}")

    @classmethod
    def of(cls, text: str) -> Month:
        """'2024-11' → that month. Raises ValueError (in Chinese)."""
        try:
            return cls(date.fromisoformat(f"{text}-01"))
        except ValueError as error:
            raise ValueError(f"月份应写成 2024-11 的样子，收到的是 {text!r}") from error

    @property
    def last(self) -> date:
        """The last day of the month."""
        return self.after.first - timedelta(days=1)

    @property
    def after(self) -> Month:
        return Month(date(self.first.year + self.first.month // 12, self.first.month % 12 + 1, 1))

    @property
    def before(self) -> Month:
        return Month((self.first - timedelta(days=1)).replace(day=1))

    def back(self, months: int) -> Month:
        """The month so many months earlier."""
        count = self.first.year * 12 + self.first.month - 1 - months
        return Month(date(count // 12, count % 12 + 1, 1))

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


class Columns(Protocol):
    """The columns of a frame by name: inputs and earlier steps."""

    def __getitem__(self, name: str) -> nw.Expr: ...


class Terms(Protocol):
    """What holds in the month: parameters by name (values of its first day) and the month."""

    month: Month

    def number(self, name: str) -> int:
        """An integer parameter: 分, percent, years, count."""

    def switch(self, name: str) -> bool:
        """A yes-or-no parameter."""

    def table(self, name: str) -> Mapping[str, int]:
        """A parameter that is a table 'code: integer'."""


Formula = Callable[[Columns, Terms], nw.Expr]


@dataclass(frozen=True)
class Step:
    """One named figure. `of` and `how` only for totals over the household; `required` only for conditions: all required
    ones must hold. `words`: code → words."""

    kind: Kind
    name: str
    label: str
    measure: Measure
    clause: Clause
    formula: Formula | None = None
    of: str = ""
    how: How = "sum"
    required: bool = True
    words: Mapping[int, str] = field(default_factory=dict)


def variable(
    name: str,
    label: str,
    measure: Measure,
    clause: Clause,
    formula: Formula,
    words: Mapping[int, str] | None = None,
) -> Step:
    """A figure of each person."""
    return Step("variable", name, label, measure, clause, formula, words=words or {})


def condition(name: str, label: str, clause: Clause, formula: Formula, required: bool = True) -> Step:
    """Something that must hold (or, not `required`, that later steps ask); the formula gives a truth value."""
    return Step("condition", name, label, "flag", clause, formula, required=required)


def total(name: str, label: str, measure: Measure, clause: Clause, of: str, how: How = "sum") -> Step:
    """An input or step added up (or its highest, lowest) over the members of the household, known to each of them."""
    return Step("total", name, label, measure, clause, of=of, how=how)


def amount(name: str, label: str, clause: Clause, formula: Formula) -> Step:
    """What is paid for the month, 分. Counts for those alone whose required conditions all hold; the last one is the result."""
    return Step("amount", name, label, "fen", clause, formula)


@dataclass(frozen=True)
class Rule:
    """One rule. `population` picks, over inputs alone, everybody for whom the rule need be asked, so that a city is not
    reckoned for the sake of a few (rules that look at households get the whole household of whoever is picked). It spares
    work and decides nothing: what it demands must be a condition as well, so that a refusal can be explained. An entity of
    'household' gives one result a household, the payee's: `paid_to` names the flag (an input or step) of the members who may
    receive the money, so that it never goes to one who is left out, such as a prisoner. A rule without an amount step decides
    a status."""

    name: str
    title: str
    entity: Entity
    law: tuple[Clause, ...]
    parameters: Parameters
    inputs: tuple[Input, ...]
    population: Formula
    steps: tuple[Step, ...]
    paid_to: str = ""

    def __post_init__(self) -> None:
        names = [each.name for each in self.inputs] + [step.name for step in self.steps]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"规则“{self.title}”里名称重复：{'、'.join(repeated)}")
        for position, step in enumerate(self.steps):
            if step.kind == "total" and step.of not in names[: len(self.inputs) + position]:
                raise ValueError(f"规则“{self.title}”的 {step.name} 汇总的 {step.of} 不在它之前")
        if self.paid_to and (self.entity != "household" or self.paid_to not in names):
            raise ValueError(f"规则“{self.title}”的领款人条件 {self.paid_to} 应是按户规则的输入或步骤")
        if not self.law:
            raise ValueError(f"规则“{self.title}”没有写明依据")

    @property
    def pays(self) -> bool:
        """Whether the rule gives money."""
        return any(step.kind == "amount" for step in self.steps)

    @property
    def looks_at_households(self) -> bool:
        """Whether what it says of somebody depends on who else lives there."""
        return self.entity == "household" or any(step.kind == "total" for step in self.steps)

    @property
    def result(self) -> str:
        """The name of the last amount step; '' for a status."""
        amounts = [step.name for step in self.steps if step.kind == "amount"]
        return amounts[-1] if amounts else ""

    def step(self, name: str) -> Step | Input:
        """The step or input of that name; raises KeyError."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Step | Input]:
        return {**{each.name: each for each in self.inputs}, **{step.name: step for step in self.steps}}


def values_of(rule: Rule, month: Month) -> Values:
    """The rule's parameters on the first day of a month. Raises LookupError when one has no value then."""
    return rule.parameters.at(month.first)
