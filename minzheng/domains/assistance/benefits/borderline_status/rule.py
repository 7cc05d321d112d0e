"""低保边缘家庭: households a little above the line. A status: medical, education, housing and job aid follow from it, no money of its own."""

from __future__ import annotations

from pathlib import Path

import narwhals as nw

from minzheng.domains.assistance.benefits import assets, counting, income
from minzheng.domains.assistance.benefits.inputs import BORDERLINE_SINCE
from minzheng.domains.assistance.benefits.law import CONFIRMATION, DECISION, PROPERTY
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.rules.arithmetic import flag
from minzheng.kernel.rules.inputs import AWARD_BORDERLINE, AWARD_LOW_INCOME
from minzheng.kernel.rules.language import Clause, Columns, Rule, Terms, condition, total, variable

LINE = Clause(
    f"{CONFIRMATION}；社会救助法（2026年7月1日起）", "低保边缘家庭的规定；第二十一条",
    "在当地最低生活保障标准的基础上，上浮一定比例确定最低生活保障边缘家庭标准；家庭人均收入低于该标准且财产状况符合规定",
)  # fmt: skip
TERM = Clause("国办发〔2023〕39号", "低收入人口动态监测", "对低收入人口定期核查，身份认定有期限，期满重新申请（期限待核定）")


def _below(c: Columns, t: Terms) -> nw.Expr:
    return c["net_income"] * 100 < t.number("subsistence_standard") * t.number("borderline_percent") * c["size"]


STEPS = (
    total("home_award", "家庭的边缘家庭认定", "code", DECISION, of="award_borderline", how="max"),
    condition("awarded", "已认定为低保边缘家庭", DECISION, lambda c, t: c["home_award"] > 0),
    total("home_since", "认定日期", "day", TERM, of="borderline_since", how="max"),
    counting.still_valid("valid", "home_since", TERM),
    variable("low_income_member", "已是低保家庭（本人）", "flag", LINE, lambda c, t: flag(c["award_low_income"] == 1)),
    total("low_income_home", "已是低保家庭", "flag", LINE, of="low_income_member", how="max"),
    condition("not_low_income", "不是低保家庭（单人保除外）", LINE, lambda c, t: c["low_income_home"] == 0),
    *counting.MEMBERS,
    counting.SOMEBODY_COUNTS,
    counting.SOMEBODY_LOCAL,
    *income.STEPS, *income.HOME, *income.DEDUCTIONS,
    condition("below_borderline", "家庭人均收入低于低保边缘线", LINE, _below),
    *assets.OF_HOUSEHOLD,
)  # fmt: skip
RULE = Rule(
    name="borderline_status",
    title="低保边缘家庭",
    entity="household",
    paid_to="cohabits",
    law=counting.cited(STEPS, LINE, PROPERTY, TERM),
    parameters=counting.parameters(
        Path(__file__).parent / "parameters.yaml", "borderline_percent", "status_months", *counting.PARAMETERS, *income.PARAMETERS,
        *income.DEDUCTION_PARAMETERS, *assets.PARAMETERS,
    ),
    inputs=counting.once(
        *counting.INPUTS, *income.INPUTS, *income.DEDUCTION_INPUTS, *assets.INPUTS, AWARD_BORDERLINE, AWARD_LOW_INCOME, BORDERLINE_SINCE
    ),
    population=lambda c, t: c["award_borderline"] > 0,
    steps=STEPS,
)  # fmt: skip
PROGRAMME = Programme(RULE, kind="status", start="award", pays="monthly", purse="", shares="")
