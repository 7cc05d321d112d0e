"""台账 are declared, not written: columns, filters, panels and what may be done with them. Knows no HTTP.

A room or pack brings a register as a module of its `screens` with REGISTER, named in its manifest. All are checked
when the program starts (`register_checks.py`), so that a wrong one stops it there and not under an official's hands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made
from datetime import date, datetime
from functools import cache
from importlib import import_module
from typing import Any

from django.db.models import Model, Q, QuerySet

from minzheng.kernel.foundation.access import Actor, scoped

Choices = Mapping[str, str] | Callable[[], Mapping[str, str]]

# How a value is shown. Those in MASKED show personal data only in part, on the page and in an export alike.
MASKED = frozenset({"name", "id_number", "phone", "address", "age"})
KINDS = MASKED | {"text", "date", "number", "money", "choice", "place", "chip"}
FILTER_KINDS = frozenset({"choice", "place", "dates", "numbers", "text"})


@dataclass(frozen=True)
class Column:
    """One column. value: a path ('organisation.name', default: the column's name) or a function of the row; order: the
    fields by which it sorts, which must lead an index; data_class: only where the model's field does not say it."""

    name: str
    title: str
    value: str | Callable[[Any], Any] = ""
    kind: str = "text"
    order: tuple[str, ...] = ()
    shown: bool = True
    choices: Mapping[str, str] = made(default_factory=dict)
    tones: Mapping[str, str] = made(default_factory=dict)
    data_class: str = ""

    def of(self, row: Any) -> Any:
        """The bare value in a row; None where a step of the path is missing."""
        if callable(self.value):
            return self.value(row)
        found = row
        for step in (self.value or self.name).split("."):
            found = getattr(found, step, None)
        return found


@dataclass(frozen=True)
class Filter:
    """One filter. By itself it compares `field`; `condition(value, actor, on)` says what is not a plain comparison.
    The value is a text (choice, place, text) or a pair of lower and upper end, either None (dates, numbers)."""

    name: str
    title: str
    kind: str
    field: str = ""
    choices: Choices = made(default_factory=dict)
    condition: Callable[[Any, Actor, date], Q] | None = None

    def options(self) -> Mapping[str, str]:
        """Value → words of a choice."""
        return self.choices() if callable(self.choices) else self.choices

    def q(self, value: Any, actor: Actor, on: date) -> Q:
        """The condition for a value. Raises ValueError or LookupError (in Chinese) for one that does not exist."""
        if self.condition is not None:
            return self.condition(value, actor, on)
        if self.kind in ("dates", "numbers"):
            low, high = value
            ends = {f"{self.field}__gte": low, f"{self.field}__lte": high}
            return Q(**{name: end for name, end in ends.items() if end is not None})
        return Q(**{f"{self.field}__icontains" if self.kind == "text" else self.field: value})


@dataclass(frozen=True)
class Fields:
    """A panel of a record: some of the register's columns (by name) or further ones, as pairs."""

    title: str
    columns: tuple[str | Column, ...]


@dataclass(frozen=True)
class Related:
    """A panel of a record: rows of something else. subject(row) ('household:12') says where a row leads."""

    title: str
    rows: Callable[[Any, Actor, date], Sequence[Any]]
    columns: tuple[Column, ...]
    subject: Callable[[Any], str] | None = None
    empty: str = "没有记录"


@dataclass(frozen=True)
class MapPoint:
    """A panel of a record: where it is, for one that has coordinates."""

    title: str = "位置"
    longitude: str = "longitude"
    latitude: str = "latitude"


@dataclass(frozen=True)
class Change:
    """What somebody changed: (label, was, is) of each field, in words. `at` only where the hour is known."""

    on: date
    who: str
    what: str
    differences: tuple[tuple[str, str, str], ...] = ()
    reason: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class EditField:
    """One field of the form: name of the model's field, kind (text, date, number, choice, place, phone, uscc)."""

    name: str
    title: str
    kind: str = "text"
    required: bool = False
    choices: Choices = made(default_factory=dict)
    help: str = ""

    def options(self) -> Mapping[str, str]:
        """Value → words of a choice."""
        return self.choices() if callable(self.choices) else self.choices


class Stale(Exception):
    """Somebody else saved the record in the meantime; nothing was written."""


@dataclass(frozen=True)
class Edit:
    """The form of a register. action(record=, values=, version=, by=) writes and returns the record; it raises Stale
    when `version` is no longer the record's, ValidationError for what cannot be."""

    fields: tuple[EditField, ...]
    action: Callable[..., Any]
    capability: str = "registers.edit"


@dataclass(frozen=True)
class Register:
    """A 台账. `record` is the name of the record's key in addresses ('person_id'); `order` the column that a list is
    sorted by at first, with '-' for descending; `enrich` adds to the rows of one page what needs queries of its own;
    `search(text, actor, on)` gives a condition; `contract` is the feed by which the register is imported;
    `rank` its place among the registers."""

    slug: str
    title: str
    note: str
    model: type[Model]
    record: str
    columns: tuple[Column, ...]
    order: str
    capability: str = "registers.view"
    rows: Callable[[Actor, date], QuerySet[Any]] | None = None
    filters: tuple[Filter, ...] = ()
    search: Callable[[str, Actor, date], Q] | None = None
    search_hint: str = ""
    enrich: Callable[[Sequence[Any], Actor, date], None] | None = None
    panels: tuple[Fields | Related | MapPoint, ...] = ()
    history: Callable[[Any, Actor, date], list[Change]] | None = None
    opens: Callable[[Any, Actor, date], list[tuple[str, str]]] | None = None
    export: str = "registers.export"
    contract: str = ""
    edit: Edit | None = None
    icon: str = "table"
    rank: int = 50

    @property
    def kind(self) -> str:
        """What a record is in audit subjects: 'person' of 'person:12'."""
        return self.record.removesuffix("_id")

    def readable(self, actor: Actor, on: date) -> QuerySet[Any]:
        """All rows that the actor may see. Raises Forbidden without the register's capability."""
        actor.require(self.capability)
        return self.rows(actor, on) if self.rows else scoped(self.model._default_manager.all(), actor)

    def column(self, name: str) -> Column:
        """The column of that name; raises KeyError."""
        return {column.name: column for column in self.columns}[name]

    def class_of(self, column: Column) -> str:
        """The column's class of data (L1–L4, facts §10)."""
        if column.data_class:
            return column.data_class
        if column.kind in MASKED:
            return "L3"
        path = "" if callable(column.value) else (column.value or column.name)
        return str(getattr(self.model, "data_classes", {}).get(path, "L2"))

    def is_personal(self, columns: Sequence[Column]) -> bool:
        """Whether these columns hold data of persons, so that taking them out needs a reason."""
        return any(self.class_of(column) in ("L3", "L4") for column in columns)


@cache
def registers() -> dict[str, Register]:
    """All registers of all rooms and packs by slug, in the order of their ranks.

    Raises RegisterError (in Chinese, with module and field) when one of them cannot work.
    """
    from minzheng.kernel.foundation.packs import manifests  # manifests name registers: not at the top
    from minzheng.kernel.foundation.register_checks import RegisterError, check

    found: dict[str, Register] = {}
    for manifest in manifests():
        for module in manifest.registers:
            register = getattr(import_module(module), "REGISTER", None)
            if not isinstance(register, Register):
                raise RegisterError(f"{module}：应有 REGISTER = Register(…)")
            if register.slug in found:
                raise RegisterError(f"{module}：slug“{register.slug}”已被另一个台账使用")
            check(register, module)
            found[register.slug] = register
    return dict(sorted(found.items(), key=lambda item: item[1].rank))
