"""A lake of a few rows for tests: files and committed batches, without an import."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.utils import timezone

from minzheng.kernel.feeds import lake
from minzheng.kernel.feeds.models import Batch

DAY = date(2024, 5, 31)


def put(contract: str, rows: list[dict[str, Any]], as_of: date = DAY) -> Batch:
    """Commit `rows` (lake columns, the rest null) as one delivery of a contract."""
    number = Batch.objects.filter(contract=contract).count() + 1
    batch_id = f"{contract}-{as_of:%Y%m%d}-{number:04d}"
    folder: Path = settings.HOME.lake / contract / batch_id
    folder.mkdir(parents=True)
    frame = pl.DataFrame(rows, schema=lake.schema(contract)).sort("person_key")
    keys = pl.Series("row_key", range(number * 1_000_000, number * 1_000_000 + frame.height), dtype=pl.Int64)
    frame.with_columns(keys, keys.alias("row_hash")).write_parquet(folder / "part-0000.parquet")
    return Batch.objects.create(
        batch_id=batch_id, contract=contract, as_of=as_of, file_name="测试", file_sha256=batch_id, file_bytes=1,
        read=len(rows), accepted=len(rows), quarantined=0, duplicates=0, imported_at=timezone.now(), imported_by="测试",
        seconds=0.0, synthetic=True,
    )  # fmt: skip


def put_all(feeds: dict[str, list[dict[str, Any]]], as_of: date = DAY) -> None:
    """Commit one delivery of each feed."""
    for contract, rows in feeds.items():
        put(contract, rows, as_of)
