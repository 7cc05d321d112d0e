"""What foundation brings to the house: the register of users, and the night's sweep of sessions."""

from __future__ import annotations

from datetime import date
from importlib import import_module

from django.conf import settings
from django.contrib.sessions.models import Session

from minzheng.kernel.foundation.packs import Manifest
from minzheng.kernel.foundation.rounds import Counts, Progress, Step


def sweep_sessions(as_of: date, progress: Progress) -> Counts:
    """Sessions and counters whose time is over go; without it they would lie in the database for ever. Rows: before, deleted."""
    before = Session.objects.count()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return Counts(before, before - Session.objects.count())


ROOM = Manifest(
    name="foundation",
    title="平台",
    steps=(Step("sweep_sessions", "清除过期的登录会话", sweep_sessions),),
    registers=(
        "minzheng.kernel.foundation.screens.users",
    ),
    glossary={"台账": "minzheng/kernel/foundation/registers.py", "常用视图": "minzheng/kernel/foundation/register_use"},
)
