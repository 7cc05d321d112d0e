"""The audit chain: every write and every reading of a personal file, append-only, each entry hashed onto the last.

The database refuses UPDATE, DELETE and TRUNCATE on the table (migration 0002); `verify` finds tampering by those
who can get past the database, except that the newest entries were cut off: for that, compare the number and hash
of the last entry with one written down elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC
from decimal import Decimal
from typing import Any

from cryptography.hazmat.primitives import hashes
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import AuditEntry

GENESIS = "0" * 64
_CHAIN_LOCK = 7_401_001  # PostgreSQL advisory lock: one writer at a time extends the chain


@dataclass(frozen=True)
class Entry:
    """What is to be recorded: the subject as 'model:id', why, and details without personal data."""

    subject: str
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def record(actor: Actor, verb: str, subject: str, reason: str = "", **details: Any) -> None:
    """Append one entry in the caller's transaction (or one of its own)."""
    record_many(actor, verb, [Entry(subject, reason, details)])


def record_many(actor: Actor, verb: str, entries: Iterable[Entry]) -> None:
    """Append many entries of one verb; all or none. Details must be JSON (dates and decimals become text)."""
    now, today = timezone.now(), clock.business_date()
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])
        last = AuditEntry.objects.order_by("-id").values_list("hash", flat=True).first() or GENESIS
        rows = []
        for entry in entries:
            row = AuditEntry(
                at=now, business_date=today, actor=actor.name, verb=verb, subject=entry.subject, reason=entry.reason,
                details=json.loads(json.dumps(entry.details, cls=DjangoJSONEncoder)), previous_hash=last,
            )  # fmt: skip
            row.hash = last = _hash(row)
            rows.append(row)
        AuditEntry.objects.bulk_create(rows, batch_size=2000)


def verify() -> int | None:
    """The id of the first entry that does not fit the chain, or None when the chain is whole."""
    expected = GENESIS
    for row in AuditEntry.objects.order_by("id").iterator(chunk_size=5000):
        if row.previous_hash != expected or row.hash != _hash(row):
            return row.id
        expected = row.hash
    return None


def _hash(row: AuditEntry) -> str:
    content = json.dumps(
        [row.at.astimezone(UTC).isoformat(timespec="microseconds"), row.business_date.isoformat(), row.actor, row.verb,
         row.subject, row.reason, _canonical(row.details), row.previous_hash],
        ensure_ascii=False, sort_keys=True, allow_nan=False,
    )  # fmt: skip
    digest = hashes.Hash(hashes.SM3())
    digest.update(content.encode())
    return digest.finalize().hex()


def _canonical(value: Any) -> Any:
    """PostgreSQL's jsonb gives 1e23 back as an integer and -0.0 as 0.0: whole numbers are hashed as integers,
    with the digits that were written (int(1e23) would not end in zeros)."""
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    return int(Decimal(repr(value))) if isinstance(value, float) and value.is_integer() else value
