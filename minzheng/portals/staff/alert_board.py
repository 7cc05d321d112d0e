"""The board of alerts: scenarios down, another side across, each count with the list behind it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.monitoring.catalogue import scenarios, title_of
from minzheng.kernel.monitoring.models import Alert
from minzheng.portals.staff import places
from minzheng.portals.staff.alert_filters import DUE, AlertFilters
from minzheng.portals.staff.desk_clocks import spans

TONES = {"overdue": "red", "today": "amber", "high": "red", "medium": "amber", "new": "amber"}


@dataclass(frozen=True)
class Cell:
    """A count and the list behind it; `weight` is its share of the largest in tenths, for the shade."""

    count: int
    address: str
    tone: str
    weight: int


@dataclass(frozen=True)
class CrossTable:
    """heads: (label, count, address) of the columns; lines: (title, cells, sum, address of the sum)."""

    heads: list[tuple[str, int, str]]
    lines: list[tuple[str, list[Cell], int, str]]
    total: int


def cross_table(counted: dict[tuple[str, str], int], side: str, actor: Actor, today: date, asked: AlertFilters) -> CrossTable:
    """The counts by scenario and raw value, gathered into the columns of a side."""
    columns = _columns(counted, side, actor, today)
    cells: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (scenario, raw), count in counted.items():
        cells[scenario][columns.key_of(raw)] += count
    largest = max((count for line in cells.values() for count in line.values()), default=1)
    names = [*scenarios(), *sorted(set(cells) - set(scenarios()))]
    lines = []
    for name in names:
        row = [
            Cell(cells[name][key], asked.address(scenario=name, **columns.filters(key)), TONES.get(key, ""), -(-10 * cells[name][key] // largest))
            for key in columns.keys
        ]
        lines.append((title_of(name), row, sum(cell.count for cell in row), asked.address(scenario=name)))
    sums = {key: sum(cells[name][key] for name in names) for key in columns.keys}
    heads = [(columns.labels[key], sums[key], asked.address(**columns.filters(key))) for key in columns.keys]
    return CrossTable(heads, lines, sum(sums.values()))


@dataclass(frozen=True)
class _Columns:
    side: str
    keys: list[str]
    labels: dict[str, str]
    of: dict[str, str]

    def key_of(self, raw: str) -> str:
        return self.of.get(raw, raw)

    def filters(self, key: str) -> dict[str, str]:
        """The filter that shows what is in a column."""
        if self.side == "clock":
            return {"overdue": "1"} if key == "overdue" else {"due": key}
        return {{"part": "division", "severity": "severity", "status": "status"}[self.side]: key}


def _columns(counted: dict[tuple[str, str], int], side: str, actor: Actor, today: date) -> _Columns:
    raws = {raw for _scenario, raw in counted}
    if side == "clock":
        labels = {"overdue": "逾期", **DUE}
        of = {raw: next(k for k, (low, high) in spans(today).items() if low <= date.fromisoformat(raw) <= high) for raw in raws}
        return _Columns(side, list(labels), labels, of)
    if side == "part":
        find = places.part_finder(actor)
        parts = {raw: find(raw) for raw in raws}
        labels = dict(sorted(set(parts.values())))
        return _Columns(side, list(labels), labels, {raw: key for raw, (key, _name) in parts.items()})
    choices = dict(Alert.Severity.choices if side == "severity" else Alert.Status.choices)
    return _Columns(side, list(choices), {key: str(label) for key, label in choices.items()}, {})
