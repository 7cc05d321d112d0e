"""A small rule for the tests of this room: a top-up of households, with everything that a rule may have."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from minzheng.kernel.foundation.dated import Parameters
from minzheng.kernel.rules.arithmetic import age_within, clip, percent
from minzheng.kernel.rules.inputs import (
    AWARD_LOW_INCOME,
    BIRTH,
    DISABILITY_LEVEL,
    HUKOU,
    KEYS,
    PRESENT,
    RANK,
    WAGE,
)
from minzheng.kernel.rules.language import Clause, Rule, amount, condition, total, variable

LAW = Clause("某办法", "第一条", "低于标准的，按差额发放")
INPUTS = (RANK, BIRTH, HUKOU, PRESENT, WAGE, DISABILITY_LEVEL, AWARD_LOW_INCOME)
YAML = """
standard:
  title: 标准
  unit: fen
  values:
    - {value: 100000, from: 2020-01-01, to: 2024-07-01, source: 某文件, status: confirmed}
    - {value: 110000, from: 2024-07-01, source: 另一文件, status: unverified}
wage_percent:
  title: 工资计入比例
  unit: percent
  values: [{value: 80, from: 2020-01-01, source: 某文件, status: confirmed}]
asks_award:
  title: 须先认定
  unit: switch
  values: [{value: true, from: 2020-01-01, source: 某文件, status: confirmed}]
extra:
  title: 各级加发
  unit: table
  values: [{value: {"1": 5000, "2": 3000}, from: 2020-01-01, source: 某文件, status: confirmed}]
"""


def top_up(folder: Path) -> Rule:
    """The rule; its parameter file is written into `folder`."""
    path = folder / "parameters.yaml"
    path.write_text(YAML, encoding="utf-8")
    return Rule(
        name="top_up", title="补差", entity="household", law=(LAW,), parameters=Parameters(path), inputs=INPUTS,
        population=lambda c, t: c["award_low_income"] > 0,
        steps=(
            variable("age", "年龄", "years", LAW, lambda c, t: age_within(c["birth"], t.month)),
            variable("counted", "计入的工资", "fen", LAW, lambda c, t: percent(c["wage"], t.number("wage_percent")) * c["present"]),
            total("members", "人数", "count", LAW, of="present"),
            total("income", "家庭收入", "fen", LAW, of="counted"),
            total("oldest", "最大年龄", "years", LAW, of="age", how="max"),
            total("award", "家庭认定", "count", LAW, of="award_low_income", how="max"),
            condition("awarded", "已认定", LAW, lambda c, t: c["award"] >= int(t.switch("asks_award"))),
            condition("elder", "有老人", LAW, lambda c, t: c["oldest"] >= 60, required=False),
            condition("below", "收入低于标准", LAW, lambda c, t: c["income"] < t.number("standard") * c["members"]),
            amount("gap", "差额", LAW, lambda c, t: clip(t.number("standard") * c["members"] - c["income"])),
            amount("amount", "补差", LAW, lambda c, t: c["gap"] + c["elder"] * t.table("extra")["1"]),
        ),
    )  # fmt: skip


def frame(*people: dict[str, Any], inputs: Iterable[Any] = INPUTS) -> pl.DataFrame:
    """People by key; what is left out is 0, `present` and `hukou` 1."""
    names = (*KEYS, *(each.name for each in inputs))
    assumed = {"present": 1, "hukou": 1, "household_key": 1, "birth": 19800101}
    return pl.DataFrame(
        [{name: person.get(name, assumed.get(name, 0)) for name in names} for person in people],
        schema={name: pl.Int64() for name in names},
    )
