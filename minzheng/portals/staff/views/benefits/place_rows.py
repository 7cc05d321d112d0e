"""A run by place: boards or counties, then towns, villages, people; only what lies in the reader's jurisdiction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from minzheng.kernel.benefits import queries
from minzheng.kernel.benefits.models import Run
from minzheng.kernel.divisions.queries import management_units
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.portals.staff import places

CUTS = {"": "武进不含经开", "county": "武进含经开"}
TOWN, VILLAGE = 9, 12


@dataclass(frozen=True)
class PlaceRows:
    """Rows of one step down. `cuts`: whether 武进 can be counted in two ways here; `people`: the rows are villages, below
    which there are only people."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    cut: str = ""
    cuts: bool = False
    people: bool = False


def first_rows(run: Run, actor: Actor, programme: str, cut: str) -> PlaceRows:
    """The units with which the reader begins: boards for the city, towns of a district, villages of a town."""
    if places.whole_city(actor):
        if cut == "county":
            return _rows(run, actor, queries.totals_by_place(run, actor, 6, programme=programme), "county", cuts=True)
        boards = {unit.slug: unit.name for unit in management_units(clock.business_date())} | {"": "不在辖区表内"}
        found = queries.totals_by_board(run, actor, programme)
        return PlaceRows([_row(slug, boards[slug], figures) for slug, figures in found.items()], "", True)
    towns = queries.totals_by_place(run, actor, TOWN, programme=programme)
    if len(towns) > 1:
        return _rows(run, actor, towns)
    return _rows(run, actor, queries.totals_by_place(run, actor, VILLAGE, programme=programme), people=True)


def rows_below(run: Run, actor: Actor, division: str, programme: str) -> PlaceRows:
    """The parts of a place. Raises LookupError, ValueError for one that there is not."""
    below_town = division.isdigit() and len(division.rstrip("0")) > 6
    digits = VILLAGE if below_town else TOWN
    return _rows(run, actor, queries.totals_by_place(run, actor, digits, division, programme), people=below_town)


def _rows(run: Run, actor: Actor, found: dict[str, dict[str, int]], cut: str = "", cuts: bool = False, people: bool = False) -> PlaceRows:
    names = places.relative_names(found, actor)
    return PlaceRows([_row(code, names[code] or code, figures) for code, figures in found.items()], cut, cuts, people)


def _row(place: str, name: str, figures: dict[str, int]) -> dict[str, Any]:
    return {"place": place, "name": name, **figures, "more_fen": figures["fen"] - figures["before_fen"]}
