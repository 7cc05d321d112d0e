"""Pages for what went wrong, in the words of the bureau."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "staff/errors/403.html", {"reason": str(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "staff/errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "staff/errors/500.html", status=500)
