"""Which of a delivery's rows are repeated, which contradict each other, and which correct what the lake has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]
_PARTS = 64  # the keys are put in order part by part, so that sorting 20 million needs little memory


@dataclass
class RowNumbers:
    """Four numbers a row: of its key, of its content in the lake, of its identity (name, address, phone) and its place.

    `people` never leaves memory: stored beside a pseudonym it would let names be guessed and tested.
    """

    keys: Numbers
    hashes: Numbers
    people: npt.NDArray[np.uint32]
    places: Numbers


@dataclass(frozen=True)
class Verdict:
    """Masks over the delivery's rows, which exclude one another.

    `repeated`: said before, in the file or in the lake; `confirmed`, a part of it: said in the lake. `conflict`: same
    key, other content in the file. `stale`: a later delivery has already confirmed other content. `refused`: by the
    register that the feed fills. `corrected_later` counts, per batch number, keys that stand in later batches.
    """

    repeated: Mask
    confirmed: Mask
    conflict: Mask
    stale: Mask
    refused: Mask
    superseding: int
    corrected_later: dict[int, int]

    @property
    def keep(self) -> Mask:
        """Rows that go into the lake."""
        kept: Mask = ~(self.repeated | self.conflict | self.stale | self.refused)
        return kept


@dataclass(frozen=True)
class Standing:
    """A committed batch: its number, the date of its data, its files, and the file of what it confirmed."""

    number: int
    as_of: date
    paths: list[Path]
    confirmed: Path


def judge(rows: RowNumbers, as_of: date, lake: Iterable[Standing], refuse: Callable[[Mask], Mask]) -> Verdict:
    """Judge rows by key and content, against each other and against the lake. Takes `rows.keys` (it is large).

    Same key, same content: the later row of the file is repeated, and so is a row that says what the lake says as
    of `as_of`. Same key, other content within one file: nobody knows which is right, so none is kept. `refuse` tells
    which of the rows that would be kept are not to be.
    """
    count = len(rows.keys)
    ordered, order = _in_order(rows)
    repeated, conflict = _within(ordered, order, rows)
    standing = sorted(lake, key=lambda batch: (batch.as_of, batch.number))
    confirmed, stale, elsewhere = (np.zeros(count, dtype=bool) for _ in range(3))
    later: dict[int, list[npt.NDArray[np.uint32]]] = {}
    if standing:
        known = np.zeros(count, dtype=bool)  # a version as of `as_of` or earlier stands in the lake
        latest = np.zeros(count, dtype=np.int64)  # the content of the last such version
        for batch in standing:
            for mine, theirs in _matches(ordered, order, batch.paths):
                elsewhere[mine] = True
                if batch.as_of <= as_of:
                    known[mine], latest[mine] = True, theirs
                else:
                    later.setdefault(batch.number, []).append(mine)
            if batch.as_of > as_of:
                for mine, theirs in _matches(ordered, order, [batch.confirmed]):
                    stale[mine] |= rows.hashes[mine] != theirs
        confirmed = known & (latest == rows.hashes) & ~conflict
        repeated |= confirmed
        stale &= ~(repeated | conflict)
    refused = refuse(~(repeated | conflict | stale))
    verdict = Verdict(repeated, confirmed, conflict, stale, refused, 0, {})
    keep = verdict.keep
    counts = {number: int(keep[np.concatenate(places)].sum()) for number, places in later.items()}
    return Verdict(repeated, confirmed, conflict, stale, refused, int((elsewhere & keep).sum()), counts)


def _in_order(rows: RowNumbers) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
    """The keys in ascending order (as unsigned numbers), and where each one stands in the delivery."""
    keys = rows.keys.view(np.uint64)
    rows.keys = np.empty(0, dtype=np.int64)
    part = (keys >> np.uint64(64 - _PARTS.bit_length() + 1)).astype(np.uint8)
    ordered, order = np.empty_like(keys), np.empty(len(keys), dtype=np.uint32)
    start = 0
    for number in range(_PARTS):
        places = np.flatnonzero(part == number).astype(np.uint32)
        inside = keys[places]
        ranks = np.argsort(inside, kind="stable")
        end = start + len(places)
        ordered[start:end], order[start:end] = inside[ranks], places[ranks]
        start = end
    return ordered, order


def _within(
    ordered: npt.NDArray[np.uint64], order: npt.NDArray[np.uint32], rows: RowNumbers
) -> tuple[Mask, Mask]:
    repeated, conflict = np.zeros(len(order), dtype=bool), np.zeros(len(order), dtype=bool)
    same = ordered[1:] == ordered[:-1]
    if not same.any():
        return repeated, conflict
    grouped = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
    places = order[grouped]
    frame = pl.DataFrame({
        "key": ordered[grouped], "hash": rows.hashes[places], "people": rows.people[places],
        "place": rows.places[places], "row": places,
    })  # fmt: skip
    frame = frame.sort("key", "place").with_columns(
        (pl.struct("hash", "people").n_unique().over("key") > 1).alias("conflict"),
        (pl.int_range(pl.len()).over("key") > 0).alias("repeated"),
    )
    conflict[frame.filter("conflict")["row"].to_numpy()] = True
    repeated[frame.filter(~pl.col("conflict") & pl.col("repeated"))["row"].to_numpy()] = True
    return repeated, conflict


def _matches(
    ordered: npt.NDArray[np.uint64], order: npt.NDArray[np.uint32], paths: list[Path]
) -> Iterable[tuple[npt.NDArray[np.uint32], Numbers]]:
    """For each file: our rows whose key stands in it, and the content that it has for each of them."""
    for path in paths:
        if not path.exists() or not len(ordered):
            continue
        there = pl.read_parquet(path, columns=["row_key", "row_hash"])
        keys = there["row_key"].to_numpy().view(np.uint64)
        # In ascending order the search walks through memory instead of jumping about in it: ten times faster.
        ascending = np.argsort(keys)
        theirs = keys[ascending]
        low, high = np.searchsorted(ordered, theirs, "left"), np.searchsorted(ordered, theirs, "right")
        counts = high - low
        hit = np.flatnonzero(counts)
        if len(hit):
            # A key of ours that occurs several times is met at each place.
            total = counts[hit].sum()
            spread = np.repeat(low[hit] - (np.cumsum(counts[hit]) - counts[hit]), counts[hit]) + np.arange(total)
            yield order[spread], there["row_hash"].to_numpy()[ascending[np.repeat(hit, counts[hit])]]
