"""The business date: the only source of 'today'.

The kernel never asks the machine. A portal, a command or a test says which day it is, either for a
stretch of work (`use`) or through the deployment's setting BUSINESS_TODAY (a callable).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date

from django.conf import settings

_today: ContextVar[date | None] = ContextVar("business_date", default=None)


def business_date() -> date:
    """Today's business date, as set by `use`, else by the deployment."""
    return _today.get() or settings.BUSINESS_TODAY()


@contextmanager
def use(day: date) -> Iterator[None]:
    """Let everything inside the block take `day` for today."""
    token = _today.set(day)
    try:
        yield
    finally:
        _today.reset(token)
