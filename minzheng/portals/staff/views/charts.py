"""预警图表: precision and workload of the scenarios. Each chart stands beside the table that it draws."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from minzheng.kernel.foundation import clock
from minzheng.kernel.monitoring import statistics
from minzheng.portals.staff.alert_filters import AlertFilters
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.alerts import filter_context


@page("alerts.view")
def alert_charts(request: StaffRequest) -> HttpResponse:
    """Precision by month, workload by week (of the scenario asked for), days until the visit."""
    actor, today, asked = request.actor, clock.business_date(), AlertFilters.of(request.GET)
    context = {
        "precision": _precision(statistics.precision_by_month(actor, today)),
        "workload": _workload(statistics.workload_by_week(actor, today, asked.scenario)),
        "speed": _speed(statistics.days_until_visit(actor, today)), **filter_context(actor, asked),
    }  # fmt: skip
    return render(request, "staff/alerts/charts.html", context)


def _precision(found: list[statistics.ScenarioMonths]) -> dict[str, Any]:
    months = sorted({month for one in found for month in one.months})
    series = [
        {"name": one.title, "url": f"{reverse('staff:alerts')}?status=closed&scenario={one.scenario}",
         "values": [round(100 * one.months[m][0] / one.months[m][1]) if m in one.months and one.months[m][1] else None for m in months],
         "notes": [f"{one.months[m][0]}/{one.months[m][1]}" if m in one.months else "" for m in months]}
        for one in found
    ]  # fmt: skip
    return {"kind": "small-multiples", "unit": "%", "most": 100, "axis": [f"{m:%Y-%m}" for m in months], "series": series}


def _workload(found: list[statistics.Week]) -> dict[str, Any]:
    names = (("raised", "新预警"), ("visited", "入户"), ("closed", "办结"))
    return {
        "kind": "lines", "unit": "件", "axis": [f"{week.monday:%m-%d}" for week in found],
        "series": [
            {"name": label, "values": [getattr(week, verb) for week in found],
             "url": f"{reverse('staff:alerts')}?happened={verb}&since={found[0].monday}"}
            for verb, label in names
        ],
    }  # fmt: skip


def _speed(found: list[statistics.Speed]) -> dict[str, Any]:
    return {
        "kind": "bars", "unit": "天", "axis": [one.title for one in found],
        "series": [{"name": "天数中位数", "values": [one.median_days for one in found], "notes": [f"{one.visits:,} 次入户" for one in found]}],
    }  # fmt: skip
