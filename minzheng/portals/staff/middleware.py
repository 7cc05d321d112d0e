"""Gives every request its actor: who asks, what the role may do, and where."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import User


class StaffRequest(HttpRequest):
    """A request of somebody signed in, as the views behind `@page` see it."""

    actor: Actor


class StaffMiddleware:
    """Sets `request.actor` (None before signing in) and keeps personal pages out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        signed_in = request.user.is_authenticated
        request.actor = Actor.of(cast(User, request.user)) if signed_in else None  # type: ignore[attr-defined]
        response = self.get_response(request)
        if signed_in:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response
