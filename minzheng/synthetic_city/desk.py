"""The desk over which all deliveries go: opens their files, soils their rows, keeps count, writes the manifest last."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from minzheng.synthetic_city.dirt import expected, soil
from minzheng.synthetic_city.layouts import Layout, as_text, layouts
from minzheng.synthetic_city.streams import Ints, stream
from minzheng.synthetic_city.writers import Writer, writer_for

LARGE = 300_000  # residents from which on senders use the forms for large files


@dataclass
class Delivery:
    """One file of one department."""

    layout: Layout
    as_of: date
    unit: str
    file: str
    form: str
    turn: int
    writer: Writer
    rows: int = 0
    chunks: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def entry(self) -> dict[str, Any]:
        """The delivery as the manifest names it."""
        return {
            "contract": self.layout.contract, "file": self.file, "as_of": self.as_of.isoformat(), "format": self.form,
            "rows": self.rows, "dirt": dict(sorted(self.kinds.items())),
        }  # fmt: skip

    def truth(self) -> dict[str, Any]:
        """What an intake must find in the file, if nothing was imported before that is not before it in the manifest."""
        reasons, duplicates = expected(self.kinds)
        quarantined = sum(reasons.values())
        return {
            "contract": self.layout.contract, "read": self.rows, "quarantined": quarantined, "duplicates": duplicates,
            "accepted": self.rows - quarantined - duplicates, "reasons": dict(sorted(reasons.items())),
            "kinds": dict(sorted(self.kinds.items())),
        }  # fmt: skip


class Desk:
    """Takes typed rows for a delivery and writes them as its sender would."""

    def __init__(self, out: Path, seed: int, residents: int, until: date) -> None:
        self._out, self._seed, self._until = out, seed, until
        self.large = residents >= LARGE
        self._deliveries: dict[tuple[str, date, str], Delivery] = {}
        self._again: dict[tuple[str, str], tuple[date, pl.DataFrame]] = {}
        self._counters: Counter[str] = Counter()

    def number(self, what: str, count: int) -> Ints:
        """The next `count` running numbers of a kind, from 1."""
        first = self._counters[what] + 1
        self._counters[what] += count
        return np.arange(first, first + count)

    def wanted(self, as_of: date) -> bool:
        """Whether deliveries of that day belong to the city."""
        return as_of <= self._until

    def put(self, name: str, as_of: date, frame: pl.DataFrame, unit: str = "", **harmless: int) -> None:
        """Add rows to the delivery of layout `name` as of a day. `harmless` counts oddities that the rows already have."""
        if not frame.height or not self.wanted(as_of):
            return
        layout = layouts()[name]
        delivery = self._open(layout, as_of, unit)
        rng = stream(self._seed, "dirt", zlib.crc32((name + unit).encode()), as_of.toordinal(), delivery.chunks)
        soiled = soil(
            as_text(frame, layout, delivery.turn), layout, delivery.turn, delivery.form, rng, self._sent_again(name, unit, as_of)
        )
        if soiled.again is not None:
            self._again[name, unit] = (as_of, soiled.again)
        delivery.writer.write(soiled.text)
        delivery.rows += soiled.text.height
        delivery.chunks += 1
        delivery.kinds.update(soiled.kinds)
        delivery.kinds.update({kind: count for kind, count in harmless.items() if count})

    def close_unit(self, unit: str) -> None:
        """Finish the files of a unit that will send nothing more, and free their memory."""
        for delivery in self._deliveries.values():
            if unit and delivery.unit == unit:
                delivery.writer.close()

    def close(self) -> list[Delivery]:
        """Finish all other files; all deliveries in the order in which they would have come."""
        for delivery in self._deliveries.values():
            if not delivery.unit:
                delivery.writer.close()
        order = list(layouts())
        return sorted(
            self._deliveries.values(), key=lambda d: (d.as_of, order.index(d.layout.name), d.file)
        )

    def _sent_again(self, name: str, unit: str, as_of: date) -> pl.DataFrame | None:
        kept = self._again.get((name, unit))
        # Only rows of an earlier delivery: within one file they would be plain duplicates.
        if kept is None or kept[0] >= as_of:
            return None
        return self._again.pop((name, unit))[1]

    def _open(self, layout: Layout, as_of: date, unit: str) -> Delivery:
        key = (layout.name, as_of, unit)
        if key not in self._deliveries:
            form = layout.large if self.large else layout.small
            turn = as_of.year * 12 + as_of.month + zlib.crc32(unit.encode())
            folder = self._out / layout.contract
            folder.mkdir(exist_ok=True)
            stem = "_".join(filter(None, [layout.title, layout.sender, unit, f"{as_of:%Y%m%d}", "合成数据"]))
            path = folder / f"{stem}.{form}"
            writer = writer_for(form, path, layout, turn, as_of, self.large)
            file = path.relative_to(self._out).as_posix()
            self._deliveries[key] = Delivery(layout, as_of, unit, file, form, turn, writer)
        return self._deliveries[key]


