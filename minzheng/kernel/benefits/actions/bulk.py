"""Frames into tables: COPY on PostgreSQL, many-row inserts on SQLite. The caller holds the transaction."""

from __future__ import annotations

from typing import Any

import polars as pl
from django.db import connection
from django.db.models import Model

PIECE = 50_000


def insert(model: type[Model], frame: pl.DataFrame, **constants: Any) -> int:
    """Insert the rows of a frame; its columns are database columns of the model (JSON as text), `constants` the same for
    all rows. Returns how many."""
    if not frame.height:
        return 0
    if constants:
        frame = frame.with_columns(pl.lit(value).alias(name) for name, value in constants.items())
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(name) for name in frame.columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN WITH (FORMAT csv)") as copy:
                for piece in frame.iter_slices(PIECE):
                    copy.write(piece.write_csv(include_header=False, quote_style="non_numeric", null_value="").encode())
        else:
            places = ", ".join(["%s"] * frame.width)
            for piece in _plain(frame).iter_slices(PIECE):
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", piece.rows())
    return frame.height


def execute(statement: str, *parameters: Any) -> int:
    """One set-based statement; how many rows it touched. `{table}` names are written by the caller, values never."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Dates as text, as SQLite keeps them."""
    return frame.with_columns(pl.col(pl.Date).cast(pl.String), pl.col(pl.Datetime).cast(pl.String))
