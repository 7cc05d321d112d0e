"""To which board (板块) a place belongs: funds and statements go by it. 常州经开区 has no code of its own, so the first code
that a board manages stands for it where a code is wanted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from minzheng.kernel.divisions.codes import Range
from minzheng.kernel.divisions.queries import county_codes, management_units, own_names


@dataclass(frozen=True)
class District:
    """A board: its slug (the six digits of a county where no board manages it), name, and the code that stands for it."""

    slug: str
    name: str
    code: str
    ranges: tuple[Range, ...]

    def has(self, division_code: str) -> bool:
        """Whether the board manages a place."""
        return any(low <= division_code < high for low, high in self.ranges)


def districts(on: date) -> list[District]:
    """All boards of a day."""
    found = []
    for unit in management_units(on):
        ranges = sorted((row.low, row.high) for row in unit.ranges.all())
        found.append(District(unit.slug, unit.name, ranges[0][0].ljust(12, "0"), tuple(ranges)))
    return found


def districts_of(codes: Iterable[str], on: date) -> dict[str, District | None]:
    """The board of each of many places; the county where none manages it; None for a code outside the tree. Few queries."""
    boards, counties = districts(on), frozenset(county_codes())
    names = own_names([f"{county}000000" for county in counties], on)
    found: dict[str, District | None] = {}
    for code in set(codes):
        county = code[:6]
        board = next((board for board in boards if board.has(code)), None)
        if board is None and county in counties and len(code) == 12 and code.isdigit():
            low = f"{county}000000"
            board = District(county, names.get(low, county), low, ((low, f"{int(county) + 1}000000"),))
        found[code] = board
    return found


def district_names(on: date) -> dict[str, str]:
    """slug → name of the boards and counties, for showing."""
    counties = own_names((f"{county}000000" for county in county_codes()), on)
    return {code[:6]: name for code, name in counties.items()} | {board.slug: board.name for board in districts(on)}
