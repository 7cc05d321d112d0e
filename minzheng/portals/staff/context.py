"""What the frame of every page shows: business date, role, jurisdiction, the rail, the synthetic strip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.foundation.notifications import queries as notifications
from minzheng.portals.staff.page import ANYBODY


@dataclass(frozen=True)
class RailEntry:
    """A place in the rail. `pages` are the names of the routes under which it is lit; `register_*` means all that
    begin so."""

    label: str
    icon: str
    route: str
    capability: str
    pages: tuple[str, ...]
    group: str = ""
    short: str = ""  # the label under an icon at the foot of a phone

    def is_lit(self, here: str) -> bool:
        """Whether the route `here` belongs to this place."""
        return any(here.startswith(name[:-1]) if name.endswith("*") else here == name for name in self.pages)


RAIL = (
    RailEntry("工作台", "home", "desk", ANYBODY, ("desk",)),
    RailEntry(
        "预警", "bell", "alerts", "alerts.view",
        ("alerts", "alert", "assign", "visit", "close", "reopen"),
    ),
    RailEntry(
        "家庭档案", "users", "households", "households.view",
        ("households", "household", "household_of", "reveal"), short="家庭",
    ),
    RailEntry("台账", "table", "registers", "registers.view", ("registers", "register_*")),
    RailEntry("用户", "user-shield", "register_users", "users.view", ("register_users*",)),
    RailEntry("数据目录", "database", "catalogue", "feeds.view", ("catalogue", "contract"), "数据", "目录"),
    RailEntry("批次", "package", "batches", "feeds.view", ("batches", "batch"), "数据"),
    RailEntry("上传", "upload", "upload", "feeds.import", ("upload",), "数据"),
    RailEntry("夜间批处理", "moon", "rounds", "rounds.view", ("rounds", "round"), "数据", "夜间"),
)  # fmt: skip


AT_THE_FOOT = 5  # places at the foot of a phone; with more, the last is '更多'
STYLESHEETS = tuple(f"staff/{name}.css" for name in ("base", "frame", "pieces", "lists", "forms", "search", "small", "print"))


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor for all templates of the portal."""
    shared = {"business_date": clock.business_date(), "synthetic": settings.SYNTHETIC, "stylesheets": STYLESHEETS}
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or actor.user is None:
        return {**shared, "actor": None}
    match = request.resolver_match
    here = str(match.url_name) if match else ""
    rail = _rail(actor, here)
    return {
        **shared,
        "actor": actor,
        "may_search": actor.may("households.view"),
        "unread": notifications.unread_count(actor),
        "role_title": roles()[actor.role].title,
        "jurisdiction": _jurisdiction(actor),
        "rail": rail,
        "rail_rest": [entry for entry in rail if not entry["first"]],
    }


def _rail(actor: Actor, here: str) -> list[dict[str, Any]]:
    """The places that the role may see; `first` are those with a place of their own at the foot of a phone."""
    allowed = [entry for entry in RAIL if entry.capability == ANYBODY or actor.may(entry.capability)]
    fit = len(allowed) if len(allowed) <= AT_THE_FOOT else AT_THE_FOOT - 1
    return [
        {"label": e.label, "icon": e.icon, "url": reverse(f"staff:{e.route}"), "short": e.short or e.label,
         "here": e.is_lit(here), "group": e.group, "first": place < fit}
        for place, e in enumerate(allowed)
    ]  # fmt: skip


def _jurisdiction(actor: Actor) -> str:
    """'湖塘镇' or '湖塘镇等 3 处': what the top bar says of where the user may act."""
    assert actor.user is not None
    labels = list(dict.fromkeys(actor.user.jurisdictions.values_list("label", flat=True)))
    if not labels:
        return "未设辖区"
    return labels[0] if len(labels) == 1 else f"{labels[0]}等 {len(labels)} 处"
