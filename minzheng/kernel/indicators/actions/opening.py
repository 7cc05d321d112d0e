"""Opening a figure's rows: names leave the room only here, a page or a file at a time, and each time on record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db.models import Q

from minzheng.kernel.divisions.queries import names
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, Forbidden, scoped
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.indicators.declarations import Column
from minzheng.kernel.indicators.queries.drill import RowSet
from minzheng.kernel.registry.masking import mask_address, mask_name
from minzheng.kernel.registry.models import Person

PAGE, CHUNK = 50, 2000


@dataclass(frozen=True)
class Row:
    """A row as it is shown: cells in the order of the columns, and what it is about ('alert:12') for a link."""

    pk: int
    cells: tuple[str, ...]
    subject: str
    place: str


def open_rows(*, found: RowSet, by: Actor, start: int = 0, size: int = PAGE) -> list[Row]:
    """A page of rows, L3 and L4 masked. Raises Forbidden where the reader may know the number alone."""
    query = _query(found, by, "rows.open", start=start, size=size)
    keys = list(query.values_list("pk", flat=True)[start : start + size])  # what comes before is passed over in an index
    rows = {row.pk: row for row in query.filter(pk__in=keys)}
    return _shown(found, [rows[key] for key in keys if key in rows], by)


def export_rows(*, found: RowSet, by: Actor) -> Iterator[Row]:
    """All rows, in streams of some thousand, masked as on the page. Raises Forbidden before anything is given."""
    by.require("registers.export")
    query = _query(found, by, "rows.export")
    return _streamed(found, query, by)


def _query(found: RowSet, by: Actor, verb: str, **details: Any) -> Any:
    if found.rows is None:
        raise Forbidden(found.reason)
    audit.record(
        by, verb, f"indicator:{found.indicator.name}", found.reading.name, part=found.part, place=found.place, as_of=found.span.as_of, **details
    )
    related = {column.how.split(".")[0] for column in found.columns if isinstance(column.how, str) and "." in column.how}
    return found.rows.select_related(*related) if related else found.rows


def _streamed(found: RowSet, query: Any, by: Actor) -> Iterator[Row]:
    way, rest = found.counted.place if found.counted else "", query
    while rows := list(rest[:CHUNK]):  # by key, not by offset: each chunk costs the same
        yield from _shown(found, rows, by)
        last = rows[-1]
        place = attrgetter(way.replace("__", "."))(last) if way else ""
        behind = Q(**{f"{way}__gt": place}) | Q(**{way: place, "pk__gt": last.pk}) if way else Q(pk__gt=last.pk)
        rest = query.filter(behind)


def _shown(found: RowSet, rows: list[Any], by: Actor) -> list[Row]:
    way = found.counted.place.replace("__", ".") if found.counted else ""
    codes = [str(attrgetter(way)(row) or "") for row in rows] if way else [""] * len(rows)
    places = names(set(codes), clock.business_date()) if way else {"": ""}
    people = _people(found.columns, rows, by)
    return [
        Row(row.pk, tuple(_cell(row, column, people) for column in found.columns), _subject(found, row, people), places[code])
        for row, code in zip(rows, codes, strict=True)
    ]


def _people(columns: Sequence[Column], rows: list[Any], by: Actor) -> dict[int, Person]:
    """Whom the rows are about, by key: those whom the reader may see."""
    keys = {_value(row, column) for column in columns if column.shows == "person" for row in rows}
    return {person.person_key: person for person in scoped(Person.objects.filter(person_key__in=keys), by)} if keys else {}


def _subject(found: RowSet, row: Any, people: dict[int, Person]) -> str:
    if found.indicator.subject:
        return found.subject(row)
    keys = [_value(row, column) for column in found.columns if column.shows == "person"]
    return f"person:{people[keys[0]].pk}" if keys and keys[0] in people else ""


def _value(row: Any, column: Column) -> Any:
    return attrgetter(column.how)(row) if isinstance(column.how, str) else column.how(row)


def _cell(row: Any, column: Column, people: dict[int, Person]) -> str:
    value = _value(row, column)
    if value is None:
        return ""
    if column.shows == "person":
        return mask_name(people[value].name) if value in people else "未在册"
    if column.shows == "name":
        return mask_name(str(value))
    if column.shows == "address":
        return mask_address(str(value))
    return yuan(value) if column.shows == "fen" else str(value)
