"""From a figure about people back to the deliveries that hold their rows, and from a delivery forward to its people."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import polars as pl
from django.db.models import Count

from minzheng.kernel.feeds import lake
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.registry.models import Fact, LifeEvent


@dataclass(frozen=True)
class Origin:
    """A delivery, and how many of its rows about the people in question hold."""

    batch: Batch
    rows: int


def origins(contract: str, person_keys: Collection[int], as_of: date) -> list[Origin]:
    """The deliveries of a feed that hold rows about some people, as the feed stood on a day, newest first.

    Says how many rows there are, never what stands in them; whoever asks has read these people through `scoped`.
    Raises UnknownName.
    """
    wanted = pl.LazyFrame({"person_key": pl.Series(sorted(person_keys), dtype=pl.Int64)})
    rows = lake.scan(contract, as_of, with_batch=True).join(wanted, on="person_key", how="semi")
    counts: dict[str, int] = dict(rows.group_by("batch").len().collect().iter_rows())
    batches = Batch.objects.filter(batch_id__in=counts).order_by("-as_of", "-id")
    return [Origin(batch, counts[batch.batch_id]) for batch in batches]


def people_in(batch: Batch, person_keys: Collection[int]) -> set[int]:
    """Which of some people have a row in a delivery."""
    paths = lake.batch_paths(batch)
    if not paths or not person_keys:
        return set()
    wanted = pl.LazyFrame({"person_key": pl.Series(sorted(person_keys), dtype=pl.Int64)})
    rows = pl.scan_parquet(paths).select("person_key").join(wanted, on="person_key", how="semi")
    return set(rows.unique().collect()["person_key"].to_list())


def facts_from(batch: Batch, actor: Actor) -> list[tuple[str, int, int]]:
    """(kind, facts, people) that rest on a delivery, inside the actor's jurisdiction. Counts only."""
    actor.require("feeds.view")
    rows = scoped(Fact.objects.filter(source_batch=batch.batch_id), actor)
    counted = rows.values_list("kind").annotate(found=Count("id"), people=Count("person", distinct=True))
    return list(counted.order_by("-found", "kind"))


def life_events_from(batch: Batch, actor: Actor) -> list[tuple[str, int]]:
    """(kind, how many) of the life events that a delivery reported, inside the actor's jurisdiction."""
    actor.require("feeds.view")
    rows = scoped(LifeEvent.objects.filter(source_batch=batch.batch_id), actor)
    return list(rows.values_list("kind").annotate(Count("id")).order_by("kind"))
