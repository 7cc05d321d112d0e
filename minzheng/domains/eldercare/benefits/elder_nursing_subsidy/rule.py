"""养老护理补贴: elders in need who cannot care for themselves get a sum by economic class × grade of ability, at home or in a care home.

It is of the same kind as the nursing subsidy of disabled people; the matrix of exclusions pays the higher of the two.
"""

from __future__ import annotations

from pathlib import Path

from minzheng.domains.eldercare.benefits import means
from minzheng.domains.eldercare.benefits.law import ABILITY_GRADES, ELDER, LOCAL_SUBSIDY, NURSING
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.foundation.dated import Parameters
from minzheng.kernel.rules.language import Rule, amount, condition

HERE = Path(__file__).parent

RULE = Rule(
    name="elder_nursing_subsidy",
    title="养老护理补贴",
    entity="person",
    law=(NURSING, ELDER, ABILITY_GRADES, LOCAL_SUBSIDY),
    parameters=Parameters(HERE.parent / "shared.yaml", HERE / "parameters.yaml"),
    inputs=means.INPUTS,
    population=means.asked,
    steps=(
        *means.STEPS,
        condition(
            "dependent",
            "生活长期不能自理（达到规定的失能等级）",
            NURSING,
            lambda c, t: c["ability"] >= t.number("lowest_grade"),
        ),
        means.rate("nursing_rates"),
        condition("in_need", "经济困难类别在补贴范围内", NURSING, lambda c, t: c["rate"] > 0),
        amount("amount", "养老护理补贴", LOCAL_SUBSIDY, lambda c, t: c["rate"]),
    ),
)

PROGRAMME = Programme(
    RULE, kind="categorical", start="automatic", pays="monthly", purse="养老护理补贴", shares="fund_shares"
)
