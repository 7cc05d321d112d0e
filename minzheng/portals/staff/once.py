"""A form sent twice (a double press, Back and again, a phone that repeats) is carried out once: the second sender is led
to what came of the first. A form takes part by holding `{% form_token %}`.

What was sent is remembered for a day in the session store, under a key that only the server can make; the row is the
lock. What a room must hold to by itself (one visit for one token) it checks again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.backends.base import CreateError
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.crypto import salted_hmac

from minzheng.portals.staff.middleware import StaffRequest

FIELD, LONGEST = "form_token", 64
REMEMBERED = 24 * 3600  # seconds
ABANDONED = 60  # seconds after which a first sending without a result counts as died
PATIENCE, STEP = 4.0, 0.1  # seconds to wait for the first sending to come to its end
TWICE = "这份表单已经提交过，没有重复办理；这是第一次提交后的页面"


def carried_out_once(request: StaffRequest, answer: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Answer a form. When its token was seen before, the answer is a redirect to the result of the first sending.

    Only an answer that redirects counts as done: a form that came back with errors may be sent again.
    """
    token = request.POST.get(FIELD, "")
    if not token or len(token) > LONGEST or request.actor is None:
        return answer()
    key = _key(request, token)
    until = time.monotonic() + PATIENCE
    while not _take(key):
        known = _store(key)
        if result := known.get("result"):
            messages.info(request, TWICE)
            return redirect(result)
        if time.time() - known.get("began", time.time()) > ABANDONED:
            known.delete()
        elif time.monotonic() > until:
            return render(request, "staff/errors/busy.html", status=409)
        else:
            time.sleep(STEP)
    return _carry_out(key, answer)


def _key(request: StaffRequest, token: str) -> str:
    return salted_hmac("staff.once", f"{request.user.pk} {request.path} {token}").hexdigest()


def _carry_out(key: str, answer: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    done = _store(key)
    try:
        response = answer()
    except BaseException:
        done.delete()
        raise
    if 300 <= response.status_code < 400:
        done["result"] = response.headers["Location"]
        done.save()
    else:
        done.delete()
    return response


def _take(key: str) -> bool:
    """Make the row that says that a form is being carried out; False when there is one."""
    mine = _store(key)
    try:
        mine.save(must_create=True)
    except CreateError:
        return False
    mine["began"] = time.time()
    mine.set_expiry(REMEMBERED)
    mine.save()
    return True


def _store(key: str) -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore(key)
