"""What the Chinese words of a search may mean: '王 湖塘' is a name and a place, '张华' a name, '人民路' a road."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from minzheng.kernel.divisions import queries as divisions
from minzheng.kernel.divisions.codes import Range, code_range, merged
from minzheng.kernel.divisions.models import Division
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry.search.words import Query

SHORTEST_PLACE, LONGEST_PLACE = 2, 8  # one character is the beginning of a name


@dataclass(frozen=True)
class Meaning:
    """One way to read a search: the beginnings of a name, where (None: anywhere), and the beginnings of roads."""

    names: tuple[str, ...] = ()
    inside: tuple[Range, ...] | None = None
    roads: tuple[str, ...] = ()


class Reading:
    """The Chinese words of a search with the places that they may name; one query, a second when words were run together."""

    def __init__(self, query: Query, actor: Actor, on: date) -> None:
        self._query = query
        self.words = list(query.characters)
        self.units: list[Division] = []
        self._spans: dict[str, list[Range]] = {}
        while self.words:
            self._ask(actor, on)
            parts = [part for word in self.words for part in self._split(word)]
            if parts == self.words:
                break
            self.words = parts

    def people(self) -> list[Meaning]:
        """The ways to read a search for people, the likeliest first; they are tried until one finds somebody."""
        if self._query.name:
            return [self._meaning((self._query.name,), self.words)]
        found = [self._meaning((word,), self.words[:at] + self.words[at + 1 :]) for at, word in enumerate(self.words)]
        if self._query.letters or self._query.digits:
            found.insert(0, self._meaning((), self.words))
        return sorted(dict.fromkeys(found), key=lambda one: (len(one.roads), any(name in self._spans for name in one.names)))

    def households(self) -> Meaning:
        """The same for households: every word is a place or a road, and the last one, if all are places, a road as well
        (花园 is a village and the beginning of many estates)."""
        read = self._meaning((), self.words)
        if read.roads or not self.words:
            return read
        return replace(self._meaning((), self.words[:-1]), roads=(self.words[-1],))

    def places(self, most: int) -> list[Division]:
        """The units themselves that whole words name, highest first, when nothing else was typed."""
        named = [unit for unit in self.units if any(unit.name.startswith(word) for word in self.words)]
        return named[:most] if all(word in self._spans for word in self.words) else []

    def _ask(self, actor: Actor, on: date) -> None:
        asked = {word[:size] for word in self.words for size in range(SHORTEST_PLACE, min(len(word), LONGEST_PLACE) + 1)}
        self.units = divisions.called(asked, actor, on) if asked else []
        self._spans = {}
        for text in asked:
            if spans := [code_range(unit.code) for unit in self.units if unit.name.startswith(text)]:
                self._spans[text] = merged(spans)

    def _split(self, word: str) -> list[str]:
        """武进区湖塘镇人民路 → 武进区, 湖塘镇人民路: the whole name of a place that stands in front is a word of its own."""
        whole = {unit.name for unit in self.units}
        for size in range(min(len(word) - 1, LONGEST_PLACE), SHORTEST_PLACE, -1):
            if word[:size] in whole:
                return [word[:size], word[size:]]
        return [word]

    def _meaning(self, names: tuple[str, ...], others: list[str]) -> Meaning:
        """Places narrow each other; what is no place is a road, one character the beginning of a name."""
        inside: list[Range] | None = None
        roads = []
        for word in others:
            spans = self._spans.get(word, [])
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
