"""临时救助: the amount of one grant. 急难型 by how grave it is, 支出型 by what remains to be paid; both within what a year allows.

A household without an open case (grant_kind 0) is not asked about. What has been granted within 12 months counts towards the cap.
"""

from __future__ import annotations

from pathlib import Path

import narwhals as nw

from minzheng.domains.assistance.benefits import counting
from minzheng.domains.assistance.benefits.inputs import GRANT_GRADE, GRANT_KIND, GRANT_SPENDING, GRANTED_YEAR
from minzheng.domains.assistance.benefits.law import TEMPORARY, both
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.rules.arithmetic import amount_of, clip, least, percent, where, yuan_up
from minzheng.kernel.rules.language import Clause, Columns, Rule, Terms, amount, condition, total, variable

WHO = both("第四十七条", "第二十九条", "对遭遇突发性、紧迫性、灾难性等困难导致基本生活暂时出现严重困难的人员，采取发放救助金或者配发实物等方式给予临时救助")
WHERE = both("第四十八条", "第三十七条第二款", "申请临时救助，由本人或者与其共同生活的家庭成员向急难发生地乡镇人民政府、街道办事处提出")
HOW_MUCH = both("第四十九条", "第二十九条", "临时救助的具体事项、标准，由县级以上地方人民政府确定、公布")
KINDS = Clause(TEMPORARY, "对象范围", "急难型：因火灾、交通事故等意外事件、突发重大疾病等；支出型：因生活必需支出突然增加超出家庭承受能力")
SMALL = both("第四十八条", "第五十条", "情况紧急、救助金额较小、需立即采取救助措施的，应当先行救助。紧急情况解除后，应当按照规定补充说明情况")
URGENT, SPENDING = 1, 2


def _may_ask_here(c: Columns, t: Terms) -> nw.Expr:
    """急难 is helped where it happens, whoever it befalls; 支出型 where people are registered or hold a permit, until the law opens that too."""
    anywhere = (c["kind"] == URGENT) | (c["residents"] > 0)
    return anywhere | (c["kind"] == SPENDING) if t.switch("helped_where_it_happens") else anywhere


def _wanted(c: Columns, t: Terms) -> nw.Expr:
    standard = t.number("subsistence_standard")
    urgent = amount_of(c["grade"], t.table("months_by_grade")) * standard * c["size"]
    spending = least(percent(c["spending"], t.number("spending_percent")), t.number("spending_months") * standard * c["size"])
    return where(c["kind"] == URGENT, urgent, where(c["kind"] == SPENDING, spending, 0))


def _resident(c: Columns, t: Terms) -> nw.Expr:
    return where((c["cohabits"] == 1) & ((c["hukou"] == 1) | (c["residence_permit"] == 1)), 1, 0)


def _grant(c: Columns, t: Terms) -> nw.Expr:
    within = least(c["wanted"], c["left"])
    return yuan_up(within) if t.switch("whole_yuan") else within


STEPS = (
    total("kind", "临时救助类型", "code", KINDS, of="grant_kind", how="max"),
    total("grade", "困难程度", "code", HOW_MUCH, of="grant_grade", how="max"),
    condition("asked", "有待决定的临时救助事项", WHO, lambda c, t: c["kind"] > 0),
    *counting.MEMBERS[:2],
    variable("resident", "本市户籍或持居住证的成员", "flag", WHERE, _resident),
    total("residents", "本市户籍或持居住证的人数", "count", WHERE, of="resident"),
    condition("somebody_counts", "有需要救助的共同生活成员", WHO, lambda c, t: c["size"] > 0),
    condition("may_ask_here", "可以在本地申请", WHERE, _may_ask_here),
    total("spending", "本次必需支出中个人负担的部分", "fen", KINDS, of="grant_spending"),
    variable("wanted", "按标准应给予的金额", "fen", HOW_MUCH, _wanted),
    condition("assessed", "困难程度或支出已经评定", HOW_MUCH, lambda c, t: c["wanted"] > 0),
    total("granted", "近 12 个月已给予的临时救助金", "fen", HOW_MUCH, of="granted_year"),
    variable("left", "本年度还可给予的金额", "fen", HOW_MUCH,
             lambda c, t: clip(t.number("yearly_months") * t.number("subsistence_standard") * c["size"] - c["granted"])),
    condition("within_year", "未达到年度上限", HOW_MUCH, lambda c, t: c["left"] > 0),
    amount("amount", "本次临时救助金", HOW_MUCH, _grant),
    variable("pay_first_most", "乡镇、街道可以先行救助的金额", "fen", SMALL,
             lambda c, t: where(c["kind"] == URGENT, least(c["amount"], t.number("small_months") * t.number("subsistence_standard")), 0)),
    condition("pay_first", "可以先行救助、后补手续", SMALL, lambda c, t: c["pay_first_most"] > 0, required=False),
)  # fmt: skip
RULE = Rule(
    name="temporary_assistance",
    title="临时救助",
    entity="household",
    paid_to="cohabits",
    law=counting.cited(STEPS, WHO, WHERE, HOW_MUCH, KINDS, SMALL),
    parameters=counting.parameters(Path(__file__).parent / "parameters.yaml", "subsistence_standard"),
    inputs=counting.once(*counting.INPUTS, GRANT_KIND, GRANT_GRADE, GRANT_SPENDING, GRANTED_YEAR),
    population=lambda c, t: c["grant_kind"] > 0,
    steps=STEPS,
)  # fmt: skip
PROGRAMME = Programme(RULE, kind="one_off", start="award", pays="once", purse="临时救助资金", shares="fund_shares")
