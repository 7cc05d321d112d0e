"""Who did something, by name: records keep the login name, pages show the person's."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from minzheng.kernel.foundation.queries import full_names

register = template.Library()


@register.simple_tag(takes_context=True)
def official(context: Context, login: Any) -> str:
    """The full name behind a login name; what is no account (a night, the command line) gives itself. Each name is asked for once
    a page."""
    name = str(login or "")
    if not name:
        return ""
    request = context.get("request")
    known: dict[str, str] = {} if request is None else request.__dict__.setdefault("officials_named", {})
    if name not in known:
        known[name] = full_names([name]).get(name) or name
    return known[name]
