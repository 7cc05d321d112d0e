"""What the frame of every page shows: business date, role, jurisdiction, the rail, the synthetic strip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from minzheng.kernel.casework import queries as casework
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.foundation.notifications import queries as notifications
from minzheng.kernel.monitoring.queries import todo
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
    count: Callable[[Actor], int] | None = None  # what waits there; asked on every page, so it must be cheap
    count_title: str = ""

    def is_lit(self, here: str) -> bool:
        """Whether the route `here` belongs to this place."""
        return any(here.startswith(name[:-1]) if name.endswith("*") else here == name for name in self.pages)


MOST_COUNTED = 100  # a larger count reads '99+'


def _waiting(actor: Actor) -> int:
    """How many alerts wait for the actor, counted no further than is shown."""
    if not actor.may("alerts.view"):
        return 0
    return len(todo(actor, clock.business_date()).order_by().values_list("pk")[:MOST_COUNTED])


def _cases_waiting(actor: Actor) -> int:
    """How many cases wait for the actor, counted no further than is shown."""
    return len(casework.todo(actor, clock.business_date()).order_by().values_list("pk")[:MOST_COUNTED])


# Ordered by job. A new place is one entry here (and its routes).
RAIL = (
    RailEntry("工作台", "home", "desk", ANYBODY, ("desk",), count=_waiting, count_title="待我处理"),
    RailEntry(
        "预警", "bell", "alerts", "alerts.view",
        ("alerts", "alert*", "hand_over", "assign", "visit", "close", "reopen"),
    ),
    RailEntry(
        "家庭档案", "users", "households", "households.view",
        ("households", "household", "household_of", "reveal", "add_document", "document"), short="家庭",
    ),
    RailEntry("办件", "folder", "cases", "cases.view", ("case*",), count=_cases_waiting, count_title="待我办"),
    RailEntry(
        "发放批次", "package", "benefit_runs", "benefits.view",
        ("benefit_run*", "compute_benefit_run", "submit_benefit_run", "decide_benefit_run", "why*"), "待遇发放", "发放",
    ),
    RailEntry(
        "待遇复核", "clipboard-list", "benefit_reviews", "benefits.view",
        ("benefit_review*", "hear_review", "decide_benefit_review"), "待遇发放", "复核",
    ),
    RailEntry("追回建议", "restore", "benefit_recoveries", "benefits.view", ("benefit_recover*", "decide_benefit_recovery"), "待遇发放", "追回"),
    RailEntry("暂停和固定", "lock", "benefit_overrides", "benefits.view", ("benefit_overrides", "add_override", "lift_benefit_override"), "待遇发放", "暂停"),
    RailEntry("叠加规则", "git-compare", "exclusion_matrix", "benefits.view", ("exclusion_matrix",), "待遇发放", "叠加"),
    RailEntry(
        "支付", "send", "payment_batches", "benefits.view",
        ("payment_*", "reveal_payment_line", "act_on_payment_*", "claim_payment_line", "take_payment_return", "close_payment_month"), "待遇发放",
    ),
    RailEntry("政策模拟", "chart-line", "simulator", "benefits.view", ("simulator", "keep_variant", "variants"), "待遇发放", "模拟"),
    RailEntry(
        "待遇参数", "adjustments-horizontal", "benefit_parameters", "benefits.view",
        ("benefit_parameters", "benefit_parameter", "propose_parameter", "parameter_change", "decide_change"), "待遇发放", "参数",
    ),
    RailEntry("一张图", "map-2", "city_map", "plan.view", ("city_map",)),
    RailEntry("要点督办", "target", "plan", "plan.view", ("plan", "plan_item", "plan_places", "plan_manage", "plan_rows", "plan_act", "plan_decide", "plan_load"), short="督办"),
    RailEntry("进展报告", "file-text", "plan_reports", "plan.view", ("plan_reports", "plan_report"), short="报告"),
    RailEntry("统计月报", "chart-bar", "statistics", "statistics.view", ("statistics*",), short="统计"),
    RailEntry("数据目录", "database", "catalogue", "feeds.view", ("catalogue", "contract"), "数据", "目录"),
    RailEntry("批次", "package", "batches", "feeds.view", ("batches", "batch", "batch_uses", "correct_batch"), "数据"),
    RailEntry("上传", "upload", "upload", "feeds.import", ("upload", "upload_job"), "数据"),
    RailEntry("夜间批处理", "moon", "rounds", "rounds.view", ("rounds", "round"), "数据", "夜间"),
    RailEntry("台账", "table", "registers", "registers.view", ("registers", "register_*")),
    RailEntry(
        "用户", "user-shield", "register_users", "users.view",
        ("register_users*", "account_of", "grant", "unlock", "reset_*", "set_active"), "管理",
    ),
    RailEntry("开立账号", "user-plus", "new_account", "users.manage", ("new_account",), "管理", "开户"),
    RailEntry("审计", "shield-check", "audit", "audit.view", ("audit", "verify_chain"), "管理"),
)  # fmt: skip


AT_THE_FOOT = 5  # places at the foot of a phone; with more, the last is '更多'
THEMES = ("light", "dark")
STYLESHEETS = tuple(
    f"staff/{name}.css"
    for name in ("base", "frame", "menus", "layout", "pieces", "lists", "forms", "search", "small", "print")
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor for all templates of the portal."""
    shared = {
        "business_date": clock.business_date(), "synthetic": settings.SYNTHETIC, "stylesheets": STYLESHEETS,
        "theme": theme(request),
    }  # fmt: skip
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or actor.user is None:
        return {**shared, "actor": None}
    match = request.resolver_match
    here = str(match.url_name) if match else ""
    places = _places(actor, here)
    return {
        **shared,
        "actor": actor,
        "may_search": actor.may("households.view"),
        "unread": notifications.unread_count(actor),
        "role_title": roles()[actor.role].title if actor.role in roles() else "未授权",
        "account_url": reverse("staff:account"),
        "jurisdiction": _jurisdiction(actor),
        "rail": _groups(places, _closed(request)),
        "foot": _foot(places),
    }


def _places(actor: Actor, here: str) -> list[dict[str, Any]]:
    """The places that the role may see, in the rail's order."""
    return [
        {"label": e.label, "icon": e.icon, "url": reverse(f"staff:{e.route}"), "short": e.short or e.label,
         "here": e.is_lit(here), "group": e.group, "count": _count(e, actor), "count_title": e.count_title}
        for e in RAIL
        if e.capability == ANYBODY or actor.may(e.capability)
    ]  # fmt: skip


def _count(entry: RailEntry, actor: Actor) -> str:
    number = entry.count(actor) if entry.count else 0
    return f"{MOST_COUNTED - 1}+" if number >= MOST_COUNTED else str(number or "")


def _groups(places: list[dict[str, Any]], closed: set[str]) -> list[dict[str, Any]]:
    """The rail: neighbours of one group stand together and fold; the group that holds this page is always open."""
    groups = [(title, list(inside)) for title, inside in groupby(places, key=lambda place: str(place["group"]))]
    return [
        {"title": title, "places": inside, "open": title not in closed or any(place["here"] for place in inside)}
        for title, inside in groups
    ]


def _foot(places: list[dict[str, Any]]) -> dict[str, Any]:
    """The foot of a phone: five places, those without a group first, or four and '更多' with the rest."""
    fit = len(places) if len(places) <= AT_THE_FOOT else AT_THE_FOOT - 1
    ordered = sorted(places, key=lambda place: bool(place["group"]))
    rest = ordered[fit:]
    return {"first": ordered[:fit], "rest": rest, "rest_here": any(place["here"] for place in rest)}


def theme(request: HttpRequest) -> str:
    """What the user chose on this device, '' to go with the system."""
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in THEMES else ""


def _closed(request: HttpRequest) -> set[str]:
    """Groups of the rail that the user folded on this device."""
    return set(unquote(request.COOKIES.get("rail_closed", "")).split("|"))


def _jurisdiction(actor: Actor) -> str:
    """'湖塘镇' or '湖塘镇等 3 处': what the top bar says of where the user may act."""
    assert actor.user is not None
    labels = list(dict.fromkeys(actor.user.jurisdictions.values_list("label", flat=True)))
    if not labels:
        return "未设辖区"
    return labels[0] if len(labels) == 1 else f"{labels[0]}等 {len(labels)} 处"
