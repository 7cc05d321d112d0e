"""What comes into a household: kinds of income, what does not count, deductions, and support owed from outside. Free of Django.

The steps need `cohabits` (0/1) to stand before them: what others earn is not counted. 分 a month, averages of the last 12 months.
"""

from __future__ import annotations

import narwhals as nw

from minzheng.domains.assistance.benefits import inputs as own
from minzheng.domains.assistance.benefits.law import DEDUCTION, INCOME, NOT_INCOME, SUPPORT
from minzheng.kernel.rules import inputs as base
from minzheng.kernel.rules.arithmetic import clip, divide, greatest, least, percent, where
from minzheng.kernel.rules.language import Columns, Step, Terms, total, variable

INPUTS = (
    base.WAGE, base.PENSION, base.RESIDENT_PENSION, base.UNEMPLOYMENT_BENEFIT, base.DECLARED_INCOME, own.BUSINESS_INCOME, own.PROPERTY_INCOME,
    own.TRANSFER_INCOME, own.EXEMPT_INCOME, own.AGREED_SUPPORT, *(each for three in own.SUPPORTERS for each in three),
)  # fmt: skip
DEDUCTION_INPUTS = (base.DISABILITY_LEVEL, own.SERIOUS_ILLNESS, base.MEDICAL_PAID, base.MEDICAL_OWN, own.CARE_COSTS)
PARAMETERS = (
    "subsistence_standard", "employment_cost_percent", "resident_pension_disregard",
    "supporter_line_percent", "supporter_share_percent",
)  # fmt: skip
DEDUCTION_PARAMETERS = ("own_paid_percent",)


def _support(number: int, label: str) -> Step:
    """What one household outside owes: what it has above k times the standard a head, p of that, shared by those it supports."""
    income, members, supported = (f"supporter_{number}_{what}" for what in ("income", "members", "supported"))

    def owed(c: Columns, t: Terms) -> nw.Expr:
        line = t.number("subsistence_standard") * t.number("supporter_line_percent")
        above = clip(c[income] * 100 - greatest(c[members], 1) * line)
        return divide(above * t.number("supporter_share_percent"), greatest(c[supported], 1) * 10_000)

    return variable(f"support_{number}", label, "fen", SUPPORT, owed)


def _registered(c: Columns, t: Terms) -> nw.Expr:
    return c["wage"] - c["employment_costs"] + c["pension"] + c["resident_pension_counted"] + c["unemployment_benefit"]


def _declared(c: Columns, t: Terms) -> nw.Expr:
    return c["declared_income"] + c["business_income"] + c["property_income"] + c["transfer_income"]


def _support_due(c: Columns, t: Terms) -> nw.Expr:
    by_formula = c["support_1"] + c["support_2"] + c["support_3"]
    return where(c["agreed_support"] > 0, c["agreed_support"], by_formula)


def _disregarded(c: Columns, t: Terms) -> nw.Expr:
    return c["exempt_income"] + least(c["resident_pension"], t.number("resident_pension_disregard"))


STEPS = (
    variable("employment_costs", "必要的就业成本（扣减）", "fen", DEDUCTION, lambda c, t: percent(c["wage"], t.number("employment_cost_percent"))),
    variable("resident_pension_counted", "计入的城乡居民养老金", "fen", NOT_INCOME,
             lambda c, t: clip(c["resident_pension"] - t.number("resident_pension_disregard"))),
    variable("disregarded", "不计入收入的部分", "fen", NOT_INCOME, _disregarded),
    variable("registered", "登记可查的收入（工资扣减就业成本、养老金、失业金）", "fen", INCOME, _registered),
    variable("declared", "申报的收入（经营、财产、转移、其他）", "fen", INCOME, _declared),
    *(_support(number, f"第{word}户赡养人应给付的赡养费") for number, word in zip((1, 2, 3), "一二三", strict=True)),
    variable("support", "计入的赡养、抚养、扶养费", "fen", SUPPORT, _support_due),
    variable("counted_income", "本人计入的月收入", "fen", INCOME, lambda c, t: c["cohabits"] * (c["registered"] + c["declared"] + c["support"])),
)  # fmt: skip
HOME = (total("home_income", "家庭月收入", "fen", INCOME, of="counted_income"),)


def _deducted(c: Columns, t: Terms) -> nw.Expr:
    in_need = (c["disability_level"] > 0) | (c["serious_illness"] == 1)
    treatment = divide(c["medical_paid"] + percent(c["medical_own"], t.number("own_paid_percent")), 12)
    return where(in_need, c["cohabits"] * (treatment + c["care_costs"]), 0)


DEDUCTIONS = (
    variable("deducted", "因残疾、重病扣减的刚性支出", "fen", DEDUCTION, _deducted),
    total("home_deducted", "家庭扣减的刚性支出", "fen", DEDUCTION, of="deducted"),
    variable("net_income", "扣减后的家庭月收入", "fen", INCOME, lambda c, t: clip(c["home_income"] - c["home_deducted"])),
)
