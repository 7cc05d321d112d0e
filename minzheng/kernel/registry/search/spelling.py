"""One wrong letter in a pinyin: found through what is left when one letter is left out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

SHORTEST = 4  # below that, nearly everything is one edit from everything


def deletions(text: str) -> set[str]:
    """The text itself, and the text with each one letter left out."""
    return {text} | {text[:place] + text[place + 1 :] for place in range(len(text))}


def marks(texts: Iterable[str]) -> dict[str, int]:
    """Each text as a 63-bit number, for an index of numbers."""
    return {text: int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1 for text in texts}


def one_edit_apart(first: str, second: str) -> bool:
    """Whether the two differ by one letter added, left out, changed, or two neighbours swapped; equal ones do too."""
    if first == second:
        return True
    if abs(len(first) - len(second)) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second)))
    one, other = first[start:], second[start:]
    return (
        one[1:] == other[1:]
        or one[1:] == other
        or one == other[1:]
        or (one[:2] == other[:2][::-1] and one[2:] == other[2:])
    )
