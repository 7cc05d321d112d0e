"""The part of JSON Schema that forms use, checked in Chinese. Free of Django.

Keywords: type (string, integer, number, boolean, array, object), title, description, enum with enum_titles, format (date, id_number,
phone, fen), minimum, maximum, minLength, maxLength, pattern, items, minItems, maxItems, properties, required, multiline.
A keyword that is not understood is refused when the file is read, so that no rule stands there that nobody enforces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from minzheng.kernel.casework.errors import FieldFault
from minzheng.kernel.foundation.identifiers import check_id

KEYWORDS = frozenset({
    "type", "title", "description", "enum", "enum_titles", "format", "minimum", "maximum", "minLength", "maxLength", "pattern", "items",
    "minItems", "maxItems", "properties", "required", "multiline",
})  # fmt: skip
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "array": (list,), "object": (dict,),
}  # fmt: skip
WORDS = {"string": "文字", "integer": "整数", "number": "数字", "boolean": "是或否", "array": "列表", "object": "一组内容"}
FORMATS = frozenset({"date", "id_number", "phone", "fen"})
LONGEST = 2000  # characters of a text without maxLength
MOST = 30  # entries of a list without maxItems
ID_PROBLEMS = {
    "id_missing": "没有填写身份证号码", "id_excel_mangled": "末几位被表格软件改成了 0，请按证件重填", "id_length": "应为 18 位，请按证件重填",
    "id_characters": "有不该出现的字符，只能是数字，末位可以是 X", "id_date": "其中的出生日期不存在，请按证件核对", "id_checksum": "校验码不对，请按证件核对",
}  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def check_schema(schema: dict[str, Any], place: str = "schema") -> None:
    """Raise ValueError (in Chinese) unless every keyword is understood and fits its type."""
    if unknown := set(schema) - KEYWORDS:
        raise ValueError(f"{place}：不认识 {'、'.join(sorted(unknown))}")
    kind = schema.get("type")
    if kind not in TYPES:
        raise ValueError(f"{place}：type 只能是 {'、'.join(TYPES)}，写的是 {kind!r}")
    if (found := schema.get("format")) is not None and found not in FORMATS:
        raise ValueError(f"{place}：format 只能是 {'、'.join(sorted(FORMATS))}，写的是 {found!r}")
    if found == "fen" and kind != "integer":
        raise ValueError(f"{place}：金额（format: fen）的 type 应为 integer")
    if "pattern" in schema:
        try:
            re.compile(schema["pattern"])
        except re.error as error:
            raise ValueError(f"{place}：pattern 不是合法的正则表达式（{error}）") from error
    if kind == "array":
        if "items" not in schema:
            raise ValueError(f"{place}：列表要写明 items")
        check_schema(schema["items"], f"{place}.items")
    for name, inner in schema.get("properties", {}).items():
        if "title" not in inner:
            raise ValueError(f"{place}.{name}：没有写 title（字段名称）")
        check_schema(inner, f"{place}.{name}")
    if missing := set(schema.get("required", ())) - set(schema.get("properties", {})):
        raise ValueError(f"{place}：required 里没有这些字段：{'、'.join(sorted(missing))}")


def faults(schema: dict[str, Any], given: Any, path: str = "", label: str = "") -> Iterator[FieldFault]:
    """What is wrong with a value; None counts as not answered and is the caller's business."""
    label = schema.get("title", label)
    kind = schema["type"]
    value: Any = given
    if not _is(value, kind):
        yield FieldFault(path, label, f"应为{WORDS[kind]}")
        return
    if "enum" in schema and value not in schema["enum"]:
        yield FieldFault(path, label, "不在可选范围内，请从列表中选择")
    if kind == "string":
        yield from _text(schema, value, path, label)
    elif kind in ("integer", "number"):
        yield from _number(schema, value, path, label)
    elif kind == "array":
        yield from _list(schema, value, path, label)
    elif kind == "object":
        yield from _object(schema, value, path)


def _is(value: Any, kind: str) -> bool:
    """Whether it is of that type; true and false are no numbers."""
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _text(schema: dict[str, Any], value: str, path: str, label: str) -> Iterator[FieldFault]:
    length, most = len(value), schema.get("maxLength", LONGEST)
    if length < schema.get("minLength", 0):
        yield FieldFault(path, label, f"至少写 {schema['minLength']} 个字")
    if length > most:
        yield FieldFault(path, label, f"最多 {most} 个字，现在有 {length} 个")
    if _CONTROL.search(value):
        yield FieldFault(path, label, "含有看不见的控制字符，请删去后重填")
    if "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        yield FieldFault(path, label, schema.get("description") or "格式不对")
    form = schema.get("format")
    if form == "date":
        try:
            date.fromisoformat(value)
        except ValueError:
            yield FieldFault(path, label, "不是日期，应为 2024-02-29 这样")
    elif form == "id_number" and (problem := check_id(value).problem):
        yield FieldFault(path, label, ID_PROBLEMS.get(problem, "身份证号码不对，请按证件核对"))
    elif form == "phone" and not re.fullmatch(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}", value):
        yield FieldFault(path, label, "不是电话号码，应为 11 位手机号或带区号的固定电话")


def _number(schema: dict[str, Any], value: float, path: str, label: str) -> Iterator[FieldFault]:
    money = schema.get("format") == "fen"
    least, most = schema.get("minimum", 0 if money else None), schema.get("maximum", 10_000_000_000 if money else None)
    if least is not None and value < least:
        yield FieldFault(path, label, "金额不能是负数" if money and least == 0 else f"不能小于 {least}")
    if most is not None and value > most:
        yield FieldFault(path, label, "金额大得不合理，请核对单位（元）" if money else f"不能大于 {most}")


def _list(schema: dict[str, Any], value: list[Any], path: str, label: str) -> Iterator[FieldFault]:
    if len(value) < schema.get("minItems", 0):
        yield FieldFault(path, label, f"至少填 {schema['minItems']} 项")
    if len(value) > (most := schema.get("maxItems", MOST)):
        yield FieldFault(path, label, f"最多 {most} 项，现在有 {len(value)} 项")
        return
    for position, each in enumerate(value):
        for fault in faults(schema["items"], each, f"{path}.{position}", label):
            yield FieldFault(fault.field, f"{label}第 {position + 1} 项 {fault.label}" if fault.label != label else label, fault.reason)


def _object(schema: dict[str, Any], value: dict[str, Any], path: str) -> Iterator[FieldFault]:
    inner = schema.get("properties", {})
    for name in schema.get("required", ()):
        if value.get(name) in (None, "", []):
            yield FieldFault(f"{path}.{name}".lstrip("."), inner[name]["title"], "没有填写")
    for name, each in value.items():
        if name not in inner:
            yield FieldFault(f"{path}.{name}".lstrip("."), name, "表单里没有这一项")
        elif each is not None and each != "":
            yield from faults(inner[name], each, f"{path}.{name}".lstrip("."))


def problems_of(*found: tuple[str, list[str]]) -> str:
    """'材料重名：a、b；…' of those that list anything."""
    return "；".join(f"{what}：{'、'.join(map(str, listed))}" for what, listed in found if listed)
