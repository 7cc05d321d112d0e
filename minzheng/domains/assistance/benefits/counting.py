"""Who counts in a household, who is local, and how long ago a month was. Free of Django."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import narwhals as nw

from minzheng.domains.assistance.benefits.inputs import APART, RESIDENCE_PERMIT
from minzheng.domains.assistance.benefits.law import HOUSEHOLD, RESIDENCE
from minzheng.kernel.foundation.dated import Parameters
from minzheng.kernel.rules.arithmetic import days, flag
from minzheng.kernel.rules.inputs import (
    AWARD_DESTITUTE,
    CUSTODY,
    DISABILITY_CATEGORY,
    DISABILITY_LEVEL,
    HUKOU,
    PRESENT,
)
from minzheng.kernel.rules.language import (
    Clause,
    Columns,
    Input,
    Month,
    Step,
    Terms,
    condition,
    total,
    variable,
)
from minzheng.kernel.rules.standards import STANDARDS

HERE = Path(__file__).parent
INPUTS = (PRESENT, CUSTODY, APART, AWARD_DESTITUTE, HUKOU, RESIDENCE_PERMIT)
PARAMETERS = ("residence_permit_counts",)
MEMBERS = (
    variable("cohabits", "计入的共同生活成员", "flag", HOUSEHOLD, lambda c, t: flag(_lives_here(c))),
    total("size", "计入的共同生活成员人数", "count", HOUSEHOLD, of="cohabits"),
    variable("local", "本市户籍（或可在居住地申请）的成员", "flag", RESIDENCE, lambda c, t: flag(is_local(c, t) & (c["cohabits"] == 1))),
    total("locals", "其中可以在本市申请的人数", "count", RESIDENCE, of="local"),
)
SOMEBODY_COUNTS = condition("somebody_counts", "家庭有计入的成员", HOUSEHOLD, lambda c, t: c["size"] > 0)
SOMEBODY_LOCAL = condition("somebody_local", "家庭成员中有本市户籍（或可在居住地申请）的人", RESIDENCE, lambda c, t: c["locals"] > 0)


def parameters(own: Path, *shared: str) -> Parameters:
    """A rule's own parameter file, and those names of the shared ones that it reads. Raises KeyError for an unknown name."""
    files = (own, HERE / "shared.yaml", HERE.parent / "parameters.yaml", STANDARDS)
    return Parameters(*files).only(*Parameters(own).names(), *shared)


def cited(steps: tuple[Step, ...], *first: Clause) -> tuple[Clause, ...]:
    """The clauses of a rule: those named first, then whatever its steps rest on."""
    return tuple(dict.fromkeys((*first, *(step.clause for step in steps))))


def once(*inputs: Input) -> tuple[Input, ...]:
    """Inputs of several groups together, each once."""
    return tuple({each.name: each for each in inputs}.values())


def is_local(c: Columns, t: Terms) -> nw.Expr:
    """Whether somebody may apply here: hukou, or a residence permit where the city has opened that door (truth value)."""
    if t.switch("residence_permit_counts"):
        return (c["hukou"] == 1) | (c["residence_permit"] == 1)
    return c["hukou"] == 1


def severely_disabled(c: Columns) -> nw.Expr:
    """Level 1–2, and level 3 of 智力 (5) and 精神 (6) (民发〔2021〕57号; truth value). The inputs are DISABILITY."""
    level, category = c["disability_level"], c["disability_category"]
    mind = (category == 5) | (category == 6)
    return (level == 1) | (level == 2) | ((level == 3) & mind)


DISABILITY = (DISABILITY_CATEGORY, DISABILITY_LEVEL)


def earlier(month: Month, months: int) -> date:
    """The first day of the month so many months before."""
    count = month.first.year * 12 + month.first.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def still_valid(name: str, since: str, clause: Clause) -> Step:
    """A status that lasts `status_months` from the day it was given: does it still hold on the first day of the month?"""

    def holds(c: Columns, t: Terms) -> nw.Expr:
        return c[since] > days(earlier(t.month, t.number("status_months")))

    return condition(name, "认定尚在有效期内（当月第一天）", clause, holds)


def _lives_here(c: Columns) -> nw.Expr:
    return (c["present"] == 1) & (c["custody"] == 0) & (c["apart"] == 0) & (c["award_destitute"] == 0)
