"""事实无人抚养儿童基本生活费: both parents are in circumstances in which they cannot support the child, or one is and the other is gone.

Not stacked: what the child has of 低保 is taken off; against other allowances of children the matrix of exclusions pays the higher.
"""

from __future__ import annotations

from pathlib import Path

import narwhals as nw

from minzheng.domains.children.benefits import counting
from minzheng.domains.children.benefits.inputs import FATHER, LOW_INCOME_SHARE, MOTHER
from minzheng.domains.children.benefits.law import (
    ADOPTION,
    CHAIN,
    CIRCUMSTANCES,
    MORE,
    NOT_STACKED,
    ONE_CITY,
    UNSUPPORTED,
)
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.foundation.dated import Parameters
from minzheng.kernel.rules.arithmetic import flag, percent
from minzheng.kernel.rules.language import Columns, Rule, Terms, amount, condition, variable

HERE = Path(__file__).parent


def _unsupported(c: Columns, t: Terms) -> nw.Expr:
    """Each parent is gone or unable, but not both gone: such a child is an orphan."""
    father, mother = (c["father_gone"] + c["father_unable"]) > 0, (c["mother_gone"] + c["mother_unable"]) > 0
    return father & mother & (c["father_gone"] + c["mother_gone"] < 2)


RULE = Rule(
    name="unsupported_child_living",
    title="事实无人抚养儿童基本生活费",
    entity="person",
    law=(UNSUPPORTED, CIRCUMSTANCES, MORE, NOT_STACKED, CHAIN, ONE_CITY, ADOPTION),
    parameters=Parameters(HERE.parent / "shared.yaml", HERE / "parameters.yaml"),
    inputs=(*counting.INPUTS, *FATHER, *MOTHER, LOW_INCOME_SHARE),
    population=lambda c, t: (c["father_state"] > 0) & (c["mother_state"] > 0),
    steps=(
        counting.AGE,
        variable(
            "father_gone",
            "父亲死亡、失踪或查找不到",
            "flag",
            UNSUPPORTED,
            lambda c, t: flag(counting.gone(c, "father")),
        ),
        variable(
            "mother_gone",
            "母亲死亡、失踪或查找不到",
            "flag",
            UNSUPPORTED,
            lambda c, t: flag(counting.gone(c, "mother")),
        ),
        variable(
            "father_unable",
            "父亲属于规定的情形",
            "flag",
            CIRCUMSTANCES,
            lambda c, t: flag(counting.unable(c, t, "father")),
        ),
        variable(
            "mother_unable",
            "母亲属于规定的情形",
            "flag",
            CIRCUMSTANCES,
            lambda c, t: flag(counting.unable(c, t, "mother")),
        ),
        counting.RESIDENT,
        counting.LIVING,
        condition(
            "unsupported",
            "父母双方均属规定情形，或一方死亡、失踪而另一方属规定情形",
            UNSUPPORTED,
            _unsupported,
        ),
        counting.NOT_ADOPTED,
        condition("minor", "未满十八周岁", UNSUPPORTED, counting.minor),
        counting.SCATTERED,
        variable(
            "standard",
            "事实无人抚养儿童标准",
            "fen",
            ONE_CITY,
            lambda c, t: percent(c["scattered"], t.number("unsupported_percent")),
        ),
        amount("amount", "事实无人抚养儿童基本生活费", NOT_STACKED, counting.topped_up),
    ),
)

PROGRAMME = Programme(
    RULE,
    kind="categorical",
    start="award",
    pays="monthly",
    purse="事实无人抚养儿童基本生活费",
    shares="fund_shares",
)
