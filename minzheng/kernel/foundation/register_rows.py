"""Reading a register: filtered, counted as far as it is cheap, and one page of it.

Two ways lead to a page in order. *Gather*: find all that fits by the filters' indexes and sort it in memory, right when
little fits. *Walk*: go along the index of the order and keep what fits, right when much fits. PostgreSQL chooses by
its statistics; SQLite has none of ranges (docs/adr/0005-registers.md) and is told, by the bounded count.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connections
from django.db.models import F, Func, Q, QuerySet
from django.db.models.expressions import Col
from django.db.models.lookups import Lookup
from django.db.models.sql.where import WhereNode

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.registers import Register

BOUND = 10_000  # rows that are counted one by one and can be leafed through; an export has no bound


@dataclass(frozen=True)
class Asked:
    """What a reader asks of a register: search text, values of filters by name, column of the order ('-' descending).
    `searched`: the search's condition, where it has been looked up already."""

    text: str = ""
    filters: Mapping[str, Any] = field(default_factory=dict)
    order: str = ""
    searched: Q | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Found:
    """Rows that fit, in no order yet, and how many there are: exactly, or `more` than that. `readable` are all rows of the
    register, of which a page is fetched."""

    rows: QuerySet[Any]
    readable: QuerySet[Any]
    total: int
    more: bool = False


class _Plain(Func):
    """`+column` of SQLite: the value without the index that belongs to it."""

    template = "+%(expressions)s"
    arity = 1


def select(register: Register, asked: Asked, actor: Actor, on: date) -> QuerySet[Any]:
    """The rows of a register that the actor may see and that fit; unordered.

    Raises Forbidden, and ValueError or LookupError (in Chinese) for a value of a filter that does not exist.
    """
    rows = register.readable(actor, on).order_by()
    known = {one.name: one for one in register.filters}
    for name, value in asked.filters.items():
        rows = rows.filter(known[name].q(value, actor, on))
    if asked.text and register.search:
        rows = rows.filter(register.search(asked.text, actor, on) if asked.searched is None else asked.searched)
    return rows


def find(register: Register, asked: Asked, actor: Actor, on: date) -> Found:
    """`select` with its count: exact up to BOUND."""
    rows = select(register, asked, actor, on)
    counted = rows.values("pk")[: BOUND + 1].count()
    return Found(rows, register.readable(actor, on), min(counted, BOUND), counted > BOUND)


def page(register: Register, found: Found, order: str, offset: int, limit: int) -> list[Any]:
    """`limit` rows from `offset` on in the order of a column. What comes before is passed over in an index alone, and only
    the rows of the page are fetched, with whatever is encrypted in them."""
    keys = list(_in_order(register, found, order).values_list("pk", flat=True)[offset : offset + limit])
    rows = found.readable.in_bulk(keys)
    return [rows[key] for key in keys if key in rows]


def neighbours(
    register: Register, asked: Asked, record: Any, at: int, actor: Actor, on: date
) -> tuple[tuple[Any, int] | None, tuple[Any, int] | None]:
    """The records before and after `record`, which stood at position `at` of the list, each with its position.

    Both None when the list is no longer the same.
    """
    found = find(register, asked, actor, on)
    first = max(at - 1, 0)
    around = page(register, found, asked.order or register.order, first, 3)
    places = [row.pk for row in around]
    if record.pk not in places:
        return None, None
    here = places.index(record.pk)
    before = (around[here - 1], first + here - 1) if here else None
    after = (around[here + 1], first + here + 1) if here + 1 < len(around) else None
    return before, after


def all_rows(
    register: Register, found: Found, order: str, actor: Actor, on: date, chunk: int = 2000
) -> Iterator[list[Any]]:
    """Everything that fits, in order, some rows at a time with what belongs to them: for exports.

    One statement, so that all rows are of one moment; it is read as it comes, and memory stays flat.
    """
    part: list[Any] = []
    for row in _in_order(register, found, order).iterator(chunk_size=chunk):
        part.append(row)
        if len(part) == chunk:
            yield _enriched(register, part, actor, on)
            part = []
    if part:
        yield _enriched(register, part, actor, on)


def _enriched(register: Register, rows: list[Any], actor: Actor, on: date) -> list[Any]:
    if register.enrich:
        register.enrich(rows, actor, on)
    return rows


def _in_order(register: Register, found: Found, order: str) -> QuerySet[Any]:
    return in_order(found.rows, order_by(register, order), many=found.more)


def in_order(rows: QuerySet[Any], fields: Sequence[str], *, many: bool) -> QuerySet[Any]:
    """Rows in the order of fields ('-' descending), the first of which leads an index. `many`: more fit than are
    gathered and sorted sooner than the index is walked."""
    if connections[rows.db].vendor != "sqlite":
        return rows.order_by(*fields)
    if many:
        return _walk(rows, fields[0].lstrip("-")).order_by(*fields)
    return rows.order_by(*_gathered(fields))


def order_by(register: Register, order: str) -> list[str]:
    """'-known' → ['-known_since', '-pk']: a complete order, so that pages never overlap."""
    down = order.startswith("-")
    fields = [*register.column(order.removeprefix("-")).order, "pk"]
    return [name.removeprefix("-") if down and name.startswith("-") else f"-{name}" if down else name for name in fields]


def _gathered(fields: Sequence[str]) -> list[Any]:
    return [_Plain(F(name.lstrip("-"))).desc() if name.startswith("-") else _Plain(F(name)).asc() for name in fields]


def _walk(rows: QuerySet[Any], along: str) -> QuerySet[Any]:
    """The same rows with no condition left that could lure SQLite away from the index that leads with `along`."""
    walked = rows.all()
    walked.query.where = _plain(walked.query.where, along)
    return walked


def _plain(node: WhereNode, along: str) -> WhereNode:
    fresh = node.clone()
    for position, child in enumerate(fresh.children):
        if isinstance(child, WhereNode):
            fresh.children[position] = _plain(child, along)
        elif isinstance(child, Lookup) and isinstance(child.lhs, Col) and child.lhs.target.name != along:
            plain = copy.copy(child)
            plain.lhs = _Plain(child.lhs, output_field=child.lhs.output_field)
            fresh.children[position] = plain
    return fresh
