"""Taking a delivery in, and giving its bad rows back. Each verb leaves an audit entry."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as papq
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from minzheng.kernel.divisions.queries import village_codes
from minzheng.kernel.feeds import lake
from minzheng.kernel.feeds.contracts import Contract
from minzheng.kernel.feeds.dedupe import Standing, Verdict, judge
from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.intake import Progress, Tally, ahead, checked_chunks
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.feeds.sniff import kind_of
from minzheng.kernel.feeds.staging import (
    CONFIRMED,
    KINDS,
    BatchWriter,
    folder_of,
    next_seal_number,
    staging_root,
)
from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import Actor

SEAL_NUMBERS_PER_BATCH = 65_536  # chunks of one delivery


@dataclass(frozen=True)
class Imported:
    """What an import did. `already` names the case that this very content was taken in before: nothing changed."""

    batch: Batch
    already: bool

    def report(self) -> dict[str, Any]:
        """The counts as the command line prints them; read = accepted + quarantined + duplicates."""
        b = self.batch
        if self.already:
            return {"batch": b.batch_id, "read": b.read, "accepted": 0, "quarantined": 0, "duplicates": b.read,
                    "reasons": {}, "already": True}  # fmt: skip
        return {"batch": b.batch_id, "read": b.read, "accepted": b.accepted, "quarantined": b.quarantined,
                "duplicates": b.duplicates, "reasons": b.reasons}  # fmt: skip


def import_file(
    *, contract: str, path: Path, as_of: date, by: Actor, file_name: str | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Imported:
    """Take in one delivery: read, check, pseudonymise, quarantine, commit; all or nothing.

    `file_name` is the sender's name of the file when `path` is a copy of it. Raises IntakeError (in Chinese) when
    the file cannot be read as a whole; then nothing has changed. A kill at any moment leaves the whole batch or
    nothing.
    """
    by.require("feeds.import")
    found = lake.contract(contract)
    kind_of(path)
    with _intake_lock():
        fingerprint = _sha256(path)
        before = Batch.objects.filter(contract=found.name, file_sha256=fingerprint).first()
        if before:
            return Imported(before, already=True)
        _sweep(found.name)
        started = time.perf_counter()
        batch_id = _new_batch_id(found.name, as_of)
        writer = BatchWriter(found, batch_id, _expected_rows(path), next_seal_number(SEAL_NUMBERS_PER_BATCH))
        try:
            tally, verdict = _fill(writer, path, found, as_of, progress)
            writer.commit_files()
        except BaseException:
            writer.discard()
            raise
        batch = Batch(
            batch_id=batch_id, contract=found.name, as_of=as_of, file_name=(file_name or path.name)[:255],
            file_sha256=fingerprint, file_bytes=path.stat().st_size, read=tally.read, accepted=writer.accepted,
            quarantined=tally.quarantined, duplicates=int(verdict.repeated.sum()), superseding=verdict.superseding,
            warnings=dict(tally.warnings), reasons=dict(tally.reasons.most_common()),
            layout=tally.layout(), imported_at=timezone.now(),
            imported_by=by.name, seconds=round(time.perf_counter() - started, 3),
            synthetic=tally.synthetic or settings.SYNTHETIC,
        )  # fmt: skip
        with transaction.atomic():
            batch.save()
            for number, rows in verdict.corrected_later.items():
                Batch.objects.filter(pk=number).update(superseding=F("superseding") + rows)
            audit.record(by, "feeds.import", f"batch:{batch_id}", file=batch.file_name, read=tally.read,
                         accepted=batch.accepted, quarantined=batch.quarantined)  # fmt: skip
        return Imported(batch, already=False)


def record_quarantine_given_back(*, batch: Batch, by: Actor, rows: int) -> None:
    """Note that bad rows (with ID numbers) left the house towards their sender."""
    by.require("feeds.quarantine")
    audit.record(by, "feeds.quarantine", f"batch:{batch.batch_id}", "退回报送单位", rows=rows)


def _fill(
    writer: BatchWriter, path: Path, contract: Contract, as_of: date, progress: Progress
) -> tuple[Tally, Verdict]:
    tally = Tally()
    villages = village_codes()
    # Reading, checking and storing run side by side, each a chunk ahead of the next.
    for number, sheet, checked in ahead(checked_chunks(path, contract, as_of, villages, tally)):
        writer.add_good(checked.good, number)
        writer.add_bad(checked.bad, sheet)
        progress(tally.read, None)
    rows = writer.row_numbers()
    standing = [
        Standing(b.pk, b.as_of, lake.batch_paths(b), folder_of("lake", b.contract, b.batch_id) / CONFIRMED)
        for b in lake.batches(contract.name)
    ]
    verdict = judge(rows, as_of, standing)
    refused = {contract.conflict: rows.places[verdict.conflict], "stale": rows.places[verdict.stale]}
    if any(len(places) for places in refused.values()):
        _quarantine_late(writer, path, contract, as_of, refused, tally)
    writer.write_lake(verdict, rows)
    return tally, verdict


def _quarantine_late(
    writer: BatchWriter, path: Path, contract: Contract, as_of: date, refused: dict[str, np.ndarray], tally: Tally
) -> None:
    """Read the file once more for the raw cells of rows that only the comparison refused (rare, so not kept before)."""
    for number, sheet, checked in checked_chunks(path, contract, as_of, frozenset(), Tally(), raw=True):
        places = checked.bad["row"].to_numpy() | (number << 32)
        for code, wanted in refused.items():
            hit = np.isin(places, wanted)
            writer.add_bad(checked.bad.filter(pl.Series(hit)).with_columns(pl.lit(f"{code}@").alias("reasons")), sheet)
    for code, wanted in refused.items():
        if len(wanted):
            tally.quarantined += len(wanted)
            tally.reasons[code] += len(wanted)


@contextmanager
def _intake_lock() -> Iterator[None]:
    """One import at a time writes the lake; the operating system gives the lock back when the process dies."""
    with (settings.HOME.work / "intake.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _sweep(contract: str) -> None:
    """Remove what killed imports left: staging folders, and renamed folders whose Batch row never came."""
    shutil.rmtree(staging_root(contract), ignore_errors=True)
    committed = set(Batch.objects.filter(contract=contract).values_list("batch_id", flat=True))
    for kind in KINDS:
        parent = folder_of(kind, contract, "x").parent
        for folder in parent.iterdir() if parent.exists() else ():
            if folder.name not in committed:
                shutil.rmtree(folder)


def _new_batch_id(contract: str, as_of: date) -> str:
    prefix = f"{contract}-{as_of:%Y%m%d}-"
    last = Batch.objects.filter(batch_id__startswith=prefix).order_by("-pk").values_list("batch_id", flat=True)
    number = int(last[0].removeprefix(prefix)) + 1 if last else 1
    return f"{prefix}{number:04d}"


def _expected_rows(path: Path) -> int:
    """Roughly how many rows are coming, for the number of buckets only."""
    try:
        return int(papq.ParquetFile(path).metadata.num_rows) if kind_of(path) == "parquet" else path.stat().st_size // 80
    except (OSError, ValueError) as error:
        raise IntakeError(f"{path.name} 不完整或已损坏:请重新导出后再报送") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
