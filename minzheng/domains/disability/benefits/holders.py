"""What the two subsidies share: who holds a certificate here, and whether an application is needed."""

from __future__ import annotations

import narwhals as nw

from minzheng.domains.disability.benefits.law import APPLICATION, ENDING, LIVING
from minzheng.kernel.rules.arithmetic import alive, days
from minzheng.kernel.rules.inputs import BIRTH, DEATH, DISABILITY_CATEGORY, DISABILITY_LEVEL, HUKOU, PRESENT
from minzheng.kernel.rules.language import Columns, Step, Terms, condition

INPUTS = (BIRTH, HUKOU, PRESENT, DEATH, DISABILITY_CATEGORY, DISABILITY_LEVEL)
_INTELLECT, _MIND = 5, 6


def severe(c: Columns) -> nw.Expr:
    """Levels one and two."""
    return (c["disability_level"] >= 1) & (c["disability_level"] <= 2)


def of_the_mind(c: Columns) -> nw.Expr:
    """Categories 智力 and 精神."""
    return (c["disability_category"] == _INTELLECT) | (c["disability_category"] == _MIND)


def applied(column: str) -> Step:
    """Counted from the month in which the application was accepted; where none is needed, from the certificate."""

    def begun(c: Columns, t: Terms) -> nw.Expr:
        since = c[column]
        if not t.switch("application_needed"):
            return since >= 0
        return (since > 0) & (since <= days(t.month.last))

    return condition("applied", "已受理申请（或不需申请）", APPLICATION, begun)


RESIDENT = condition("resident", "本市户籍", ENDING, lambda c, t: c["hukou"] == 1)
ALIVE = condition(
    "living", "在册且健在", ENDING, lambda c, t: (c["present"] == 1) & alive(c["death"], t.month)
)
HOLDER = condition(
    "holder",
    "持有有效的残疾人证（一至四级）",
    LIVING,
    lambda c, t: (c["disability_level"] >= 1) & (c["disability_level"] <= 4),
)
