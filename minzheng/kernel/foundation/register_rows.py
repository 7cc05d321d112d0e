"""Reading a register: filtered, counted as far as it is cheap, and one page of it.

Two ways lead to a page in order. *Gather*: find all that fits by the filters' indexes and sort it in memory, right when
little fits. *Walk*: go along the index of the order and keep what fits, right when much fits. PostgreSQL chooses by
its statistics; SQLite has none of ranges (docs/adr/0005-registers.md) and is told, by the bounded count.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connections
from django.db.models import F, Func, Q, QuerySet
from django.db.models.expressions import Col
from django.db.models.lookups import GreaterThanOrEqual, In, IsNull, LessThanOrEqual, Lookup
from django.db.models.sql.where import WhereNode

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.fields import EncryptedTextField
from minzheng.kernel.foundation.registers import Column, Register

BOUND = 10_000  # rows that are counted one by one and can be leafed through; an export has no bound
KEPT = 5_000  # rows that fit a filter whose keys are kept for the page
FURTHER = 3  # times BOUND that are counted to tell which of several conditions fits fewest


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
    gathered: QuerySet[Any] | None = None  # `rows` as they are found soonest, where that had to be told
    keys: Sequence[int] | None = None  # of all rows that fit, where they are few: a page need not look for them again


class _Plain(Func):
    """The value of a column without the indexes that belong to it: `+column` of SQLite, on PostgreSQL something that it does not see
    through."""

    template = "COALESCE(%(expressions)s, %(expressions)s)"
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """The unary plus."""
        return self.as_sql(compiler, connection, template="+%(expressions)s", **more)


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
    gathered, readable = from_the_fewest(rows), register.readable(actor, on)
    if not (asked.filters or asked.text):
        counted = gathered.values("pk")[: BOUND + 1].count()
        return Found(rows, readable, min(counted, BOUND), counted > BOUND, gathered)
    keys = list(gathered.values_list("pk", flat=True)[: BOUND + 1])
    return Found(rows, readable, min(len(keys), BOUND), len(keys) > BOUND, gathered, keys if len(keys) <= KEPT else None)


def page(register: Register, found: Found, order: str, offset: int, limit: int, columns: Iterable[Column] | None = None) -> list[Any]:
    """`limit` rows from `offset` on in the order of a column. What comes before is passed over in an index alone, and only
    the rows of the page are fetched. `columns`: what will be shown; whatever else is encrypted in a row is opened when it is asked for."""
    ordered = _in_order(register, found, order)
    if found.keys is not None:
        alone = register.model._default_manager.using(found.rows.db).filter(pk__in=found.keys)
        ordered = alone.order_by(*_gathered(order_by(register, order)))
    keys = list(ordered.values_list("pk", flat=True)[offset : offset + limit])
    rows = found.readable.defer(*_sealed_beside(register, columns)).in_bulk(keys)
    return [rows[key] for key in keys if key in rows]


def _sealed_beside(register: Register, columns: Iterable[Column] | None) -> list[str]:
    if columns is None:
        return []
    shown = {column.value or column.name for column in columns}
    return [one.name for one in register.model._meta.fields if isinstance(one, EncryptedTextField) and one.name not in shown]


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
    rows = found.rows if found.more or found.gathered is None else found.gathered
    return in_order(rows, order_by(register, order), many=found.more)


def in_order(rows: QuerySet[Any], fields: Sequence[str], *, many: bool) -> QuerySet[Any]:
    """Rows in the order of fields ('-' descending), the first of which leads an index. `many`: more fit than are
    gathered and sorted sooner than the index is walked."""
    if connections[rows.db].vendor != "sqlite":
        return rows.order_by(*fields)
    if many:
        return _walk(rows, fields[0].lstrip("-")).order_by(*fields)
    return rows.order_by(*_gathered(fields))


def from_the_fewest(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The same rows; on SQLite, where conditions on several indexed columns stand beside each other, found by way of that which fits
    the fewest rows. Each is counted alone in its index, no further than BOUND, or than some times that where all fit more."""
    if connections[rows.db].vendor != "sqlite":
        return rows
    leading, filled = _leading(rows.model), _leading_where_filled(rows.model)
    asked = {
        column: own for column, own in _by_column(rows).items()
        if column in leading or (column in filled and any(isinstance(one, IsNull) and not one.rhs for one in own))
    }  # fmt: skip
    if not asked:
        return rows
    if len(asked) == 1:
        return _walk(rows, next(iter(asked)))
    for bound in (BOUND, BOUND * FURTHER):
        fitting = {column: _fitting(rows, column, bound) for column in asked}
        fewest = min(fitting, key=lambda column: fitting[column])
        if fitting[fewest] <= bound:
            break
    return _walk(rows, fewest)


def _fitting(rows: QuerySet[Any], column: str, bound: int) -> int:
    alone = rows.model._default_manager.using(rows.db).order_by()
    alone.query.where = WhereNode(_tight(_by_column(rows)[column]))
    return int(alone.values("pk")[: bound + 1].count())


def _by_column(rows: QuerySet[Any]) -> dict[str, list[Any]]:
    """The conditions that must all hold, by the one column that each is about; those about several are left out."""
    found: dict[str, list[Any]] = {}
    where = rows.query.where
    for child in where.children if where.connector == "AND" and not where.negated else ():
        if column := _column(child):
            found.setdefault(column, []).append(child)
    return found


def _leading(model: type[Any]) -> set[str]:
    """The columns that lead an index over all rows of a table, and the primary key."""
    leads = {index.fields[0] for index in model._meta.indexes if index.fields and index.condition is None}
    return leads | {one.name for one in model._meta.fields if one.db_index or one.unique}


def _leading_where_filled(model: type[Any]) -> set[str]:
    """The columns that lead an index over those rows in which they have a value."""
    return {index.fields[0] for index in model._meta.indexes if index.fields and index.condition == Q(**{f"{index.fields[0]}__isnull": False})}


def _column(node: Any) -> str:
    """The one column of the table itself that a condition is about; '' where it is about several or something else."""
    if isinstance(node, WhereNode):
        columns = {_column(child) for child in node.children if not _is_nobody(child)}
        return columns.pop() if len(columns) == 1 and not node.negated else ""
    return node.lhs.target.name if isinstance(node, Lookup) and isinstance(node.lhs, Col) else ""


def order_by(register: Register, order: str) -> list[str]:
    """'-known' → ['-known_since', '-pk']: a complete order, so that pages never overlap."""
    down = order.startswith("-")
    fields = [*register.column(order.removeprefix("-")).order, "pk"]
    return [name.removeprefix("-") if down and name.startswith("-") else f"-{name}" if down else name for name in fields]


def _gathered(fields: Sequence[str]) -> list[Any]:
    return [_Plain(F(name.lstrip("-"))).desc() if name.startswith("-") else _Plain(F(name)).asc() for name in fields]


def _walk(rows: QuerySet[Any], along: str) -> QuerySet[Any]:
    """The same rows with no condition left that could lure SQLite away from the index that leads with `along`, and with that column's
    own conditions drawn together to the narrowest range, so that it begins and ends where it should."""
    walked, own = rows.all(), _by_column(rows).get(along, [])
    tight = _tight(own)
    spared = frozenset(one.name for one in rows.model._meta.fields) - _leading(rows.model)  # no index of all rows lures by these
    walked.query.where = _plain(walked.query.where, "" if tight is not own else along, spared)
    if tight is not own:
        walked.query.where.children.extend(tight)
    return walked


def _tight(conditions: list[Any]) -> list[Any]:
    """The narrowest range that holds whatever fits all conditions on one column, as two conditions; the conditions themselves where they
    are of another kind."""
    hull = _hull(WhereNode(conditions))
    lookup = next(iter(_lookups(conditions)), None)
    if hull is None or lookup is None or hull == (None, None):
        return conditions
    low, high = hull
    ends = [] if low is None else [GreaterThanOrEqual(lookup.lhs, low)]
    return ends if high is None else [*ends, LessThanOrEqual(lookup.lhs, high)]


def _lookups(nodes: Sequence[Any]) -> Iterator[Any]:
    for node in nodes:
        if isinstance(node, WhereNode):
            yield from _lookups(node.children)
        elif not _is_nobody(node):
            yield node


def _hull(node: Any) -> tuple[Any, Any] | None:
    """(lowest, highest) of the values that a condition lets through, None at an open end; None as a whole where nothing is known of it."""
    if not isinstance(node, WhereNode):
        value = node.rhs
        if hasattr(value, "resolve_expression") or node.lookup_name not in ("exact", "gte", "gt", "lte", "lt"):
            return None
        return (None if node.lookup_name in ("lte", "lt") else value), (None if node.lookup_name in ("gte", "gt") else value)
    parts = [_hull(child) for child in node.children if not _is_nobody(child)]
    known = [part for part in parts if part is not None]
    if node.negated or not known or len(known) < len(parts):
        return None
    lows, highs = [low for low, _high in known], [high for _low, high in known]
    if node.connector == "OR":
        return (None if None in lows else min(lows)), (None if None in highs else max(highs))
    given = [low for low in lows if low is not None], [high for high in highs if high is not None]
    return max(given[0], default=None), min(given[1], default=None)


def _is_nobody(node: Any) -> bool:
    """Whether a condition is the empty one with which an OR of ranges begins."""
    return isinstance(node, In) and node.rhs == []


def _plain(node: WhereNode, along: str, spared: frozenset[str]) -> WhereNode:
    fresh = node.clone()
    for position, child in enumerate(fresh.children):
        if isinstance(child, WhereNode):
            fresh.children[position] = _plain(child, along, spared)
        elif isinstance(child, Lookup) and isinstance(child.lhs, Col) and child.lhs.target.name not in (along, *spared):
            plain = copy.copy(child)
            plain.lhs = _Plain(child.lhs, output_field=child.lhs.output_field)
            fresh.children[position] = plain
    return fresh
