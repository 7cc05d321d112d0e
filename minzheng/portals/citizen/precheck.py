"""我可能享受什么: the real rules over a household that a visitor types. Nothing of it is kept: no row, no log, no cookie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from minzheng.kernel.benefits.why import Why
from minzheng.kernel.casework.items import Form, Service
from minzheng.kernel.casework.precheck import possible
from minzheng.kernel.casework.weighing import inputs_by_name
from minzheng.kernel.divisions.queries import village_codes
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.rules.explanation import Line
from minzheng.kernel.rules.inputs import KEYS

HOME = 1
MOST_SUMS = 6  # steps of a sum that are shown
MENTAL, OTHER = 5, 4  # categories of disability that the rules tell apart
LEVELS = ["0", "1", "2", "3", "4"]
FORM = {
    "schema": {
        "type": "object",
        "required": ["members", "hukou", "obligor", "savings_fen"],
        "properties": {
            "members": {
                "type": "array", "title": "一起生活的家人（从您自己开始）", "minItems": 1, "maxItems": 8,
                "items": {"type": "object", "required": ["age"], "properties": {
                    "age": {"type": "integer", "title": "多少岁", "minimum": 0, "maximum": 120},
                    "income_fen": {"type": "integer", "format": "fen", "title": "每月挣多少钱（元）", "description": "没有就不填"},
                    "pension_fen": {"type": "integer", "format": "fen", "title": "每月养老金（元）", "description": "没有就不填"},
                    "disability": {"type": "string", "title": "残疾证上的等级", "enum": LEVELS,
                                   "enum_titles": ["没有残疾证", "一级", "二级", "三级", "四级"]},
                    "mental": {"type": "boolean", "title": "是智力或精神残疾"},
                    "ill": {"type": "boolean", "title": "得了大病，一直在治"},
                }},
            },
            "hukou": {"type": "boolean", "title": "户口在常州吗"},
            "obligor": {"type": "boolean", "title": "有没有能养活您的父母、子女或配偶（不住在一起的也算）"},
            "savings_fen": {"type": "integer", "format": "fen", "title": "全家存款、股票一共多少（元）", "description": "大概数就行，没有就填 0"},
            "vehicles": {"type": "integer", "title": "家里有几辆汽车", "minimum": 0, "maximum": 20, "description": "没有就不填"},
            "homes": {"type": "integer", "title": "家里有几套住房", "minimum": 0, "maximum": 20},
            "medical_fen": {"type": "integer", "format": "fen", "title": "这一年看病自己掏了多少（元）", "description": "报销剩下的部分，没有就不填"},
            "urgent": {"type": "boolean", "title": "最近遇到火灾、车祸、突发重病这样的急事"},
        },
    },
    "order": {
        "家里有谁": ["members"], "钱和东西": ["savings_fen", "vehicles", "homes"], "其他情况": ["hukou", "obligor", "medical_fen", "urgent"],
    },
}  # fmt: skip


@cache
def form() -> Form:
    """The questions; written as service items write theirs."""
    return Form.model_validate(FORM)


@dataclass(frozen=True)
class Figure:
    """A parameter that a step rests on, with the document that fixes it. `text` is '' for a whole table."""

    title: str
    text: str
    source: str
    unverified: bool


@dataclass(frozen=True)
class Ground:
    """A step or a condition in words, with the clause behind it and the parameters that it was the first to use."""

    text: str
    law: str
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Possible:
    """What the rules would give. `item`: the service item to apply with, '' where nothing has to be applied for here."""

    title: str
    amount: str
    who: str
    item: str
    unverified: bool
    sums: list[Ground]
    because: list[Ground]


@dataclass(frozen=True)
class Unlikely:
    """What the rules would not give, and what stands against it."""

    title: str
    item: str
    failed: list[Ground]


@dataclass(frozen=True)
class Answer:
    """What came out."""

    possible: list[Possible]
    unlikely: list[Unlikely]


def asked(answers: Mapping[str, Any], on: date) -> Answer:
    """The rules of the month over these answers. Raises LookupError (in Chinese) when a figure of the month is missing."""
    found = possible(_frame(answers, on), on)
    likely = [_possible(each.why, each.service) for each in found if each.likely]
    unlikely = [
        Unlikely(each.service.title, each.service.name, [_ground(line, line.label, set()) for line in each.why.result.failed])
        for each in found if each.service and not each.likely
    ]  # fmt: skip
    return Answer(likely, unlikely)


def _possible(why: Why, service: Service | None) -> Possible:
    lines, number = why.result.lines, why.result.person_key
    paid = [line for line in lines if line.step.kind != "condition" and line.step.measure == "fen" and line.value]
    held = [line for line in lines if line.step.kind == "condition" and line.step.required and line.holds]
    told: set[str] = set()  # each figure is shown once
    sums = [_ground(line, f"{line.label}：{line.text}", told) for line in paid[-MOST_SUMS:]] if why.programme.rule.pays else []
    return Possible(
        service.title if service else why.programme.title, _amount(why, why.result.amount_fen),
        "全家" if why.programme.rule.entity == "household" else ("您" if number == 1 else f"第 {number} 位家人"), service.name if service else "",
        bool(why.result.unverified), sums, [_ground(line, line.label, told) for line in held],
    )  # fmt: skip


def _ground(line: Line, text: str, told: set[str]) -> Ground:
    new = [value for value in line.parameters if value.name not in told]
    told.update(value.name for value in new)
    figures = tuple(Figure(value.title, "" if value.unit == "table" else value.text, value.dated.source, value.unverified) for value in new)
    return Ground(text, str(line.clause), figures)


def _amount(why: Why, amount_fen: int) -> str:
    if not why.programme.rule.pays or not amount_fen:
        return ""
    return yuan(amount_fen) if why.programme.pays == "once" else f"每月 {yuan(amount_fen)}"


def _frame(answers: Mapping[str, Any], on: date) -> pl.DataFrame:
    """One row a member, every input as absent, then what was typed."""
    known = inputs_by_name()
    rows = []
    for number, told in enumerate(answers.get("members", ()), 1):
        row = {name: each.absent for name, each in known.items()} | {
            "person_key": number, "household_key": HOME, "village": min(village_codes(), default=0), "present": 1, "rank": min(number - 1, 2),
            "birth": (on.year - int(told["age"])) * 10_000 + 101, "hukou": int(bool(answers.get("hukou"))),
            "wage": int(told.get("income_fen", 0)), "pension": int(told.get("pension_fen", 0)),
        }  # fmt: skip
        level = int(told.get("disability") or 0)
        if level:
            row |= {"disability_level": level, "disability_category": MENTAL if told.get("mental") else OTHER}
        extra = {"serious_illness": int(bool(told.get("ill"))), "able_obligor": int(bool(answers.get("obligor")))}
        if number == 1:
            extra |= {
                "financial_assets": int(answers.get("savings_fen", 0)), "vehicles": int(answers.get("vehicles") or 0),
                "homes": int(answers.get("homes") or 0), "medical_paid": int(answers.get("medical_fen", 0)),
            }  # fmt: skip
            if answers.get("urgent"):
                extra |= {"grant_kind": 1, "grant_grade": 1}
        rows.append(row | extra)
    return pl.DataFrame(rows, schema={name: pl.Int64() for name in (*KEYS, *known)}).sort("rank", "person_key")
