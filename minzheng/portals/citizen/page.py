"""`@page()`: the one way to make a page. It asks for a sign-in unless the page says that it is public."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.shortcuts import render as rendered
from django.urls import reverse
from django.utils.http import urlencode

from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.people import Citizen
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.calendar import CalendarMissing
from minzheng.portals.citizen.middleware import CitizenRequest

P = ParamSpec("P")
HOTLINE = "12345"
LARGE = "citizen_large"  # the cookie of 长者模式
READER = Actor.system("群众端")  # reads for a citizen what is the citizen's own; every caller names whose


REFUSED = (CaseError, CalendarMissing)  # what a room says no with


def refusal(error: Exception) -> str:
    """Why something was not done, as citizens read it: who keeps the calendar is the office's business."""
    if isinstance(error, CalendarMissing):
        return f"现在算不出办理期限（明年的放假安排还没有公布），刚才的没有提交，内容都在。请过几天再试；急的事打 {HOTLINE} 或到镇街窗口办"
    return str(error)


def page(
    *methods: str, public: bool = False
) -> Callable[[Callable[Concatenate[CitizenRequest, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A page that answers `methods` (GET when none is named)."""
    allowed = methods or ("GET",)

    def decorate(view: Callable[Concatenate[CitizenRequest, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            asked = cast(CitizenRequest, request)
            if ("GET" if request.method == "HEAD" else request.method) not in allowed:
                return HttpResponseNotAllowed(allowed)
            if not public and asked.citizen is None:
                return _ask_to_sign_in(asked)
            return view(asked, *args, **kwargs)

        marked: Any = guarded
        marked.public, marked.methods = public, allowed
        return guarded

    return decorate


def me(request: CitizenRequest) -> Citizen:
    """Who is signed in; only for pages that are not public."""
    assert request.citizen is not None
    return request.citizen


def render(request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """A page in the portal's frame."""
    visit = getattr(request, "visit", None)
    said = visit.pop("said") if visit is not None and "said" in visit.row else None
    citizen = getattr(request, "citizen", None)
    frame = {
        "citizen": citizen, "my_key": citizen.person_key if citizen else None, "large": is_large(request), "synthetic": settings.SYNTHETIC, "hotline": HOTLINE,
        "today": clock.business_date(), "said": said, "here": request.path, "my_name": visit.get("name", "") if visit else "",
    }  # fmt: skip
    return rendered(request, f"citizen/{template}", {**frame, **(context or {})}, status=status)


def is_large(request: HttpRequest) -> bool:
    """Whether the reader chose 长者模式 on this device."""
    return request.COOKIES.get(LARGE) == "1"


def say(request: CitizenRequest, text: str) -> None:
    """A sentence for the top of the next page."""
    request.visit.put("said", text)


def _ask_to_sign_in(request: CitizenRequest) -> HttpResponseBase:
    if request.method == "POST":
        return render(request, "errors/expired.html", {"back": request.path}, status=401)
    query = {"next": request.get_full_path()}
    if request.visit.known and request.visit.expired:
        query["expired"] = "1"
    return redirect(f"{reverse('citizen:sign_in')}?{urlencode(query)}")
