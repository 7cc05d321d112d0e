"""Signing in, in one step or two, and out; how long a session lasts. With what the audit must know of it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django_otp import devices_for_user

from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import Actor, Forbidden
from minzheng.kernel.foundation.accounts.queries import factor
from minzheng.kernel.foundation.models import User
from minzheng.kernel.foundation.queries import active_user
from minzheng.portals.staff.middleware import StaffRequest

PENDING = "pending"  # in the session: who gave the right password and still owes a code
PENDING_SECONDS = 300
OPENED, SEEN = "opened_at", "seen_at"
GRAIN = 60  # seconds: an active session is written once a minute, not at every request
BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True)
class Attempt:
    """What came of a password: in, a code is still needed, refused, or locked out."""

    signed_in: bool = False
    needs_code: bool = False
    locked: bool = False


def sign_in(request: HttpRequest, username: str, password: str) -> Attempt:
    """Try a password. Unknown names and wrong passwords look alike; each refusal is recorded, never the password."""
    credentials = {"username": username}
    if not AxesProxyHandler.is_allowed(request, credentials):
        return _refused(request, username, locked=True)
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        return _refused(request, username, locked=not AxesProxyHandler.is_allowed(request, credentials))
    if factor(user).on:
        request.session.cycle_key()
        request.session[PENDING] = {"user": user.pk, "at": int(time.time())}
        return Attempt(needs_code=True)
    _open(request, user)
    return Attempt(signed_in=True)


def pending_user(request: HttpRequest) -> User | None:
    """Who gave the right password a moment ago and still owes a code."""
    found = request.session.get(PENDING)
    if not found or time.time() - found["at"] > PENDING_SECONDS:
        return None
    return active_user(found["user"])


def sign_in_with_code(request: HttpRequest, user: User, code: str) -> Attempt:
    """The second step: a code of the authenticator or a recovery code, each good once. Guessing counts like passwords."""
    credentials = {"username": user.username}
    if not AxesProxyHandler.is_allowed(request, credentials):
        return _refused(request, user.username, locked=True)
    plain = code.replace(" ", "").lower()
    if not any(device.verify_is_allowed()[0] and device.verify_token(plain) for device in devices_for_user(user)):
        user_login_failed.send(sender=__name__, credentials=credentials, request=request)
        return _refused(request, user.username, locked=not AxesProxyHandler.is_allowed(request, credentials))
    request.session.pop(PENDING, None)
    _open(request, user)
    return Attempt(signed_in=True)


def sign_out(request: StaffRequest) -> None:
    """Close the session."""
    audit.record(request.actor, "session.closed", f"user:{request.user.pk}")
    logout(request)


def keep_alive(request: HttpRequest) -> bool:
    """Whether the session still holds; notes that it is used, about once a minute. False: it was idle or open too long."""
    now = int(time.time())
    opened = request.session.setdefault(OPENED, now)
    seen = request.session.get(SEEN, now)
    if now - seen > settings.SESSION_IDLE.total_seconds() or now - opened > settings.SESSION_LONGEST.total_seconds():
        return False
    if now - seen >= GRAIN or SEEN not in request.session:
        request.session[SEEN] = now
    return True


def acting(user: User) -> Actor:
    """The actor behind a session; one without any right for an account that was granted nothing yet."""
    try:
        return Actor.of(user)
    except Forbidden:
        return Actor(user.username, "", frozenset(), (), user)


def _open(request: HttpRequest, user: User) -> None:
    login(request, user, backend=BACKEND)
    now = int(time.time())
    request.session[OPENED], request.session[SEEN] = now, now
    audit.record(acting(user), "session.opened", f"user:{user.pk}")


def _refused(request: HttpRequest, username: str, locked: bool) -> Attempt:
    verb = "session.locked" if locked else "session.refused"
    audit.record(Actor.system("登录页"), verb, f"login:{username[:64]}")
    return Attempt(locked=locked)
