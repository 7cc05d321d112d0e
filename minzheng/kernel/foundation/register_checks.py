"""What is checked of a register when the program starts; an error names module, part and field, in Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from minzheng.kernel.foundation.access import capabilities
from minzheng.kernel.foundation.registers import (
    FILTER_KINDS,
    KINDS,
    MASKED,
    Column,
    Fields,
    Filter,
    Register,
    Related,
)

# Names that the addresses of lists need for themselves.
RESERVED = frozenset({"q", "sort", "page", "size", "col", "at", "view"})


class RegisterError(ValueError):
    """A register cannot work; the message says where and why."""


def check(register: Register, module: str) -> None:
    """Raise RegisterError for the first thing wrong with a register."""
    for place, reason in _problems(register):
        raise RegisterError(f"{module}：台账“{register.title or register.slug}”的{place}：{reason}")


def _problems(register: Register) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(r"[a-z][a-z0-9-]*", register.slug):
        yield "slug", f"“{register.slug}”只能用小写字母、数字和连字符"
    if not re.fullmatch(r"[a-z_]+_id", register.record):
        yield "record", f"“{register.record}”应形如 person_id"
    for name in filter(None, (register.capability, register.export, register.edit.capability if register.edit else "")):
        if name not in capabilities():
            yield "权限", f"“{name}”没有在 roles.yaml 登记"
    if bool(register.search) != bool(register.search_hint):
        yield "search", "有搜索就要写明能搜什么（search_hint），没有就不写"
    if not register.columns:
        yield "columns", "至少要有一列"
    yield from _twice("列", [column.name for column in register.columns])
    yield from _twice("筛选", [known.name for known in register.filters])
    for column in register.columns:
        yield from _column_problems(register, column, register.model)
    order = register.order.removeprefix("-")
    if not any(column.name == order and column.order for column in register.columns):
        yield "order", f"“{register.order}”不是可以排序的列"
    for known in register.filters:
        yield from _filter_problems(register, known)
    yield from _panel_problems(register)
    for item in register.edit.fields if register.edit else ():
        if not _has_field(register.model, item.name):
            yield f"表单项 {item.name}", f"{register.model.__name__} 没有这个字段"


def _column_problems(register: Register, column: Column, model: type[Model] | None) -> Iterator[tuple[str, str]]:
    place = f"列 {column.name}"
    if column.kind not in KINDS:
        yield place, f"不认识的类型“{column.kind}”，可用：{'、'.join(sorted(KINDS))}"
    if column.kind == "choice" and not column.choices:
        yield place, "选择型的列要给出 choices"
    if model is not None and column.order and not _is_indexed(model, column.order):
        yield place, f"按 {'、'.join(column.order)} 排序，但 {model.__name__} 没有以它开头的索引"
    if model is None or callable(column.value):
        return
    first = (column.value or column.name).split(".")[0]
    if not _has_field(model, first) and not hasattr(model, first):
        yield place, f"{model.__name__} 没有“{first}”"
    data_class = register.class_of(column)
    if data_class == "L4":
        yield place, "L4 数据不能进台账"
    declared = getattr(model, "data_classes", {}).get(column.value or column.name)
    if declared == "L3" and column.kind not in MASKED:
        yield place, f"L3 数据必须脱敏显示，类型应为 {'、'.join(sorted(MASKED))} 之一"


def _filter_problems(register: Register, known: Filter) -> Iterator[tuple[str, str]]:
    place = f"筛选 {known.name}"
    if known.name in RESERVED or not re.fullmatch(r"[a-z][a-z0-9_]*", known.name):
        yield place, "这个名称不能用"
    if known.kind not in FILTER_KINDS:
        yield place, f"不认识的类型“{known.kind}”，可用：{'、'.join(sorted(FILTER_KINDS))}"
    if known.kind == "choice" and not callable(known.choices) and not known.choices:
        yield place, "选择型的筛选要给出 choices"
    if known.condition is None and not _has_field(register.model, known.field.split("__")[0]):
        yield place, f"{register.model.__name__} 没有“{known.field}”，也没有给出 condition"


def _panel_problems(register: Register) -> Iterator[tuple[str, str]]:
    names = {column.name for column in register.columns}
    for panel in register.panels:
        place = f"面板“{panel.title}”"
        if isinstance(panel, Fields):
            for column in panel.columns:
                if isinstance(column, Column):
                    yield from ((f"{place}{at}", why) for at, why in _column_problems(register, column, register.model))
                elif column not in names:
                    yield place, f"没有“{column}”这一列"
        elif isinstance(panel, Related):
            for column in panel.columns:
                yield from ((f"{place}{at}", why) for at, why in _column_problems(register, column, None))


def _twice(what: str, names: list[str]) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"{what} {name}", "写了两次"


def _has_field(model: type[Model], name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def _is_indexed(model: type[Model], order: tuple[str, ...]) -> bool:
    """Whether an index or a unique key begins with the fields of `order`."""
    wanted = [name.lstrip("-") for name in order]
    meta: Any = model._meta
    leads: list[list[str]] = [[field.name] for field in meta.fields if field.db_index or field.unique]
    leads += [[name.lstrip("-") for name in index.fields] for index in meta.indexes]
    leads += [list(constraint.fields) for constraint in meta.constraints if getattr(constraint, "fields", None)]
    return any(lead[: len(wanted)] == wanted for lead in leads)
