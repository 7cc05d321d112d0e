"""Freezing what is known of everybody for a month."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from minzheng.kernel.benefits.models import Snapshot
from minzheng.kernel.benefits.programmes import inputs
from minzheng.kernel.benefits.snapshot import store
from minzheng.kernel.benefits.snapshot.build import build_people
from minzheng.kernel.benefits.standing import awarded
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.rules.language import Month


def freeze_snapshot(*, month: Month, by: Actor, preview: bool = False) -> Snapshot:
    """Freeze the month: everybody with every input of the programmes, hashed. The same lake and awards give the snapshot that is
    there already. Raises Forbidden, and SnapshotError for a month that has not ended (unless `preview`) or without data."""
    by.require("benefits.run")
    people = build_people(month, awards=awarded(month, inputs()), inputs=inputs().values(), preview=preview)
    content, _columns = store.content_hash(people.frame, str(month))
    existing = Snapshot.objects.filter(month=str(month), preview=preview, sha256=content)
    if found := next((row for row in existing if row.name in store.names()), None):
        return found
    kept = store.keep(people)
    with transaction.atomic():
        row = Snapshot.objects.create(
            month=str(month), name=kept.name, sha256=kept.sha256, rows=kept.rows, households=kept.manifest["households"],
            batches={name: [each["batch"] for each in read] for name, read in kept.manifest["batches"].items()},
            preview=preview, frozen_on=clock.business_date(), frozen_at=timezone.now(), frozen_by=by.name,
        )  # fmt: skip
        audit.record(by, "benefits.freeze", f"snapshot:{row.name}", rows=row.rows, sha256=row.sha256)
    return row
