"""From villages to towns, boards and counties, and which of these numbers a reader is told.

Nobody may be singled out on the map. A number of people below FEW is told only to whoever deals with the matter, and
only for the places that their level hands work to (EXACT): the city's officials for counties, boards and towns, a
district's down to its villages. Everybody else reads '少于 3'; a zero beside it reads the same, or it would say where the
one is; and where a single number is held back, the smallest beside it is held back too, or a sum would give it away.
Readers who do not deal with the matter have no step of villages at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from minzheng.kernel.divisions import maps as divisions
from minzheng.kernel.divisions import queries
from minzheng.kernel.divisions.codes import code_range
from minzheng.kernel.divisions.models import ManagementUnit
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.portals.staff import maps, places

FEW = 3
HELD_BACK = -1  # what stands for a number that is not told
STEPS = {"county": "区县", "board": "板块", "town": "镇街", "village": "村社区"}
DIGITS = {"county": 6, "town": 9, "village": 12}
EXACT = {
    "city": frozenset({"county", "board", "town"}), "county": frozenset(STEPS), "town": frozenset({"town", "village"}),
    "village": frozenset({"village"}),
}  # fmt: skip
Row = list[int]  # a number for each time
Rows = dict[str, Row]  # place (a code, a board's name) → its numbers


@dataclass(frozen=True)
class Geography:
    """The places of every step inside a reader's jurisdiction, on a date."""

    names: Mapping[str, Mapping[str, str]]  # step → place → name
    board_of: Callable[[str], str]

    def step_of(self, step: str, village: str) -> str:
        """The place of a step that a village lies in."""
        return self.board_of(village) if step == "board" else village[: DIGITS[step]].ljust(12, "0")

    def above(self, step: str, place: str, counties: Mapping[str, str]) -> str:
        """The place whose number is told beside the sum of this one and its neighbours; the city is ''."""
        if step == "county":
            return ""
        if step == "board":
            return counties.get(place, "")
        return place[:6].ljust(12, "0") if step == "town" else place[:9].ljust(12, "0")


def steps_for(actor: Actor, deals: bool) -> list[str]:
    """The steps that a reader may choose: the city's from counties and boards down, others' from towns."""
    found = list(STEPS) if places.whole_city(actor) else ["town", "village"]
    return found if deals else [step for step in found if step != "village"]


def exact_for(actor: Actor, deals: bool) -> frozenset[str]:
    """The steps whose small numbers a reader is told."""
    return (
        EXACT.get(roles()[actor.role].level, frozenset()) if deals and actor.role in roles() else frozenset()
    )


def geography(actor: Actor, on: date) -> Geography:
    """All places inside the reader's jurisdiction; four queries."""
    villages = {code: name for code, name in queries.villages(on).values_list("code", "name") if actor.covers(code)}
    towns = {code: name for code, name in queries.towns(on).values_list("code", "name") if actor.covers(code)}
    counties = {
        one["properties"]["code"]: one["properties"]["name"] for one in divisions.outlines()["features"]
    }
    boards = list(queries.management_units(on))
    names = (
        {"county": counties, "board": {unit.slug: unit.name for unit in boards}}
        if places.whole_city(actor)
        else {}
    )
    return Geography({**names, "town": towns, "village": villages}, _board_finder(boards))


def rolled(villages: Rows, lay: Geography, times: int) -> dict[str, Rows]:
    """The numbers of villages summed on every step; places without any have zeros."""
    found: dict[str, Rows] = {}
    for step, names in lay.names.items():
        rows: Rows = {place: [0] * times for place in names}
        for village, row in villages.items():
            into = rows.get(lay.step_of(step, village))
            if into is not None:
                for number, count in enumerate(row):
                    into[number] += count
        found[step] = rows
    return found


def guarded(found: dict[str, Rows], lay: Geography, exact: frozenset[str], on: date) -> dict[str, Rows]:
    """The same with small numbers of people held back on all steps that are not `exact`, from the highest step down."""
    counties = (
        {
            slug: _county_of(unit)
            for slug, unit in ((unit.slug, unit) for unit in queries.management_units(on))
        }
        if "board" in found
        else {}
    )
    told: dict[str, Rows] = {}
    for step, rows in found.items():
        if step in exact:
            told[step] = rows
            continue
        beside: dict[str, list[str]] = defaultdict(list)
        for place in rows:
            beside[lay.above(step, place, counties)].append(place)
        upper = told.get({"village": "town"}.get(step, "county"), {})
        told[step] = {place: list(row) for place, row in rows.items()}
        for above, group in beside.items():
            _hold_back(rows, told[step], group, upper.get(above, []))
    return told


def _hold_back(rows: Rows, told: Rows, group: list[str], upper: Row) -> None:
    """Hold back in one group of neighbours, at each time."""
    for number in range(len(rows[group[0]])):
        if number < len(upper) and upper[number] == HELD_BACK:
            low = group
        else:
            low = [place for place in group if rows[place][number] < FEW]
            if not any(rows[place][number] for place in low):
                continue
            if len(low) == 1 and len(group) > 1:
                low = [
                    *low,
                    min(
                        (place for place in group if place not in low), key=lambda place: rows[place][number]
                    ),
                ]
        for place in low:
            told[place][number] = HELD_BACK


def positions(step: str, wanted: set[str], on: date) -> dict[str, tuple[float, float]]:
    """Where places are drawn; counties are drawn by their outline."""
    if step == "board":
        return maps.board_points(on)
    return {} if step == "county" else divisions.points(wanted)


def within(step: str, place: str, division: str, on: date) -> bool:
    """Whether a place of a step lies in the asked one. Raises LookupError, ValueError for an unknown place."""
    ranges = queries.ranges_below(division, on)
    if step == "board":
        ours = queries.ranges_of_unit(place, on)
        return any(low < end and start < high for low, high in ranges for start, end in ours)
    low, high = code_range(place)
    return any(start < high and low < end for start, end in ranges)


def _board_finder(boards: list[ManagementUnit]) -> Callable[[str], str]:
    spans = [(row.low, row.high, unit.slug) for unit in boards for row in unit.ranges.all()]
    return lambda code: next((slug for low, high, slug in spans if low <= code < high), "")


def _county_of(unit: ManagementUnit) -> str:
    return min(row.low for row in unit.ranges.all())[:6].ljust(12, "0")
