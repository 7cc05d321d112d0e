"""Small programmes for the tests of runs: each is one of the real kinds, with figures that one can reckon in one's head."""

from __future__ import annotations

import tempfile
from pathlib import Path

from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.foundation.dated import Parameters
from minzheng.kernel.rules import inputs
from minzheng.kernel.rules.arithmetic import clip
from minzheng.kernel.rules.language import Clause, Rule, amount, condition, total, variable
from minzheng.kernel.rules.standards import STANDARDS

TEXT = """
fund_shares:
  title: 资金分担
  unit: table
  values:
    - {value: {province: 40, district: 60}, from: 2010-01-01, source: 某文第九条, status: confirmed}
"""
MORE = {
    "minimum_living": """
standard:
  title: 标准
  unit: fen
  values:
    - {value: 100000, from: 2010-01-01, to: 2024-07-01, source: 某文第一条, status: confirmed}
    - {value: 110000, from: 2024-07-01, source: 某文第二条, status: confirmed}
""",
    "longevity_allowance": """
allowance:
  title: 每月
  unit: fen
  values:
    - {value: 5000, from: 2010-01-01, source: 某文第三条, status: unverified}
""",
    "living_subsidy": """
subsidy:
  title: 每月
  unit: fen
  values:
    - {value: 30000, from: 2010-01-01, source: 某文第四条, status: confirmed}
""",
}
FOLDER = Path(tempfile.mkdtemp(prefix="toys-"))
CLAUSE = Clause("某文", "第一条", "原文")


def _parameters(name: str) -> Parameters:
    path = FOLDER / f"{name}.yaml"
    path.write_text(TEXT + MORE.get(name, ""), encoding="utf-8")
    return Parameters(path)


MINIMUM = Rule(
    name="minimum_living", title="最低生活保障", entity="household", law=(CLAUSE,), parameters=_parameters("minimum_living"),
    inputs=(inputs.PRESENT, inputs.WAGE, inputs.AWARD_LOW_INCOME), population=lambda c, t: c["award_low_income"] > 0,
    steps=(
        total("members", "在册人数", "count", CLAUSE, of="present"),
        total("awarded", "已认定", "flag", CLAUSE, of="award_low_income", how="max"),
        variable("counted", "计入收入", "fen", CLAUSE, lambda c, t: c["wage"] * c["present"]),
        total("income", "家庭月收入", "fen", CLAUSE, of="counted"),
        condition("is_awarded", "经认定", CLAUSE, lambda c, t: c["awarded"] > 0),
        condition("below", "人均收入低于标准", CLAUSE, lambda c, t: c["income"] < c["members"] * t.number("standard")),
        amount("due", "低保金", CLAUSE, lambda c, t: clip(c["members"] * t.number("standard") - c["income"])),
    ),
)  # fmt: skip
LONGEVITY = Rule(
    name="longevity_allowance", title="尊老金", entity="person", law=(CLAUSE,), parameters=_parameters("longevity_allowance"),
    inputs=(inputs.PRESENT, inputs.BIRTH, inputs.HUKOU), population=lambda c, t: c["birth"] < 19450101,
    steps=(
        condition("here", "在册且健在", CLAUSE, lambda c, t: c["present"] == 1),
        condition("local", "本市户籍", CLAUSE, lambda c, t: c["hukou"] == 1),
        condition("old", "年满八十周岁", CLAUSE, lambda c, t: c["birth"] <= (t.month.first.year - 80) * 10_000 + 101),
        amount("due", "尊老金", CLAUSE, lambda c, t: c["present"] * t.number("allowance")),
    ),
)  # fmt: skip
LIVING = Rule(
    name="living_subsidy", title="困难残疾人生活补贴", entity="person", law=(CLAUSE,), parameters=_parameters("living_subsidy"),
    inputs=(inputs.PRESENT, inputs.DISABILITY_LEVEL), population=lambda c, t: c["disability_level"] > 0,
    steps=(
        condition("here", "在册且健在", CLAUSE, lambda c, t: c["present"] == 1),
        condition("severe", "残疾等级一级或二级", CLAUSE, lambda c, t: (c["disability_level"] > 0) & (c["disability_level"] < 3)),
        amount("due", "补贴", CLAUSE, lambda c, t: c["present"] * t.number("subsidy")),
    ),
)  # fmt: skip
DESTITUTE = Rule(
    name="destitute_support", title="特困人员供养", entity="person", law=(CLAUSE,), parameters=_parameters("destitute_support"),
    inputs=(inputs.PRESENT, inputs.AWARD_DESTITUTE), population=lambda c, t: c["award_destitute"] > 0,
    steps=(
        condition("here", "在册且健在", CLAUSE, lambda c, t: c["present"] == 1),
        condition("is_awarded", "经认定", CLAUSE, lambda c, t: c["award_destitute"] > 0),
        amount("due", "供养金", CLAUSE, lambda c, t: c["present"] * 130_000),
    ),
)  # fmt: skip
BORDERLINE = Rule(
    name="borderline_status", title="低保边缘家庭", entity="household", law=(CLAUSE,), parameters=_parameters("borderline_status"),
    inputs=(inputs.PRESENT, inputs.WAGE, inputs.AWARD_BORDERLINE), population=lambda c, t: c["award_borderline"] > 0,
    steps=(
        total("awarded", "已认定", "flag", CLAUSE, of="award_borderline", how="max"),
        total("income", "家庭月收入", "fen", CLAUSE, of="wage"),
        condition("is_awarded", "经认定", CLAUSE, lambda c, t: c["awarded"] > 0),
        condition("low", "收入不高", CLAUSE, lambda c, t: c["income"] < 300_000),
    ),
)  # fmt: skip
GIFT = Rule(
    name="electricity_gift", title="冬暖夏凉用电", entity="household", law=(CLAUSE,), parameters=_parameters("electricity_gift"),
    inputs=(inputs.PRESENT, inputs.AWARD_LOW_INCOME), population=lambda c, t: c["award_low_income"] > 0,
    steps=(
        condition("is_awarded", "低保家庭", CLAUSE, lambda c, t: c["award_low_income"] > 0),
        amount("due", "用电补助", CLAUSE, lambda c, t: c["present"] * (9_000 if t.month.first.month == 7 else 0)),
    ),
)  # fmt: skip


def _programme(rule: Rule, kind: str, start: str, pays: str = "monthly") -> Programme:
    purse = "" if kind == "status" else "困难群众救助补助资金"
    return Programme(rule, kind=kind, start=start, pays=pays, purse=purse, shares="fund_shares")  # type: ignore[arg-type]


ALL = {
    each.name: each
    for each in (
        _programme(MINIMUM, "means_tested", "award"), _programme(LONGEVITY, "categorical", "automatic"),
        _programme(LIVING, "categorical", "automatic"), _programme(DESTITUTE, "means_tested", "award"),
        _programme(BORDERLINE, "status", "award"), _programme(GIFT, "one_off", "automatic", "once"),
    )
}  # fmt: skip
assert STANDARDS.exists()
