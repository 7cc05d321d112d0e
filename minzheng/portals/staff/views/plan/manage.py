"""维护: another year's plan or a corrected one from a file, with what it changes shown first; readings and members of offices."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.foundation.declared import DeclarationError
from minzheng.kernel.foundation.queries import full_names, user_named
from minzheng.kernel.indicators import actions, queries
from minzheng.kernel.indicators.actions import Loaded
from minzheng.kernel.indicators.errors import PlanError
from minzheng.kernel.indicators.models import Office, Plan, PlanChange, Target
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.plan.forms import ReadingForm
from minzheng.portals.staff.views.plan.places import target_of

LARGEST = 1024 * 1024
SHOWN = 200  # changes of a preview


@page("plan.manage")
def plan_manage(request: StaffRequest) -> HttpResponse:
    """Files, readings and offices."""
    return _render(request)


@page("plan.manage", "POST")
def plan_load(request: StaffRequest) -> HttpResponse:
    """First what a file would change, then, sent again with `sure`, the change itself. All of it or nothing."""
    sent = request.FILES.get("file")
    text = request.POST.get("text", "")
    name = request.POST.get("file_name", "")[:255]
    if sent is not None:
        name = sent.name or "plan.yaml"
        if sent.size is None or sent.size > LARGEST:
            return _render(request, {"load_error": "文件超过 1 MB：工作要点是一个文本文件（YAML）"}, 422)
        try:
            text = sent.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            return _render(
                request, {"load_error": "文件不是 UTF-8 文本：请用“另存为 UTF-8”保存后再导入"}, 422
            )
    if not text.strip():
        return _render(request, {"load_error": "请选择工作要点文件（YAML）"}, 422)
    try:
        if request.POST.get("sure"):
            loaded = actions.load_plan(text=text, file_name=name, by=request.actor)
            messages.success(
                request, f"已导入{loaded.plan.title}（第 {loaded.plan.version} 版）；今晚测算后有新的数字"
            )
            return redirect("staff:plan_manage")
        loaded, changes = _rehearsed(text, name, request.actor)
    except (PlanError, DeclarationError) as refused:
        return _render(request, {"load_error": str(refused), "load_name": name}, 422)
    preview = {
        "loaded": loaded,
        "changes": changes[:SHOWN],
        "more": max(0, len(changes) - SHOWN),
        "text": text,
        "file_name": name,
    }
    return _render(request, {"preview": preview})


@page("plan.manage", "POST")
def plan_reading(request: StaffRequest) -> HttpResponse:
    """Choose how a target is to be read from a day on."""
    form, plan = ReadingForm(request.POST), queries.plan_at(request.actor, clock.business_date())
    if form.is_valid() and plan is not None:
        target = target_of(plan, form.cleaned_data["target"])
        try:
            if target is None:
                raise PlanError("没有这个目标")
            sent = form.cleaned_data
            actions.choose_reading(
                target=target,
                reading=sent["reading"],
                valid_from=sent["valid_from"],
                reason=sent["reason"],
                by=request.actor,
            )
        except PlanError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request,
                f"{target.code} 自 {form.cleaned_data['valid_from']} 起按所选口径计算，以前的说法不变",
            )
            return redirect(f"{reverse('staff:plan_manage')}#readings")
    return _render(request, {"reading_form": form}, 422)


@page("plan.manage", "POST")
def plan_member(request: StaffRequest) -> HttpResponse:
    """Put somebody into an office, or take them out."""
    plan = queries.plan_at(request.actor, clock.business_date())
    office = (
        next((each for each in _offices(plan) if str(each.pk) == request.POST.get("office", "")), None)
        if plan
        else None
    )
    user = user_named(request.POST.get("user", "").strip()[:150])
    if office is None or user is None:
        return _render(request, {"member_error": "请选择处室，并填写已有账号的登录名"}, 422)
    if "plan.view" not in roles()[user.role].capabilities:
        return _render(request, {"member_error": f"{user.full_name}的角色看不到要点督办，提醒不到他"}, 422)
    try:
        if request.POST.get("do") == "remove":
            actions.remove_member(office=office, user=user, by=request.actor)
            messages.success(request, f"{user.full_name}不再是{office.title}的责任人")
        else:
            actions.add_member(office=office, user=user, by=request.actor)
            messages.success(request, f"{user.full_name}已是{office.title}的责任人，到期会收到提醒")
    except PlanError as refused:
        return _render(request, {"member_error": str(refused)}, 422)
    return redirect(f"{reverse('staff:plan_manage')}#offices")


def _rehearsed(text: str, name: str, by: Actor) -> tuple[Loaded, list[PlanChange]]:
    """What loading would come to: it is done, looked at and undone, so that the preview cannot differ from the deed."""
    with transaction.atomic():
        loaded = actions.load_plan(text=text, file_name=name, by=by)
        changes = (
            []
            if loaded.already
            else list(loaded.plan.changes.filter(version=loaded.plan.version).order_by("pk"))
        )
        transaction.set_rollback(True)
    return loaded, changes


def _offices(plan: Plan | None) -> list[Office]:
    found: dict[int, Office] = {}
    for item in (
        plan.items.filter(withdrawn_on=None)
        .select_related("office")
        .prefetch_related("office__members__user")
        if plan
        else ()
    ):
        found.setdefault(item.office_id, item.office)
    return list(found.values())


def _ambiguous(plan: Plan | None) -> list[Target]:
    """Targets with more than one reading."""
    items = (
        plan.items.filter(withdrawn_on=None).prefetch_related("targets__settings").order_by("number")
        if plan
        else []
    )
    return [
        each
        for item in items
        for each in item.targets.all()
        if each.withdrawn_on is None and len(each.definitions) > 1
    ]


def _render(request: StaffRequest, more: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    today = clock.business_date()
    plan = queries.plan_at(request.actor, today)
    readings = [(each, queries.chosen_reading(each, today)) for each in _ambiguous(plan)]
    versions = list(plan.versions.order_by("-number")) if plan else []
    context = {
        "plan": plan, "plans": queries.plans(request.actor), "versions": versions, "names": full_names(each.loaded_by for each in versions),
        "readings": readings, "offices": _offices(plan), "reading_form": ReadingForm(), "today": today, "may_manage": True, **(more or {}),
    }  # fmt: skip
    return render(request, "staff/plan/manage.html", context, status=status)
