"""江苏其他类困境儿童生活费: children whose parents do not or cannot care for them get a part of what scattered orphans get.

Children with HIV get the whole. Against the allowances for orphans and unsupported children the matrix of exclusions decides.
"""

from __future__ import annotations

from pathlib import Path

import narwhals as nw

from minzheng.domains.children.benefits import counting
from minzheng.domains.children.benefits.inputs import CHILD_HIV, CHILD_KIND, LOW_INCOME_SHARE
from minzheng.domains.children.benefits.law import ADOPTION, CHAIN, CLASSES, HIV, NOT_STACKED, ONE_CITY
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.foundation.dated import Parameters
from minzheng.kernel.rules.arithmetic import amount_of, greatest, percent, where
from minzheng.kernel.rules.language import Columns, Rule, Terms, amount, condition, variable

HERE = Path(__file__).parent


def _share(c: Columns, t: Terms) -> nw.Expr:
    """The highest percentage that fits."""
    of_kind = amount_of(c["child_kind"], t.table("class_percent"))
    return greatest(of_kind, where(c["child_hiv"] == 1, t.number("hiv_percent"), 0))


RULE = Rule(
    name="needy_child_living",
    title="江苏其他类困境儿童生活费",
    entity="person",
    law=(CLASSES, HIV, NOT_STACKED, CHAIN, ONE_CITY, ADOPTION),
    parameters=Parameters(HERE.parent / "shared.yaml", HERE / "parameters.yaml"),
    inputs=(*counting.INPUTS, CHILD_KIND, CHILD_HIV, LOW_INCOME_SHARE),
    population=lambda c, t: (c["child_kind"] > 0) | (c["child_hiv"] == 1),
    steps=(
        counting.AGE,
        variable("share", "占散居孤儿标准的比例", "percent", CLASSES, _share),
        counting.RESIDENT,
        counting.LIVING,
        condition("in_class", "属于发放生活费的困境儿童类别", CLASSES, lambda c, t: c["share"] > 0),
        counting.NOT_ADOPTED,
        condition("minor", "未满十八周岁", CLASSES, counting.minor),
        counting.SCATTERED,
        variable(
            "standard", "困境儿童标准", "fen", CLASSES, lambda c, t: percent(c["scattered"], c["share"])
        ),
        amount("amount", "困境儿童生活费", NOT_STACKED, counting.topped_up),
    ),
)

PROGRAMME = Programme(
    RULE, kind="categorical", start="award", pays="monthly", purse="困境儿童生活费", shares="fund_shares"
)
