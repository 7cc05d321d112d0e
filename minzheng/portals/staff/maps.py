"""What the map component draws: counts at places on several steps of closeness, or single points. No data of people.

A page includes `staff/map/panel.html` with `data`, an address of its own that answers with one of these collections,
and `unit`, what is counted ('件'). `tallied` is for anything that has a division code: alerts, people, households; give
it the counts by code of one grouped query. `pinned` is for things with a position of their own. `parts` are the same
places as rows of a table, which is what remains without WebGL, for the keyboard and for readers of the screen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from minzheng.kernel.divisions import maps as divisions
from minzheng.kernel.divisions import queries
from minzheng.kernel.divisions.codes import code_range, prefix_of
from minzheng.kernel.foundation.access import EVERYWHERE, Actor
from minzheng.portals.staff import places

DIGITS = {"town": 9, "village": 12}
GEOJSON = "application/geo+json"


@dataclass
class Tally:
    """What is counted at a place: all, and those that are late."""

    count: int = 0
    late: int = 0

    def add(self, other: Tally) -> None:
        """Take in the counts of a place that lies in this one."""
        self.count += other.count
        self.late += other.late


Tallies = Mapping[str, Tally]


@dataclass(frozen=True)
class Part:
    """A row of the table: a place, what is counted there, and the value by which a filter finds it."""

    value: str
    name: str
    tally: Tally


@dataclass(frozen=True)
class Pin:
    """One thing with a position of its own."""

    name: str
    longitude: float
    latitude: float
    url: str = ""


def tallied(counts: Tallies, actor: Actor, on: date, address: str) -> dict[str, Any]:
    """Counts by division code → points for boards (whole city), towns and villages. `address` + a point's `value` is the
    address behind it; `counties` are the sums of those counties that the actor sees as a whole, for their shade."""
    steps = {"board": _by_board(counts, on)} if places.whole_city(actor) else {}
    steps |= {step: _by_digits(counts, digits) for step, digits in DIGITS.items()}
    while len(steps) > 1 and len(next(iter(steps.values()))) == 1:  # one town alone says no more than its villages
        del steps[next(iter(steps))]
    codes = {value for found in steps.values() for value in found}
    where = divisions.points(codes) | (board_points(on) if "board" in steps else {})
    names = _names(codes, on)
    features = [
        _feature(where[value], step=step, value=value, name=names[value], count=tally.count, late=tally.late)
        for step, found in steps.items() for value, tally in sorted(found.items()) if value in where
    ]  # fmt: skip
    return {"type": "FeatureCollection", "features": features, "address": address, "counties": _counties(counts, actor)}


def pinned(pins: Iterable[Pin]) -> dict[str, Any]:
    """Things at their own positions; near ones are drawn as one with their number."""
    features = [_feature((pin.longitude, pin.latitude), step="pin", name=pin.name, url=pin.url) for pin in pins]
    return {"type": "FeatureCollection", "features": features}


def parts(counts: Tallies, within: str, actor: Actor, on: date) -> list[Part]:
    """The parts of the place `within` (a code, a board's name or '' for all that the actor sees), fullest first."""
    whole = not within and places.whole_city(actor)
    found = _by_board(counts, on) if whole else _by_digits(counts, _below(counts, within))
    names = _names(set(found), on)
    rows = [Part(value, names[value], tally) for value, tally in found.items()]
    return sorted(rows, key=lambda part: (-part.tally.count, -part.tally.late, part.value))


def without_place(counts: Tallies) -> int:
    """How many are counted at codes that have no position, and so are in the table only."""
    missing = set(counts) - set(divisions.points(counts))
    return sum(counts[code].count for code in missing)


def board_points(on: date) -> dict[str, tuple[float, float]]:
    """Where each board is drawn: at that town of its own which lies nearest to their middle."""
    boards: dict[str, list[tuple[float, float]]] = defaultdict(list)
    spans = [(row.low, row.high, unit.slug) for unit in queries.management_units(on) for row in unit.ranges.all()]
    for code, point in divisions.points(queries.towns(on).values_list("code", flat=True)).items():
        for slug in (slug for low, high, slug in spans if low <= code < high):
            boards[slug].append(point)
    return {slug: _middle(points) for slug, points in boards.items()}


def _middle(points: list[tuple[float, float]]) -> tuple[float, float]:
    x, y = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    return min(points, key=lambda point: (point[0] - x) ** 2 + (point[1] - y) ** 2)


def _by_board(counts: Tallies, on: date) -> dict[str, Tally]:
    spans = [(row.low, row.high, unit.slug) for unit in queries.management_units(on) for row in unit.ranges.all()]
    return _grouped(counts, lambda code: next((slug for low, high, slug in spans if low <= code < high), code))


def _by_digits(counts: Tallies, digits: int) -> dict[str, Tally]:
    return _grouped(counts, lambda code: code[:digits].ljust(12, "0"))


def _grouped(counts: Tallies, key: Callable[[str], str]) -> dict[str, Tally]:
    found: dict[str, Tally] = defaultdict(Tally)
    for code, tally in counts.items():
        found[key(code)].add(tally)
    return dict(found)


def _below(counts: Tallies, within: str) -> int:
    """How many digits the parts of a place have: towns of a county or board, villages of a town."""
    if within.isdigit():
        return DIGITS["town"] if len(prefix_of(within)) <= 6 else DIGITS["village"]
    towns = {code[: DIGITS["town"]] for code in counts}
    return DIGITS["town"] if within or len(towns) > 1 else DIGITS["village"]


def _names(values: set[str], on: date) -> dict[str, str]:
    """Names as they stand on a map, without what lies around: '湖塘镇', '常州经开区'."""
    boards = {unit.slug: unit.name for unit in queries.management_units(on)}
    own = queries.own_names({value for value in values if value.isdigit()}, on)
    return {value: own.get(value) or boards.get(value, value) for value in values}


def _counties(counts: Tallies, actor: Actor) -> dict[str, int]:
    found = {feature["properties"]["code"]: 0 for feature in divisions.outlines()["features"]}
    for code in found:
        low, high = code_range(code)
        if actor.ranges != EVERYWHERE and not any(start <= low and high <= end for start, end in actor.ranges):
            continue
        found[code] = sum(tally.count for place, tally in counts.items() if low <= place < high)
    return {code: count for code, count in found.items() if count}


def _feature(where: tuple[float, float], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": list(where)}, "properties": properties}
