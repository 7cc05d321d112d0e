"""What somebody typed, word by word: letters of a pinyin, digits of an ID number, a year of birth, Chinese characters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONGEST = 64
WHOLE_ID = re.compile(r"\d{14}(?:\d|\d{3}[\dx])")


@dataclass(frozen=True)
class Query:
    """The words of a search by kind. Letters stand together: 'wang xiao lan' is one pinyin."""

    letters: str = ""
    digits: tuple[str, ...] = ()
    characters: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is too little to search for: nothing, or a single letter."""
        return not self.digits and not self.characters and len(self.letters) < 2


def parse(text: str) -> Query:
    """Read what was typed: full-width forms, case and punctuation do not matter. Digits shorter than four say nothing."""
    plain = unicodedata.normalize("NFKC", text)[:LONGEST].lower().replace("ü", "v")
    words = re.findall(r"\d+x?(?![a-z])|[a-z]+|[\u3400-\u9fff\U00020000-\U0003ffff]+", plain)
    return Query(
        letters="".join(word for word in words if word[0].isascii() and word[0].isalpha()),
        digits=tuple(word for word in words if word[0].isdigit() and len(word) >= 4),
        characters=tuple(word for word in words if not word[0].isascii()),
    )
