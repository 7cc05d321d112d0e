"""叠加规则: which benefits go together, as one table with sources."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from minzheng.kernel.benefits.exclusions import HOW, Row, matrix
from minzheng.kernel.benefits.months import titles
from minzheng.kernel.foundation import clock
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page

TONES = {"both": "green", "higher": "blue", "a_excludes_b": "red", "suspended": "amber"}
BY = {"person": "同一人", "household": "同一户"}


@page("benefits.view")
def exclusion_matrix(request: StaffRequest) -> HttpResponse:
    """Every row, in the order in which they are applied; rows not in force today are marked."""
    today, asked = clock.business_date(), request.GET.get("of", "")
    named = {name: title for name, title in titles().items() if any(name in (row.a, row.b) for row in matrix().rows)}
    chosen = asked if asked in named else ""
    rows = [row for row in matrix().rows if chosen in ("", row.a, row.b)]
    context = {
        "rows": [_row(row, named, row.holds(today)) for row in rows], "named": sorted(named.items(), key=lambda pair: pair[1]), "chosen": chosen,
        "unverified": sum(row.status == "unverified" for row in rows),
        "counts": [(HOW[how], TONES[how], sum(row.rule == how for row in rows)) for how in HOW],
    }  # fmt: skip
    return render(request, "staff/benefits/exclusions.html", context)


def _row(row: Row, named: dict[str, str], holds: bool) -> dict[str, object]:
    return {
        "row": row, "a": named.get(row.a, row.a), "b": named.get(row.b, row.b), "how": HOW[row.rule], "tone": TONES[row.rule], "by": BY[row.by], "holds": holds,
        "fact": row.a in matrix().facts,
    }  # fmt: skip
