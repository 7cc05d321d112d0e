"""`@page("alerts.view")`: the one way to make a page. It asks for a sign-in and for the capability.

The capability stands on the view, so a test can hold every route against every role.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.once import carried_out_once

P = ParamSpec("P")
ANYBODY = "session.any"  # what every role may: its own desk, signing out
NOBODY_YET = "session.none"  # pages before the sign-in
KEPT = "kept-"  # prefix under which the sign-in page carries what a form held when the session ended


def page(
    capability: str, *methods: str
) -> Callable[[Callable[Concatenate[StaffRequest, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A page that needs `capability` and answers `methods` (GET when none is named)."""
    allowed = methods or ("GET",)

    def decorate(view: Callable[Concatenate[StaffRequest, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            method = "GET" if request.method == "HEAD" else request.method
            if method not in allowed:
                return HttpResponseNotAllowed(allowed)
            actor = getattr(request, "actor", None)
            if capability != NOBODY_YET:
                if actor is None:
                    return ask_to_sign_in(request)
                if capability != ANYBODY:
                    actor.require(capability)
            asked = cast(StaffRequest, request)
            if method == "POST":
                return carried_out_once(asked, lambda: view(asked, *args, **kwargs))
            return view(asked, *args, **kwargs)

        marked: Any = guarded
        marked.capability = capability
        marked.methods = allowed
        return guarded

    return decorate


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send a reader to the sign-in; keep what a writer had typed when the session ended under the pen."""
    if request.method == "POST":
        kept = [
            (f"{KEPT}{name}", value)
            for name, values in request.POST.lists()
            if name != "csrfmiddlewaretoken"
            for value in values
        ]
        context = {"kept": kept, "target": request.get_full_path(), "files": bool(request.FILES)}
        return render(request, "staff/errors/expired.html", context, status=401)
    query = {"next": request.get_full_path()}
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        query["expired"] = "1"
    return redirect(f"{reverse('staff:sign_in')}?{urlencode(query)}")
