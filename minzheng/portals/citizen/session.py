"""The citizen's session: a cookie of its own under /citizen/, never the officials' one. Ends after half an hour alone."""

from __future__ import annotations

import time
from typing import Any

from django.http import HttpRequest, HttpResponse

from minzheng.kernel.casework.people import Citizen
from minzheng.portals.citizen import store

COOKIE, PATH = "citizen_session", "/citizen/"
IDLE, LONGEST = 30 * 60, 8 * 3600  # seconds
KEY = "person_key"


class Session:
    """What is kept for one browser; written only when something is in it."""

    def __init__(self, key: str | None) -> None:
        self.row = store.kept(key)
        self.known = bool(key)
        self.expired = bool(key) and not self.row.get("began")
        now = time.time()
        if self.row.get("began") and (now - self.row["seen"] > IDLE or now - self.row["began"] > LONGEST):
            self.row.flush()
            self.expired = True
        self.dirty = False
        self.ended = False

    def get(self, name: str, default: Any = None) -> Any:
        return self.row.get(name, default)

    def put(self, name: str, value: Any) -> None:
        self.row.setdefault("began", time.time())
        self.row[name] = value
        self.dirty = True

    def pop(self, name: str) -> Any:
        self.dirty = self.dirty or name in self.row
        return self.row.pop(name, None)

    def sign_in(self, person_key: int) -> None:
        """A signed-in citizen under a new key: one that somebody planted before is worth nothing."""
        self.row.flush()
        self.put("began", time.time())
        self.put(KEY, person_key)
        self.put("acts_for", [])

    def end(self) -> None:
        """Sign out."""
        self.row.flush()
        self.ended = True

    @property
    def citizen(self) -> Citizen | None:
        """Who is signed in; None before."""
        key = self.row.get(KEY)
        return None if key is None else Citizen.signed_in(int(key), self.row.get("acts_for", ()))

    def write(self, request: HttpRequest, response: HttpResponse) -> None:
        """Keep the session and send its cookie."""
        if self.ended or (self.expired and not self.dirty):
            response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
            return
        if not self.dirty and not self.row.get("began"):
            return
        self.row["seen"] = time.time()
        store.keep(self.row, IDLE)
        response.set_cookie(
            COOKIE, self.row.session_key, path=PATH, httponly=True, secure=request.is_secure(), samesite="Lax"
        )
