"""刚性支出困难家庭: not poor by income, but what must be spent on illness or schooling eats it up. A status without money of its own."""

from __future__ import annotations

from pathlib import Path

import narwhals as nw

from minzheng.domains.assistance.benefits import assets, counting, income
from minzheng.domains.assistance.benefits.inputs import (
    CARE_COSTS,
    EDUCATION_COSTS,
    OTHER_NECESSARY_COSTS,
    RIGID_SINCE,
)
from minzheng.domains.assistance.benefits.law import DECISION, PROPERTY, RIGID
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.rules.arithmetic import flag, whole
from minzheng.kernel.rules.inputs import (
    AWARD_BORDERLINE,
    AWARD_LOW_INCOME,
    AWARD_RIGID,
    MEDICAL_OWN,
    MEDICAL_PAID,
)
from minzheng.kernel.rules.language import Clause, Columns, Rule, Terms, condition, total, variable

WHO = Clause(
    f"{RIGID}；社会救助法（2026年7月1日起）", "认定条件；第二十二条",
    "家庭人均收入低于上年度当地居民人均可支配收入，财产状况符合当地规定，且医疗、教育等必需支出占家庭总收入比例超过……规定比例",
)  # fmt: skip
TERM = Clause(RIGID, "有效期", "身份有效期不超过 12 个月，期满重新申请")
LAYER = Clause("国办发〔2023〕39号", "低收入人口的范围", "低收入人口包括……刚性支出困难家庭成员")


def _spent(c: Columns, t: Terms) -> nw.Expr:
    yearly = c["medical_paid"] + c["medical_own"] + c["care_costs"] * 12 + c["education_costs"] + c["other_necessary_costs"]
    return c["cohabits"] * yearly


STEPS = (
    condition("in_force", "制度已施行", LAYER, lambda c, t: whole(int(t.switch("in_force"))) == 1),
    total("home_award", "家庭的刚性支出困难家庭认定", "code", DECISION, of="award_rigid_spending", how="max"),
    condition("awarded", "已认定为刚性支出困难家庭", DECISION, lambda c, t: c["home_award"] > 0),
    total("home_since", "认定日期", "day", TERM, of="rigid_since", how="max"),
    counting.still_valid("valid", "home_since", TERM),
    variable("helped_member", "已是低保或边缘家庭（本人）", "flag", WHO,
             lambda c, t: flag((c["award_low_income"] == 1) | (c["award_borderline"] > 0))),
    total("helped_home", "已是低保或边缘家庭", "flag", WHO, of="helped_member", how="max"),
    condition("not_helped", "不是低保、低保边缘家庭", WHO, lambda c, t: c["helped_home"] == 0),
    *counting.MEMBERS,
    counting.SOMEBODY_COUNTS,
    counting.SOMEBODY_LOCAL,
    *income.STEPS, *income.HOME,
    condition("below_average", "家庭人均收入低于上年度居民人均可支配收入", WHO,
              lambda c, t: c["home_income"] * 12 < t.number("disposable_income") * c["size"]),
    variable("spent", "本人前 12 个月必需支出", "fen", WHO, _spent),
    total("home_spent", "家庭前 12 个月必需支出", "fen", WHO, of="spent"),
    condition("spending_heavy", "必需支出占家庭总收入超过规定比例", WHO,
              lambda c, t: c["home_spent"] * 100 > c["home_income"] * 12 * t.number("spending_percent")),
    *assets.OF_HOUSEHOLD,
)  # fmt: skip
RULE = Rule(
    name="rigid_spending_status",
    title="刚性支出困难家庭",
    entity="household",
    paid_to="cohabits",
    law=counting.cited(STEPS, WHO, PROPERTY, TERM, LAYER),
    parameters=counting.parameters(
        Path(__file__).parent / "parameters.yaml", "disposable_income", "status_months", *counting.PARAMETERS, *income.PARAMETERS,
        *assets.PARAMETERS,
    ),
    inputs=counting.once(
        *counting.INPUTS, *income.INPUTS, *assets.INPUTS, MEDICAL_PAID, MEDICAL_OWN, CARE_COSTS, EDUCATION_COSTS, OTHER_NECESSARY_COSTS,
        AWARD_RIGID, AWARD_BORDERLINE, AWARD_LOW_INCOME, RIGID_SINCE,
    ),
    population=lambda c, t: c["award_rigid_spending"] > 0,
    steps=STEPS,
)  # fmt: skip
PROGRAMME = Programme(RULE, kind="status", start="award", pays="monthly", purse="", shares="")
