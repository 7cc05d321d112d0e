"""From counts by division code to the places that figures are kept for: the city, its counties, its boards, its towns.

City and counties are cut by the statistical tree, boards by what they manage (facts §1.3): both cuts add up to the city.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from minzheng.kernel.divisions import queries as divisions
from minzheng.kernel.divisions.codes import Range, code_range
from minzheng.kernel.divisions.models import Division

CITY_DIGITS, COUNTY_DIGITS, TOWN_DIGITS = 4, 6, 9


@dataclass(frozen=True)
class Places:
    """The places of one day: codes and names, and the board of every code. `county_codes` and `boards` always get a value, towns only
    where there is something."""

    city: str
    county_codes: tuple[str, ...]
    boards: dict[str, list[Range]]
    titles: dict[str, str] = field(default_factory=dict)
    _lows: tuple[str, ...] = ()
    _ranges: tuple[tuple[str, str, str], ...] = ()

    @classmethod
    def on(cls, day: date) -> Places:
        """The places that exist on a day."""
        units = divisions.in_force(day).filter(level__in=[Division.Level.CITY, Division.Level.COUNTY, Division.Level.TOWN])
        city, counties, titles = "", list[str](), dict[str, str]()
        for unit in units.order_by("code"):
            titles[unit.code] = unit.name
            if unit.level == Division.Level.CITY:
                city = city or unit.code
            elif unit.level == Division.Level.COUNTY:
                counties.append(unit.code)
        boards = {}
        for board in divisions.management_units(day):
            boards[board.slug] = sorted((row.low, row.high) for row in board.ranges.all())
            titles[board.slug] = board.name
        ranges = sorted((low, high, slug) for slug, found in boards.items() for low, high in found)
        return cls(city, tuple(counties), boards, titles, tuple(low for low, _high, _slug in ranges), tuple(ranges))

    def board_of(self, code: str) -> str:
        """The board that manages a code, "" for none."""
        at = bisect_right(self._lows, code) - 1
        return self._ranges[at][2] if at >= 0 and code < self._ranges[at][1] else ""

    def rolled_up(self, counts: Iterable[tuple[str, int]]) -> tuple[dict[str, int], int]:
        """Place → sum, the city, all counties and all boards among them; and what lies in no county of the city."""
        found: dict[str, int] = defaultdict(int, dict.fromkeys((self.city, *self.county_codes, *self.boards), 0))
        counties, unplaced = set(self.county_codes), 0
        for code, count in counts:
            if code == self.city:
                found[code] += count
                continue
            county = f"{code or '':.6}".ljust(12, "0")
            if county not in counties:
                unplaced += count
                continue
            found[self.city] += count
            found[county] += count
            found[f"{code:.9}".ljust(12, "0")] += count if f"{code:.9}".ljust(12, "0") != county else 0
            if board := self.board_of(code):
                found[board] += count
        return dict(found), unplaced

    def ranges_of(self, place: str) -> list[Range]:
        """What a place covers. Raises LookupError for what is no place of the city."""
        if place in self.boards:
            return self.boards[place]
        if place in self.titles:
            return [code_range(place)]
        raise LookupError(f"没有“{place}”这个地方")

    def of_cut(self, cut: str, below: str = "") -> list[str]:
        """The places side by side: counties ("division"), boards ("unit"), or the towns below a place ("town")."""
        if cut == "unit":
            return list(self.boards)
        if cut == "division":
            return list(self.county_codes)
        inside = self.ranges_of(below or self.city)
        return [code for code in self.titles if code.isdigit() and code[CITY_DIGITS:COUNTY_DIGITS] != "00"
                and code[COUNTY_DIGITS:TOWN_DIGITS] != "000" and any(low <= code < high for low, high in inside)]  # fmt: skip
