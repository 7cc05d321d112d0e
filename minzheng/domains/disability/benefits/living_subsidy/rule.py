"""困难残疾人生活补贴: disabled people of families in need get a part of the 低保 standard, so that it grows with it (自然增长).

Families on 低保; where the city widened it, families near the line, families with several disabled members (一户多残) and grown-up
severely disabled people kept by their old parents (依老养残). Of several kinds the highest share counts.
"""

from __future__ import annotations

from pathlib import Path

import narwhals as nw

from minzheng.domains.disability.benefits import holders
from minzheng.domains.disability.benefits.inputs import DEPENDENT_ON_ELDERS, LIVING_APPLIED
from minzheng.domains.disability.benefits.law import APPLICATION, ENDING, GROWTH, LIVING, PROVINCE, STANDARD
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.foundation.dated import Parameters
from minzheng.kernel.rules.arithmetic import age_on, flag, greatest, percent, where, yuan_up
from minzheng.kernel.rules.inputs import AWARD_BORDERLINE, AWARD_LOW_INCOME, AWARD_RIGID
from minzheng.kernel.rules.language import Columns, Rule, Terms, amount, condition, total, variable
from minzheng.kernel.rules.standards import STANDARDS

HERE = Path(__file__).parent


def _share(c: Columns, t: Terms) -> nw.Expr:
    """The highest percentage of the standard that fits; a kind that is not in the table is not covered."""
    shares = t.table("living_percent")
    grown_up = age_on(c["birth"], t.month.first) >= t.number("adult_age")
    fits = {
        "low_income_severe": (c["award_low_income"] > 0) & holders.severe(c),
        "low_income": c["award_low_income"] > 0,
        "near_line_severe": ((c["award_borderline"] > 0) | (c["award_rigid_spending"] > 0))
        & holders.severe(c),
        "near_line": (c["award_borderline"] > 0) | (c["award_rigid_spending"] > 0),
        "several": c["disabled_here"] >= t.number("several_from"),
        "kept_by_elders": (c["dependent_on_elders"] == 1) & holders.severe(c) & grown_up,
    }
    return greatest(0, *(where(holds, shares.get(kind, 0), 0) for kind, holds in fits.items()))


def _amount(c: Columns, t: Terms) -> nw.Expr:
    due = percent(t.number("subsistence_standard"), c["share"])
    return yuan_up(due) if t.switch("whole_yuan") else due


RULE = Rule(
    name="living_subsidy",
    title="困难残疾人生活补贴",
    entity="person",
    law=(LIVING, STANDARD, PROVINCE, GROWTH, APPLICATION, ENDING),
    parameters=Parameters(STANDARDS, HERE.parent / "shared.yaml", HERE / "parameters.yaml"),
    inputs=(
        *holders.INPUTS,
        AWARD_LOW_INCOME,
        AWARD_BORDERLINE,
        AWARD_RIGID,
        DEPENDENT_ON_ELDERS,
        LIVING_APPLIED,
    ),
    population=lambda c, t: c["disability_level"] > 0,
    steps=(
        variable(
            "disabled",
            "持证残疾人",
            "flag",
            LIVING,
            lambda c, t: flag((c["disability_level"] > 0) & (c["present"] == 1)),
        ),
        total("disabled_here", "户内持证残疾人", "count", PROVINCE, of="disabled"),
        variable("share", "占低保标准的比例", "percent", PROVINCE, _share),
        holders.RESIDENT,
        holders.ALIVE,
        holders.HOLDER,
        condition("in_need", "属于困难残疾人", LIVING, lambda c, t: c["share"] > 0),
        holders.applied("living_applied"),
        amount("amount", "困难残疾人生活补贴", GROWTH, _amount),
    ),
)

PROGRAMME = Programme(
    RULE, kind="categorical", start="automatic", pays="monthly", purse="残疾人两项补贴", shares="fund_shares"
)
