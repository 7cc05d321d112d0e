"""Which of a delivery's rows are repeated, which contradict each other, and which correct what the lake has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl


@dataclass(frozen=True)
class Verdict:
    """Masks over the delivery's rows; `corrected_later` counts, per batch number, keys that stand in later batches."""

    duplicate: np.ndarray
    conflict: np.ndarray
    superseding: int
    corrected_later: dict[int, int]

    @property
    def keep(self) -> np.ndarray:
        """Rows that go into the lake."""
        kept: np.ndarray = ~(self.duplicate | self.conflict)
        return kept


@dataclass(frozen=True)
class Standing:
    """A committed batch: its number, the date of its data, its files."""

    number: int
    as_of: date
    paths: list[Path]


def judge(keys: np.ndarray, hashes: np.ndarray, places: np.ndarray, as_of: date, lake: Iterable[Standing]) -> Verdict:
    """Judge rows by key and content, against each other and against the lake.

    Same key, same content: the later row of the file is a duplicate, and so is a row that says what the lake says as
    of `as_of`. Same key, other content within one file: nobody knows which is right, so none is kept.
    """
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    duplicate, conflict = _within(ordered, order, hashes, places)
    standing = sorted(lake, key=lambda b: (b.as_of, b.number))
    known = np.zeros(len(keys), dtype=bool)  # a version as of `as_of` or earlier stands in the lake
    latest = np.zeros(len(keys) if standing else 0, dtype=np.int64)  # the content of the last such version
    elsewhere = np.zeros(len(keys), dtype=bool)
    later: dict[int, np.ndarray] = {}
    for batch in standing:
        for path in batch.paths:
            there = pl.read_parquet(path, columns=["row_key", "row_hash"])
            mine, theirs = _matches(ordered, order, there["row_key"].to_numpy())
            elsewhere[mine] = True
            if batch.as_of <= as_of:
                known[mine], latest[mine] = True, there["row_hash"].to_numpy()[theirs]
            else:
                later[batch.number] = np.append(later.get(batch.number, np.empty(0, dtype=np.int64)), mine)
    if standing:
        duplicate |= known & (latest == hashes) & ~conflict
    keep = ~(duplicate | conflict)
    return Verdict(
        duplicate, conflict, int((elsewhere & keep).sum()), {n: int(keep[rows].sum()) for n, rows in later.items()}
    )


def _within(
    ordered: np.ndarray, order: np.ndarray, hashes: np.ndarray, places: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    duplicate, conflict = np.zeros(len(order), dtype=bool), np.zeros(len(order), dtype=bool)
    same = ordered[1:] == ordered[:-1]
    if not same.any():
        return duplicate, conflict
    grouped = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
    rows = order[grouped]
    frame = pl.DataFrame({"key": ordered[grouped], "hash": hashes[rows], "place": places[rows], "row": rows})
    frame = frame.sort("key", "place").with_columns(
        (pl.col("hash").n_unique().over("key") > 1).alias("conflict"),
        (pl.int_range(pl.len()).over("key") > 0).alias("repeated"),
    )
    conflict[frame.filter("conflict")["row"].to_numpy()] = True
    duplicate[frame.filter(~pl.col("conflict") & pl.col("repeated"))["row"].to_numpy()] = True
    return duplicate, conflict


def _matches(ordered: np.ndarray, order: np.ndarray, theirs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions (ours, theirs) of equal keys. A key of ours that occurs several times is met at each place."""
    if not len(ordered) or not len(theirs):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    low, high = np.searchsorted(ordered, theirs, "left"), np.searchsorted(ordered, theirs, "right")
    counts = high - low
    hit = np.flatnonzero(counts)
    spread = np.repeat(low[hit] - (np.cumsum(counts[hit]) - counts[hit]), counts[hit]) + np.arange(counts[hit].sum())
    return order[spread], np.repeat(hit, counts[hit])
