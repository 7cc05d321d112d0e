"""Small pieces of the portal's pages."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from minzheng.kernel.foundation.money import yuan

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite; decoration only."""
    return format_html('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>', static("vendor/icons.svg"), name)


@register.simple_tag
def form_token() -> SafeString:
    """What makes a form that is sent twice one sending."""
    return format_html('<input type="hidden" name="form_token" value="{}">', secrets.token_hex(16))


@register.filter
def money(amount_fen: int) -> str:
    """分 → ¥1,234.50."""
    return yuan(amount_fen)


@register.filter
def day(value: object) -> str:
    """2024 年 6 月 3 日."""
    return f"{value.year} 年 {value.month} 月 {value.day} 日" if hasattr(value, "year") and hasattr(value, "month") and hasattr(value, "day") else ""


@register.filter
def of(found: Mapping[str, object], name: str) -> object:
    """What a mapping holds under a name that is a value; '' when it holds nothing."""
    return found.get(name, "")
