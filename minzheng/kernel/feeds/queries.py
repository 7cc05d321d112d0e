"""Reading the feed catalogue and its batches. No personal data: counts, names of columns and files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
from django.db.models import Max, QuerySet, Sum

from minzheng.kernel.feeds.contracts import Contract, contracts
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.feeds.reasons import SENTENCES
from minzheng.kernel.feeds.staging import read_settled
from minzheng.kernel.foundation.access import Actor


@dataclass(frozen=True)
class CatalogueEntry:
    """One feed with what came last and whether it is late."""

    contract: Contract
    last_as_of: date | None
    batches: int
    accepted: int
    quarantined: int
    days_late: int

    @property
    def quality(self) -> float | None:
        """Share of rows that were sound, over all batches."""
        total = self.accepted + self.quarantined
        return self.accepted / total if total else None


def catalogue(actor: Actor, today: date) -> list[CatalogueEntry]:
    """All feeds; `days_late` is 0 for those in time, and for those that never came."""
    actor.require("feeds.view")
    rows = Batch.objects.values("contract").annotate(
        last=Max("as_of"), read_sum=Sum("accepted"), bad=Sum("quarantined")
    )
    by_name: dict[str, Any] = {row["contract"]: row for row in rows}
    counts = {name: Batch.objects.filter(contract=name).count() for name in by_name}
    entries = []
    for name, contract in contracts().items():
        row: dict[str, Any] = by_name.get(name, {})
        last = row.get("last")
        late = (today - last - timedelta(days=contract.freshness_days)).days if last else 0
        entries.append(
            CatalogueEntry(contract, last, counts.get(name, 0), row.get("read_sum", 0), row.get("bad", 0), max(late, 0))
        )
    return entries


def batches(actor: Actor, contract: str = "") -> QuerySet[Batch]:
    """Batches, newest first; of one contract when named."""
    actor.require("feeds.view")
    rows = Batch.objects.order_by("-imported_at", "-id")
    return rows.filter(contract=contract) if contract else rows


def batch(actor: Actor, batch_id: str) -> Batch | None:
    """One batch by its number, or None."""
    return batches(actor).filter(batch_id=batch_id).first()


def reasons(found: Batch) -> list[tuple[str, str, int]]:
    """(code, sentence, rows) of a batch's quarantine, most frequent first."""
    return [(code, SENTENCES[code], rows) for code, rows in sorted(found.reasons.items(), key=lambda item: -item[1])]


def supplements(found: Batch) -> list[Batch]:
    """The batches in which rows of this one came back mended, oldest first."""
    return list(Batch.objects.filter(corrects=found).order_by("id"))


def open_rows(found: Batch) -> int:
    """Quarantined rows of a batch that no supplement has taken in yet."""
    parts = [read_settled(batch.contract, batch.batch_id) for batch in supplements(found)]
    return found.quarantined - (pl.concat(parts).unique().height if parts else 0)


def describe(contract: Contract) -> dict[str, Any]:
    """A contract in plain data, for `feeds describe --json` and the catalogue page."""
    return {
        "name": contract.name, "title": contract.title, "owner": list(contract.owner), "class": contract.data_class,
        "key": list(contract.key), "freshness_days": contract.freshness_days, "retention": contract.retention,
        "columns": [
            {"name": name, "header": column.header, "aliases": [*column.names()[1:], *column.weak], "type": column.type,
             "required": column.required, "domain": column.domain(), "example": column.example}
            for name, column in contract.columns.items()
        ],
    }  # fmt: skip
