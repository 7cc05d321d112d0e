"""养老服务补贴: elders in need get a sum by economic class × grade of ability, for services at home."""

from __future__ import annotations

from pathlib import Path

import narwhals as nw

from minzheng.domains.eldercare.benefits import means
from minzheng.domains.eldercare.benefits.inputs import CARE_HOME
from minzheng.domains.eldercare.benefits.law import ABILITY_GRADES, ELDER, LOCAL_SUBSIDY, SERVICE
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.foundation.dated import Parameters
from minzheng.kernel.rules.language import Columns, Rule, Terms, amount, condition

HERE = Path(__file__).parent


def _at_home(c: Columns, t: Terms) -> nw.Expr:
    return (c["care_home"] == 0) | (c["care_home"] == int(t.switch("in_care_homes")))


RULE = Rule(
    name="elder_service_subsidy",
    title="养老服务补贴",
    entity="person",
    law=(SERVICE, ELDER, ABILITY_GRADES, LOCAL_SUBSIDY),
    parameters=Parameters(HERE.parent / "shared.yaml", HERE / "parameters.yaml"),
    inputs=(*means.INPUTS, CARE_HOME),
    population=means.asked,
    steps=(
        *means.STEPS,
        means.rate("service_rates"),
        condition("in_need", "经济困难类别和能力等级在补贴范围内", SERVICE, lambda c, t: c["rate"] > 0),
        condition("at_home", "居家养老（或入住机构也补贴）", LOCAL_SUBSIDY, _at_home),
        amount("amount", "养老服务补贴", LOCAL_SUBSIDY, lambda c, t: c["rate"]),
    ),
)

PROGRAMME = Programme(
    RULE, kind="categorical", start="automatic", pays="monthly", purse="养老服务补贴", shares="fund_shares"
)
