"""The rows of the index that a search looks at: the reader's, by place, by beginnings of names, by digits, by letters."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from minzheng.kernel.divisions import queries as divisions
from minzheng.kernel.divisions.codes import Range
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.registry.search.blind import LONG_TAIL, TAIL, beginnings, long_tail
from minzheng.kernel.registry.search.meanings import both
from minzheng.kernel.registry.search.spelling import SHORTEST, deletions, marks, one_edit_apart
from minzheng.kernel.registry.search.tables import Pinyin

Row = TypeVar("Row", bound=Model)
MOST_TOWNS = 12  # up to so many towns are looked at one by one, else counties
FIRST_YEAR = 1900
# wangxl, ouyangxy: the family name in full, then initials of the given name
_SYLLABLE = "[bcdfghjklmnpqrstwxyz]{0,2}[aeiouv]{1,3}(?:ng|n|r)?"
_SHORT = re.compile(f"({_SYLLABLE})({_SYLLABLE})?([bcdfghjklmnpqrstwxyz]{{2,3}})")


def around(rows: QuerySet[Row], actor: Actor, inside: tuple[Range, ...] | None, by_place: bool = True) -> QuerySet[Row]:
    """The reader's rows inside some places; `by_place` asks by town or county as well, so that one index serves place and
    text. Without it, SQLite, which knows no frequencies, has only the index of the digits to choose."""
    found = scoped(rows, actor)
    ranges = list(actor.ranges)
    if inside is not None:
        narrowed = Q(pk__in=[])
        for low, high in inside:
            narrowed |= Q(division_code__gte=low, division_code__lt=high)
        found, ranges = found.filter(narrowed), both(ranges, list(inside))
    if not by_place:
        return found
    towns = {low[:9] for low, _high in ranges}
    if len(towns) <= MOST_TOWNS and all(high <= f"{int(low[:9]) + 1:09d}000" for low, high in ranges):
        return found.filter(town__in=sorted(towns))
    known = _counties()
    if not known:  # no tree of divisions yet
        return found
    touched = [code for code in known if any(low < f"{int(code) + 1:06d}" and high > f"{code}000000" for low, high in ranges)]
    return found.filter(county__in=sorted(touched))


def _counties() -> list[str]:
    """Counties that ever were, and the city itself, to which somebody may be known as a whole; asked once a minute."""
    minute = int(time.monotonic() // 60)
    if minute not in _KNOWN:
        codes = divisions.county_codes()
        if not codes:
            return []
        _KNOWN.clear()
        _KNOWN[minute] = sorted({*codes, *(f"{code[:4]}00" for code in codes)})
    return _KNOWN[minute]


_KNOWN: dict[int, list[str]] = {}


def endings(digits: tuple[str, ...], alone: bool) -> list[tuple[Q, bool]]:
    """Conditions on ID numbers, as far as the index knows them (their last four or six places), and whether they leave few
    people by themselves. Beside other words, four digits may as well be a year of birth: two conditions rather than
    one with 'or', since each has its own index."""
    tails = {word: {"long_tail_index": long_tail(word)} if len(word) >= LONG_TAIL else {"tail": word[-TAIL:]} for word in digits}
    found = [(Q(*(Q(**tail) for tail in tails.values())), bool(digits))]
    if year := next((word for word in digits if is_year(word) and not alone), ""):
        others = [Q(**tail) for word, tail in tails.items() if word != year]
        found.append((Q(*others, birth_year=int(year)), bool(others)))
    return found


def is_year(word: str) -> bool:
    """Whether four digits can be a year of birth."""
    return len(word) == TAIL and word.isdigit() and FIRST_YEAR <= int(word) <= clock.business_date().year


def named(names: tuple[str, ...]) -> Q:
    """Names that begin so; a few others share the hash, which opening the name tells apart."""
    needed = Q()
    for name in names:
        needed &= starting("name_index", beginnings(name))
    return needed


def stages(letters: tuple[str, ...], names: tuple[str, ...]) -> Iterator[tuple[str, Q]]:
    """(how, condition) in order of rank: the whole name before its beginning. Digits alone have one stage."""
    if not letters:
        for name in names[:1]:
            yield "exact", Q(name_index=beginnings(name))
        yield ("prefix" if names else "digits"), Q()
        return
    short = [text for text in letters if len(text) <= 8]  # longer ones are nobody's initials
    yield "exact", Q(pinyin__in=letters)
    if short:
        yield "exact", Q(initials__in=short)
    for text in letters:
        yield "prefix", starting("pinyin", text)
    for text in short:
        yield "prefix", starting("initials", text)
        if found := _SHORT.fullmatch(text):
            first, second, given = found[1], found[2] or "", found[3]
            yield "prefix", starting("initials", first[0] + second[:1] + given) & starting("pinyin", first + second)


def misspelt(letters: tuple[str, ...]) -> Q | None:
    """The stage after all others: known pinyins with one letter other than was typed; None when there are none."""
    near = {text for one in letters if len(one) >= SHORTEST for text in similar(one)}
    return Q(pinyin__in=sorted(near)) if near else None


def similar(pinyin: str) -> list[str]:
    """Known pinyins that differ from this one by one edit, itself not among them."""
    near = Pinyin.objects.filter(deletions__mark__in=list(marks(deletions(pinyin)).values())).values_list("text", flat=True)
    return sorted({text for text in near if text != pinyin and one_edit_apart(pinyin, text)})


def starting(field_name: str, text: str) -> Q:
    """A beginning as a range, which every database reads from an ordinary index."""
    following: dict[str, Any] = {f"{field_name}__gte": text}
    if text:
        following[f"{field_name}__lt"] = text[:-1] + chr(ord(text[-1]) + 1)
    return Q(**following)
