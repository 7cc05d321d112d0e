"""A household as a file, for `minzheng benefits explain`: JSON with the names of the inputs, amounts in yuan.

    {"month": "2024-07", "people": [{"id": 1, "name": "甲", "rank": "户主", "birth": "1950-02-28", "wage": 1200.50}]}

What is left out counts as the input's `absent`; a member is taken as a resident with local hukou, present, the first one as
head. Codes are written as numbers or words, days as 2024-02-29. Whatever is wrong is refused with place and reason, all of it
at once. Free of Django.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from minzheng.kernel.rules.arithmetic import days
from minzheng.kernel.rules.inputs import BASE, HUKOU, KEYS, PRESENT, RANK
from minzheng.kernel.rules.language import Input, Measure, Month

MOST_YUAN = 100_000_000  # what a person earns a month or owns; above it somebody forgot the decimal point
MOST_COUNT = 10_000
OLDEST = date(1900, 1, 1)
_ASSUMED = {HUKOU.name: 1, PRESENT.name: 1}
_AMOUNT = Annotated[Decimal, Field(ge=0, le=MOST_YUAN, decimal_places=2)]
_NUMBER = Annotated[int, Field(ge=0, le=MOST_COUNT, strict=True)]
_TYPES: Mapping[Measure, Any] = {"fen": _AMOUNT, "flag": bool, "day": date}
_REASONS = {
    "missing": "缺少这一项",
    "extra_forbidden": "不认识这一项",
    "greater_than_equal": "不能是负数",
    "less_than_equal": "大得不合理，请核对单位（金额以元为单位）",
    "decimal_max_places": "金额最多到分（两位小数）",
    "decimal_parsing": "不是金额",
    "decimal_type": "不是金额",
    "finite_number": "不是金额",
    "int_type": "不是整数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "string_type": "应为文字",
    "list_type": "应为一个列表",
    "model_type": "应为“名称: 内容”的形式",
    "dict_type": "应为“名称: 内容”的形式",
    "too_short": "一个成员也没有",
}


class HouseholdFileError(ValueError):
    """The file is not a household; the message lists every place and reason, in Chinese."""


@dataclass(frozen=True)
class Household:
    """People as rules want them (KEYS and all inputs, 64-bit integers), their names by key, and the month if it is given."""

    people: pl.DataFrame
    names: Mapping[int, str]
    month: Month | None


def read(text: str, inputs: Mapping[str, Input], month: Month | None = None) -> Household:
    """The household in `text`; `inputs`: what may stand in it beside those of the kernel. `month` (else the file's own) says which births lie ahead.
    Raises HouseholdFileError."""
    inputs = _all(inputs)
    try:
        content = json.loads(text, parse_float=Decimal, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise HouseholdFileError(f"第 {error.lineno} 行第 {error.colno} 列：不是合法的 JSON") from error
    try:
        file: Any = _model(inputs).model_validate(content)
        when = month or (Month.of(file.month) if file.month else None)
    except ValidationError as error:
        raise HouseholdFileError("；".join(_reason(detail, content) for detail in error.errors())) from error
    except ValueError as error:
        raise HouseholdFileError(f"month：{error}") from error
    _check(file.people, inputs, when)
    rows = [_row(member, inputs, position) for position, member in enumerate(file.people)]
    schema = {name: pl.Int64() for name in (*KEYS, *inputs)}
    return Household(
        pl.DataFrame(rows, schema=schema),
        {member.id: member.name or f"成员 {member.id}" for member in file.people},
        when,
    )


def schema(inputs: Mapping[str, Input]) -> dict[str, Any]:
    """The JSON schema of the file; `inputs` as for `read`."""
    return _model(_all(inputs)).model_json_schema()


def example() -> str:
    """A file that can be read: an elder on her own pension, with a daughter who works and a disabled grandson."""
    people = [
        {"id": 1, "name": "甲", "rank": "户主", "birth": "1940-02-29", "sex": "女", "resident_pension": 230},
        {"id": 2, "name": "乙", "birth": "1975-05-01", "sex": "女", "wage": "1650.50"},
        {
            "id": 3,
            "name": "丙",
            "birth": "2012-09-01",
            "sex": "男",
            "disability_category": "智力",
            "disability_level": "二级",
        },
    ]
    members = ",\n".join(f"    {json.dumps(person, ensure_ascii=False)}" for person in people)
    return f'{{\n  "month": "2024-07",\n  "people": [\n{members}\n  ]\n}}\n'


def _all(inputs: Mapping[str, Input]) -> dict[str, Input]:
    return {**{each.name: each for each in BASE}, **inputs}


def _model(inputs: Mapping[str, Input]) -> type[BaseModel]:
    config = ConfigDict(extra="forbid")
    fields: dict[str, Any] = {
        "id": (Annotated[int, Field(ge=1, lt=2**62, strict=True, description="成员编号，家庭内不重复")], ...),
        "name": (Annotated[str, Field(description="称呼，只用于显示")], ""),
        "village": (
            Annotated[int, Field(ge=0, lt=10**12, strict=True, description="村（社区）12 位代码")],
            0,
        ),
    }
    for each in inputs.values():
        label = each.label + (
            f"：{'、'.join(f'{code} {word}' for code, word in each.words.items())}" if each.words else ""
        )
        label += "（元）" if each.measure == "fen" else ""
        fields[each.name] = (Annotated[_type(each) | None, Field(description=label)], None)
    member = create_model("Member", __config__=config, **fields)
    people = Annotated[list[member], Field(min_length=1, description="共同生活的成员")]  # type: ignore[valid-type]
    month = Annotated[str, Field(description="核算月份，如 2024-07")]
    return create_model("Household", __config__=config, month=(month, ""), people=(people, ...))


def _type(of: Input) -> Any:
    if of.words:
        return Annotated[int, BeforeValidator(_coded(of))]
    return _TYPES.get(of.measure, _NUMBER)


def _coded(of: Input) -> Callable[[Any], int]:
    numbers = {word: code for code, word in of.words.items()}

    def code(value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and value in of.words:
            return value
        if isinstance(value, str) and value in numbers:
            return numbers[value]
        raise ValueError(
            f"{value!r} 不在代码表里，可用：{'、'.join(f'{code} {word}' for code, word in of.words.items())}"
        )

    return code


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _value in pairs]
    for name in names:
        if names.count(name) > 1:
            raise HouseholdFileError(f"“{name}”写了两次")
    return dict(pairs)


def _reason(detail: Any, content: Any) -> str:
    where = []
    for step in detail["loc"]:
        where.append(_who(content, step) if isinstance(step, int) else str(step))
    place = " ".join(part for part in where if part != "people") or ("people" if where else "整个文件")
    kind = detail["type"]
    if kind == "value_error":
        return f"{place}：{detail['ctx']['error']}"
    if kind.startswith("date"):
        return f"{place}：不是日期（应为 2024-02-29 这样）"
    return f"{place}：{_REASONS.get(kind, detail['msg'])}"


def _who(content: Any, position: int) -> str:
    """'第 2 人（乙）', or without the name where the file does not tell it."""
    try:
        name = content["people"][position]["name"]
    except (KeyError, IndexError, TypeError):
        return f"第 {position + 1} 人"
    return f"第 {position + 1} 人（{name}）"


def _check(people: list[Any], inputs: Mapping[str, Input], month: Month | None) -> None:
    wrong, seen = [], set()
    heads = (
        [member for member in people if getattr(member, RANK.name, None) == 0] if RANK.name in inputs else []
    )
    for position, member in enumerate(people):
        who = f"第 {position + 1} 人" + (f"（{member.name}）" if member.name else "")
        if member.id in seen:
            wrong.append(f"{who} id：编号 {member.id} 前面已有，同一个人只能出现一次")
        seen.add(member.id)
        for name in (each.name for each in inputs.values() if each.measure == "day"):
            day = getattr(member, name)
            if day is not None and day < OLDEST:
                wrong.append(f"{who} {name}：{day} 太早，请核对")
            if day is not None and month is not None and day > month.last and name == "birth":
                wrong.append(f"{who} birth：出生日期 {day} 在 {month} 之后")
    if len(heads) > 1:
        wrong.append(f"户主只能有一人，写了 {len(heads)} 人")
    if wrong:
        raise HouseholdFileError("；".join(wrong))


def _row(member: Any, inputs: Mapping[str, Input], position: int) -> dict[str, int]:
    row = {"person_key": member.id, "household_key": 1, "village": member.village}
    for each in inputs.values():
        value = getattr(member, each.name)
        if value is None:
            first = position == 0 and each.name == RANK.name
            row[each.name] = 0 if first else _ASSUMED.get(each.name, each.absent)
        elif isinstance(value, date):
            row[each.name] = days(value)
        else:
            row[each.name] = int(value * 100) if each.measure == "fen" else int(value)
    return row
