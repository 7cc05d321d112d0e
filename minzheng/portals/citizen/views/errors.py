"""Pages for what went wrong, in plain words, with a way out."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from minzheng.portals.citizen.page import HOTLINE, is_large, render


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Not for this reader."""
    return render(request, "errors/403.html", {"reason": str(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such page, or another's: the two look alike on purpose."""
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without asking the database, which may be what failed."""
    context = {"synthetic": settings.SYNTHETIC, "hotline": HOTLINE, "large": is_large(request), "bare": True}
    return HttpResponse(render_to_string("citizen/errors/500.html", context), status=500)


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's security token is no longer good: the page stood open too long, or cookies are off."""
    return render(request, "errors/stale.html", {"back": request.path}, status=403)
