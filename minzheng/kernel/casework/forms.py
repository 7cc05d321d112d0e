"""Forms: what is asked given what was answered, whether answers are sound, and what is known already.

Answers are plain JSON: text, whole numbers (money in 分), true/false, dates as '2024-02-29', lists, groups.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from minzheng.kernel.casework.errors import FieldFault
from minzheng.kernel.casework.items import Form, Service
from minzheng.kernel.casework.schema import faults
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.money import fen
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.models import Household, Person

Answers = dict[str, Any]
EMPTY: tuple[Any, ...] = (None, "", [])


def visible(form: Form, answers: Mapping[str, Any]) -> list[str]:
    """The fields that are to be asked, in the order of the form."""
    hidden = {shown.show for shown in form.conditions}
    hidden -= {shown.show for shown in form.conditions if shown.when.holds(dict(answers))}
    return [name for page in form.order.values() for name in page if name not in hidden]


def validate(service: Service, answers: Mapping[str, Any]) -> list[FieldFault]:
    """What is wrong with the answers of a form, field by field; empty when it can be sent."""
    return check(service.version.form, answers)


def check(form: Form, answers: Mapping[str, Any]) -> list[FieldFault]:
    """The same for any form (a bundle's)."""
    asked, found = visible(form, answers), []
    for name, value in answers.items():
        if name not in form.fields:
            found.append(FieldFault(name, name, "表单里没有这一项"))
        elif name not in asked and value not in EMPTY:
            found.append(FieldFault(name, form.fields[name]["title"], "按前面的回答不用填这一项，请清空"))
    for name in asked:
        value, field = answers.get(name), form.fields[name]
        if value in EMPTY:
            if name in form.required:
                found.append(FieldFault(name, field["title"], "没有填写"))
        else:
            found += faults(field, value, name)
    return found


def tidied(form: Form, answers: Mapping[str, Any]) -> Answers:
    """The answers without what is empty, and without what is not asked (a condition turned meanwhile)."""
    asked = set(visible(form, answers))
    return {name: value for name, value in answers.items() if name not in form.fields or (name in asked and value not in EMPTY)}


def parse(form: Form, raw: Mapping[str, Any]) -> tuple[Answers, list[FieldFault]]:
    """What a web page sends (texts; lists of groups as lists of mappings) as typed answers: yuan become 分, numbers numbers.

    What cannot be read is told as a fault and left out. Fields that the form does not have are left out.
    """
    answers: Answers = {}
    found: list[FieldFault] = []
    for name, schema in form.fields.items():
        if name in raw:
            value = _parsed(schema, raw[name], name, found)
            if value not in EMPTY:
                answers[name] = value
    return answers, found


def _parsed(schema: Mapping[str, Any], raw: Any, path: str, found: list[FieldFault]) -> Any:
    kind = schema["type"]
    if kind == "array":
        return [_parsed(schema["items"], each, f"{path}.{at}", found) for at, each in enumerate(raw if isinstance(raw, list) else [raw])]
    if kind == "object":
        inner = schema.get("properties", {})
        told = raw if isinstance(raw, Mapping) else {}
        parsed = {name: _parsed(inner[name], told[name], f"{path}.{name}", found) for name in inner if name in told}
        return {name: value for name, value in parsed.items() if value not in EMPTY}
    if not isinstance(raw, str):
        return raw
    text = raw.strip()
    if kind == "string" or not text:
        return text
    if kind == "boolean":
        return text in ("1", "true", "on", "是", "yes")
    try:
        if schema.get("format") == "fen":
            return fen(text.replace(",", "").removeprefix("¥"))
        return int(text) if kind == "integer" else float(text)
    except ValueError:
        found.append(FieldFault(path, schema.get("title", path), "不是金额，应为 1200 或 1200.50 这样" if schema.get("format") == "fen" else "不是数字"))
        return None


# --- what is known already ---------------------------------------------------------------------------------------------


def prefill(service: Service, person: Person, household: Household | None, as_of: date, actor: Actor) -> Answers:
    """What the registry knows for the fields that name a source. The caller has the right to the person's file."""
    return filled(service.version.form, person, household, as_of, actor)


def filled(form: Form, person: Person, household: Household | None, as_of: date, actor: Actor) -> Answers:
    """The same for any form (a bundle's)."""
    known = _Known(person, household, as_of, actor)
    values = {name: SOURCES[source](known) for name, source in form.prefill.items() if source in SOURCES}
    return {name: value for name, value in values.items() if value not in EMPTY}


class _Known:
    """The person and the household as the registry has them, read when asked."""

    def __init__(self, person: Person, household: Household | None, as_of: date, actor: Actor) -> None:
        self.person, self.household, self.as_of, self.actor = person, household, as_of, actor

    def members(self) -> list[dict[str, Any]]:
        if self.household is None:
            return []
        return [
            {"name": each.person.name, "id_number": each.person.id_number, "relation": each.relation}
            for each in registry.members(self.household, self.actor, self.as_of)
        ]

    def fact(self, kind: str) -> str:
        found = registry.facts_of([self.person.pk], self.actor, self.as_of).filter(kind=kind).first()
        return found.value if found else ""


SOURCES: dict[str, Callable[[_Known], Any]] = {
    "person.name": lambda known: known.person.name,
    "person.id_number": lambda known: known.person.id_number,
    "person.phone": lambda known: known.person.phone,
    "person.birth_date": lambda known: known.person.birth_date.isoformat() if known.person.birth_date else "",
    "household.address": lambda known: known.household.address if known.household else "",
    "household.members": _Known.members,
    "household.size": lambda known: len(known.members()) or None,
    "household.hukou_local": lambda known: known.household.hukou_local if known.household else None,
    "fact.disability": lambda known: known.fact("disability"),
}
