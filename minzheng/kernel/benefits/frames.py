"""Rows of the database as frames, for what is reckoned in bulk. Reads for the system: portals ask `queries`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from django.db.models import QuerySet

Schema = Mapping[str, pl.DataType]


def frame_of(rows: QuerySet[Any], schema: Schema, renamed: Mapping[str, str] | None = None) -> pl.DataFrame:
    """The columns of `schema` of a queryset; `renamed`: column → field where they differ. No order."""
    fields = [(renamed or {}).get(name, name) for name in schema]
    listed = list(rows.order_by().values_list(*fields))
    return pl.DataFrame(listed, schema=dict(schema), orient="row", strict=False) if listed else pl.DataFrame(schema=dict(schema))
