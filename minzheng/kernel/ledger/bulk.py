"""Many rows in one statement, on both databases: a table made of parameters, to insert from or to join with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from django.db import connection

Type = Literal["text", "bigint", "date"]


def table_of(columns: Mapping[str, Type], data: Mapping[str, Sequence[Any]], name: str = "r") -> tuple[str, list[Any]]:
    """A SQL table expression `… AS name` with those columns, and its parameters. Column names are the program's own."""
    if connection.vendor == "postgresql":
        arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
        return f"unnest({arrays}) AS {name}({', '.join(columns)})", [_array(data[column], kind) for column, kind in columns.items()]
    parts = ", ".join(f"json_extract(value, '$[{at}]') AS {column}" for at, column in enumerate(columns))
    rows = json.dumps(list(zip(*(data[column] for column in columns), strict=True)), default=_plain)
    return f"(SELECT {parts} FROM json_each(%s)) AS {name}", [rows]


def execute(sql: str, parameters: Sequence[Any] = ()) -> int:
    """Run one statement; the number of rows that it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return int(cursor.rowcount)


def fetch(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run one query; all of its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return list(cursor.fetchall())


def _array(values: Sequence[Any], kind: Type) -> str:
    """PostgreSQL's literal of an array; written here because the driver looks at each element several times over."""
    if kind == "text":
        escaped = (v if v is None else v.replace("\\", "\\\\").replace('"', '\\"') for v in values)
        return "{" + ",".join("NULL" if v is None else f'"{v}"' for v in escaped) + "}"
    return "{" + ",".join("NULL" if v is None else str(v) for v in values) + "}"


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"not a value of a column: {value!r}")
