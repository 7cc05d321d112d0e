"""Pieces of the pages of cases."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.template import Context
from django.utils.safestring import SafeString

from minzheng.kernel.casework.items import Service
from minzheng.kernel.casework.models import Case
from minzheng.portals.staff.templatetags.staff import clock_chip, icon

register = template.Library()
PLACES = (
    ("list", "staff:cases", "列表", "cases.view"), ("bundles", "staff:case_bundles", "一件事", "cases.view"), ("visits", "staff:case_visits", "入户", "cases.visit"),
    ("publicity", "staff:case_publicity", "公示栏", "cases.view"), ("rechecks", "staff:case_rechecks", "复核到期", "cases.view"),
    ("draws", "staff:case_draws", "抽查承诺", "cases.supervise"),
)  # fmt: skip


@register.inclusion_tag("staff/cases/nav.html", takes_context=True)
def case_nav(context: Context, view: str) -> dict[str, Any]:
    """The pages of the place, those that the role may open."""
    actor = context["actor"]
    return {"view": view, "case_places": [(key, route, label) for key, route, label, needed in PLACES if actor.may(needed)]}


@register.inclusion_tag("staff/components/clock_chip.html", takes_context=True)
def case_clock(context: Context, case: Case) -> dict[str, Any]:
    """The clock of whoever a case waits for; that it stands still; or that it ended."""
    if case.state in ("closed", "withdrawn", "lapsed", "declined"):
        return {"text": "办结", "tone": "green", "icon": "check", "how": "这件已经办结"}
    if case.due_on:
        found: dict[str, Any] = clock_chip(context, case.due_on)
        if case.waiting_for != "authority" and found.get("tone") == "red":
            found["tone"] = "amber"  # the office is not late
        return found
    if case.stopped_since:
        return {"text": "停钟", "tone": "amber", "icon": "power", "how": f"自 {case.stopped_since} 起停钟，恢复后接着数"}
    return {"text": "无期限", "tone": "", "icon": "clock", "how": "现在没有在走的期限"}


@register.filter
def widget_kind(field: BoundField) -> str:
    """How a field is drawn: radio, checkbox (several), tick (one), field."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "checkbox"
    if isinstance(widget, forms.RadioSelect):
        return "radio"
    return "tick" if isinstance(widget, forms.CheckboxInput) else "field"


@register.simple_tag
def icon_of(name: str) -> SafeString:
    """An icon whose name is a value."""
    return icon(name)


@register.filter
def item_summary(services: dict[str, Service], name: str) -> str:
    """What an item is, in plain words."""
    return services[name].item.summary if name in services else ""
