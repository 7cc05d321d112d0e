"""What somebody typed, word by word: letters of a pinyin, digits of an ID number, a year of birth, Chinese characters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from minzheng.kernel.registry.search.readings import readings

LONGEST, MOST_WORDS = 64, 5
WHOLE_ID = re.compile(r"\d{14}(?:\d|\d{3}[\dx])")
_HAN = r"\u3007\u3400-\u9fff\U00020000-\U0003ffff"
_WORD = re.compile(rf"\d+x?(?![a-z])|[a-z]+|[{_HAN}](?:[·{_HAN}]*[{_HAN}])?")
_DOTS = str.maketrans({"•": "·", "．": "·", "‧": "·", "・": "·", "ü": "v"})
# 人民路12号3幢: what follows the road is told apart only by opening the addresses.
_HOUSE = re.compile(rf"^([{_HAN}]{{2,}}?)(\d+(?:号|幢|栋|单元|室|组|弄|座|村|队).*)$")
_HALF_TYPED = re.compile(rf"([{_HAN}]{{1,3}})([a-z]+)")  # 王xl, 王小lan: an input method stopped half-way


@dataclass(frozen=True)
class Query:
    """The words of a search by kind.

    `letters`: spellings of one pinyin, each of which will do; 'wang xiao lan' is one. `name`: characters that are certainly
    the beginning of a name. `house`: what follows a road ('12号3幢'). `characters`: names, places or roads.
    """

    letters: tuple[str, ...] = ()
    digits: tuple[str, ...] = ()
    characters: tuple[str, ...] = ()
    name: str = ""
    house: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is too little to search for: nothing, or a single letter."""
        return not self.digits and not self.characters and not self.name and max(map(len, self.letters), default=0) < 2


def parse(text: str) -> Query:
    """Read what was typed: full-width forms, case and punctuation do not matter. Digits shorter than four say nothing."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).translate(_DOTS).lower()
    letters, digits, characters, name, house = "", [], [], "", ""
    for chunk in re.split(r"[\s,，、;；/]+", plain):
        if found := _HOUSE.match(chunk):
            characters.append(found[1])
            house = found[2]
            continue
        if (found := _HALF_TYPED.fullmatch(chunk)) and not name and not letters:
            name, letters = found[1], found[2]
            continue
        for word in _WORD.findall(chunk):
            if word[0].isdigit():
                digits += [word] if len(word) >= 4 else []
            elif word[0].isascii():
                letters += word
            else:
                characters.append(word.replace("·", ""))
    spellings: tuple[str, ...] = (letters,) if letters else ()
    if name:
        spellings = tuple(dict.fromkeys(start + letters for reading in readings(name) for start in reading))
    kept = tuple(dict.fromkeys(characters))[:MOST_WORDS]
    return Query(spellings, tuple(dict.fromkeys(digits))[:MOST_WORDS], kept, name, house)
