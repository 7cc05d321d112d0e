"""A city of a few people, month by month, and the officials who reckon and release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl
import pytest

from minzheng.kernel.benefits import actions, parameters, programmes
from minzheng.kernel.benefits.actions import snapshots
from minzheng.kernel.benefits.models import Run, RunChange
from minzheng.kernel.benefits.snapshot.build import People
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import EVERYWHERE, Actor, roles
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.rules.inputs import BASE
from minzheng.kernel.rules.language import Month
from tests.kernel.benefits import toys

HOME_VILLAGE, ELSEWHERE = 320412100201, 320402001001


def official(name: str, role: str, ranges: tuple[tuple[str, str], ...] = EVERYWHERE) -> Actor:
    return Actor(name, role, roles()[role].capabilities, ranges)


CLERK, SECOND_CLERK = official("clerk", "benefits_clerk"), official("second", "benefits_clerk")
APPROVER = official("approver", "benefits_approver")
DISTRICT = official("district", "district_official", (("320402000000", "320403000000"),))
EVERYDAY = {each.name: each.absent for each in BASE} | {"present": 1, "hukou": 1, "birth": 19700101, "rank": 0}


def frame(rows: list[dict[str, int]]) -> pl.DataFrame:
    """People as a snapshot holds them; what a row does not say is as for anybody."""
    keys = {"person_key": 0, "household_key": 0, "village": HOME_VILLAGE}
    full = [{**keys, **EVERYDAY, **row, "household_key": row.get("household_key", -1 - row["person_key"])} for row in rows]
    schema = dict.fromkeys([*keys, *EVERYDAY], pl.Int64)
    return pl.DataFrame(full, schema=schema).sort("household_key", "rank", "person_key")


@dataclass
class City:
    """Who lives here; `month(…)` reckons, submits and approves."""

    people: dict[int, dict[str, int]] = field(default_factory=dict)

    def put(self, person_key: int, **known: int) -> None:
        self.people.setdefault(person_key, {"person_key": person_key}).update(known)

    def frame(self) -> pl.DataFrame:
        return frame(list(self.people.values()))

    def compute(self, month: str, kind: str = "regular", **more: Any) -> Run:
        when = Month.of(month)
        with clock.use(max(clock.business_date(), when.after.first)):
            return actions.compute_run(month=when, by=CLERK, kind=kind, **more)

    def month(self, month: str, kind: str = "regular") -> Run:
        with clock.use(max(clock.business_date(), Month.of(month).after.first)):
            run = actions.submit_run(run=self.compute(month, kind), by=CLERK)
            return actions.approve_run(run=run, by=APPROVER)


def lines(run: Run) -> list[tuple[Any, ...]]:
    """(programme, unit, kind, was, is) of a run, sorted."""
    rows = RunChange.objects.filter(run=run).values_list("programme", "unit_key", "kind", "was_fen", "is_fen")
    return sorted(rows)


def line(run: Run, kind: str, **which: Any) -> RunChange:
    return RunChange.objects.get(run=run, kind=kind, **which)


@dataclass(frozen=True)
class _Manifest:
    programmes: tuple[str, ...] = ()


@pytest.fixture
def small_programmes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mapping[str, Any]]:
    """The programmes of toys.py instead of the packs'."""
    monkeypatch.setattr(programmes, "manifests", lambda: ())
    programmes.programmes.cache_clear()
    programmes.inputs.cache_clear()
    programmes.programmes().update(toys.ALL)
    yield toys.ALL
    programmes.programmes.cache_clear()
    programmes.inputs.cache_clear()


@pytest.fixture
def city(divisions: None, home: Home, settings: Any, small_programmes: Any, monkeypatch: pytest.MonkeyPatch) -> City:
    """An empty city with divisions; snapshots are taken from its people instead of a lake."""
    settings.SYNTHETIC = True
    found = City()

    def build(month: Month, *, awards: pl.DataFrame | None = None, inputs: Any = (), preview: bool = False) -> People:
        people = found.frame()
        if awards is not None and awards.height:
            told = [name for name in awards.columns if name in people.columns and name != "person_key"]
            people = people.join(awards.select("person_key", *told), on="person_key", how="left", suffix="_told")
            people = people.with_columns(pl.max_horizontal(name, pl.col(f"{name}_told").fill_null(0)).alias(name) for name in told)
            people = people.drop(f"{name}_told" for name in told)
        return People(month, people, preview, {}, {})

    monkeypatch.setattr(snapshots, "build_people", build)
    return found


@pytest.fixture(autouse=True)
def after_the_months(business_date: date) -> Iterator[None]:
    """Months of these tests are over unless a test says otherwise."""
    with clock.use(date(2024, 4, 2)):
        yield


assert parameters.SHARED == "standards"
