"""工作台: what waits for me, by clock."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import roles
from minzheng.portals.staff import desk
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import ANYBODY, page
from minzheng.portals.staff.views.plan import waiting

HINTS = {
    "village": "新派给您的预警会出现在这里",
    "town": "没有待派单和督办的预警；在途的可在“预警”里看",
    "county": "没有升级到区级的预警；辖区在办情况见右侧",
    "city": "没有升级到市级的预警；辖区在办情况见右侧",
}


@page(ANYBODY)
def home(request: StaffRequest) -> HttpResponse:
    """The to-do list by clock; for officials also their area and the scenarios' precision."""
    actor, today = request.actor, clock.business_date()
    if not actor.may("alerts.view"):
        return render(request, "staff/desk.html", {"groups": None, **(desk.cases(actor, today) if actor.may("cases.view") else {}), **waiting.lines(actor, today)})
    only = request.GET.get("clock", "")
    counts, groups = desk.groups(actor, today, only if only in desk.TITLES else "")
    level = roles()[actor.role].level
    board = {"areas": desk.areas(actor, today), "precision": desk.precisions(today), "month": desk.this_month(actor, today)} if level != "village" else None
    context = {
        "groups": groups, "counts": counts, "clocks": desk.tiles(counts), "board": board, "area": desk.figures(actor, today), "changes": desk.since_yesterday(actor, today),
        "walks": level == "village", "boards_first": level in ("city", "county"), "done_hint": HINTS[level], "only": only, **desk.cases(actor, today), **waiting.lines(actor, today),
    }  # fmt: skip
    return render(request, "staff/desk.html", context)
