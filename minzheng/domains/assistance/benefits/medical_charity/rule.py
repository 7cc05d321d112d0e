"""慈善助医 (plan, item 6): whoever is of the low-income population gets from charity a part of what remained to be paid for treatment
inside the catalogue of the medical insurance, above a floor and within what a year allows. What was given within 12 months counts.

Nobody is asked about it without an open case (`charity_asked`).
"""

from __future__ import annotations

from pathlib import Path

import narwhals as nw

from minzheng.domains.assistance.benefits import counting
from minzheng.domains.assistance.benefits.inputs import CHARITY_ASKED, CHARITY_YEAR
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.foundation.dated import Parameters
from minzheng.kernel.rules.arithmetic import clip, flag, least, percent, whole
from minzheng.kernel.rules.inputs import (
    AWARD_BORDERLINE,
    AWARD_DESTITUTE,
    AWARD_LOW_INCOME,
    AWARD_RIGID,
    MEDICAL_PAID,
)
from minzheng.kernel.rules.language import Clause, Columns, Rule, Terms, amount, condition, variable

PLAN = Clause("2024年全市民政工作要点", "第6条", "在三城区试点实施慈善助医项目,对符合条件的低收入人口医保目录范围内自付费用进行兜底救助")
LAYER = Clause("国办发〔2023〕39号", "低收入人口的范围", "低收入人口包括低保对象、特困人员、低保边缘家庭成员、刚性支出困难家庭成员等")
HOW_MUCH = Clause("市慈善总会慈善助医项目实施办法（文号待补）", "", "医保、大病保险、医疗救助报销后的目录内自付部分，超过起点的按比例救助，年度不超过限额")


def _low_income(c: Columns, t: Terms) -> nw.Expr:
    recognised = (c["award_low_income"] > 0) | (c["award_destitute"] > 0) | (c["award_borderline"] > 0) | (c["award_rigid_spending"] > 0)
    return flag(recognised)


def _due(c: Columns, t: Terms) -> nw.Expr:
    """The part of all bills of the 12 months, less what was given for them already."""
    return least(clip(percent(c["above_floor"], t.number("charity_percent")) - c["charity_year"]), c["charity_left"])


STEPS = (
    condition("asked", "有待决定的慈善助医事项", PLAN, lambda c, t: c["charity_asked"] > 0),
    variable("recognised", "属于低收入人口（本人）", "flag", LAYER, _low_income),
    condition("low_income", "属于低收入人口", LAYER, lambda c, t: c["recognised"] == whole(1)),
    variable("above_floor", "目录内自付超过起点的部分", "fen", HOW_MUCH, lambda c, t: clip(c["medical_paid"] - t.number("charity_floor"))),
    condition("reaches_floor", "目录内自付达到起点", HOW_MUCH, lambda c, t: c["above_floor"] > 0),
    variable("charity_left", "12 个月内还可救助的金额", "fen", HOW_MUCH, lambda c, t: clip(t.number("charity_most") - c["charity_year"])),
    condition("within_year", "未达到年度限额", HOW_MUCH, lambda c, t: c["charity_left"] > 0),
    variable("within", "按比例计算、年度限额以内的金额", "fen", HOW_MUCH, _due),
    condition("something_left", "这些费用还没有救助过", HOW_MUCH, lambda c, t: c["within"] > 0),
    amount("amount", "本次慈善助医金", HOW_MUCH, lambda c, t: c["within"]),
)  # fmt: skip
RULE = Rule(
    name="medical_charity",
    title="慈善助医",
    entity="person",
    law=counting.cited(STEPS, PLAN, LAYER, HOW_MUCH),
    parameters=Parameters(Path(__file__).parent / "parameters.yaml"),
    inputs=counting.once(CHARITY_ASKED, CHARITY_YEAR, MEDICAL_PAID, AWARD_LOW_INCOME, AWARD_DESTITUTE, AWARD_BORDERLINE, AWARD_RIGID),
    population=lambda c, t: c["charity_asked"] > 0,
    steps=STEPS,
)  # fmt: skip
PROGRAMME = Programme(RULE, kind="one_off", start="award", pays="once", purse="慈善资金（慈善助医）", shares="fund_shares")
