"""孤儿基本生活费: children who lost both parents, in an institution or outside, and beyond eighteen while they go to school."""

from __future__ import annotations

from pathlib import Path

import narwhals as nw

from minzheng.domains.children.benefits import counting
from minzheng.domains.children.benefits.inputs import CHILD_PLACEMENT, FATHER, MOTHER, SCHOOLING
from minzheng.domains.children.benefits.law import (
    ADOPTION,
    CHAIN,
    ONE_CITY,
    ORPHAN,
    ORPHAN_STANDARD,
    STUDENTS,
)
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.foundation.dated import Parameters
from minzheng.kernel.rules.arithmetic import amount_of, flag, where
from minzheng.kernel.rules.language import Columns, Rule, Terms, amount, condition, variable

HERE = Path(__file__).parent
FATHER_STATE, MOTHER_STATE = FATHER[0], MOTHER[0]


def _orphan(c: Columns) -> nw.Expr:
    return counting.gone(c, "father") & counting.gone(c, "mother")


def _student(c: Columns, t: Terms) -> nw.Expr:
    of_age = (c["birth"] > 0) & (c["age"] >= t.number("adult_age"))
    return flag(of_age & (amount_of(c["schooling"], t.table("schools_beyond_age")) > 0))


RULE = Rule(
    name="orphan_living",
    title="孤儿基本生活费",
    entity="person",
    law=(ORPHAN, STUDENTS, ORPHAN_STANDARD, CHAIN, ONE_CITY, ADOPTION),
    parameters=Parameters(HERE.parent / "shared.yaml", HERE / "parameters.yaml"),
    inputs=(*counting.INPUTS, FATHER_STATE, MOTHER_STATE, CHILD_PLACEMENT, SCHOOLING),
    population=lambda c, t: _orphan(c),
    steps=(
        counting.AGE,
        variable("student", "成年后仍在规定学段就读", "flag", STUDENTS, _student),
        counting.RESIDENT,
        counting.LIVING,
        condition("orphan", "父母均死亡、失踪或查找不到", ORPHAN, lambda c, t: _orphan(c)),
        counting.NOT_ADOPTED,
        condition("in_age", "未满十八周岁，或成年后仍在校就读", STUDENTS, lambda c, t: counting.minor(c, t) | (c["student"] == 1)),
        counting.SCATTERED,
        amount(
            "amount", "孤儿基本生活费", ORPHAN_STANDARD,
            lambda c, t: where(c["child_placement"] == 1, t.number("institution_standard"), c["scattered"]),
        ),
    ),
)  # fmt: skip

PROGRAMME = Programme(
    RULE, kind="categorical", start="award", pays="monthly", purse="孤儿基本生活费", shares="fund_shares"
)
