"""What the portal keeps between two requests: sessions of citizens and counters against guessing, in Django's session store.

No table of ours. A counter is a row of places that are taken one by one: making a row is the lock, so that two requests at
once never get the same place. Keys are made with the server's secret, so nobody can address a row.
"""

from __future__ import annotations

import time
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
    """Take one of `most` places within a window of time; False when all are taken."""
    window = int(time.time()) // seconds
    for place in range(most):
        row = kept(salted_hmac("citizen.places", f"{kind} {who} {window} {place}").hexdigest())
        try:
            row.save(must_create=True)
        except CreateError:
            continue
        keep(row, 2 * seconds)
        return True
    return False
