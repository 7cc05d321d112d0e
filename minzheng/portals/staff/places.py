"""Names of places as a reader needs them, and the drop-down of places below the reader's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from minzheng.kernel.divisions import queries as divisions
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor

INDENT = "\u3000"  # an ordinary space at the start of an option would be swallowed


@dataclass(frozen=True)
class Choice:
    """One entry of a drop-down."""

    value: str
    label: str


def tops(actor: Actor) -> list[str]:
    """Codes of the units that are the actor's own: a jurisdiction begins with its unit's code."""
    return [low for low, _high in actor.ranges]


def relative_names(codes: Iterable[str], actor: Actor) -> dict[str, str]:
    """Names without what the reader's whole jurisdiction shares: a town official reads '星火村', not its town."""
    wanted = set(codes)
    today = clock.business_date()
    own = tops(actor)
    found = divisions.names([*wanted, *own], today)
    prefix = found[own[0]] if len(own) == 1 and not own[0].endswith("00000000") else ""
    return {code: found[code].removeprefix(prefix) or found[code] for code in wanted}


def choices(actor: Actor, chosen: str = "") -> list[Choice]:
    """What may be picked: the units right below the actor's, and below the picked one, so one can go on down."""
    today = clock.business_date()
    own = tops(actor)
    parents = own[:1] if len(own) == 1 else []
    units = [(unit.code, unit.name) for parent in parents for unit in divisions.children(parent, today)]
    if not parents:
        units = sorted(divisions.names(own, today).items())
    if chosen and actor.covers(chosen) and chosen not in own:
        units = _with_children(units, chosen)
    return [Choice(code, name) for code, name in units]


def _with_children(units: list[tuple[str, str]], chosen: str) -> list[tuple[str, str]]:
    """The list with the picked unit's ancestors, itself and its children folded out in their places."""
    today = clock.business_date()
    lineage = [chosen[:digits].ljust(12, "0") for digits in (6, 9)]
    result = list(units)
    for step in dict.fromkeys([*lineage, chosen]):
        at = next((place for place, (code, _name) in enumerate(result) if code == step), None)
        if at is not None:
            below = divisions.children(step, today)
            depth = len(result[at][1]) - len(result[at][1].lstrip(INDENT))
            result[at + 1 : at + 1] = [(unit.code, INDENT * (depth + 1) + unit.name) for unit in below]
    return result
