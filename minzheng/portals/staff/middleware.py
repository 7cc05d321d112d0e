"""Gives every request its actor: who asks, what the role may do, and where; ends sessions that were left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.foundation.models import User


class StaffRequest(HttpRequest):
    """A request of somebody signed in, as the views behind `@page` see it."""

    actor: Actor


class StaffMiddleware:
    """Sets `request.actor` (None before signing in), ends idle sessions, leads to what must be done first (a first
    password, a second factor that the role demands), and keeps personal pages out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        from minzheng.portals.staff import session  # it needs StaffRequest from here

        signed_in = request.user.is_authenticated
        if signed_in and not session.keep_alive(request):
            logout(request)
            request.COOKIES.setdefault("sessionid", "")  # so that the sign-in says why it asks again
            signed_in = False
        request.actor = session.acting(cast(User, request.user)) if signed_in else None  # type: ignore[attr-defined]
        response = self._first(request) if signed_in else None
        if response is None:
            response = self.get_response(request)
        if signed_in:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    @staticmethod
    def _first(request: HttpRequest) -> HttpResponse | None:
        """A redirect to what the user must do before anything else, or None."""
        user = cast(User, request.user)
        free = (reverse("staff:account"), reverse("staff:sign_out"), reverse("staff:second_factor"), reverse("staff:waiting"), "/static/")
        if request.path.startswith(free):
            return None
        if user.must_change_password:
            return redirect("staff:account")
        role = roles().get(user.role)
        if role is None:
            return redirect("staff:waiting")
        if role.second_factor:
            from minzheng.kernel.foundation.accounts.queries import factor

            if not factor(user).on:
                return redirect("staff:second_factor")
        return None
