"""Carrying what stands in the lake into the registers: after the import, or the night after a kill; once a batch."""

from __future__ import annotations

from datetime import date

import polars as pl
from django.db import transaction

from minzheng.kernel.feeds import lake
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.feeds.reasons import sentence
from minzheng.kernel.feeds.registers.rows import TARGETS, rows_of
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.rounds import Counts, Progress

TOLD = 50  # rows refused since the intake that are named in the batch


def carry(*, batch: Batch) -> Batch:
    """Write a batch's rows into its register, and in the same transaction note in the batch what came of it.

    It is the deed of whoever imported the batch, whose rights were held against each row then. A batch that is carried
    already, or whose feed fills no register, is given back as it is.
    """
    target = TARGETS.get(batch.contract)
    if target is None:
        return batch
    with transaction.atomic():
        held = Batch.objects.select_for_update().get(pk=batch.pk)
        if held.carried is not None:
            return held
        paths = lake.batch_paths(held)
        rows = rows_of(pl.read_parquet(paths)) if paths else []
        by = Actor.system(held.imported_by)
        done = target.take_over(rows=rows, batch=held.batch_id, as_of=held.as_of, synthetic=held.synthetic, by=by)
        columns = lake.contract(held.contract).columns
        said = [
            f"{rows[at]['name']}：{sentence(why.code, columns[why.column].header if why.column in columns else '')}"
            for at, why in done.refused[:TOLD]
        ]
        held.carried = done.counts() | {"said": said}
        held.save(update_fields=["carried"])
    return held


def carry_waiting() -> int:
    """Carry every batch that is in the lake and not in its register, organisations before facilities; returns how many."""
    waiting = list(Batch.objects.filter(contract__in=TARGETS, carried__isnull=True).order_by("as_of", "id"))
    order = list(TARGETS)
    for batch in sorted(waiting, key=lambda one: order.index(one.contract)):
        carry(batch=batch)
    return len(waiting)


def carry_registers(as_of: date, progress: Progress) -> Counts:
    """A step of the night: complete what a kill left between the lake and the registers. Rows: batches completed."""
    done = carry_waiting()
    progress(done, done)
    return Counts(done, done)
