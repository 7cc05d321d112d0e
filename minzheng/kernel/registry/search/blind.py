"""What of a name and a number may stand in an index without being read there."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from minzheng.kernel.foundation.encryption import blind_index
from minzheng.kernel.foundation.home import Home

STEP, MOST = 5, 6  # hex digits for each further character, and of how many characters: 30 of the column's 32
TAIL, LONG_TAIL = 4, 6  # digits of an ID number: the last four are shown in lists anyway


def beginnings(name: str) -> str:
    """One short keyed hash for each beginning of the name, one behind the other: 王小兰 → h(王) h(王小) h(王小兰).

    So the beginning of a name is the beginning of this text, and the same character gives something else in
    another name. Twenty bits each: a few collide, which opening the name tells apart.
    """
    return _beginnings(name_only(name), settings.HOME)


@lru_cache(maxsize=100_000)
def _beginnings(plain: str, _keys: Home) -> str:
    """Kept for a deployment's keys: a city has fewer names than people."""
    return "".join(blind_index(f"name:{plain[:size]}")[:STEP] for size in range(1, min(len(plain), MOST) + 1))


def name_only(name: str) -> str:
    """A name without dots and blanks, in lower case: as it is typed."""
    return "".join(name.replace("·", "").replace("•", "").lower().split())


def long_tail(id_number: str) -> str:
    """A keyed hash of the last six characters of an ID number; none for a shorter one."""
    return blind_index(f"tail:{id_number[-LONG_TAIL:].lower()}")[:16] if len(id_number) >= LONG_TAIL else ""
