"""A few people in a frozen month, for pages about benefits."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from minzheng.kernel.benefits.actions import snapshots
from minzheng.kernel.benefits.models import Snapshot
from minzheng.kernel.benefits.programmes import inputs
from minzheng.kernel.benefits.snapshot.build import People
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.rules.inputs import BASE
from minzheng.kernel.rules.language import Month

MONTH = Month(date(2024, 5, 1))


def people(rows: list[dict[str, int]]) -> pl.DataFrame:
    """Rows with everything that programmes ask; what a row does not say is as for anybody."""
    known = {each.name: each for each in (*BASE, *inputs().values())}
    usual = {name: each.absent for name, each in known.items()} | {"present": 1, "hukou": 1, "birth": 19700101, "rank": 0}
    full = [{"village": 320412100002, **usual, **row, "household_key": row.get("household_key", -1 - row["person_key"])} for row in rows]
    frame = pl.DataFrame(full, schema=dict.fromkeys(["person_key", "household_key", "village", *usual], pl.Int64))
    return frame.sort("household_key", "rank", "person_key")


def lake_of(rows: list[dict[str, int]], monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on snapshots are taken of these people instead of a lake's."""

    def build(month: Month, *, preview: bool = False, **_more: Any) -> People:
        return People(month, people(rows), preview, {}, {})

    monkeypatch.setattr(snapshots, "build_people", build)


def freeze(rows: list[dict[str, int]], monkeypatch: pytest.MonkeyPatch, month: Month = MONTH) -> Snapshot:
    """A snapshot of these people."""
    lake_of(rows, monkeypatch)
    with clock.use(month.after.first):
        return snapshots.freeze_snapshot(month=month, by=Actor.system("测试"))
