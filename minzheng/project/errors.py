"""Which portal's page says what went wrong: that under whose address it happened."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from minzheng.portals.citizen.session import PATH
from minzheng.portals.citizen.views import errors as citizens
from minzheng.portals.staff.views import errors as officials


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    if request.path.startswith(PATH):
        return citizens.forbidden(request, exception)
    return officials.forbidden(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    if request.path.startswith(PATH):
        return citizens.not_found(request, exception)
    return officials.not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    if request.path.startswith(PATH):
        return citizens.server_error(request)
    return officials.server_error(request)


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose security token is no longer good."""
    if request.path.startswith(PATH):
        return citizens.stale(request, reason)
    return officials.stale(request, reason)
