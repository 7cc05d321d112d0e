"""Names of places as a reader needs them, and the drop-down of places below the reader's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from minzheng.kernel.divisions import queries as divisions
from minzheng.kernel.divisions.codes import code_range
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import EVERYWHERE, Actor

INDENT = "\u3000"  # an ordinary space at the start of an option would be swallowed
CITY = "320400000000"
MANY = 100  # a drop-down longer than this helps nobody


@dataclass(frozen=True)
class Choice:
    """One entry of a drop-down: a division code or a board's name."""

    value: str
    label: str


def relative_names(codes: Iterable[str], actor: Actor) -> dict[str, str]:
    """Names without what the reader's whole jurisdiction shares: a town official reads '星火村', not its
    town, and a grid worker reads nothing of the one village."""
    wanted = set(codes)
    own = _own_unit(actor)
    found = divisions.names([*wanted, own] if own else wanted, clock.business_date())
    prefix = found[own] if own and own != CITY else ""
    return {code: found[code].removeprefix(prefix) for code in wanted}


def choices(actor: Actor, chosen: str = "", codes: bool = False) -> list[Choice]:
    """The units right below the reader's own, the way down to the picked one, and its parts, so that one can go on down.

    At most some fifty: on the way down each unit stands alone, without the others beside it. The city begins with its
    management units, with `codes` with the counties of the statistical tree, which have codes of their own.
    """
    today = clock.business_date()
    own = _own_unit(actor)
    if own == CITY and not codes:
        units = [(unit.slug, unit.name) for unit in divisions.management_units(today)]
    elif own:
        units = [(unit.code, unit.name) for unit in divisions.children(own, today)]
    else:
        units = _highest_units(actor)
    steps = _steps_down(chosen, own)
    for step in steps:
        at = next((place for place, (code, _name) in enumerate(units) if code == step), None)
        if at is not None:
            depth = len(units[at][1]) - len(units[at][1].lstrip(INDENT)) + 1
            parts = _parts(step)
            way = [part for part in parts if part[0] in steps]
            units[at + 1 : at + 1] = [(code, INDENT * depth + name) for code, name in way or parts]
    return [Choice(code, name) for code, name in units]


def labelled(value: str, actor: Actor) -> Choice:
    """A place that is not among the first options, by the name that the reader knows; nothing of one elsewhere."""
    known = value.isdigit() and (actor.ranges == EVERYWHERE or actor.covers(value.ljust(12, "0")))
    return Choice(value, relative_names([value], actor)[value] if known else value)


def part_finder(actor: Actor) -> Callable[[str], tuple[str, str]]:
    """A function from a village's code to (code or slug, name) of the part of the actor's area that it lies in:
    boards for the city, towns for a district, villages below."""
    today = clock.business_date()
    if _own_unit(actor) == CITY:
        parts = [
            (span.low, span.high, unit.slug, unit.name)
            for unit in divisions.management_units(today)
            for span in unit.ranges.all()
        ]
    else:
        parts = [(*code_range(choice.value), choice.value, choice.label) for choice in choices(actor)]

    def find(code: str) -> tuple[str, str]:
        return next(((value, name) for low, high, value, name in parts if low <= code < high), (code, code))

    return find


def _highest_units(actor: Actor) -> list[tuple[str, str]]:
    """The largest units of a jurisdiction made of several ranges (常州经开区: six towns)."""
    found = divisions.search("", actor, clock.business_date(), limit=MANY)
    return [(unit.code, unit.name) for unit in found if unit.level == found[0].level]


def whole_city(actor: Actor) -> bool:
    """Whether the reader's jurisdiction is the whole city, so that management units mean something."""
    return _own_unit(actor) == CITY


def _own_unit(actor: Actor) -> str:
    """The one unit that is the actor's whole jurisdiction, or '' when there are several ranges."""
    if len(actor.ranges) != 1:
        return ""
    low, high = actor.ranges[0]
    return low if code_range(low) == (low, high) else CITY if low <= CITY < high else ""


def _steps_down(chosen: str, own: str) -> list[str]:
    """What must be folded out for `chosen` to be seen with its parts."""
    if not chosen:
        return []
    if not chosen.isdigit():
        return [chosen]
    board = divisions.unit_of(chosen, clock.business_date()) if own == CITY else None
    codes = [chosen[:digits].ljust(12, "0") for digits in (6, 9, 12)]
    return list(dict.fromkeys([*([board.slug] if board else []), *codes]))


def _parts(step: str) -> list[tuple[str, str]]:
    today = clock.business_date()
    if step.isdigit():
        return [(unit.code, unit.name) for unit in divisions.children(step, today)]
    ranges = divisions.ranges_of_unit(step, today)
    units = divisions.towns(today)
    return [(unit.code, unit.name) for unit in units if any(low <= unit.code < high for low, high in ranges)]
