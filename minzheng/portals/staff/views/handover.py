"""Bulk hand-over: choose in the list, see who gets how many and what is left, then confirm."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import roles
from minzheng.kernel.monitoring import actions, queries
from minzheng.kernel.monitoring.actions.handover import MOST_AT_ONCE
from minzheng.portals.staff.alert_filters import AlertFilters
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page

AUTOMATIC = "auto"
SHOWN = 300  # people in the drop-down


class HandOverForm(forms.Form):
    """To whom, and what to tell them."""

    to = forms.CharField(label="派给", max_length=12, error_messages={"required": "请选择派给谁"})
    note = forms.CharField(label="交办说明", max_length=200, required=False)


@page("alerts.assign", "POST")
def hand_over(request: StaffRequest) -> HttpResponse:
    """Preview and, once confirmed, do it. The choice is the ticked alerts, or with `all` everything under the filters."""
    asked = AlertFilters.of(QueryDict(request.POST.get("address", "")))
    chosen = _chosen(request, asked)
    back = f"{reverse('staff:alerts')}?{asked.address()}"
    if not chosen:
        messages.warning(request, "还没有选预警：请在列表里勾选，或选“全部符合条件的”")
        return redirect(back)
    people = list(queries.visitors_in(request.actor)[:SHOWN])
    form = HandOverForm(request.POST if request.POST.get("to") else None)
    plan, to = None, None
    if form.is_bound and form.is_valid():
        name = form.cleaned_data["to"]
        to = next((user for user in people if str(user.pk) == name), None)
        if to is None and name != AUTOMATIC:
            form.add_error("to", "名单里没有这个人：请重新选择")
        elif request.POST.get("confirmed"):
            done = actions.assign_many(alert_ids=chosen, to=to, by=request.actor, note=form.cleaned_data["note"])
            left = "，".join(f"{count} 件{why}" for why, count in done.left.items())
            messages.success(request, f"已派出 {done.handed} 件，共 {len(done.given)} 人" + (f"；没有派的：{left}" if left else ""))
            return redirect(back)
        else:
            plan = actions.plan_handover(alert_ids=chosen, to=to, by=request.actor)
    context: dict[str, Any] = {
        "form": form, "plan": plan, "chosen": chosen, "count": len(chosen), "most": MOST_AT_ONCE, "back": back,
        "address": request.POST.get("address", ""), "everything": request.POST.get("all", ""),
        "people": [(user.pk, f"{user.full_name} · {roles()[user.role].title}") for user in people],
        "given": [(user, len(alerts)) for user, alerts in plan.given.items()] if plan else [],
    }  # fmt: skip
    return render(request, "staff/alerts/hand_over.html", context, status=422 if form.errors else 200)


def _chosen(request: StaffRequest, asked: AlertFilters) -> list[int]:
    """Numbers of the alerts chosen; what lies outside the jurisdiction falls away in the action."""
    if request.POST.get("all"):
        try:
            rows = asked.rows(request.actor, clock.business_date())
        except (ValueError, LookupError) as unknown:
            raise Http404 from unknown
        return list(rows.filter(status__in=queries.OPEN).values_list("pk", flat=True)[:MOST_AT_ONCE])
    return [int(pk) for pk in request.POST.getlist("alert") if pk.isdigit()][:MOST_AT_ONCE]
