"""What is done to an alert: hand over, visit, close, re-open. The room's verbs decide; here their answers become pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.foundation import clock
from minzheng.kernel.monitoring import actions, queries
from minzheng.kernel.monitoring.catalogue import for_officials
from minzheng.kernel.monitoring.errors import AlertError, StaleAlert
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.masking import mask_address, mask_name, mask_phone
from minzheng.portals.staff import timelines
from minzheng.portals.staff.alert_rows import outcome_title
from minzheng.portals.staff.forms import CloseForm, ReopenForm, SeenForm, VisitForm, first, first_visit, look
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.alerts import heading

LOOKS = ("状态", "经办人", "办理期限")


@page("alerts.assign", "POST")
def assign(request: StaffRequest, alert_id: int) -> HttpResponse:
    """Hand the alert over to somebody of the list; then the next one that waits."""
    found = _alert(request, alert_id)
    to = next((u for u in queries.assignees(found, request.actor) if str(u.pk) == request.POST.get("to")), None)
    version = request.POST.get("version", "")
    if to is None or not version.isdigit():
        messages.warning(request, "请从名单里选择派给谁")
        return redirect("staff:alert", alert_id=alert_id)
    try:
        actions.assign_alert(
            alert=found, to=to, by=request.actor, note=request.POST.get("note", ""), expected_version=int(version)
        )
    except AlertError as refusal:
        messages.warning(request, f"没有派出：{refusal}")
        return redirect("staff:alert", alert_id=alert_id)
    return _next(request, f"{mask_name(found.person.name)}已派给 {to.full_name}")


@page("alerts.visit", "POST")
def attempt(request: StaffRequest, alert_id: int) -> HttpResponse:
    """One tap at the door: nobody at home. The alert stays open and its clock runs on."""
    found = _alert(request, alert_id)
    try:
        row = actions.record_attempt(alert=found, by=request.actor)
    except AlertError as refusal:
        messages.warning(request, str(refusal))
    else:
        then = "这条预警已办结，不用再去" if row.status == Alert.Status.CLOSED else "期限不变，请改日再去"
        messages.success(request, f"{mask_name(found.person.name)}：已记上门未遇，{then}")
    return redirect("staff:desk")


@page("alerts.visit", "POST")
def moved(request: StaffRequest, alert_id: int) -> HttpResponse:
    """One tap at the door: the neighbours say that the family moved away. Closes the alert; sent twice it is one visit."""
    found = _alert(request, alert_id)
    try:
        actions.record_visit(
            alert=found, by=request.actor, visited_on=clock.business_date(), met="neighbour", situation=[], needs=[],
            outcome="moved", form_token=request.POST.get("form_token", ""), findings="邻居或村（居）干部告知已搬走",
        )
    except AlertError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, f"{mask_name(found.person.name)}：已登记搬走，这条预警办结")
    return redirect("staff:desk")


@page("alerts.visit", "GET", "POST")
def visit(request: StaffRequest, alert_id: int) -> HttpResponse:
    """The visit form; its outcome closes the alert. Sent twice it is one visit."""
    found = _alert(request, alert_id)
    form = VisitForm(posted(request), initial=first_visit(found))

    def record(data: dict[str, Any]) -> str:
        kept = ("visited_on", "met", "situation", "needs", "outcome", "findings", "form_token")
        actions.record_visit(
            alert=found, by=request.actor, expected_version=data["version"], **{name: data[name] for name in kept}
        )
        return f"{mask_name(found.person.name)}的入户已登记：{outcome_title(data['outcome'])}"

    contact = {"phone": mask_phone(found.person.phone), "address": ""}
    household = registry.household_of(found.person_id, request.actor, clock.business_date())
    if household:
        contact["address"] = mask_address(household.address)
    photographs = household.pk if household and request.actor.may("documents.add") else None
    return _decide(request, found, form, record, "staff/alerts/visit.html", {"contact": contact, "household_id": photographs})


@page("alerts.close", "GET", "POST")
def close(request: StaffRequest, alert_id: int) -> HttpResponse:
    """Close without a visit, with an outcome and the reason in words."""
    found = _alert(request, alert_id)
    form, in_doubt = CloseForm(posted(request), initial=first(found)), found.scenario in for_officials()
    form = form.of_files() if in_doubt else form

    def record(data: dict[str, Any]) -> str:
        actions.close_alert(
            alert=found, by=request.actor, outcome=data["outcome"], note=data["note"], expected_version=data["version"]
        )
        return f"{mask_name(found.person.name)}的预警已关闭：{outcome_title(data['outcome'])}"

    words = {
        "heading": "不入户直接关闭", "button": "关闭预警",
        "consequence": "不会有人上门；结果不计入场景精准度。以后确需办理，可由区级或市级重开。",
    }  # fmt: skip
    if in_doubt:
        words = {
            "heading": "登记核查结果", "button": "办结预警",
            "consequence": "这里只记核查结果；减发、停发另行听取意见后决定。结果计入场景精准度。",
        }  # fmt: skip
    return _decide(request, found, form, record, "staff/alerts/decide.html", words)


@page("alerts.reopen", "GET", "POST")
def reopen(request: StaffRequest, alert_id: int) -> HttpResponse:
    """Open a closed alert again, with a new clock."""
    found = _alert(request, alert_id)
    form = ReopenForm(posted(request), initial=first(found))

    def record(data: dict[str, Any]) -> str:
        actions.reopen_alert(alert=found, by=request.actor, note=data["note"], expected_version=data["version"])
        return f"{mask_name(found.person.name)}的预警已重开，期限重新计算"

    words = {
        "heading": "重开预警", "button": "重开",
        "consequence": "回到原经办人（仍在用且辖区覆盖时），否则待派单；办理期限从今天重新计算，原结果留在经过里。",
    }  # fmt: skip
    return _decide(request, found, form, record, "staff/alerts/decide.html", words)


def _decide(
    request: StaffRequest, found: Alert, form: SeenForm, record: Callable[[dict[str, Any]], str], template: str,
    extra: dict[str, Any],
) -> HttpResponse:
    """Show a form about an alert, or carry it out; when the alert changed meanwhile, say how and keep what was typed."""
    wants_closed = isinstance(form, ReopenForm)
    if request.method == "GET" and wants_closed != (found.status == Alert.Status.CLOSED):
        messages.warning(request, "这条预警还在办，不用重开" if wants_closed else "这条预警已经办结，不能再办理")
        return redirect("staff:alert", alert_id=found.pk)
    context: dict[str, Any] = {"form": form, "changed": None, "can_submit": True, **heading(found), **extra}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _next(request, record(form.cleaned_data))
            except StaleAlert:
                status, context["changed"] = 409, _changed(request, found, form)
                context["form"] = _against_present(request, form, found)
                context["can_submit"] = wants_closed == (found.status == Alert.Status.CLOSED)
            except AlertError as refusal:
                form.add_error(None, str(refusal))
    return render(request, template, context, status=status)


def _changed(request: StaffRequest, found: Alert, form: SeenForm) -> dict[str, Any]:
    """What became of the alert since the form was opened: was → is, and the steps in between."""
    was, now = form.cleaned_data["seen"].split("|"), look(found).split("|")
    rows = [
        {"label": label, "was": before, "now": after}
        for label, before, after in zip(LOOKS, was, now, strict=False)
        if before != after
    ]
    return {"rows": rows, "steps": timelines.of_alert(found, request.actor, form.cleaned_data["version"])}


def _against_present(request: StaffRequest, form: SeenForm, found: Alert) -> SeenForm:
    """The same form with all that was typed, now against the alert as it stands."""
    data = request.POST.copy()
    for name, value in first(found).items():
        data[name] = str(value)
    return type(form)(data, initial=form.initial)


def _alert(request: StaffRequest, alert_id: int) -> Alert:
    try:
        return queries.alert(alert_id, request.actor)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


def _next(request: StaffRequest, done: str) -> HttpResponse:
    """After an action the next item opens: the most urgent of what waits, or the desk when nothing does."""
    waiting = queries.todo(request.actor, clock.business_date()).values_list("pk", flat=True).first()
    messages.success(request, f"{done}。下面是待办里的下一件" if waiting else f"{done}。手头没有别的待办了")
    return redirect("staff:alert", alert_id=waiting) if waiting else redirect("staff:desk")
