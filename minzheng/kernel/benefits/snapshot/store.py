"""Snapshots on disk: HOME/snapshots/<month>-<n>/ with people.parquet and manifest.json, renamed into place when whole.

The hash is of the content, column by column, not of the file: the same lake gives the same hash whatever wrote it. The file
holds the narrowest integers, since most inputs are rare; whoever reads gets 64 bits.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from django.conf import settings

from minzheng.kernel.benefits.snapshot.build import People
from minzheng.kernel.benefits.snapshot.errors import SnapshotError
from minzheng.kernel.rules.language import Month

PEOPLE, MANIFEST = "people.parquet", "manifest.json"
ROW_GROUP = 250_000  # households lie together, so one is found by reading one group
PIECE = 500_000  # values that are hashed at a time


@dataclass(frozen=True)
class Stored:
    """A snapshot on disk. `name` is its folder's: '2024-05-1', and for a preview '2024-05-preview-1'."""

    name: str
    manifest: dict[str, Any]

    @property
    def month(self) -> Month:
        return Month.of(self.manifest["month"])

    @property
    def sha256(self) -> str:
        return str(self.manifest["sha256"])

    @property
    def rows(self) -> int:
        return int(self.manifest["rows"])

    def people(self) -> pl.LazyFrame:
        """Everybody, lazily: all columns Int64."""
        return pl.scan_parquet(_root() / self.name / PEOPLE).select(pl.all().cast(pl.Int64))


def keep(people: People) -> Stored:
    """Write a snapshot; it gets the next number of its month. A kill leaves nothing but a draft, which the next one clears."""
    root = _root()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in root.glob(".draft-*"):
        if not _alive(int(old.name.rpartition("-")[2])):
            shutil.rmtree(old, ignore_errors=True)
    draft = root / f".draft-{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    try:
        people.frame.write_parquet(draft / PEOPLE, compression="zstd", compression_level=1, row_group_size=ROW_GROUP)
        manifest = _manifest(people)
        (draft / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
        for path in draft.iterdir():
            path.chmod(0o600)
            _reach_the_disk(path)
        return Stored(_into_place(draft, people), manifest)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def stored(name: str) -> Stored:
    """The snapshot of that name. Raises SnapshotError when there is none."""
    path = _root() / name / MANIFEST
    if Path(name).name != name or not path.is_file():
        raise SnapshotError(f"没有名为“{name}”的快照，现有：{'、'.join(names()) or '无'}")
    return Stored(name, json.loads(path.read_text(encoding="utf-8")))


def names() -> list[str]:
    """All snapshots on disk, by month and number."""
    folders = [path.parent.name for path in _root().glob(f"*/{MANIFEST}") if not path.parent.name.startswith(".")]
    return sorted(folders, key=lambda name: (name.rpartition("-")[0], int(name.rpartition("-")[2])))


def verify(snapshot: Stored) -> None:
    """Read everything again; raises SnapshotError when it is not what was frozen."""
    frame = snapshot.people().collect()
    if content_hash(frame, snapshot.manifest["month"])[0] != snapshot.sha256:
        raise SnapshotError(f"快照 {snapshot.name} 的内容与登记的指纹不符：文件可能已损坏或被改动，请从备份恢复，不要据此发放")


def content_hash(frame: pl.DataFrame, month: str) -> tuple[str, dict[str, str]]:
    """SHA-256 of a frame of integers, and of each column: of the rows at which another value begins, and those values, as
    64-bit little-endian. Most columns hold the same value for nearly everybody."""

    def of(name: str) -> str:
        digest, values = hashlib.sha256(), frame[name].to_numpy()
        changes = np.flatnonzero(np.append(True, values[1:] != values[:-1])) if len(values) else np.empty(0, np.int64)
        for start in range(0, len(changes), PIECE):
            rows = changes[start : start + PIECE]
            digest.update(rows.astype("<i8").tobytes() + values[rows].astype("<i8").tobytes())
        return digest.hexdigest()

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # hashing does not hold the interpreter
        columns = dict(zip(frame.columns, pool.map(of, frame.columns), strict=True))
    whole = hashlib.sha256(f"{month} {frame.height}\n".encode())
    for name in sorted(columns):
        whole.update(f"{name} {columns[name]}\n".encode())
    return whole.hexdigest(), columns


def _manifest(people: People) -> dict[str, Any]:
    """What the snapshot is made of: counts, where each input comes from, and the deliveries that were read."""
    frame, month = people.frame, str(people.month)
    whole, columns = content_hash(frame, month)
    home = frame["household_key"]
    return {
        "month": month, "as_of": people.month.last.isoformat(), "preview": people.preview, "sha256": whole, "rows": frame.height,
        "households": int((home != home.shift()).fill_null(True).sum()), "present": int((frame["present"] == 1).sum()),
        "inputs": {name: {"source": source, "sha256": columns[name]} for name, source in people.sources.items()},
        "unfilled": sorted(name for name, source in people.sources.items() if not source),
        "strangers": dict(people.strangers),
        "batches": {
            contract: [{"batch": batch, "as_of": day, "rows": rows} for batch, day, rows in read]
            for contract, read in people.batches.items()
        },
    }  # fmt: skip


def _into_place(draft: Path, people: People) -> str:
    stem = f"{people.month}-preview" if people.preview else f"{people.month}"
    taken = [int(number) for name in names() for head, _, number in [name.rpartition("-")] if head == stem]
    number = max(taken, default=0) + 1
    while True:
        try:
            draft.rename(_root() / f"{stem}-{number}")
            return f"{stem}-{number}"
        except OSError:  # another process took the number in this moment
            if not (_root() / f"{stem}-{number}").exists():
                raise
            number += 1


def _reach_the_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _root() -> Path:
    root: Path = settings.HOME.snapshots
    return root
