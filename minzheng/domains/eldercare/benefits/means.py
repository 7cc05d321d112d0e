"""What the two subsidies of elders share: who is asked, the economic class and the assessment."""

from __future__ import annotations

import narwhals as nw

from minzheng.domains.eldercare.benefits.inputs import ABILITY, ASSESSED_ON, SPECIAL_FAMILY
from minzheng.domains.eldercare.benefits.law import ABILITY_GRADES, ELDER, LOCAL_SUBSIDY
from minzheng.kernel.rules.arithmetic import age_within, alive, amount_of, days, may_be, where
from minzheng.kernel.rules.inputs import (
    AWARD_BORDERLINE,
    AWARD_DESTITUTE,
    AWARD_LOW_INCOME,
    AWARD_RIGID,
    BIRTH,
    DEATH,
    HUKOU,
    PRESENT,
)
from minzheng.kernel.rules.language import Columns, Step, Terms, condition, variable

CLASSES = {0: "其他", 1: "最低生活保障、特困供养", 2: "低保边缘、刚性支出困难", 3: "计划生育特殊家庭"}
INPUTS = (
    BIRTH, HUKOU, PRESENT, DEATH, ABILITY, ASSESSED_ON, SPECIAL_FAMILY, AWARD_LOW_INCOME, AWARD_DESTITUTE, AWARD_BORDERLINE, AWARD_RIGID,
)  # fmt: skip


def asked(c: Columns, t: Terms) -> nw.Expr:
    """Assessed elders of this city."""
    return (c["hukou"] == 1) & (c["ability"] > 0) & may_be(c["birth"], t.number("elder_age"), t.month)


def economic_class(c: Columns, t: Terms) -> nw.Expr:
    """The class of CLASSES that comes first."""
    poor = (c["award_low_income"] > 0) | (c["award_destitute"] > 0)
    near = (c["award_borderline"] > 0) | (c["award_rigid_spending"] > 0)
    return where(poor, 1, where(near, 2, where(c["special_family"] == 1, 3, 0)))


def assessment_holds(c: Columns, t: Terms) -> nw.Expr:
    """Assessed on the month's first day or before, and not longer ago than an assessment holds."""
    oldest = t.month.back(t.number("assessment_months")).first
    return (c["assessed_on"] > days(oldest)) & (c["assessed_on"] <= days(t.month.first))


def rate(table: str) -> Step:
    """The figure of the table for class × grade: the key 13 is class 1, grade 3."""
    return variable(
        "rate", "按经济困难类别和能力等级对应的标准", "fen", LOCAL_SUBSIDY,
        lambda c, t: amount_of(c["economic_class"] * 10 + c["ability"], t.table(table)),
    )  # fmt: skip


STEPS = (
    variable("age", "年龄（当月满）", "years", ELDER, lambda c, t: age_within(c["birth"], t.month)),
    variable("economic_class", "经济困难类别", "code", LOCAL_SUBSIDY, economic_class, CLASSES),
    condition("resident", "本市户籍", LOCAL_SUBSIDY, lambda c, t: c["hukou"] == 1),
    condition(
        "living", "在册且健在", LOCAL_SUBSIDY, lambda c, t: (c["present"] == 1) & alive(c["death"], t.month)
    ),
    condition("aged", "达到老年人年龄", ELDER, lambda c, t: c["age"] >= t.number("elder_age")),
    condition("assessed", "能力评估在有效期内", ABILITY_GRADES, assessment_holds),
)
