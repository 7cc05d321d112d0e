"""办件: the list with its filters in the address, the publicity board, re-checks that are due."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from minzheng.kernel.casework import catalogue, queries
from minzheng.kernel.casework.verbs import STATES
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import roles
from minzheng.portals.staff import places
from minzheng.portals.staff.case_filters import CaseFilters
from minzheng.portals.staff.case_rows import rows
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import page_of

RECHECK_DAYS = 30
RECHECK_ITEM = "recheck"  # chosen beforehand, where there is such an item


@page("cases.view")
def cases(request: StaffRequest) -> HttpResponse:
    """Cases of the reader's area under the filters of the address; first those that wait for the reader."""
    actor, today, asked = request.actor, clock.business_date(), CaseFilters.of(request.GET)
    try:
        found = asked.rows(actor, today)
        tabs = asked.tabs(actor, today)
    except (ValueError, LookupError) as unknown:  # a place that does not exist
        raise Http404 from unknown
    page_obj = page_of(request, found, count=next(tab["count"] for tab in tabs if tab["here"]))
    context = {
        "rows": rows(page_obj.object_list, actor), "page_obj": page_obj, "tabs": tabs, "query": asked, "states": STATES.items(),
        "items": [(name, item.title) for name, item in catalogue.items().items()], "by_place": roles()[actor.role].level != "village",
        "filtered": asked.narrowed, "may_open": actor.may("cases.open"),
    }  # fmt: skip
    return render(request, "staff/cases/list.html", context)


@page("cases.view")
def case_publicity(request: StaffRequest) -> HttpResponse:
    """What hangs where until when; with ?past=1 what was taken down."""
    actor, today, past = request.actor, clock.business_date(), request.GET.get("past") == "1"
    found = queries.publications(actor).filter(taken_down_on__isnull=not past).select_related("case__applicant", "case__owner")
    page_obj = page_of(request, found)
    names = places.relative_names({row.division_code for row in page_obj.object_list}, actor) if page_obj.object_list else {}
    shown = [{"notice": row, "place": names[row.division_code], "over": row.until < today} for row in page_obj.object_list]
    context = {"rows": shown, "page_obj": page_obj, "past": past, "may_take_down": actor.may("cases.accept")}
    return render(request, "staff/cases/publicity.html", context)


@page("cases.view")
def case_rechecks(request: StaffRequest) -> HttpResponse:
    """Granted cases whose re-check is due or near, earliest first."""
    actor, today = request.actor, clock.business_date()
    page_obj = page_of(request, queries.rechecks_due(actor, today, RECHECK_DAYS))
    shown = [
        {"row": row, "begin": f"{reverse('staff:case_start', args=[row.case.applicant_id])}?{urlencode({'follows': str(row.case.pk), 'item': RECHECK_ITEM})}"}
        for row in rows(page_obj.object_list, actor)
    ]
    context = {"rows": shown, "page_obj": page_obj, "days": RECHECK_DAYS, "may_open": actor.may("cases.open")}
    return render(request, "staff/cases/rechecks.html", context)
