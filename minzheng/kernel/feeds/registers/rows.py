"""Rows of feeds that belong to a register, held against it while they come in. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import numpy as np
import polars as pl

from minzheng.kernel.feeds.lake import INTERNAL
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry.places.actions import Carried, take_over_facilities, take_over_organisations
from minzheng.kernel.registry.places.deliveries import Plan, Row, plan_facilities, plan_organisations

Mask = np.ndarray[Any, np.dtype[np.bool_]]


class TakeOver(Protocol):
    """An action of the registry that writes a delivery's rows."""

    def __call__(self, *, rows: Sequence[Row], batch: str, as_of: date, synthetic: bool, by: Actor) -> Carried: ...


@dataclass(frozen=True)
class Target:
    """A register that a feed fills: what rows would do to it, and doing it."""

    plan: Callable[[Sequence[Row], date, Actor], Plan]
    take_over: TakeOver


# By contract, in the order in which they are carried: a facility names its organisation.
TARGETS = {
    "organisations": Target(plan_organisations, take_over_organisations),
    "facilities": Target(plan_facilities, take_over_facilities),
}


class Refusals:
    """Which rows of a delivery the register refuses: asked once, for the rows that would otherwise go into the lake."""

    def __init__(self, contract: str, good: Callable[[], pl.DataFrame], as_of: date, by: Actor) -> None:
        self._target, self._good, self._as_of, self._by = TARGETS.get(contract), good, as_of, by
        self.by_reason: dict[str, list[int]] = {}  # 'code@column' → positions among all rows

    def __call__(self, keep: Mask) -> Mask:
        """The rows of `keep` that are refused."""
        refused = np.zeros(len(keep), dtype=bool)
        places = np.flatnonzero(keep)
        if self._target is None or not len(places):
            return refused
        rows = rows_of(self._good().filter(pl.Series(keep)))
        for at, why in self._target.plan(rows, self._as_of, self._by).refused.items():
            refused[places[at]] = True
            self.by_reason.setdefault(f"{why.code}@{why.column}", []).append(int(places[at]))
        return refused


def rows_of(frame: pl.DataFrame) -> list[Row]:
    """Rows of the lake as the registry takes them."""
    return list(frame.drop(*INTERNAL, strict=False).iter_rows(named=True))
