"""What a list's address asks for: filters, order, columns, page; and what is wrong with it, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.http import QueryDict

from minzheng.kernel.divisions import queries as divisions
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.register_rows import BOUND, Asked
from minzheng.kernel.foundation.registers import Column, Filter, Register

SIZES = (50, 100, 200)
LONGEST_TEXT = 64
LARGEST_NUMBER = 10**9
UNUSABLE = "有不能用的字符，请重新输入"
LIST_ONLY = ("page", "size", "at", "col", "view")  # what does not decide which rows fit


@dataclass(frozen=True)
class Asking:
    """An address, read. `errors` by name of the field; with any of them no rows are shown."""

    asked: Asked
    columns: list[Column]
    size: int
    page: int
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def offset(self) -> int:
        """The position of the page's first row."""
        return (self.page - 1) * self.size


class _Wrong(ValueError):
    """A value that cannot be used; the message is for the reader."""


def read(register: Register, address: QueryDict, actor: Actor, on: date) -> Asking:
    """Read an address. Nothing in it can raise: what is wrong stands in `errors`."""
    filters: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for known in register.filters:
        try:
            value = _value(known, address)
            if value is not None:
                known.q(value, actor, on)
                filters[known.name] = value
        except (ValueError, LookupError) as wrong:
            errors[known.name] = str(wrong)
    text = address.get("q", "").strip()
    searched, wrong_text = _searched(register, text, actor, on)
    if wrong_text:
        errors["q"] = wrong_text
    order = address.get("sort", "")
    if order and not any(column.name == order.removeprefix("-") and column.order for column in register.columns):
        errors["sort"] = f"不能按“{order[:20]}”排序"
        order = ""
    chosen = address.getlist("col")
    columns = [column for column in register.columns if column.name in chosen] or [c for c in register.columns if c.shown]
    wanted = address.get("size", "")
    size = int(wanted) if wanted in map(str, SIZES) else SIZES[0]
    return Asking(Asked(text, filters, order, searched), columns, size, _page(address.get("page", ""), size), errors)


def _searched(register: Register, text: str, actor: Actor, on: date) -> tuple[Q | None, str]:
    """The condition of a search, and what is wrong with it, or ''."""
    if not text.isprintable():
        return None, UNUSABLE
    if len(text) > LONGEST_TEXT:
        return None, f"搜索内容最多 {LONGEST_TEXT} 个字"
    try:
        return register.search(text, actor, on) if text and register.search else None, ""
    except ValueError as wrong:
        return None, str(wrong)


def words(register: Register, asked: Asked) -> list[tuple[str, str]]:
    """(title, value) of everything that narrows the list, as people read it."""
    said = [("搜索", asked.text)] if asked.text else []
    for known in register.filters:
        if known.name in asked.filters:
            said.append((known.title, _words(known, asked.filters[known.name])))
    return said


def query_of(address: QueryDict) -> str:
    """The part of an address that decides which rows fit and in which order."""
    kept = address.copy()
    for name in LIST_ONLY:
        kept.pop(name, None)
    for name in [name for name, values in kept.lists() if not any(values)]:
        kept.pop(name)
    return kept.urlencode()


def _value(known: Filter, address: QueryDict) -> Any:
    if known.kind == "dates":
        return _pair(known, address, _date)
    if known.kind == "numbers":
        return _pair(known, address, _number)
    value = address.get(known.name, "").strip()
    if not value:
        return None
    if not value.isprintable():
        raise _Wrong(UNUSABLE)
    if known.kind == "choice" and value not in known.options():
        raise _Wrong(f"“{value[:20]}”不在可选的范围里")
    if len(value) > LONGEST_TEXT:
        raise _Wrong(f"最多 {LONGEST_TEXT} 个字")
    return value


def _pair(known: Filter, address: QueryDict, reader: Any) -> tuple[Any, Any] | None:
    low, high = (reader(address.get(f"{known.name}_{end}", "").strip()) for end in ("from", "to"))
    if low is None and high is None:
        return None
    if low is not None and high is not None and low > high:
        raise _Wrong(f"起（{low}）比止（{high}）大，请对调")
    return low, high


def _date(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _Wrong(f"“{text[:20]}”不是日期，请写成 2024-05-31") from None


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > LARGEST_NUMBER:
        raise _Wrong(f"“{text[:20]}”不是可用的整数")
    return int(text)


def _page(text: str, size: int) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 1
    return min(max(number, 1), BOUND // size)


def _words(known: Filter, value: Any) -> str:
    if isinstance(value, tuple):
        low, high = ("" if end is None else str(end) for end in value)
        return f"{low} 至 {high}" if low and high else f"{low} 起" if low else f"{high} 止"
    if known.kind == "place":
        return _place(value)
    options: Mapping[str, str] = known.options() if known.kind == "choice" else {}
    return options.get(value, value)


def _place(value: str) -> str:
    today = clock.business_date()
    if value.isdigit():
        return divisions.path_name(value.ljust(12, "0"), today)
    return next((unit.name for unit in divisions.management_units(today) if unit.slug == value), value)
