"""The form of a service item as a page: fields made from its JSON Schema, conditions, what is known already, and back to answers.

What identifies somebody and is known already is shown masked and left empty: an empty field keeps what is known, so that a form
can be filled in at the counter without anybody's number standing on the screen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from minzheng.kernel.casework import forms
from minzheng.kernel.casework.items import Form
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.registry.masking import mask_name
from minzheng.portals.staff.case_words import FORMATS, masker

BLANK_GROUPS = 2  # empty lines offered below those that are known
MOST_GROUPS = 30


@dataclass
class FieldView:
    """A field ready for the page. `kept`: the masked value that stands if nothing is typed; `show`: condition, as JSON for the script."""

    name: str
    title: str
    kind: str
    help: str = ""
    value: str = ""
    values: list[str] = field(default_factory=list)
    kept: str = ""
    choices: list[tuple[str, str]] = field(default_factory=list)
    required: bool = False
    show: str = ""
    show_words: str = ""
    error: str = ""
    groups: list[Group] = field(default_factory=list)
    most: int = 2000


@dataclass
class Group:
    """One entry of a list of groups: a member of the household. `known`: it stands already, under that number."""

    number: int
    known: bool
    label: str
    dropped: bool
    fields: list[FieldView]


def pages(form: Form, known: Mapping[str, Any], sent: QueryDict | None, faults: Mapping[str, str]) -> list[tuple[str, list[FieldView]]]:
    """The form's pages with their fields, filled in with what is known, or with what was sent."""
    conditions = {shown.show: shown.when for shown in form.conditions}
    found = []
    for title, names in form.order.items():
        views = []
        for name in names:
            view = _view(f"f-{name}", name, form.fields[name], known.get(name), sent, faults, masker(form, name))
            view.required = name in form.required
            if when := conditions.get(name):
                values = list(when.among) or [when.equals]
                view.show = json.dumps({"field": f"f-{when.field}", "values": [_text(value) for value in values], "minimum": when.minimum})
                view.show_words = f"“{form.fields[when.field]['title']}”符合时填"
            views.append(view)
        found.append((title, views))
    return found


def _text(value: Any) -> str:
    return ("1" if value else "0") if isinstance(value, bool) else str(value)


def _view(html: str, path: str, schema: Mapping[str, Any], value: Any, sent: QueryDict | None, faults: Mapping[str, str], mask: Any) -> FieldView:
    view = FieldView(html, schema["title"], _kind(schema), schema.get("description", ""), error=faults.get(path, ""), most=schema.get("maxLength", 2000))
    if view.kind == "groups":
        view.groups = _groups(html, path, schema, value if isinstance(value, list) else [], sent, faults)
        return view
    if "enum" in schema:
        view.choices = [(str(code), title) for code, title in zip(schema["enum"], schema.get("enum_titles", schema["enum"]), strict=True)]
    elif view.kind == "many":
        inner = schema["items"]
        view.choices = [(str(code), title) for code, title in zip(inner.get("enum", ()), inner.get("enum_titles", inner.get("enum", ())), strict=True)]
        view.values = sent.getlist(html) if sent is not None else [str(each) for each in value or ()]
        return view
    known = _shown(schema, value)
    if mask and known:
        view.kept, known = str(mask(known)), ""
    view.value = sent.get(html, "") if sent is not None else known
    return view


def _kind(schema: Mapping[str, Any]) -> str:
    if schema["type"] == "array":
        return "groups" if schema["items"].get("type") == "object" else "many"
    if "enum" in schema:
        return "choice"
    if schema["type"] == "boolean":
        return "boolean"
    if schema.get("format") in ("fen", "date", "phone", "id_number"):
        return str(schema["format"])
    if schema["type"] in ("integer", "number"):
        return "number"
    return "long" if schema.get("multiline") else "text"


def _shown(schema: Mapping[str, Any], value: Any) -> str:
    """A known answer as it stands in a field."""
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return yuan(value).removeprefix("¥").replace(",", "") if schema.get("format") == "fen" else str(value)


def _groups(html: str, path: str, schema: Mapping[str, Any], known: list[Any], sent: QueryDict | None, faults: Mapping[str, str]) -> list[Group]:
    inner, must = schema["items"].get("properties", {}), schema["items"].get("required", ())
    wanted = sent.get(f"{html}-count", "") if sent is not None else ""
    count = max(len(known) + BLANK_GROUPS, int(wanted) if wanted.isdecimal() else 0)
    places = _places(html, len(known), sent) if sent is not None else {}
    found = []
    for number in range(min(count, MOST_GROUPS)):
        stands = number < len(known)
        mine, at = (known[number] if stands else {}), places.get(number, -1)
        views = []
        for name, each in inner.items():
            mask = FORMATS.get(each.get("format", "")) or (mask_name if name == "name" else None)
            view = _view(f"{html}-{number}-{name}", f"{path}.{at}.{name}", each, mine.get(name), sent, faults, mask)
            view.required = name in must and not stands
            views.append(view)
        label = f"{mask_name(str(mine.get('name', '')))}" if stands and mine.get("name") else f"第 {number + 1} 项"
        found.append(Group(number, stands, label, sent is not None and f"{html}-{number}-drop" in sent, views))
    return found


def _places(html: str, known: int, sent: QueryDict) -> dict[int, int]:
    """Number of a group on the page → its place among those that are sent on."""
    kept = [number for number in range(MOST_GROUPS) if _counts(html, number, number < known, sent)]
    return {number: at for at, number in enumerate(kept)}


def _counts(html: str, number: int, known: bool, sent: QueryDict) -> bool:
    """Whether a group is part of the answer: known and not dropped, or something was typed in it."""
    if f"{html}-{number}-drop" in sent:
        return False
    prefix = f"{html}-{number}-"
    return known or any(name.startswith(prefix) and sent.get(name, "").strip() for name in sent)


def parsed(form: Form, sent: QueryDict, known: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Typed answers from what was sent over what is known, and what could not be read: path → reason."""
    raw: dict[str, Any] = {}
    for name, schema in form.fields.items():
        kind, html = _kind(schema), f"f-{name}"
        if kind == "groups":
            raw[name] = _raw_groups(html, schema, known.get(name) or [], sent)
        elif kind == "many":
            raw[name] = [value for value in sent.getlist(html) if value]
        elif html in sent:
            raw[name] = sent.get(html, "")
    answers, faults = forms.parse(form, raw)
    for name, value in known.items():
        typed = str(raw.get(name, "")).strip()
        if name in form.fields and masker(form, name) and not typed and value not in (None, ""):
            answers[name] = value
    return answers, {fault.field: fault.reason for fault in faults}


def _raw_groups(html: str, schema: Mapping[str, Any], known: list[Any], sent: QueryDict) -> list[dict[str, Any]]:
    inner = schema["items"].get("properties", {})
    found = []
    for number in range(MOST_GROUPS):
        stands = number < len(known)
        if not _counts(html, number, stands, sent):
            continue
        mine: dict[str, Any] = dict(known[number]) if stands else {}
        for name, each in inner.items():
            typed = sent.get(f"{html}-{number}-{name}")
            masked = bool(FORMATS.get(each.get("format", ""))) or name == "name"
            if typed is not None and (typed.strip() or not (stands and masked)):
                mine[name] = typed.strip()
        found.append({name: value for name, value in mine.items() if value not in ("", None)})
    return found


def labelled(form: Form, faults: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(id of the field on the page, its label, the reason) for the sum of errors."""
    found = []
    for path, reason in faults.items():
        name, _dot, rest = path.partition(".")
        title = form.fields.get(name, {}).get("title", "")
        at, _dot, inner = rest.partition(".")
        if at.isdecimal():
            within = form.fields[name]["items"].get("properties", {}).get(inner, {}).get("title", "")
            title = f"{title}第 {int(at) + 1} 项{' ' + within if within else ''}"
        found.append((f"f-{name}", title, reason))
    return found
