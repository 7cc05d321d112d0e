"""冬暖夏凉: once in each of the months named, a gift towards the electricity bill, by the kind of household (plan, item 6)."""

from __future__ import annotations

from pathlib import Path

import narwhals as nw

from minzheng.domains.assistance.benefits import counting
from minzheng.domains.assistance.benefits.inputs import PLACEMENT
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.foundation.dated import Parameters
from minzheng.kernel.rules.arithmetic import amount_of, flag, greatest, whole
from minzheng.kernel.rules.inputs import (
    AWARD_BORDERLINE,
    AWARD_DESTITUTE,
    AWARD_LOW_INCOME,
    AWARD_RIGID,
    CUSTODY,
    PRESENT,
)
from minzheng.kernel.rules.language import Clause, Columns, Rule, Terms, amount, condition, total, variable

PLAN = Clause("2024年全市民政工作要点", "第6条", "持续开展“冬暖夏凉”慈善救助,为全市低收入人口赠送一次性用电")
NOTICE = Clause("市民政局“冬暖夏凉”用电赠送通知（文号待补）", "", "对低保、分散供养特困、低保边缘、刚性支出困难家庭按户赠送，每户只享受一份，就高不重复")
KINDS = {0: "不在范围", 1: "低保边缘、刚性支出困难家庭", 2: "低保家庭", 3: "分散供养特困人员家庭"}


def _kind(c: Columns, t: Terms) -> nw.Expr:
    """The highest kind that a member present at home gives the household."""
    low, borderline = flag(c["award_low_income"] > 0) * 2, flag((c["award_borderline"] > 0) | (c["award_rigid_spending"] > 0))
    return c["at_home"] * greatest(flag(c["award_destitute"] > 0) * 3, low, borderline)


def _at_home(c: Columns, t: Terms) -> nw.Expr:
    in_care = (c["award_destitute"] > 0) & (c["placement"] == 1)
    return flag((c["present"] == 1) & (c["custody"] == 0) & ~in_care)


STEPS = (
    variable("at_home", "在家用电的成员（集中供养的除外）", "flag", NOTICE, _at_home),
    variable("member_kind", "本人的对象类别", "code", NOTICE, _kind, words=KINDS),
    total("home_kind", "家庭类别（就高）", "code", NOTICE, of="member_kind", how="max"),
    condition("in_scope", "属于赠送范围的家庭", NOTICE, lambda c, t: c["home_kind"] > 0),
    condition("in_season", "本月是发放月份", NOTICE, lambda c, t: whole(t.table("months").get(str(t.month.first.month), 0)) == 1),
    amount("amount", "用电赠送金额", NOTICE, lambda c, t: amount_of(c["home_kind"], t.table("gift"))),
)  # fmt: skip
RULE = Rule(
    name="electricity_gift",
    title="冬暖夏凉用电",
    entity="household",
    paid_to="at_home",
    law=counting.cited(STEPS, PLAN, NOTICE),
    parameters=Parameters(Path(__file__).parent / "parameters.yaml"),
    inputs=counting.once(PRESENT, CUSTODY, AWARD_LOW_INCOME, AWARD_DESTITUTE, AWARD_BORDERLINE, AWARD_RIGID, PLACEMENT),
    population=lambda c, t: (
        (c["award_low_income"] > 0) | (c["award_destitute"] > 0) | (c["award_borderline"] > 0) | (c["award_rigid_spending"] > 0)
    ),
    steps=STEPS,
)  # fmt: skip
PROGRAMME = Programme(RULE, kind="one_off", start="automatic", pays="once", purse="慈善资金（冬暖夏凉）", shares="fund_shares")
