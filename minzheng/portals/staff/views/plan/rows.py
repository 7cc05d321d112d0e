"""From a figure down to its rows, inside the reader's rights; opening them and taking them away leaves a trace."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.indicators import actions, queries
from minzheng.kernel.indicators.catalogue import indicators
from minzheng.kernel.indicators.models import Target
from minzheng.kernel.indicators.queries import PARTS, RowSet
from minzheng.portals.staff.audit_export import ACTIVE
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import PER_PAGE, Slices, page_of
from minzheng.portals.staff.registers.subjects import page_of_subject
from minzheng.portals.staff.views.plan.board import place_choices
from minzheng.portals.staff.views.plan.places import target_of

MANY = 10_000  # rows beyond which the night's number is taken for the pager


@page("plan.view")
def plan_rows(request: StaffRequest, plan_figure: str) -> HttpResponse:
    """The rows of a part of a figure, a page at a time; or why only the number may be known."""
    actor, today = request.actor, clock.business_date()
    target, found = _found(request, plan_figure)
    context: dict[str, Any] = {
        "found": found, "target": target, "figure": plan_figure, "item": _item_of(plan_figure, target, actor), "place": request.GET.get("place", ""),
        "parts": _parts(found), "places": place_choices(actor, today), "may_export": actor.may("registers.export") and found.rows is not None,
        "readings": [(each.name, each.title) for each in found.indicator.readings],
    }  # fmt: skip
    if found.rows is None:
        return render(request, "staff/plan/rows.html", context)
    total = _total(found)
    slices = Slices(
        lambda first, last: actions.open_rows(found=found, by=actor, start=first, size=last - first)
    )
    shown = page_of(request, slices, PER_PAGE, total)
    rows = [(row, page_of_subject(row.subject, actor) if row.subject else "") for row in shown.object_list]
    context |= {
        "rows": rows,
        "page_obj": shown,
        "total": total,
        "columns": [column.label for column in found.columns],
    }
    return render(request, "staff/plan/rows.html", context)


@page("registers.export", "POST")
def plan_rows_export(request: StaffRequest, plan_figure: str) -> HttpResponseBase:
    """All rows of the part as CSV, sent while they are read; on record before the first line leaves."""
    _target, found = _found(request, plan_figure)
    if found.rows is None:
        return render(request, "staff/plan/refused.html", {"reason": found.reason}, status=422)
    response = StreamingHttpResponse(_lines(found, request.actor), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = (
        f'attachment; filename="{plan_figure}-{found.part}-{clock.business_date()}.csv"'
    )
    return response


def _total(found: RowSet) -> int:
    """How many rows there are. Of many the number that the night counted: to count a hundred thousand anew takes longer than the page."""
    known = found.kept if found.counted and found.counted.counts == "pk" and not found.counted.sums else None
    return known if known is not None and known > MANY else found.rows.count() if found.rows is not None else 0


def _found(request: StaffRequest, plan_figure: str) -> tuple[Target | None, RowSet]:
    """The figure of the address and its rows. Raises Http404 for what does not exist or has no rows."""
    actor, today = request.actor, clock.business_date()
    asked = request.GET.get("part", "numerator")
    plan = queries.plan_at(actor, today)
    target = target_of(plan, plan_figure) if plan else None
    if (target is None and plan_figure not in indicators()) or asked not in PARTS:
        raise Http404
    try:
        figure = target or plan_figure
        return target, queries.rows(
            figure, asked, actor, today, request.GET.get("place", ""), request.GET.get("reading", "")
        )
    except LookupError as nothing:
        raise Http404 from nothing


def _parts(found: RowSet) -> list[tuple[str, str, bool]]:
    """The parts that may be opened: of a share three, of a number one."""
    known = PARTS.items() if found.reading.denominator is not None else [("numerator", "全部")]
    return [(part, title, part == found.part) for part, title in known]


def _item_of(plan_figure: str, target: Target | None, actor: Actor) -> int | None:
    """The item on whose page the figure stands."""
    if target is not None:
        return target.item.number
    plan = queries.plan_at(actor, clock.business_date())
    items = plan.items.filter(withdrawn_on=None).order_by("number") if plan else []
    return next((item.number for item in items if plan_figure in item.figures), None)


def _lines(found: RowSet, actor: Actor) -> Iterator[str]:
    said = f"{found.indicator.title} · {found.reading.title} · {PARTS[found.part]} · {found.place_title} · 截至 {found.span.as_of}"
    yield (
        "\ufeff"
        + _line([said, f"导出人 {actor.name}"])
        + _line(["地点", *(column.label for column in found.columns)])
    )
    for row in actions.export_rows(found=found, by=actor):
        yield _line([row.place, *row.cells])


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(ACTIVE) else cell for cell in cells])
    return out.getvalue()
