"""Reading what officials declare in YAML: validated against a model, and an error names file, line and reason.

Django-free: rules, scenarios and contracts are read this way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times faster: a start reads some hundred files
_REASONS = {
    "missing": "缺少这一项",
    "extra_forbidden": "不认识这一项",
    "date_from_datetime_parsing": "不是日期(应为 2024-07-01 这样)",
    "date_type": "不是日期(应为 2024-07-01 这样)",
    "int_type": "不是整数",
    "int_from_float": "不是整数",
    "int_parsing": "不是整数",
    "string_type": "不是文字(数字、是否等请加引号)",
    "bool_parsing": "不是 true 或 false",
    "list_type": "应为一个列表",
    "tuple_type": "应为一个列表",
    "dict_type": "应为“名称: 内容”的形式",
    "model_type": "应为“名称: 内容”的形式",
    "too_short": "内容太少",
}


class DeclarationError(ValueError):
    """A declared file is wrong; the message says where and why, in Chinese."""


def read_yaml(path: Path, model: type[T], /, **added: Any) -> T:
    """The file as `model` (a pydantic model, or a type such as dict[str, Model]).

    `added` are top-level values that the file does not hold itself (its own path, say). Raises DeclarationError
    with file, line and reason: unreadable, no YAML, a name twice, or whatever the model does not accept.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DeclarationError(f"{path.name} 读不出来:{error}") from error
    return read_text(text, path.name, model, **added)


def read_text(text: str, file_name: str, model: type[T], /, **added: Any) -> T:
    """As `read_yaml`, of a file that somebody handed in: its text, and its name for the errors."""
    root = None
    try:
        root = yaml.compose(text, Loader=_LOADER)
        content = yaml.load(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" 第 {mark.line + 1} 行" if mark else ""
        raise DeclarationError(f"{file_name}{place}:不是合法的 YAML({getattr(error, 'problem', error)})") from error
    except ValueError as error:  # what looks like a date and is none
        lines = "、".join(str(line) for line in _no_dates(root))
        raise DeclarationError(f"{file_name} 第 {lines} 行:不存在的日期(应为 2024-07-01 这样)") from error
    for name, line in _repeated(root):
        raise DeclarationError(f"{file_name} 第 {line} 行:“{name}”写了两次")
    if isinstance(content, dict):
        content |= added
    try:
        return TypeAdapter(model).validate_python(content)
    except ValidationError as error:
        reasons = ";".join(_reason(root, detail) for detail in error.errors())
        raise DeclarationError(f"{file_name} {reasons}") from error


def refusal(text: str, file_name: str, faults: Iterable[tuple[tuple[int | str, ...], str]]) -> DeclarationError:
    """The error for what a model alone cannot see: faults as (place in the file, reason), each with its line, as `read_text` words them."""
    root = yaml.compose(text, Loader=_LOADER)
    reasons = (f"第 {_line(root, place)} 行 {'.'.join(str(step) for step in place) or '整个文件'}:{reason}" for place, reason in faults)
    return DeclarationError(f"{file_name} {';'.join(reasons)}")


def _reason(root: yaml.Node | None, detail: Any) -> str:
    place = ".".join(str(step) for step in detail["loc"]) or "整个文件"
    kind = detail["type"]
    if kind == "literal_error":
        reason = f"只能是 {detail['ctx']['expected'].replace(' or ', '、')}"
    elif kind in ("value_error", "assertion_error"):
        reason = str(detail["ctx"]["error"])
    else:
        reason = _REASONS.get(kind, detail["msg"])
    return f"第 {_line(root, detail['loc'])} 行 {place}:{reason}"


def _line(node: yaml.Node | None, place: tuple[int | str, ...]) -> int:
    """The line of the innermost part of `place` that is in the file."""
    line = node.start_mark.line + 1 if node else 1
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(step)]
            if not found:
                break
            key, node = found[0]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _no_dates(node: yaml.Node | None) -> Iterator[int]:
    """Lines of scalars that YAML takes for dates and the calendar does not have."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from (*_no_dates(key), *_no_dates(value))
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _no_dates(item)
    elif isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:timestamp":
        try:
            yaml.safe_load(node.value)
        except ValueError:
            yield node.start_mark.line + 1


def _repeated(node: yaml.Node | None) -> Iterator[tuple[str, int]]:
    """Names that a mapping holds twice, of which YAML would silently keep the last."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.value, key.start_mark.line + 1
            seen.add(key.value)
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated(item)
