"""What the portal keeps between two requests: sessions of citizens and counters against guessing, in Django's session store.

No table of ours. A counter is a row of places that are taken one by one: making a row is the lock, so that two requests at
once never get the same place. Hours slide: what counts is the last hour, not the hour on the clock. Keys are made with the server's secret, so nobody can address a row.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import CreateError
from django.utils.crypto import salted_hmac

Store = Any  # a SessionStore of the configured engine


def kept(key: str | None) -> Store:
    """The stored row of a key; an empty one, kept under a key of its own, when there is none."""
    return import_module(settings.SESSION_ENGINE).SessionStore(key)


def keep(row: Store, seconds: int) -> None:
    """Write a row that lasts so long from now."""
    row.set_expiry(seconds)
    row.save()


def take(kind: str, who: str, most: int, seconds: int) -> bool:
    """Take one of `most` places within any stretch of so many seconds; False when all are taken.

    A place lies in the clock window in which it was taken, with its time; those of the window before still count while they are
    younger than `seconds`. So the turn of an hour opens nothing.
    """
    now = time.time()
    window = int(now) // seconds

    def taken_at(of: int, place: int) -> float | None:
        at = kept(_place(kind, who, of, place)).get("at")
        return None if at is None else float(at)

    def first(low: int, high: int, holds: Callable[[int], bool]) -> int:
        """The first number from low on for which it holds (places are taken in order, so that it then holds for the rest)."""
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if holds(middle) else (middle + 1, high)
        return low

    before = first(0, most, lambda place: taken_at(window - 1, place) is None)
    over = first(0, before, lambda place: (taken_at(window - 1, place) or now) > now - seconds)
    for place in range(first(0, most, lambda place: taken_at(window, place) is None), most - (before - over)):
        row = kept(_place(kind, who, window, place))
        try:
            row.save(must_create=True)
        except CreateError:  # another request took it meanwhile
            continue
        row["at"] = now
        keep(row, 2 * seconds)
        return True
    return False


def _place(kind: str, who: str, window: int, place: int) -> str:
    return salted_hmac("citizen.places", f"{kind} {who} {window} {place}").hexdigest()
