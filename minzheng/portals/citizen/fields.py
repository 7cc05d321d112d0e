"""A form as a page shows it: JSON Schema of a service item → fields with values, hints and errors; and what a page sends → raw answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from minzheng.kernel.casework.errors import FieldFault
from minzheng.kernel.casework.items import Form

FEW = 6  # so many choices stand open; more fold into a list
MOST_ROWS = 30


@dataclass(frozen=True)
class Choice:
    """One answer to choose."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Row:
    """One group of a list: a member of the household."""

    number: int
    fields: list[Field]

    @property
    def summary(self) -> str:
        """Who it is, where that is known and nothing is wrong: such a group folds. '' for one that is still to be filled in."""
        told = {each.name.rpartition(".")[2]: each for each in self.fields}
        if any(each.error for each in self.fields) or "name" not in told or not told["name"].value:
            return ""
        chosen = next((choice.label for choice in told["relation"].choices if choice.chosen), "") if "relation" in told else ""
        lacking = any(each.required and not each.value and not any(choice.chosen for choice in each.choices) for each in self.fields)
        return "" if lacking else "，".join(part for part in (told["name"].value, chosen) if part)


@dataclass(frozen=True)
class Field:
    """kind: text, long, money, number, date, choices (open), list (folded), many (several of them), group. `when`: the condition under
    which it is asked, as JSON for the page's script."""

    name: str
    label: str
    kind: str
    value: str = ""
    hint: str = ""
    error: str = ""
    required: bool = False
    choices: list[Choice] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    longest: int | None = None
    mode: str = ""  # the keyboard of a phone
    auto: str = ""
    when: str = ""

    @property
    def id(self) -> str:
        return f"f-{self.name.replace('.', '-')}"

    @property
    def row_title(self) -> str:
        return self.label.split("（")[0].removeprefix("一起生活的")


@dataclass(frozen=True)
class Section:
    """A part of the form."""

    title: str
    fields: list[Field]


AUTO = {"name": "name", "phone": "tel", "address": "street-address"}


def sections(form: Form, raw: Mapping[str, Any], faults: Iterable[FieldFault] = ()) -> list[Section]:
    """The form with what was filled in (typed answers or raw texts)."""
    errors: dict[str, str] = {}
    for fault in faults:
        errors.setdefault(fault.field, fault.reason)
    conditions = {shown.show: shown.when for shown in form.conditions}
    found = []
    for title, names in form.order.items():
        fields = []
        for name in names:
            when = conditions.get(name)
            told = json.dumps({"field": when.field, "equals": when.equals, "among": when.among, "minimum": when.minimum}) if when else ""
            fields.append(_field(name, form.fields[name], raw.get(name), errors, name in form.required, told))
        found.append(Section(title, fields))
    return found


def _field(name: str, schema: Mapping[str, Any], value: Any, errors: Mapping[str, str], required: bool, when: str = "") -> Field:
    kind, label, hint = schema["type"], schema.get("title", name), schema.get("description", "")
    common = {"name": name, "label": label, "hint": hint, "error": errors.get(name, ""), "required": required, "when": when}
    if kind == "array" and schema["items"]["type"] == "object":
        rows = value if isinstance(value, list) and value else [{}]
        inner = schema["items"]
        must = set(inner.get("required", ()))
        return Field(**common, kind="group", rows=[
            Row(number + 1, [
                _field(f"{name}.{number}.{each}", shape, row.get(each) if isinstance(row, Mapping) else None, errors, each in must)
                for each, shape in inner["properties"].items()
            ])
            for number, row in enumerate(rows[:MOST_ROWS])
        ])  # fmt: skip
    if kind == "array":
        chosen = {str(each) for each in value} if isinstance(value, list) else set()
        return Field(**common, kind="many", choices=_choices(schema["items"], chosen))
    if kind == "boolean":
        now = {True: "1", False: "0"}.get(value, str(value) if value not in (None, "") else "") if not isinstance(value, str) else value
        return Field(**common, kind="choices", choices=[Choice("1", "是", now == "1"), Choice("0", "否", now == "0")])
    text = "" if value is None else str(value)
    if "enum" in schema:
        choices = _choices(schema, {text})
        return Field(**common, kind="choices" if len(choices) <= FEW else "list", choices=choices, value=text)
    if schema.get("format") == "fen":
        shown = f"{value / 100:.2f}".removesuffix(".00") if isinstance(value, int) else text
        return Field(**common, kind="money", value=shown, mode="decimal")
    if kind in ("integer", "number"):
        return Field(**common, kind="number", value=text, mode="numeric")
    if schema.get("format") == "date":
        return Field(**common, kind="date", value=text)
    mode = {"phone": "tel"}.get(schema.get("format", ""), "")
    longest = 18 if schema.get("format") == "id_number" else schema.get("maxLength")
    return Field(
        **common, kind="long" if schema.get("multiline") else "text", value=text, longest=longest, mode=mode, auto=AUTO.get(name, "")
    )


def _choices(schema: Mapping[str, Any], chosen: set[str]) -> list[Choice]:
    titles = schema.get("enum_titles") or schema.get("enum", ())
    return [Choice(str(value), str(title), str(value) in chosen) for value, title in zip(schema.get("enum", ()), titles, strict=False)]


def sent(form: Form, post: QueryDict) -> dict[str, Any]:
    """What a page sent, as forms.parse takes it: texts, lists of texts, lists of groups. Groups in which nothing stands are left out."""
    raw: dict[str, Any] = {}
    for name, schema in form.fields.items():
        if schema["type"] == "array" and schema["items"]["type"] == "object":
            raw[name] = _rows(name, list(schema["items"]["properties"]), post)
        elif schema["type"] == "array":
            raw[name] = post.getlist(name)
        elif name in post:
            raw[name] = _clean(str(post[name]))
    return raw


def _rows(name: str, inner: list[str], post: QueryDict) -> list[dict[str, str]]:
    numbers = sorted({int(parts[1]) for key in post if (parts := key.split("."))[0] == name and len(parts) == 3 and parts[1].isdecimal() and len(parts[1]) < 4})
    rows = [{each: _clean(str(post.get(f"{name}.{number}.{each}", ""))) for each in inner} for number in numbers[:MOST_ROWS]]
    return [row for row in rows if any(row.values())]


def _clean(text: str) -> str:
    """What a phone's keyboard adds by itself goes away: carriage returns, full-width blanks around the text."""
    return text.replace("\r\n", "\n").strip().strip("\u3000")


def summed(faults: Iterable[FieldFault]) -> list[dict[str, str]]:
    """The errors as the list on top: each once, with the place to jump to."""
    found: dict[str, dict[str, str]] = {}
    for fault in faults:
        found.setdefault(fault.field, {"id": f"f-{fault.field.replace('.', '-')}", "label": fault.label, "reason": fault.reason})
    return list(found.values())
