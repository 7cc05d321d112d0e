"""Signing in and out, with what the audit must know of it."""

from __future__ import annotations

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest

from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import User
from minzheng.portals.staff.middleware import StaffRequest


def sign_in(request: HttpRequest, username: str, password: str) -> bool:
    """Open a session for the user, or record the failure and return False."""
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        audit.record(Actor.system("登录页"), "session.refused", f"login:{username[:64]}")
        return False
    login(request, user)
    audit.record(Actor.of(user), "session.opened", f"user:{user.pk}")
    return True


def sign_out(request: StaffRequest) -> None:
    """Close the session."""
    audit.record(request.actor, "session.closed", f"user:{request.user.pk}")
    logout(request)
