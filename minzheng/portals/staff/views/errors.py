"""Pages for what went wrong, in the words of the bureau."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from minzheng.portals.staff.context import STYLESHEETS, theme


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The role lacks the capability; the reason names it."""
    return render(request, "staff/errors/403.html", {"reason": str(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such page, or one outside the reader's jurisdiction: the two look alike on purpose."""
    return render(request, "staff/errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the frame, because what failed may be the database that the frame asks."""
    context = {"synthetic": settings.SYNTHETIC, "stylesheets": STYLESHEETS, "theme": theme(request)}
    return HttpResponse(render_to_string("staff/errors/500.html", context), status=500)


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page's security token is no longer good: it stood open over a new sign-in, or cookies are off."""
    return render(request, "staff/errors/csrf.html", status=403)
