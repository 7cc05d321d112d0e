"""Taking a delivery in, and giving its bad rows back. Each verb leaves an audit entry."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
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
from minzheng.kernel.feeds.registers.actions import carry, carry_waiting
from minzheng.kernel.feeds.registers.rows import Refusals
from minzheng.kernel.feeds.returned import Returned
from minzheng.kernel.feeds.rows import Checked
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

    `file_name` is the sender's name of the file when `path` is a copy of it. `progress` hears how many rows were
    checked, and at the end, when they are compared with the lake, that these were all. Raises IntakeError (in Chinese)
    when the file cannot be read as a whole; then nothing has changed. A kill at any moment leaves the whole batch or
    nothing.
    """
    by.require("feeds.import")
    found = lake.contract(contract)
    kind_of(path)
    delivery = _Delivery(found, path, as_of, (file_name or path.name)[:255], by, progress)
    with _intake_lock():
        return _before(delivery) or _take_in(delivery)


def import_correction(
    *, batch: Batch, path: Path, by: Actor, file_name: str | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Imported:
    """Take in the rows that were mended in the workbook in which a batch's bad rows had been given back.

    They make a batch of their own, a supplement as of the same day. Rows that nobody touched, that were taken in
    before, or that the batch never gave back are left out and counted in its `layout`. Raises IntakeError when the
    workbook is not that batch's, or when nothing in it was mended.
    """
    by.require("feeds.import")
    kind_of(path)
    delivery = _Delivery(
        lake.contract(batch.contract), path, batch.as_of, (file_name or path.name)[:255], by, progress
    )
    with _intake_lock():
        return _before(delivery) or _take_in(replace(delivery, returned=Returned(batch, path)))


def record_quarantine_given_back(*, batch: Batch, by: Actor, rows: int) -> None:
    """Note that bad rows (with ID numbers) left the house towards their sender."""
    by.require("feeds.quarantine")
    audit.record(by, "feeds.quarantine", f"batch:{batch.batch_id}", "退回报送单位", rows=rows)


@dataclass(frozen=True)
class _Delivery:
    """What is being taken in: the file, of what, as of when, by whom; `returned` when it is a workbook come back."""

    contract: Contract
    path: Path
    as_of: date
    file_name: str
    by: Actor
    progress: Progress
    returned: Returned | None = None

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the file."""
        with self.path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()

    def chunks(
        self, villages: frozenset[int], tally: Tally, *, raw: bool = False
    ) -> Iterator[tuple[int, str, Checked]]:
        """The checked rows; see `checked_chunks`."""
        opened = self.returned.tables if self.returned else None
        return checked_chunks(self.path, self.contract, self.as_of, villages, tally, raw=raw, opened=opened)


def _before(delivery: _Delivery) -> Imported | None:
    """The batch that this very content was taken in as, if it was."""
    before = Batch.objects.filter(contract=delivery.contract.name, file_sha256=delivery.fingerprint).first()
    return Imported(carry(batch=before), already=True) if before else None


def _take_in(delivery: _Delivery) -> Imported:
    """Everything between the lock and the commit mark. The caller holds the lock."""
    contract = delivery.contract
    _sweep(contract.name)
    carry_waiting()
    started = time.perf_counter()
    batch_id = _new_batch_id(contract.name, delivery.as_of)
    expected = _expected_rows(delivery.path)
    writer = BatchWriter(contract, batch_id, expected, next_seal_number(SEAL_NUMBERS_PER_BATCH))
    try:
        tally, verdict = _fill(writer, delivery)
        writer.commit_files()
    except BaseException:
        writer.discard()
        raise
    returned = delivery.returned
    layout = tally.layout() | ({"returned": returned.counts()} if returned else {})
    batch = Batch(
        batch_id=batch_id, contract=contract.name, as_of=delivery.as_of, file_name=delivery.file_name,
        file_sha256=delivery.fingerprint, file_bytes=delivery.path.stat().st_size, read=tally.read, accepted=writer.accepted,
        quarantined=tally.quarantined, duplicates=int(verdict.repeated.sum()), superseding=verdict.superseding,
        warnings=dict(tally.warnings), reasons=dict(tally.reasons.most_common()), layout=layout,
        imported_at=timezone.now(), imported_by=delivery.by.name, seconds=round(time.perf_counter() - started, 3),
        synthetic=tally.synthetic or settings.SYNTHETIC, corrects=returned.root if returned else None,
    )  # fmt: skip
    _commit(batch, verdict, delivery.by)
    return Imported(carry(batch=batch), already=False)


def _commit(batch: Batch, verdict: Verdict, by: Actor) -> None:
    with transaction.atomic():
        batch.save()
        for number, rows in verdict.corrected_later.items():
            Batch.objects.filter(pk=number).update(superseding=F("superseding") + rows)
        audit.record(by, "feeds.import", f"batch:{batch.batch_id}", file=batch.file_name, read=batch.read,
                     accepted=batch.accepted, quarantined=batch.quarantined,
                     **({"corrects": batch.corrects.batch_id} if batch.corrects else {}))  # fmt: skip


def _fill(writer: BatchWriter, delivery: _Delivery) -> tuple[Tally, Verdict]:
    tally, contract = Tally(), delivery.contract
    # Reading, checking and storing run side by side, each a chunk ahead of the next.
    for number, sheet, checked in ahead(delivery.chunks(village_codes(), tally)):
        writer.add_good(checked.good, number)
        writer.add_bad(checked.bad, sheet)
        delivery.progress(tally.read, None)
    delivery.progress(tally.read, tally.read)
    rows = writer.row_numbers()
    standing = [
        Standing(b.pk, b.as_of, lake.batch_paths(b), folder_of("lake", b.contract, b.batch_id) / CONFIRMED)
        for b in lake.batches(contract.name)
    ]
    register = Refusals(contract.name, writer.good, delivery.as_of, delivery.by)
    verdict = judge(rows, delivery.as_of, standing, register)
    refused = {f"{contract.conflict}@": rows.places[verdict.conflict], "stale@": rows.places[verdict.stale]}
    refused |= {reason: rows.places[places] for reason, places in register.by_reason.items()}
    if any(len(places) for places in refused.values()):
        _quarantine_late(writer, delivery, refused, tally)
    if delivery.returned:
        writer.note_settled(rows.places[verdict.keep | verdict.repeated], [s["sheet"] for s in tally.sheets])
    writer.write_lake(verdict, rows)
    return tally, verdict


def _quarantine_late(
    writer: BatchWriter, delivery: _Delivery, refused: dict[str, np.ndarray], tally: Tally
) -> None:
    """Read the file once more for the raw cells of rows that only the comparison refused (rare, so not kept before)."""
    for number, sheet, checked in delivery.chunks(frozenset(), Tally(), raw=True):
        places = checked.bad["row"].to_numpy() | (number << 32)
        for reason, wanted in refused.items():
            hit = np.isin(places, wanted)
            writer.add_bad(checked.bad.filter(pl.Series(hit)).with_columns(pl.lit(reason).alias("reasons")), sheet)
    for reason, wanted in refused.items():
        if len(wanted):
            tally.quarantined += len(wanted)
            tally.reasons[reason.partition("@")[0]] += len(wanted)


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
