"""The recurring pieces of the pages: one tag and one template each (templates/staff/components/)."""

from __future__ import annotations

import uuid
from datetime import date
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.calendar import CalendarMissing, working_days_between
from minzheng.kernel.foundation.money import yuan as yuan_text
from minzheng.portals.staff import places
from minzheng.portals.staff.facts import FactLine
from minzheng.portals.staff.once import FIELD

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, extra: str = "") -> SafeString:
    """An icon of the sprite; decoration only, so readers of the screen skip it. A page has dozens, always the same."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        extra, static("vendor/icons.svg"), name,
    )  # fmt: skip


@register.inclusion_tag("staff/components/clock_chip.html", takes_context=True)
def clock_chip(context: Context, due_on: date, closed_on: date | None = None) -> dict[str, Any]:
    """'剩 2 个工作日', '今天到期', '逾期 3 天' or '05-30 办结'; hovering says how it was counted."""
    today = clock.business_date()
    if closed_on:
        return {"text": f"{closed_on:%m-%d} 办结", "tone": "green", "icon": "check", "how": f"办理期限 {due_on}"}
    if due_on < today:
        days = (today - due_on).days
        how = f"办理期限 {due_on}，截至业务日期 {today} 已过 {days} 天（自然日）"
        return {"text": f"逾期 {days} 天", "tone": "red", "icon": "alert-triangle", "how": how}
    if due_on == today:
        return {"text": "今天到期", "tone": "amber", "icon": "clock", "how": f"办理期限 {due_on}，即业务日期当天"}
    # A list shows a hundred chips with a handful of dates: count each date once per page.
    page_memory: Any = context.render_context
    counted: dict[date, dict[str, str]] = page_memory.setdefault("working_days", {})
    if due_on not in counted:
        counted[due_on] = _days_left(today, due_on)
    return {**counted[due_on], "tone": "", "icon": "clock"}


def _days_left(today: date, due_on: date) -> dict[str, str]:
    try:
        days = working_days_between(today, due_on)
    except CalendarMissing as missing:  # the page stays usable: it shows the date and says what to do
        return {"text": f"{due_on:%m-%d} 到期", "how": str(missing)}
    how = f"办理期限 {due_on}，自业务日期 {today} 次日起数，不含周末和法定节假日"
    return {"text": f"剩 {days} 个工作日", "how": how}


@register.inclusion_tag("staff/components/masked_value.html", takes_context=True)
def masked_value(context: Context, value: str, person_id: int | None = None, what: str = "完整信息") -> dict[str, Any]:
    """A masked value; the eye leads to the page that asks for a reason before it shows the whole."""
    actor = context.get("actor")
    may = person_id is not None and actor is not None and actor.may("identity.reveal")
    request = context.get("request")
    return {"value": value, "person_id": person_id, "may": may, "what": what, "back": request.get_full_path() if request else ""}


@register.inclusion_tag("staff/components/source_chip.html", takes_context=True)
def source_chip(
    context: Context, title: str, as_of: date | str | None = None, batch: str = "", alert_id: int | str = "", contract: str = ""
) -> dict[str, Any]:
    """Which feed a figure comes from, as of when, and one click to its batch for those who may see it; a figure of an
    alert's evidence, which may rest on many batches, leads to the page of all of them."""
    return {
        "title": title, "as_of": str(as_of or ""), "batch": batch, "may": _may_open(context, batch),
        "alert_id": alert_id if batch else "", "contract": contract,
    }  # fmt: skip


@register.inclusion_tag("staff/components/fact_chip.html", takes_context=True)
def fact_chip(context: Context, fact: FactLine) -> dict[str, Any]:
    """A fact in a list, with its source on hovering and one click to its batch for those who may see it."""
    return {"fact": fact, "may": _may_open(context, fact.batch)}


def _may_open(context: Context, batch: str) -> bool:
    actor = context.get("actor")
    return bool(batch) and actor is not None and actor.may("feeds.view")


@register.inclusion_tag("staff/components/empty_state.html")
def empty_state(what: str, then: str, icon: str = "inbox") -> dict[str, str]:
    """What would be here, and what to do next."""
    return {"what": what, "then": then, "icon": icon}


@register.inclusion_tag("staff/components/diff_row.html")
def diff_row(label: str, was: str, now: str) -> dict[str, str]:
    """was → is."""
    return {"label": label, "was": was, "now": now}


@register.simple_tag
def form_token() -> SafeString:
    """Makes a form one that is carried out once, however often it is sent (once.py)."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, uuid.uuid4().hex)


@register.inclusion_tag("staff/components/place_picker.html", takes_context=True)
def place_picker(
    context: Context, name: str, value: str, id: str, empty: str = "全部辖区", codes: bool = False, required: bool = False
) -> dict[str, Any]:
    """A drop-down of places that searches on the server. Without scripts it is a plain list: the units right below the
    reader's own, and once one is picked its parts. `codes`: only places with a division code, no management units."""
    options = places.choices(context["actor"], value, codes)
    if value and value not in {choice.value for choice in options}:
        options.insert(0, places.labelled(value, context["actor"]))
    return {"name": name, "value": value, "id": id, "empty": empty, "codes": codes, "required": required, "choices": options}


@register.filter
def yuan(amount_fen: int | None) -> str:
    """分 → '¥1,234.50'; a dash for nothing."""
    return "—" if amount_fen is None else yuan_text(amount_fen)


@register.filter
def signed_yuan(amount_fen: int) -> str:
    """分 → '+¥1,234.50' or '−¥1,234.50': what is more or less than before."""
    sign = "+" if amount_fen > 0 else "−" if amount_fen < 0 else ""
    return f"{sign}{yuan_text(abs(amount_fen))}"


@register.filter
def signed(number: int) -> str:
    """12 → '+12', -3 → '−3'."""
    return f"+{number:,}" if number > 0 else f"−{-number:,}" if number else "0"


@register.filter
def iso(day: date | str | None) -> str:
    """A date for a date field: 2024-06-03, whether it is the form's own or as it was typed."""
    return day.isoformat() if isinstance(day, date) else day or ""


@register.filter
def thousands(number: int | float | None) -> str:
    """1234567 → '1,234,567'."""
    return "—" if number is None else f"{number:,}"


@register.filter
def percent(ratio: float | None) -> str:
    """0.618 → '62%'."""
    return "—" if ratio is None else f"{ratio:.0%}"


@register.filter
def quality(ratio: float | None) -> str:
    """0.99987 → '99.98%': cut, not rounded, so that only a flawless delivery reads 100%."""
    return "—" if ratio is None else f"{int(ratio * 10_000) / 100:.2f}%"


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: Any) -> str:
    """The page's own address with some filters changed; an empty value takes a filter out."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else "?"
