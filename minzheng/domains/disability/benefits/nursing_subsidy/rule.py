"""重度残疾人护理补贴: levels one and two; where the city widened it, also three and four of 智力 and 精神.

Both subsidies may be held together; the matrix of exclusions says what neither goes with (work-injury care, 特困).
"""

from __future__ import annotations

from pathlib import Path

import narwhals as nw

from minzheng.domains.disability.benefits import holders
from minzheng.domains.disability.benefits.inputs import NURSING_APPLIED
from minzheng.domains.disability.benefits.law import APPLICATION, ENDING, LIVING, NURSING, STANDARD
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.foundation.dated import Parameters
from minzheng.kernel.rules.arithmetic import amount_of
from minzheng.kernel.rules.language import Columns, Rule, Terms, amount, condition

HERE = Path(__file__).parent


def _needs_care(c: Columns, t: Terms) -> nw.Expr:
    return (
        holders.severe(c) | holders.of_the_mind(c)
        if t.switch("covers_mind_three_and_four")
        else holders.severe(c)
    )


RULE = Rule(
    name="nursing_subsidy",
    title="重度残疾人护理补贴",
    entity="person",
    law=(NURSING, LIVING, STANDARD, APPLICATION, ENDING),
    parameters=Parameters(HERE.parent / "shared.yaml", HERE / "parameters.yaml"),
    inputs=(*holders.INPUTS, NURSING_APPLIED),
    population=lambda c, t: c["disability_level"] > 0,
    steps=(
        holders.RESIDENT,
        holders.ALIVE,
        holders.HOLDER,
        condition("needs_care", "一级、二级（或扩大到的三、四级智力、精神）残疾", NURSING, _needs_care),
        holders.applied("nursing_applied"),
        amount(
            "amount",
            "重度残疾人护理补贴",
            STANDARD,
            lambda c, t: amount_of(c["disability_level"], t.table("nursing_rates")),
        ),
    ),
)

PROGRAMME = Programme(
    RULE, kind="categorical", start="automatic", pays="monthly", purse="残疾人两项补贴", shares="fund_shares"
)
