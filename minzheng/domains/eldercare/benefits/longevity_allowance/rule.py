"""尊老金: who has turned eighty gets it without an application (免申即享), more from ninety and from a hundred on.

Begins with the month of the birthday or the month after, as the parameter says; ends with the month of death. Who declined it
in writing gets none. While somebody is in custody the matrix of exclusions suspends it.
"""

from __future__ import annotations

from pathlib import Path

import narwhals as nw

from minzheng.domains.eldercare.benefits.inputs import LONGEVITY_DECLINED
from minzheng.domains.eldercare.benefits.law import ALLOWANCE, LOCAL_LONGEVITY, NO_VISIT
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.foundation.dated import Parameters
from minzheng.kernel.rules.arithmetic import age_within, alive, banded, may_be
from minzheng.kernel.rules.inputs import BIRTH, DEATH, HUKOU, PRESENT
from minzheng.kernel.rules.language import Columns, Rule, Terms, amount, condition, variable

HERE = Path(__file__).parent


def _first_age(t: Terms) -> int:
    return min(int(age) for age in t.table("bands"))


def _age(c: Columns, t: Terms) -> nw.Expr:
    """The age that counts: reached by the end of this month, or of the month before."""
    return age_within(c["birth"], t.month.before if t.switch("from_next_month") else t.month)


RULE = Rule(
    name="longevity_allowance",
    title="尊老金",
    entity="person",
    law=(ALLOWANCE, NO_VISIT, LOCAL_LONGEVITY),
    parameters=Parameters(HERE / "parameters.yaml"),
    inputs=(BIRTH, HUKOU, PRESENT, DEATH, LONGEVITY_DECLINED),
    population=lambda c, t: (c["hukou"] == 1) & may_be(c["birth"], _first_age(t), t.month),
    steps=(
        variable("age", "计发年龄", "years", LOCAL_LONGEVITY, _age),
        condition("resident", "本市户籍", LOCAL_LONGEVITY, lambda c, t: c["hukou"] == 1),
        condition(
            "living",
            "在册且健在",
            LOCAL_LONGEVITY,
            lambda c, t: (c["present"] == 1) & alive(c["death"], t.month),
        ),
        condition("aged", "达到尊老金起发年龄", ALLOWANCE, lambda c, t: c["age"] >= _first_age(t)),
        condition("wanted", "未书面放弃", NO_VISIT, lambda c, t: c["longevity_declined"] == 0),
        amount("amount", "尊老金", LOCAL_LONGEVITY, lambda c, t: banded(c["age"], t.table("bands"))),
    ),
)

PROGRAMME = Programme(
    RULE, kind="categorical", start="automatic", pays="monthly", purse="尊老金", shares="fund_shares"
)
