"""What the Chinese words of a search may mean: '王 湖塘' is a name and a place, '张华' a name, '人民路' a road."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from minzheng.kernel.divisions import queries as divisions
from minzheng.kernel.divisions.codes import Range, code_range, merged
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry.search.words import Query

SHORTEST_PLACE = 2  # one character is the beginning of a name


@dataclass(frozen=True)
class Meaning:
    """One way to read a search: the beginnings of a name, where (None: anywhere), and the beginnings of roads."""

    names: tuple[str, ...] = ()
    inside: tuple[Range, ...] | None = None
    roads: tuple[str, ...] = ()


class Places:
    """Which words name places, asked once for all words of a search."""

    def __init__(self, words: tuple[str, ...], actor: Actor, on: date) -> None:
        self._actor = actor
        asked = {word[:size] for word in words for size in range(SHORTEST_PLACE, min(len(word), 8) + 1)}
        found = divisions.called(asked, actor, on) if asked else []
        self._spans: dict[str, list[Range]] = {}
        for text in asked:
            spans = [code_range(unit.code) for unit in found if unit.name.startswith(text)]
            if spans:
                self._spans[text] = merged(spans)
        self._whole = {unit.name for unit in found}

    def split(self, word: str) -> list[str]:
        """武进区湖塘镇人民路 → 武进区, 湖塘镇, 人民路: whole names of places that stand in front are words of their own."""
        parts = []
        while len(word) > SHORTEST_PLACE:
            head = next((word[:size] for size in range(len(word) - 1, SHORTEST_PLACE, -1) if word[:size] in self._whole), "")
            if not head:
                break
            parts.append(head)
            word = word[len(head) :]
        return [*parts, word]

    def ranges(self, word: str) -> list[Range]:
        """Where a word says that it is; empty for a word that names no place."""
        return self._spans.get(word, [])


def meanings(query: Query, actor: Actor, on: date) -> list[Meaning]:
    """The ways to read a search, the likeliest first; people are looked for until one of them finds somebody."""
    words, places = _read(query.characters, actor, on)
    if query.name:
        return [_meaning((query.name,), words, places)]
    found = [_meaning((word,), words[:at] + words[at + 1 :], places) for at, word in enumerate(words)]
    if query.letters or query.digits:
        found.insert(0, _meaning((), words, places))
    return sorted(dict.fromkeys(found), key=lambda one: (len(one.roads), any(places.ranges(name) for name in one.names)))


def whereabouts(query: Query, actor: Actor, on: date) -> Meaning:
    """The same for households: every word is a place or a road."""
    words, places = _read(query.characters, actor, on)
    return _meaning((), words, places)


def _read(characters: tuple[str, ...], actor: Actor, on: date) -> tuple[list[str], Places]:
    """The words with places that stand in front of others split off."""
    words = list(characters)
    while True:
        places = Places(tuple(words), actor, on)
        parts = [part for word in words for part in places.split(word)]
        if parts == words:
            return words, places
        words = parts


def _meaning(names: tuple[str, ...], others: list[str], places: Places) -> Meaning:
    """Places narrow each other; what is no place is a road, one character the beginning of a name."""
    inside: list[Range] | None = None
    roads = []
    for word in others:
        spans = places.ranges(word)
        if spans:
            inside = spans if inside is None else both(inside, spans)
        elif len(word) < SHORTEST_PLACE:
            names = (*names, word)
        else:
            roads.append(word)
    return Meaning(names, None if inside is None else tuple(inside), tuple(roads))


def both(one: list[Range], other: list[Range]) -> list[Range]:
    """What lies in both sets of ranges."""
    cut = [(max(low, start), min(high, end)) for low, high in one for start, end in other]
    return merged([(low, high) for low, high in cut if low < high])
