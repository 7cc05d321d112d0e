"""Slow beginnings are made once a process and put back for every other test.

Writing a test of the portals, ask for `world` and nothing else (of divisions alone: `divisions`). What you get is yours: rows,
files and objects of your own, which you may change and delete; the transaction that pytest-django wraps around the test
takes them away again, and tests without `world` find an empty database. How it comes about quickly:

`begun(build, home)` calls build() the first time only. Then it photographs what build() left behind: the rows of every
table that it filled, the files of the deployment folder (the keys among them: rows are sealed under them), and what it
returned. Every later call, in whatever test, puts the photograph into that test's database and folder: one COPY a table
on PostgreSQL, one INSERT a table on SQLite, a few small files, and a fresh copy of the objects. So build()

- begins with tables as the migrations leave them, and a folder without files but keys,
- says the same whenever it is called: it takes the date of the suite, not that of a test,
- returns what can be pickled, model instances for example, or nothing.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, models, transaction

from minzheng.kernel.divisions.actions import load_divisions
from minzheng.kernel.foundation import calendar, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.home import Home

T = TypeVar("T")
DAY = date(2024, 6, 3)  # the business date of the suite, a Monday
_taken: dict[tuple[Any, ...], Photograph] = {}


def begun(build: Callable[[], T], home: Home | None = None) -> T:
    """What build() leaves in database and folder is there, and what it returns comes back; see above."""
    key = (build, home is None, settings.SYNTHETIC)
    if key not in _taken:
        before = _counts()
        with clock.use(DAY):
            made = build()
        _taken[key] = Photograph.of(made, before, home)
        return _taken[key].made()
    with transaction.atomic():
        _taken[key].put_back(home)
    calendar.forget()  # the kept calendar is that of another test
    return _taken[key].made()


@dataclass(frozen=True)
class Photograph:
    """Rows by table as the database writes them down, files by path, and the pickled objects."""

    rows: list[tuple[str, Any]]
    after: str  # sequences go on behind the highest keys
    files: dict[str, bytes]
    pickled: bytes

    @classmethod
    def of(cls, made: object, before: dict[type[models.Model], int], home: Home | None) -> Photograph:
        now = _counts()
        filled = [model for model in now if model not in before]
        assert before == {model: now[model] for model in before}, "a beginning starts from tables as the migrations leave them"
        files = {str(path.relative_to(home.root)): path.read_bytes() for path in sorted(home.root.rglob("*")) if path.is_file()} if home else {}
        pickled = pickle.dumps(made)
        assert home is None or str(home.root).encode() not in pickled, "the next test has another folder"
        read = _read_copy if connection.vendor == "postgresql" else _read_values
        rows = [(model._meta.db_table, read(model._meta.db_table)) for model in filled]
        return cls(rows, "\n".join(connection.ops.sequence_reset_sql(no_style(), filled)), files, pickled)

    def put_back(self, home: Home | None) -> None:
        write = _write_copy if connection.vendor == "postgresql" else _write_values
        for table, rows in self.rows:
            write(table, rows)
        if self.after:
            with connection.cursor() as cursor:
                cursor.execute(self.after)
        for name, content in self.files.items():
            assert home is not None
            path = home.root / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o600)

    def made(self) -> Any:
        return pickle.loads(self.pickled)


def _counts() -> dict[type[models.Model], int]:
    """How many rows each table has that has any."""
    found = {model: model._base_manager.count() for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    return {model: count for model, count in found.items() if count}


def _read_copy(table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
        return b"".join(copy)


def _write_copy(table: str, rows: bytes) -> None:
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
        copy.write(rows)


def _read_values(table: str) -> tuple[str, list[tuple[Any, ...]]]:
    """The statement that writes the rows, and the rows without Django's converters (+ takes a column's declared type away)."""
    with connection.cursor() as cursor:
        names = [row[1] for row in cursor.execute(f'PRAGMA table_info("{table}")').fetchall()]
        plain = ", ".join(f'+"{name}"' for name in names)
        found = cursor.execute(f'SELECT {plain} FROM "{table}"').fetchall()
    columns, places = ", ".join(f'"{name}"' for name in names), ", ".join(["%s"] * len(names))
    return f'INSERT INTO "{table}" ({columns}) VALUES ({places})', found


def _write_values(table: str, rows: tuple[str, list[tuple[Any, ...]]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(*rows)


def shipped_divisions() -> None:
    """What the fixture `divisions` begins with."""
    load_divisions(by=Actor.system("测试"))
