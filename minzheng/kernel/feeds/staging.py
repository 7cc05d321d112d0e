"""Writing a batch so that it appears whole or not at all.

Rows are spread by pseudonym over buckets while they stream in; at the end repeated and contradictory rows are taken
out, each bucket is sorted and written. Everything happens in a staging folder that is renamed into place; the Batch
row in the database, written last by actions.py, is what makes the batch exist. Leftovers of a killed import are swept
by the next one.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as papq
from django.conf import settings

from minzheng.kernel.feeds.contracts import IDENTITY_TYPES, Contract
from minzheng.kernel.feeds.dedupe import RowNumbers, Verdict
from minzheng.kernel.feeds.keys import row_numbers
from minzheng.kernel.foundation.encryption import open_bytes, seal_bytes
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.keys import pseudonymiser
from minzheng.kernel.foundation.vault import seal_identities

BUCKET_ROWS = 1_000_000  # what is sorted in memory at once
KINDS = ("lake", "vault", "quarantine")
# What a delivery said again, beside its lake files: (row_key, row_hash). A late delivery must not overrule it.
CONFIRMED = "confirmed.parquet"
# Which of the rows given back came in mended, beside the lake files of a supplement: (sheet, row) of the first file.
SETTLED = "settled.parquet"


def folder_of(kind: str, contract: str, batch_id: str) -> Path:
    """Where a committed batch keeps its part of a kind."""
    home: Home = settings.HOME
    return {"lake": home.lake, "vault": home.vault, "quarantine": home.quarantine}[kind] / contract / batch_id


def staging_root(contract: str) -> Path:
    """Where imports of a contract work; its content is worthless when no import runs."""
    home: Home = settings.HOME
    return home.work / "intake" / contract


@dataclass
class _Bucket:
    path: Path
    writer: papq.ParquetWriter | None = None
    size: int = 0
    keys: list[np.ndarray] = field(default_factory=list)
    hashes: list[np.ndarray] = field(default_factory=list)
    people: list[np.ndarray] = field(default_factory=list)
    places: list[np.ndarray] = field(default_factory=list)


class BatchWriter:
    """Collects the good and bad rows of one delivery. `commit_files` puts them into place."""

    def __init__(self, contract: Contract, batch_id: str, expected_rows: int, seal_number: int) -> None:
        self.contract, self.batch_id = contract, batch_id
        self.root = staging_root(contract.name) / batch_id
        for kind in KINDS:
            (self.root / kind).mkdir(parents=True)
        count = 1
        while count * BUCKET_ROWS < expected_rows:
            count *= 2
        self._shift = 64 - count.bit_length() + 1
        self._buckets = [_Bucket(self.root / f"bucket-{n:04d}.parquet") for n in range(count)]
        self._names = contract.lake_columns()
        self._keys = [self._names[name] for name in contract.key]
        # What rows are spread and sorted by: the pseudonym, where rows are about people.
        self._along = "person_key" if "person_key" in self._names.values() else "row_key"
        self._pseudonymiser = pseudonymiser()
        self._seal_number = seal_number
        self._sealed: list[Path] = []
        self._bad = 0
        self.accepted = 0

    def add_good(self, frame: pl.DataFrame, sheet: int) -> None:
        """Take in sound rows (contract columns and `row`, the row's number in its sheet)."""
        if not frame.height:
            return
        lake = self._pseudonymised(frame)
        lake = lake.with_columns(
            pl.Series("row_key", row_numbers(lake, self._keys)),
            pl.Series("row_hash", row_numbers(lake, list(self._names.values()))),
        )
        # The number of the row in its file, with the sheet in the upper bits, to find contradictory rows again.
        places = frame["row"].to_numpy() | (sheet << 32) if sheet else frame["row"].cast(pl.Int32).to_numpy()
        if self.contract.vault:
            self._add_identities(frame, lake["person_key"])
        people = self._people(frame)
        if len(self._buckets) == 1:
            self._append(self._buckets[0], lake, people, places)
            return
        number = (lake[self._along].to_numpy().view(np.uint64) ^ np.uint64(1 << 63)) >> np.uint64(self._shift)
        order = np.argsort(number, kind="stable")
        edges = np.searchsorted(number[order], np.arange(len(self._buckets) + 1))
        arranged, people, places = lake[order], people[order], places[order]
        for index, bucket in enumerate(self._buckets):
            start, end = int(edges[index]), int(edges[index + 1])
            if end > start:
                # Copies: a slice would keep the arrays of the whole chunk alive.
                self._append(bucket, arranged[start:end], people[start:end].copy(), places[start:end].copy())

    def add_bad(self, frame: pl.DataFrame, sheet: str) -> None:
        """Take in bad rows: raw cells, `row`, `reasons`; sealed at once, no ID number lies open on disk."""
        if not frame.height:
            return
        buffer = io.BytesIO()
        frame.with_columns(pl.lit(sheet).alias("sheet")).write_parquet(buffer)
        path = self.root / "quarantine" / f"{self._bad:05d}.sealed"
        path.write_bytes(seal_bytes(buffer.getvalue(), "quarantine"))
        self._bad += 1

    def row_numbers(self) -> RowNumbers:
        """The numbers of all good rows, bucket after bucket. Asked once: the parts are let go."""
        for bucket in self._buckets:
            if bucket.writer:
                bucket.writer.close()
        return RowNumbers(
            self._taken("keys", np.int64), self._taken("hashes", np.int64), self._taken("people", np.uint32),
            self._taken("places", np.int64),
        )  # fmt: skip

    def good(self) -> pl.DataFrame:
        """All good rows as the lake would have them, in the order of `row_numbers`, which must have been asked before."""
        return pl.concat([pl.read_parquet(bucket.path) for bucket in self._buckets if bucket.size])

    def write_lake(self, verdict: Verdict, rows: RowNumbers) -> None:
        """Write the rows to keep (in the order of `row_numbers`), each bucket sorted by pseudonym."""
        keep, start = verdict.keep, 0
        confirmed: list[pl.DataFrame] = []
        for index, bucket in enumerate(self._buckets):
            if not bucket.size:
                continue
            inside = slice(start, start + bucket.size)
            start += bucket.size
            found = pl.read_parquet(bucket.path)
            bucket.path.unlink()
            if verdict.confirmed[inside].any():
                confirmed.append(found.filter(pl.Series(verdict.confirmed[inside])).select("row_key", "row_hash"))
            kept = (found if keep[inside].all() else found.filter(pl.Series(keep[inside]))).sort(self._along)
            if kept.height:
                kept.write_parquet(
                    self.root / "lake" / f"part-{index:04d}.parquet", compression="zstd", compression_level=1,
                    row_group_size=250_000,
                )  # fmt: skip
            self.accepted += kept.height
        if confirmed:
            pl.concat(confirmed).write_parquet(self.root / "lake" / CONFIRMED, compression="uncompressed")
        self._write_vault()

    def note_settled(self, places: np.ndarray, sheets: list[str]) -> None:
        """Remember which rows of the sender's first file this supplement has taken in."""
        places = places.astype(np.int64)  # of a single sheet they are kept shorter
        frame = pl.DataFrame({
            "sheet": [sheets[place >> 32] for place in places.tolist()], "row": places & 0xFFFF_FFFF
        }, schema={"sheet": pl.String, "row": pl.Int64})  # fmt: skip
        frame.write_parquet(self.root / "lake" / SETTLED, compression="uncompressed")

    def commit_files(self) -> None:
        """Rename the three folders into place (those that hold anything)."""
        for kind in KINDS:
            source, target = self.root / kind, folder_of(kind, self.contract.name, self.batch_id)
            if any(source.iterdir()):
                target.parent.mkdir(parents=True, exist_ok=True)
                source.rename(target)
        shutil.rmtree(self.root)

    def discard(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self.root, ignore_errors=True)

    def _pseudonymised(self, frame: pl.DataFrame) -> pl.DataFrame:
        columns = []
        for name, lake_name in self._names.items():
            kind, series = self.contract.columns[name].type, frame[name]
            if kind == "id_number":
                series = self._pseudonymiser.of_ids(series)
            elif kind == "household":
                series = self._pseudonymiser.of_text("household", series)
            elif kind == "disability_certificate":
                series = self._pseudonymiser.of_text("disability_certificate", series)
            columns.append(series.alias(lake_name))
        return pl.DataFrame(columns)

    def _people(self, frame: pl.DataFrame) -> np.ndarray:
        """A number of each row's name, address and phone, to tell a repeated row from one about somebody else."""
        columns = [
            name
            for name, column in self.contract.columns.items()
            if column.type in IDENTITY_TYPES and frame[name].null_count() < frame.height
        ]
        return row_numbers(frame, columns).astype(np.uint32) if columns else np.zeros(frame.height, dtype=np.uint32)

    def _taken(self, name: str, kind: type) -> np.ndarray:
        parts = [part for bucket in self._buckets for part in getattr(bucket, name)]
        for bucket in self._buckets:
            getattr(bucket, name).clear()
        return np.concatenate(parts) if parts else np.empty(0, dtype=kind)

    def _append(self, bucket: _Bucket, rows: pl.DataFrame, people: np.ndarray, places: np.ndarray) -> None:
        table = rows.to_arrow()
        if bucket.writer is None:
            # Read once and thrown away: without dictionaries and statistics it is written twice as fast.
            bucket.writer = papq.ParquetWriter(
                bucket.path, table.schema, compression="lz4", use_dictionary=False, write_statistics=False
            )
        bucket.writer.write_table(table)
        bucket.size += rows.height
        bucket.keys.append(rows["row_key"].to_numpy())
        bucket.hashes.append(rows["row_hash"].to_numpy())
        bucket.people.append(people)
        bucket.places.append(places)

    def _add_identities(self, frame: pl.DataFrame, person_keys: pl.Series) -> None:
        columns = {
            "id_number": "person_id", "name": "name", "address": "address", "phone": "phone",
        }  # fmt: skip
        identities = pl.DataFrame(
            [person_keys.alias("person_key")]
            + [
                frame[column].alias(target) if column in frame.columns
                else pl.Series(target, [None] * frame.height, dtype=pl.String)
                for target, column in columns.items()
            ]
        ).unique("person_key", keep="last", maintain_order=True)  # fmt: skip
        # Each chunk has a seal number of its own: a person in two chunks must not get one keystream twice.
        sealed = seal_identities(identities, self._seal_number + len(self._sealed))
        path = self.root / f"identities-{len(self._sealed):05d}.parquet"
        sealed.write_parquet(path, compression="uncompressed")
        self._sealed.append(path)

    def _write_vault(self) -> None:
        if not self._sealed:
            return
        count = len(self._buckets)
        for index in range(count):
            low, high = -(1 << 63) + index * (1 << 64) // count, -(1 << 63) + (index + 1) * (1 << 64) // count
            rows = pl.concat([pl.scan_parquet(path) for path in self._sealed])
            inside = pl.col("person_key") >= low
            if high < 1 << 63:
                inside &= pl.col("person_key") < high
            part = rows.filter(inside).collect().unique("person_key", keep="last", maintain_order=True)
            if part.height:
                part.sort("person_key").write_parquet(
                    self.root / "vault" / f"part-{index:04d}.parquet", compression="uncompressed", row_group_size=50_000
                )


def read_quarantine(contract: str, batch_id: str) -> Iterable[pl.DataFrame]:
    """The bad rows of a committed batch, chunk by chunk: raw cells '0'…, row, reasons, sheet."""
    for path in sorted(folder_of("quarantine", contract, batch_id).glob("*.sealed")):
        yield pl.read_parquet(io.BytesIO(open_bytes(path.read_bytes(), "quarantine")))


def read_settled(contract: str, batch_id: str) -> pl.DataFrame:
    """(sheet, row) that a supplement has taken in; empty for a batch that is none."""
    path = folder_of("lake", contract, batch_id) / SETTLED
    return pl.read_parquet(path) if path.exists() else pl.DataFrame(schema={"sheet": pl.String, "row": pl.Int64})


def next_seal_number(count: int) -> int:
    """Reserve `count` seal numbers that were never used before (32 bits). The caller holds the intake lock."""
    home: Home = settings.HOME
    path = home.keys / "seal-number.json"
    number = json.loads(path.read_text()) if path.exists() else 1
    if number + count >= 1 << 32:
        raise OverflowError("身份库的封装编号已用尽:请更换密钥后重新导入人口数据")
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(number + count))
    draft.replace(path)
    return int(number)
