"""Opening identities: from pseudonym to name, one person at a time, with the reason on record."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl
from django.db import transaction

from minzheng.kernel.feeds.contracts import contracts
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.feeds.staging import folder_of
from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.vault import FIELDS, open_sealed


@dataclass(frozen=True)
class Identity:
    """Who is behind a pseudonym, as the newest delivery that knows it says. Unknown parts are empty."""

    id_number: str
    name: str
    address: str
    phone: str


def open_identities(keys: Collection[int], actor: Actor, why: str) -> dict[int, Identity]:
    """Open the identities of `keys`; each one is audited with actor and reason.

    The population register comes first; other registers fill what it leaves empty or does not know. Keys that no
    delivery knows are left out.
    """
    actor.require("identity.reveal")
    if not keys:
        return {}
    found = _look_up(set(keys))
    with transaction.atomic():
        audit.record_many(
            actor, "identity.open", [audit.Entry(f"person_key:{key}", why) for key in sorted(found)]
        )
    return found


def _look_up(keys: set[int]) -> dict[int, Identity]:
    parts: dict[int, dict[str, str]] = {}
    for batch in _vault_batches():
        lacking = [key for key in keys if not all(parts.get(key, {}).get(name) for name in ("id_number", "name", "address"))]
        if not lacking:
            break
        for row in _sealed_rows(batch, lacking).iter_rows(named=True):
            known = parts.setdefault(row["person_key"], {})
            for name in FIELDS:
                known[name] = known.get(name) or row[name] or ""
    return {key: Identity(**{name: values.get(name, "") for name in FIELDS}) for key, values in parts.items()}


def _vault_batches() -> list[Batch]:
    """Committed batches that have a vault part: population first, then the others, newest data first."""
    names = [name for name, contract in contracts().items() if contract.vault]
    rows = Batch.objects.filter(contract__in=names).order_by("-as_of", "-id")
    return sorted(rows, key=lambda batch: batch.contract != "population")


def _sealed_rows(batch: Batch, keys: list[int]) -> pl.DataFrame:
    paths = sorted(folder_of("vault", batch.contract, batch.batch_id).glob("*.parquet"))
    if not paths:
        return pl.DataFrame(schema={"person_key": pl.Int64, **dict.fromkeys(FIELDS, pl.String)})
    wanted = pl.Series("person_key", sorted(keys), dtype=pl.Int64)
    # The files are sorted by pseudonym: the bounds let whole row groups be passed over for a single person.
    rows = pl.scan_parquet(paths).filter(pl.col("person_key").is_between(wanted[0], wanted[-1]))
    return open_sealed(rows.join(wanted.to_frame().lazy(), on="person_key", how="semi").collect())
