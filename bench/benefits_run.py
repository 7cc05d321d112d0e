"""Two months of a city's allowance on the deployment's database: what `bench.benefits reconcile` measures."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import polars as pl


def run(size: int) -> dict[str, Any]:
    """Seconds of comparing and storing, and of approving (with the hand-over to the ledger), for a month in which all begin and
    one in which all change."""
    from django.conf import settings

    from minzheng.kernel.benefits import actions, programmes
    from minzheng.kernel.benefits.actions import snapshots
    from minzheng.kernel.benefits.models import Entitlement
    from minzheng.kernel.benefits.snapshot.build import People
    from minzheng.kernel.divisions.queries import villages
    from minzheng.kernel.foundation import clock
    from minzheng.kernel.foundation.access import Actor
    from minzheng.kernel.rules.language import Month

    settings.SYNTHETIC = True
    only = "longevity_allowance"
    for name in [name for name in programmes.programmes() if name != only]:
        del programmes.programmes()[name]
    places = [int(code) for code in villages(date(2024, 6, 1)).values_list("code", flat=True)]
    birth = {"value": 19300101}

    def build(month: Month, **_more: Any) -> People:
        inputs = {each.name: pl.lit(each.absent, pl.Int64) for each in programmes.inputs().values()}
        known = {"present": 1, "hukou": 1, "birth": birth["value"], "rank": 0, "death": 0}
        frame = pl.DataFrame({"person_key": range(1, size + 1)}).select(
            "person_key", pl.col("person_key").alias("household_key"),
            pl.lit(pl.Series("places", places)).gather(pl.col("person_key") % len(places)).alias("village"),
            *(value.alias(name) for name, value in inputs.items() if name not in known),
            *(pl.lit(value, pl.Int64).alias(name) for name, value in known.items()),
        )  # fmt: skip
        return People(month, frame, False, {}, {})

    snapshots.build_people = build
    clerk, approver, found = Actor.system("clerk"), Actor.system("approver"), {}
    with clock.use(date(2024, 9, 2)):
        for month, what, born in (("2024-06", "start", 19300101), ("2024-07", "change", 19200101)):
            birth["value"] = born
            started = time.perf_counter()
            done = actions.compute_run(month=Month.of(month), by=clerk)
            computed = time.perf_counter()
            actions.approve_run(run=actions.submit_run(run=done, by=clerk), by=approver)
            found |= {f"{what}_compute": computed - started, f"{what}_approve": time.perf_counter() - computed, f"{what}_reckoned": done.seconds}
    return {**found, "seconds": found["change_compute"], "entitlements": Entitlement.objects.filter(valid_to=None).count()}
