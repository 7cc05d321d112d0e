"""A parameter as a form field and back: money in yuan, a switch as a choice, a table with a field for each code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minzheng.kernel.foundation.dated import Unit, Value
from minzheng.kernel.foundation.money import fen

SIGNS = {"fen": "元", "percent": "%", "days": "天", "working_days": "个工作日", "months": "个月", "years": "年", "age": "周岁", "count": ""}
YES_NO = (("1", "是"), ("0", "否"))


@dataclass(frozen=True)
class Field:
    """One input. `sign` stands behind it; `choices` where it is chosen."""

    name: str
    label: str
    text: str
    sign: str = ""
    choices: tuple[tuple[str, str], ...] = ()


def fields_of(value: Value, prefix: str, sent: Mapping[str, str] | None = None) -> list[Field]:
    """The inputs of a parameter, filled with what was sent, else with the value that holds."""
    now = value.dated.value

    def filled(name: str, text: str) -> str:
        return sent.get(name, text) if sent is not None else text

    if value.unit == "table":
        return [
            Field(f"{prefix}.{code}", value.codes.get(str(code), str(code)), filled(f"{prefix}.{code}", _text(value.of, item)), SIGNS.get(value.of, ""))
            for code, item in now.items()
        ]  # fmt: skip
    if value.unit == "switch":
        return [Field(prefix, value.title, filled(prefix, "1" if now else "0"), choices=YES_NO)]
    if value.unit == "codes":
        return [Field(prefix, value.title, filled(prefix, "、".join(now)))]
    return [Field(prefix, value.title, filled(prefix, _text(value.unit, now)), SIGNS.get(value.unit, ""))]


def read(value: Value, prefix: str, sent: Mapping[str, str]) -> Any:
    """What was sent for a parameter. Raises ValueError (in Chinese) for what is no such value."""
    if value.unit == "table":
        return {code: _number(value.of, sent.get(f"{prefix}.{code}", "")) for code in value.dated.value}
    text = sent.get(prefix, "").strip()
    if value.unit == "switch":
        if text not in ("0", "1"):
            raise ValueError("请选择是或否")
        return text == "1"
    if value.unit == "codes":
        return [part.strip() for part in text.replace("，", "、").replace(",", "、").split("、") if part.strip()]
    return _number(value.unit, text)


def _text(unit: Unit, number: int) -> str:
    return f"{number // 100}.{number % 100:02d}" if unit == "fen" else str(number)


def _number(unit: Unit, text: str) -> int:
    plain = text.strip().replace(",", "").replace("，", "").removeprefix("¥").removesuffix("%")
    if not plain:
        raise ValueError("请填写数值")
    if unit == "fen":
        amount = fen(plain)
        if "." in plain and len(plain.rsplit(".", 1)[1].rstrip("0")) > 2:
            raise ValueError(f"金额最多到分，收到的是 {text}")
        if amount < 0:
            raise ValueError("金额不能小于 0")
        return amount
    if not plain.isdecimal():
        raise ValueError(f"应为不小于 0 的整数，收到的是 {text[:20]}")
    return int(plain)
