"""What a request brings: addresses to go back to, and filled-in forms."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme


def local(request: HttpRequest, address: str | None) -> str:
    """`address` when it lies on this server, else the desk: nobody is sent elsewhere by a crafted link."""
    allowed = {request.get_host()}
    if address and url_has_allowed_host_and_scheme(address, allowed, require_https=request.is_secure()):
        return address
    return str(settings.LOGIN_REDIRECT_URL)


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, also when it is empty; None while a form is only being shown."""
    return request.POST if request.method == "POST" else None
