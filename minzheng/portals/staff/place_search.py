"""Finding a place by what somebody types: a part of its name, its pinyin or initials, a code, or several of these."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from minzheng.kernel.divisions import queries as divisions
from minzheng.kernel.divisions.models import Division
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import EVERYWHERE, Actor
from minzheng.kernel.registry.search.readings import readings
from minzheng.portals.staff.places import Choice, relative_names, whole_city

MOST = 30  # places in one answer; who sees more than that types another letter
LONGEST = 32
EVERY_UNIT = 100_000


@dataclass(frozen=True)
class Found:
    """Places that fit, best first, and whether there are more than are shown."""

    places: list[Choice]
    more: bool


def find(text: str, actor: Actor, codes_only: bool = False) -> Found:
    """Places inside the actor's jurisdiction that all words of `text` fit, each on the place itself or on what it lies in
    (湖塘 星火). With `codes_only` no management units, which have no code of their own. Without words nothing."""
    words = unicodedata.normalize("NFKC", text[:LONGEST]).lower().split()
    if not words:
        return Found([], False)
    today = clock.business_date()
    units = divisions.search("", actor, today, limit=EVERY_UNIT)
    by_code = {unit.code: unit for unit in units}
    ranked = [
        (rank, unit.level, unit.code) for unit in units if (rank := _rank(words, unit, by_code)) is not None
    ]
    codes = [code for _rank_, _level, code in sorted(ranked)]
    boards = [] if codes_only or not whole_city(actor) else _boards(words)
    shown = codes[: MOST - len(boards)]
    names = relative_names(shown, actor)
    places = [*boards, *(Choice(code, names[code] or by_code[code].name) for code in shown)]
    return Found(places, len(codes) > len(shown))


def is_open_to(code: str, actor: Actor) -> bool:
    """Whether `code` is a unit of today inside the actor's jurisdiction, as a form must check."""
    inside = actor.ranges == EVERYWHERE or actor.covers(code)
    return inside and divisions.in_force(clock.business_date()).filter(code=code).exists()


def _boards(words: list[str]) -> list[Choice]:
    units = divisions.management_units(clock.business_date())
    return [
        Choice(unit.slug, f"{unit.name}（板块）")
        for unit in units
        if all(_fit(word, unit.name) is not None for word in words)
    ]


def _rank(words: list[str], unit: Division, by_code: dict[str, Division]) -> int | None:
    """How well a unit fits, 0 best; None when a word fits neither it nor a unit that it lies in, or none fits itself."""
    around = [by_code[code] for code in _lineage(unit.code) if code in by_code]
    own, best = False, 0
    for word in words:
        rank = _fit(word, unit.name, unit.code)
        if rank is not None:
            own, best = True, best + rank
        elif not any(_fit(word, above.name) is not None for above in around):
            return None
    return best if own else None


def _fit(word: str, name: str, code: str = "") -> int | None:
    """0 at the beginning of the name, its code or its pinyin, 1 inside the name, None nowhere."""
    if name.startswith(word):
        return 0
    if word in name:
        return 1
    if word.isdigit():
        return 0 if code.startswith(word) else None
    if word.isascii() and any(spelled.startswith(word) for reading in readings(name) for spelled in reading):
        return 0
    return None


def _lineage(code: str) -> list[str]:
    """Codes of what a unit lies in, without itself."""
    return [above for digits in (6, 9) if (above := code[:digits].ljust(12, "0")) != code]
