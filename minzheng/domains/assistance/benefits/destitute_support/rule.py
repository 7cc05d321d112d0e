"""特困人员供养: basic living, and care by what somebody cannot do alone.

Who is on the list stays while the conditions hold: no ability to work (by age or disability), nothing to live on, nobody who could
support. A child taken in below the age of entry stays to `stay_age`, and from 2026-07-01 while at school.
"""

from __future__ import annotations

from pathlib import Path

import narwhals as nw

from minzheng.domains.assistance.benefits import assets, counting, income
from minzheng.domains.assistance.benefits.inputs import ABLE_OBLIGOR, DESTITUTE_SINCE, IN_SCHOOL, SELF_CARE
from minzheng.domains.assistance.benefits.law import DECISION, DESTITUTE, RESIDENCE, both
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.rules.arithmetic import age_on, age_within, amount_of, flag, percent, where, yuan_up
from minzheng.kernel.rules.inputs import AWARD_DESTITUTE, BIRTH, CUSTODY, PRESENT
from minzheng.kernel.rules.language import Clause, Columns, Rule, Terms, amount, condition, variable

WHO = both(
    "第十四条", "第十六条",
    "无劳动能力、无生活来源且无法定赡养、抚养、扶养义务人，或者其法定义务人无履行义务能力的老年人、未成年人、残疾人",
)  # fmt: skip
SCHOOL = both("第十四条", "第十六条第三款", "特困人员中的未成年人年满十八周岁后，仍在义务教育或者高中阶段教育（含中等职业教育）阶段就学的，继续予以供养")
GRADES = Clause(DESTITUTE, "无劳动能力的规定", "残疾等级为一、二、三级的智力、精神残疾人，一、二级的肢体残疾人，一级的视力残疾人")
SOURCE = Clause(DESTITUTE, "无生活来源的规定", "收入低于当地最低生活保障标准，且财产符合当地特困人员财产状况规定")
SELF = Clause(
    DESTITUTE, "生活自理能力的规定",
    "自主吃饭、穿衣、上下床、如厕、室内行走、洗澡六项指标全部达到的为具备，三项以下不能达到的为部分丧失，四项以上不能达到的为完全丧失",
)  # fmt: skip
STANDARD = both("第十五条", "第十七条", "特困人员供养的基本生活标准和照料护理标准，由省、自治区、直辖市人民政府或者设区的市级人民政府确定并公布")
AT_LIBERTY = Clause(DESTITUTE, "终止供养的规定", "死亡、被宣告死亡，被判处刑罚且在监狱服刑的，终止供养")

CAN = {0: "具备生活自理能力", 1: "部分丧失生活自理能力", 2: "完全丧失生活自理能力"}


def _minor(c: Columns, t: Terms) -> nw.Expr:
    """Below the age of entry; or taken in below it and not beyond the age to which children stay, or still at school."""
    birth, age = c["birth"], age_on(c["birth"], t.month.first)
    entered_young = (c["destitute_since"] > 0) & (c["destitute_since"] < birth + t.number("minor_age") * 10_000)
    stays = age < t.number("stay_age")
    if t.switch("school_prolongs"):
        stays = stays | (c["in_school"] == 1)
    return (age >= 0) & ((age < t.number("minor_age")) | (entered_young & stays))


def _disabled(c: Columns, t: Terms) -> nw.Expr:
    lowest = amount_of(c["disability_category"], t.table("disability_grades"))
    return (c["disability_level"] > 0) & (c["disability_level"] <= lowest)


def _undone(c: Columns, t: Terms) -> nw.Expr:
    missing = c[SELF_CARE[0].name]
    for each in SELF_CARE[1:]:
        missing = missing + c[each.name]
    return missing


def _grade(c: Columns, t: Terms) -> nw.Expr:
    return where(c["undone"] >= t.number("care_full_from"), 2, flag(c["undone"] > 0))


def _whole_yuan(value: nw.Expr, t: Terms) -> nw.Expr:
    return yuan_up(value) if t.switch("whole_yuan") else value


STEPS = (
    condition("awarded", "已确认为特困人员", DECISION, lambda c, t: c["award_destitute"] > 0),
    condition("here", "在册且健在", AT_LIBERTY, lambda c, t: c["present"] == 1),
    condition("at_liberty", "未在服刑或强制隔离戒毒", AT_LIBERTY, lambda c, t: c["custody"] == 0),
    condition("local", "本市户籍（或可在居住地申请）", RESIDENCE, counting.is_local),
    variable("cohabits", "本人计入", "flag", WHO, lambda c, t: flag(c["present"] == 1)),
    variable("elder", "老年人", "flag", WHO, lambda c, t: flag(age_within(c["birth"], t.month) >= t.number("elder_age"))),
    variable("minor", "未成年人（含继续供养的）", "flag", SCHOOL, lambda c, t: flag(_minor(c, t))),
    variable("disabled", "残疾等级符合无劳动能力", "flag", GRADES, lambda c, t: flag(_disabled(c, t))),
    condition("unable_to_work", "无劳动能力（老年、未成年或残疾）", WHO, lambda c, t: (c["elder"] + c["minor"] + c["disabled"]) > 0),
    *income.STEPS,
    condition("no_source", "收入低于低保标准", SOURCE, lambda c, t: c["counted_income"] < t.number("subsistence_standard")),
    *assets.OF_PERSON,
    condition("no_obligor", "无法定义务人，或法定义务人无履行能力", WHO, lambda c, t: c["able_obligor"] == 0),
    variable("undone", "六项指标中不能达到的项数", "count", SELF, _undone),
    variable("care_grade", "生活自理能力", "code", SELF, _grade, words=CAN),
    amount("basic", "基本生活费", STANDARD,
           lambda c, t: _whole_yuan(percent(c["cohabits"] * t.number("subsistence_standard"), t.number("basic_percent")), t)),
    amount("care", "照料护理费", STANDARD,
           lambda c, t: _whole_yuan(percent(t.number("minimum_wage"), amount_of(c["care_grade"], t.table("care_percent"))), t)),
    amount("amount", "月供养金", STANDARD, lambda c, t: c["basic"] + c["care"]),
)  # fmt: skip
RULE = Rule(
    name="destitute_support",
    title="特困人员供养",
    entity="person",
    law=counting.cited(STEPS, WHO, GRADES, SOURCE, SELF, STANDARD),
    parameters=counting.parameters(
        Path(__file__).parent / "parameters.yaml", *counting.PARAMETERS, *income.PARAMETERS, *assets.PARAMETERS
    ),
    inputs=counting.once(
        PRESENT, CUSTODY, *counting.INPUTS[-2:], BIRTH, AWARD_DESTITUTE, DESTITUTE_SINCE, IN_SCHOOL, *counting.DISABILITY, *income.INPUTS,
        *assets.INPUTS, ABLE_OBLIGOR, *SELF_CARE,
    ),
    population=lambda c, t: c["award_destitute"] > 0,
    steps=STEPS,
)  # fmt: skip
PROGRAMME = Programme(RULE, kind="means_tested", start="award", pays="monthly", purse="特困人员救助供养资金", shares="fund_shares")
