"""最低生活保障: what a household lacks to the standard is paid every month; some persons are taken in alone (单人保).

Household mode (家庭认定): everybody who lives together counts. Single mode (个人单独认定): the household lies below the borderline, and
only those counted alone are topped up by their own income. Whoever begins to earn keeps a part for a while (渐退期).
"""

from __future__ import annotations

from pathlib import Path

import narwhals as nw

from minzheng.domains.assistance.benefits import assets, counting, income
from minzheng.domains.assistance.benefits.inputs import (
    EXIT_AMOUNT,
    EXIT_SINCE,
    JOB_REFUSALS,
    SERIOUS_ILLNESS,
    SPECIAL_HARDSHIP,
)
from minzheng.domains.assistance.benefits.law import CONFIRMATION, DECISION, both
from minzheng.kernel.benefits.programme import Gradual, Programme
from minzheng.kernel.rules.arithmetic import (
    age_on,
    age_within,
    banded,
    clip,
    days,
    divide,
    divide_half_up,
    flag,
    greatest,
    percent,
    where,
    whole,
    yuan_up,
)
from minzheng.kernel.rules.inputs import AWARD_LOW_INCOME, BIRTH
from minzheng.kernel.rules.language import Clause, Columns, Rule, Terms, amount, condition, total, variable

LINE = both("第九条", "第十八条", "对家庭人均收入低于当地最低生活保障标准且财产状况符合规定的最低生活保障家庭……给予最低生活保障")
TOP_UP = both("第十二条", "第十八条", "按照家庭人均收入低于当地最低生活保障标准的实际差额发放，也可以分档定额发放（后者自 2026 年 7 月 1 日起）")
EXTRA = both("第十二条第二款", "第二十条", "生活仍有特殊困难的老年人、未成年人、重度残疾人、重病患者等……给予必要的生活保障")
ALONE = Clause(
    f"{CONFIRMATION}；社会救助法（2026年7月1日起）", "单人户的规定；第二十一条第二款",
    "最低生活保障边缘家庭中的重度残疾人、重病患者以及确有特殊困难人员，可以纳入最低生活保障范围",
)  # fmt: skip
WORK = both("第四十五条", "第二十七条", "无正当理由，连续3次拒绝接受介绍的工作的，减发或者停发其本人的最低生活保障金")
FADING = Clause(CONFIRMATION, "渐退期的规定", "就业等收入增加、人均收入超过低保标准的，可以给予一定时间的渐退期")
ROUNDING = Clause("本市低保金计发办法", "", "低保金计发到元，低于起付额的按起付额发给（待市民政局核定）")

AGED, CHILD, DISABLED, ILL = "elder", "minor", "disabled", "ill"  # keys of `extra_percent`


def _alone(c: Columns, t: Terms) -> nw.Expr:
    grounds = counting.severely_disabled(c) | (c["serious_illness"] == 1)
    if t.switch("hardship_alone"):
        grounds = grounds | (c["special_hardship"] == 1)
    return flag((c["cohabits"] == 1) & (c["award_low_income"] == 2) & grounds)


def _net_alone(c: Columns, t: Terms) -> nw.Expr:
    return c["taken_alone"] * clip(c["counted_income"] - c["deducted"])


def _below_borderline(c: Columns, t: Terms) -> nw.Expr:
    return c["net_income"] * 100 < t.number("subsistence_standard") * t.number("borderline_percent") * c["size"]


def _fading(c: Columns, t: Terms) -> nw.Expr:
    """The months of fading are counted from the month it begins in."""
    begun = c["home_exit_since"]
    within = (begun >= days(counting.earlier(t.month, t.number("exit_months") - 1))) & (begun <= days(t.month.last))
    ceiling = t.number("subsistence_standard") * t.number("exit_ceiling_percent") * c["size"]
    return within & (c["by_household"] == 1) & (c["net_income"] * 100 < ceiling)


def _income_fits(c: Columns, t: Terms) -> nw.Expr:
    by_household = (c["by_household"] == 1) & ((c["below_line"] == 1) | (c["fading"] == 1))
    return by_household | ((c["by_household"] == 0) & (c["below_borderline"] == 1))


def _gap(c: Columns, t: Terms) -> nw.Expr:
    """The difference to the standard; or, where the city pays bands, the sum of the band that the income a head falls in."""
    need = t.number("subsistence_standard") * c["heads"]
    gap = clip(need - c["assessed"])
    if not t.switch("pays_bands"):
        return gap
    share = divide(c["assessed"] * 100, need)
    return where(gap > 0, percent(need, banded(share, t.table("bands"))), 0)


def _share_kept(c: Columns, t: Terms) -> nw.Expr:
    """Whoever refused three jobs loses the own share; the others keep theirs."""
    return divide_half_up(c["gap"] * (c["heads"] - c["home_refusers"]), c["heads"])


def _counts_alone_or_with_home(c: Columns) -> nw.Expr:
    return where(c["by_household"] == 1, c["cohabits"], c["taken_alone"])


def _extra(c: Columns, t: Terms) -> nw.Expr:
    """The highest percentage that fits a person, of the standard; for those alone who are paid a share."""
    shares, birth = t.table("extra_percent"), c["birth"]
    child = age_on(birth, t.month.first)
    fits = {
        AGED: age_within(birth, t.month) >= t.number("elder_age"),
        CHILD: (child >= 0) & (child < t.number("adult_age")),
        DISABLED: counting.severely_disabled(c),
        ILL: c["serious_illness"] == 1,
    }
    highest = greatest(0, *(where(holds, shares.get(name, 0), 0) for name, holds in fits.items()))
    return c["counts"] * (whole(1) - c["refuser"]) * percent(t.number("subsistence_standard"), highest)


def _regular(c: Columns, t: Terms) -> nw.Expr:
    """What is due without fading: not less than the least sum, with what is paid on top, in whole yuan."""
    base = where(c["kept"] > 0, greatest(c["kept"], t.number("least_payment")), 0)
    due = where((c["kept"] > 0) & (c["gap"] > 0), base + c["home_extra"], 0)
    return yuan_up(due) if t.switch("whole_yuan") else due


def _faded(c: Columns, t: Terms) -> nw.Expr:
    kept = percent(c["home_exit_amount"], t.number("exit_percent"))
    return where(c["fading"] == 1, yuan_up(kept) if t.switch("whole_yuan") else kept, 0)


STEPS = (
    variable("awarded_member", "家庭已确认为低保家庭（本人）", "flag", DECISION, lambda c, t: flag(c["award_low_income"] == 1)),
    total("by_household", "按家庭计算（否则为单人保）", "flag", DECISION, of="awarded_member", how="max"),
    total("home_award", "家庭的低保认定", "code", DECISION, of="award_low_income", how="max"),
    condition("awarded", "已确认为低保对象", DECISION, lambda c, t: c["home_award"] > 0),
    *counting.MEMBERS,
    counting.SOMEBODY_LOCAL,
    *income.STEPS, *income.HOME, *income.DEDUCTIONS,
    variable("taken_alone", "符合单人保条件（重残、重病等）", "flag", ALONE, _alone),
    variable("net_alone", "单人保对象本人收入", "fen", ALONE, _net_alone),
    total("home_alone", "单人保对象收入合计", "fen", ALONE, of="net_alone"),
    variable("counts", "计发低保金的成员", "flag", TOP_UP, lambda c, t: _counts_alone_or_with_home(c)),
    total("heads", "计发低保金的人数", "count", TOP_UP, of="counts"),
    condition("household_counts", "家庭有计入的成员", LINE, lambda c, t: (c["by_household"] == 0) | (c["heads"] > 0)),
    condition("grounds_alone", "单人保对象仍有重残、重病等情形", ALONE, lambda c, t: (c["by_household"] == 1) | (c["heads"] > 0)),
    condition("below_line", "家庭人均收入低于低保标准", LINE,
              lambda c, t: c["net_income"] < t.number("subsistence_standard") * c["size"], required=False),
    condition("below_borderline", "家庭人均收入低于低保边缘线", ALONE, _below_borderline, required=False),
    total("home_exit_since", "渐退期开始日期", "day", FADING, of="exit_since", how="max"),
    condition("fading", "在渐退期内且人均收入未超过渐退上限", FADING, _fading, required=False),
    condition("income_fits", "收入符合规定（低于低保标准；单人保低于边缘线；或在渐退期内）", LINE, _income_fits),
    *assets.OF_HOUSEHOLD,
    variable("assessed", "核定收入", "fen", TOP_UP, lambda c, t: where(c["by_household"] == 1, c["net_income"], c["home_alone"])),
    variable("gap", "与低保标准的差额（或分档定额）", "fen", TOP_UP, _gap),
    condition("alone_below", "单人保对象本人收入低于低保标准", ALONE, lambda c, t: (c["by_household"] == 1) | (c["gap"] > 0)),
    variable("refuser", "连续三次拒绝介绍的工作，停发本人部分", "flag", WORK,
             lambda c, t: c["counts"] * flag(c["job_refusals"] >= t.number("refusals_allowed"))),
    total("home_refusers", "停发本人部分的人数", "count", WORK, of="refuser"),
    variable("kept", "扣除停发部分后的差额", "fen", WORK, _share_kept),
    variable("extra", "分类施保增发", "fen", EXTRA, _extra),
    total("home_extra", "家庭分类施保增发", "fen", EXTRA, of="extra"),
    total("home_exit_amount", "渐退前的月低保金", "fen", FADING, of="exit_amount"),
    variable("regular", "按差额和分类施保计发", "fen", ROUNDING, _regular),
    variable("faded", "渐退期计发", "fen", FADING, _faded),
    amount("amount", "月低保金", TOP_UP, lambda c, t: greatest(c["regular"], c["faded"])),
)  # fmt: skip
RULE = Rule(
    name="minimum_living",
    title="最低生活保障",
    entity="household",
    paid_to="counts",
    law=counting.cited(STEPS, LINE, TOP_UP, EXTRA, ALONE, WORK, FADING),
    parameters=counting.parameters(
        Path(__file__).parent / "parameters.yaml", "borderline_percent",
        *counting.PARAMETERS, *income.PARAMETERS, *income.DEDUCTION_PARAMETERS, *assets.PARAMETERS,
    ),
    inputs=counting.once(
        *counting.INPUTS, BIRTH, *counting.DISABILITY, *income.INPUTS, *income.DEDUCTION_INPUTS, *assets.INPUTS, AWARD_LOW_INCOME, SERIOUS_ILLNESS, SPECIAL_HARDSHIP,
        JOB_REFUSALS, EXIT_SINCE, EXIT_AMOUNT,
    ),
    population=lambda c, t: c["award_low_income"] > 0,
    steps=STEPS,
)  # fmt: skip
PROGRAMME = Programme(
    RULE, kind="means_tested", start="award", pays="monthly", purse="最低生活保障资金", shares="fund_shares",
    gradual=Gradual(since=EXIT_SINCE.name, amount=EXIT_AMOUNT.name, months="exit_months", clause=FADING),
)  # fmt: skip
