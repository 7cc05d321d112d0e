"""Gives every request under /citizen/ its citizen. The officials' session does not exist there, nor the citizens' elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from minzheng.kernel.casework.people import Citizen
from minzheng.portals.citizen.session import COOKIE, PATH, Session


class CitizenRequest(HttpRequest):
    """A request as the views behind `@page` see it."""

    visit: Session
    citizen: Citizen | None


LARGEST = 21 * 1024 * 1024  # bytes of a request: one paper of 20 MB with its form


def too_large(request: HttpRequest) -> HttpResponse | None:
    """A page that says so, before anything of the request is read; None when it fits."""
    from minzheng.portals.citizen.limits import note  # they need CitizenRequest from here
    from minzheng.portals.citizen.page import render

    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) <= LARGEST:
        return None
    note("large", str(request.META.get("REMOTE_ADDR", "")), str(request.META.get("REMOTE_ADDR", "")))
    request.META["CONTENT_LENGTH"] = "0"  # the page's own security token must not read it either
    return render(request, "errors/large.html", status=413)


class CitizenMiddleware:
    """Stands before Django's sessions: takes the officials' cookie away under /citizen/, so that no page there can know an
    official, and keeps every page out of caches. Nothing typed in the pre-check may stay in one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PATH):
            return self.get_response(request)
        request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        visit = Session(request.COOKIES.get(COOKIE) or None)
        request.visit, request.citizen = visit, visit.citizen  # type: ignore[attr-defined]
        response = too_large(request) or self.get_response(request)
        visit.write(request, response)
        response.headers["Cache-Control"] = "private, no-store"
        return response
