"""`python -m bench.snapshot make AS_OF RESIDENTS MEDICAL_ROWS | freeze MONTH`: a lake with its batches, and freezing a month of it."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import polars as pl

from bench.lake import make_lake
from bench.setup import start


def make(as_of: date, residents: int, medical_rows: int) -> None:
    """A lake of a deployment: the random feeds with all columns of their contracts, a batch a file."""
    from django.conf import settings
    from django.utils import timezone

    from minzheng.kernel.feeds import lake
    from minzheng.kernel.feeds.models import Batch

    with tempfile.TemporaryDirectory(dir=settings.HOME.work) as folder:
        for contract, files in make_lake(Path(folder), residents, medical_rows, as_of).items():
            for number, file in enumerate(files, start=1):
                batch = f"{contract}-{as_of:%Y%m%d}-{number:04d}"
                target = settings.HOME.lake / contract / batch / "part-0000.parquet"
                target.parent.mkdir(parents=True)
                rows = pl.scan_parquet(file)
                present = rows.collect_schema().names()
                whole = [pl.col(name) if name in present else pl.lit(None, kind).alias(name) for name, kind in lake.schema(contract).items()]
                rows.select(whole).sink_parquet(target, compression="zstd", row_group_size=250_000)
                count = pl.scan_parquet(target).select(pl.len()).collect().item()
                Batch.objects.create(
                    batch_id=batch, contract=contract, as_of=as_of, file_name=file.name, file_sha256=batch, file_bytes=0, read=count,
                    accepted=count, quarantined=0, duplicates=0, imported_at=timezone.now(), imported_by="bench", seconds=0, synthetic=True,
                )  # fmt: skip


def freeze(month: str) -> None:
    """Freeze a month; print seconds of the clock and of the processors, rows, the size on disk and the hash."""
    from django.conf import settings

    from minzheng.kernel.benefits.snapshot.build import build_people
    from minzheng.kernel.benefits.snapshot.store import PEOPLE, keep
    from minzheng.kernel.foundation import clock
    from minzheng.kernel.rules.language import Month

    started, worked = time.perf_counter(), time.process_time()
    with clock.use(Month.of(month).after.first):
        people = build_people(Month.of(month))
        built = time.perf_counter() - started
        snapshot = keep(people)
    seconds = time.perf_counter() - started
    size = (settings.HOME.snapshots / snapshot.name / PEOPLE).stat().st_size
    figures = {"seconds": seconds, "built": built, "cpu": time.process_time() - worked, "megabytes": size / 1e6}
    print(json.dumps({**figures, "rows": snapshot.rows, "sha256": snapshot.sha256}))


if __name__ == "__main__":
    start()
    from minzheng.portals.cli.bootstrap import bring_up_to_date

    bring_up_to_date()
    if sys.argv[1] == "make":
        make(date.fromisoformat(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        freeze(sys.argv[2])
