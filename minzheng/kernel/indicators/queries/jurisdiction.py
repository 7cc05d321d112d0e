"""Which places' figures a reader may see: those that lie in the jurisdiction as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from minzheng.kernel.divisions.codes import Range, code_range, merged
from minzheng.kernel.foundation.access import Actor, Forbidden
from minzheng.kernel.indicators.places import Places


@dataclass(frozen=True)
class Area:
    """A place to look at: the keys of the kept values that add up to it (one, mostly), its name, whether it is the whole city."""

    place: str
    title: str
    keys: tuple[str, ...]
    whole_city: bool


def may_see(actor: Actor, place: str, places: Places) -> bool:
    """Whether a place lies in the actor's jurisdiction as a whole. LookupError for what is no place."""
    return _covers(merged(list(actor.ranges)), places.ranges_of(place))


def area_of(actor: Actor, places: Places, place: str = "") -> Area:
    """The place that is asked for, or the actor's own. A jurisdiction that is no single place is the towns in it.

    Raises LookupError for what is no place, Forbidden for one outside the jurisdiction.
    """
    if place:
        if not may_see(actor, place, places):
            raise Forbidden(f"{places.titles.get(place, place)}不在您的辖区内，看不到它的数字")
        return Area(place, places.titles[place], (place,), place == places.city)
    ranges = merged(list(actor.ranges))
    if _covers(ranges, [code_range(places.city)]):
        return Area(places.city, places.titles[places.city], (places.city,), whole_city=True)
    for slug, found in places.boards.items():
        if merged(list(found)) == ranges:
            return Area(slug, places.titles[slug], (slug,), whole_city=False)
    for code in places.titles:
        if code.isdigit() and [code_range(code)] == ranges:
            return Area(code, places.titles[code], (code,), whole_city=False)
    towns = tuple(code for code in places.of_cut("town") if _covers(ranges, [code_range(code)]))
    return Area("", "本辖区", towns, whole_city=False)


def _covers(ranges: list[Range], wanted: list[Range]) -> bool:
    return bool(ranges) and all(any(low <= start and end <= high for low, high in ranges) for start, end in merged(list(wanted)))
