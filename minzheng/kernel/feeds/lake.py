"""The lake: Parquet by contract and batch, sorted by pseudonym. A batch counts only when its row stands in the database."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import polars as pl
from django.conf import settings

from minzheng.kernel.feeds.contracts import Contract, contracts
from minzheng.kernel.feeds.datasets import datasets
from minzheng.kernel.feeds.errors import UnknownName
from minzheng.kernel.feeds.models import Batch

INTERNAL = ("row_key", "row_hash")


def contract(name: str) -> Contract:
    """The contract of that name, a dataset's too; raises UnknownName with the nearest names."""
    found = contracts().get(name) or (datasets()[name].contract if name in datasets() else None)
    if found is None:
        from difflib import get_close_matches

        near = get_close_matches(name, contracts(), n=3, cutoff=0.4)
        hint = f"是不是:{'、'.join(near)}?" if near else f"可用:{'、'.join(contracts())}"
        raise UnknownName(f"没有“{name}”这个数据目录。{hint}")
    return found


def schema(name: str) -> dict[str, pl.DataType]:
    """Lake column → type of a contract, as `scan` gives it."""
    types = {"id_number": pl.Int64(), "household": pl.Int64(), "disability_certificate": pl.Int64(),
             "money": pl.Int64(), "village": pl.Int64(), "decimal": pl.Float64(), "date": pl.Date(),
             "month": pl.Date(), "bool": pl.Boolean()}  # fmt: skip
    found = contract(name)
    return {lake: types.get(found.columns[column].type, pl.String()) for column, lake in found.lake_columns().items()}


def batches(name: str, as_of: date | None = None) -> list[Batch]:
    """Committed batches of a contract, oldest data first; those as of `as_of` or earlier."""
    rows = Batch.objects.filter(contract=contract(name).name)
    if as_of is not None:
        rows = rows.filter(as_of__lte=as_of)
    return list(rows.order_by("as_of", "id"))


def batch_paths(batch: Batch) -> list[Path]:
    """The Parquet files of one batch, in the order of their pseudonyms."""
    return sorted((settings.HOME.lake / batch.contract / batch.batch_id).glob("part-*.parquet"))


def scan(name: str, as_of: date, *, with_batch: bool = False) -> pl.LazyFrame:
    """The rows of a feed that hold as of a date, lazily; `with_batch` adds the column `batch` (where a row is from).

    Where a later batch corrects a row of an earlier one (same key), the later one counts. An empty feed gives an
    empty frame with the right columns.
    """
    columns = list(schema(name))
    if name in datasets():
        files = datasets()[name].parts(as_of)
        own = pl.scan_parquet(files).select(columns) if files else pl.LazyFrame(schema=schema(name))
        return own.with_columns(pl.lit("").alias("batch")) if with_batch else own
    frames: list[pl.LazyFrame] = []
    corrections: list[pl.LazyFrame] = []  # keys that batches already passed (the later ones) correct
    for batch in reversed(batches(name, as_of)):
        paths = batch_paths(batch)
        if not paths:
            continue
        rows = pl.scan_parquet(paths)
        current = rows
        if corrections:
            current = rows.join(pl.concat(corrections), on="row_key", how="anti")
        origin = [pl.lit(batch.batch_id).alias("batch")] if with_batch else []
        frames.append(current.select(*columns, *origin))
        if batch.superseding:
            corrections.append(rows.select("row_key"))
    empty = {**schema(name), "batch": pl.String()} if with_batch else schema(name)
    return pl.concat(frames[::-1]) if frames else pl.LazyFrame(schema=empty)


def parts(name: str, as_of: date) -> list[Path]:
    """Parquet files with exactly the rows of `scan`, for engines that read files themselves.

    A feed without corrections is served as it lies; otherwise its current rows are written once and kept until
    the batches change.
    """
    if name in datasets():
        return datasets()[name].parts(as_of)
    standing = batches(name, as_of)
    files = [path for batch in standing for path in batch_paths(batch)]
    if files and not any(batch.superseding for batch in standing):
        return files
    mark = hashlib.sha256("|".join(f"{b.batch_id}:{b.superseding}" for b in standing).encode()).hexdigest()[:16]
    target: Path = settings.HOME.work / "current" / name / f"{mark}.parquet"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        for old in target.parent.glob("*.parquet"):
            old.unlink()
        draft = target.with_suffix(".draft")
        scan(name, as_of).sink_parquet(draft)
        draft.rename(target)
    return [target]
