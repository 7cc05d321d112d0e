"""One item: its words, its targets, milestones and their evidence, sub-tasks, discussion and what was changed; and what officials
record there. What one records another confirms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.queries import full_names
from minzheng.kernel.indicators import actions, queries
from minzheng.kernel.indicators.errors import PlanError
from minzheng.kernel.indicators.models import Evidence, MilestoneRecord, ReportedFigure
from minzheng.kernel.indicators.queries.shapes import ItemPage, TargetState
from minzheng.kernel.indicators.rights import may_open_evidence
from minzheng.kernel.registry.documents.formats import SUFFIXES
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.registers.subjects import page_of_subject
from minzheng.portals.staff.views.plan.board import Asked, place_choices
from minzheng.portals.staff.views.plan.forms import (
    FigureForm,
    MilestoneForm,
    MoreEvidenceForm,
    RemarkForm,
    ReturnForm,
    TaskForm,
)
from minzheng.portals.staff.views.plan.shown import StateChip, figure, own_line

Sent = dict[str, Any]


@page("plan.view")
def plan_item(request: StaffRequest, item_number: int) -> HttpResponse:
    """The page of an item."""
    return _render(request, _found(request, item_number))


@page("plan.work", "POST")
def plan_act(request: StaffRequest, item_number: int, plan_verb: str) -> HttpResponse:
    """Record a milestone, a figure, evidence, a sub-task or a word."""
    return _carried_out(request, item_number, plan_verb, WORK)


@page("plan.confirm", "POST")
def plan_decide(request: StaffRequest, item_number: int, plan_decision: str) -> HttpResponse:
    """Confirm or return what another recorded."""
    return _carried_out(request, item_number, plan_decision, DECIDE)


@page("plan.view")
def plan_evidence(request: StaffRequest, item_number: int, evidence_id: int) -> HttpResponse:
    """A file of evidence, as a download that no page can run; for those who work on the item, confirm or supervise."""
    found = _found(request, item_number)
    if evidence_id not in _evidence_of(found, request):  # of this item, and of a place that the reader sees
        raise Http404
    if not may_open_evidence(request.actor, found.card.item):
        refusal = {"title": "不能打开", "reason": "佐证由责任处室和确认人查看"}
        return render(request, "staff/plan/refused.html", refusal, status=422)
    try:
        row, content = actions.open_evidence(evidence_id=evidence_id, by=request.actor)
    except PlanError as missing:
        raise Http404 from missing
    response = HttpResponse(content, content_type=row.media_type)
    response["Content-Disposition"] = (
        f'attachment; filename="evidence-{row.pk}.{SUFFIXES.get(row.media_type, "bin")}"'
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _found(request: StaffRequest, number: int) -> ItemPage:
    asked = Asked.of(request.GET)
    try:
        return queries.item_page(number, request.actor, asked.day(), asked.place)
    except (LookupError, PlanError) as missing:
        raise Http404 from missing


def _render(
    request: StaffRequest, found: ItemPage, failed: tuple[str, int, Any] | None = None, status: int = 200
) -> HttpResponse:
    """The page; `failed`: the verb, the record it was about, and its form with what was wrong."""
    actor, card = request.actor, found.card
    names = full_names(_people(found))
    back = Asked.of(request.GET).address()
    context = {
        "page": found, "item": card.item, "chip": StateChip(card.state), "figures": [figure(each) for each in card.targets],
        "own": [(each, own_line(each)) for each in card.figures], "names": names, "back": f"{reverse('staff:plan')}?{back}", "query": back,
        "places": place_choices(actor, clock.business_date()), "failed_verb": failed[0] if failed else "", "failed_about": failed[1] if failed else 0,
        "failed": failed[2] if failed else None, "blank": {"milestone": MilestoneForm(), "figure": FigureForm(), "evidence": MoreEvidenceForm()},
        "evidence_of": _evidence_of(found, request), "typable": {each.target.pk for each in card.targets if _typable(each)}, "today": clock.business_date(),
    }  # fmt: skip
    return render(request, "staff/plan/item.html", context, status=status)


def _typable(state: TargetState) -> bool:
    """Only what nothing measures may be typed; events are milestones."""
    return state.indicator is None and state.target.period != "event"


def _people(found: ItemPage) -> set[str]:
    records = {
        name
        for each in found.milestones
        for record in each.history
        for name in (record.by, record.confirmed_by)
    }
    figures = {name for each in found.reported for name in (each.by, each.confirmed_by)}
    return (
        records
        | figures
        | {each.by for each in found.remarks}
        | {each.by for each in found.changes}
        | {each.created_by for each in found.tasks}
    ) - {""}


def _evidence_of(found: ItemPage, request: StaffRequest) -> dict[int, str]:
    """Where each piece of evidence is looked at: the page of what it names, a web address, or the file."""
    every = [each for view in found.milestones for each in view.evidence] + [
        each for row in found.reported for each in row.evidence.all()
    ]
    addresses = {}
    opens = may_open_evidence(request.actor, found.card.item)
    for each in every:
        if each.kind == Evidence.Kind.FILE:
            addresses[each.pk] = reverse("staff:plan_evidence", args=[found.card.number, each.pk]) if opens else ""
        elif each.kind == Evidence.Kind.LINK:
            addresses[each.pk] = each.reference
        elif each.kind == Evidence.Kind.BATCH:
            addresses[each.pk] = (
                reverse("staff:batch", args=[each.reference]) if request.actor.may("feeds.view") else ""
            )
        else:
            addresses[each.pk] = (
                page_of_subject(f"{each.kind}:{each.reference}", request.actor)
                if each.reference.isdigit()
                else ""
            )
    return addresses


def _carried_out(
    request: StaffRequest, number: int, verb: str, known: dict[str, tuple[Any, Callable[..., str]]]
) -> HttpResponse:
    """Check what was sent, do it, say so; or show the page again with what was wrong."""
    found = _found(request, number)
    if verb not in known:
        raise Http404
    form_class, act = known[verb]
    form: django_forms.Form = form_class(request.POST, request.FILES or None)
    about = request.POST.get("about", "")
    about_id = int(about) if about.isascii() and about.isdigit() and len(about) < 18 else 0
    if form.is_valid():
        try:
            with transaction.atomic():  # a record and its evidence together, or neither
                said = act(found, about_id, form.cleaned_data, request)
        except PlanError as refused:  # its message says what to do
            form.add_error(None, str(refused))
        else:
            messages.success(request, said)
            return redirect(f"{reverse('staff:plan_item', args=[number])}?{Asked.of(request.GET).address()}")
    return _render(request, found, (verb, about_id, form), 422)


def _record(found: ItemPage, about: int, sent: Sent, request: StaffRequest) -> str:
    milestone = next((each.milestone for each in found.milestones if each.milestone.pk == about), None)
    if milestone is None:
        raise PlanError("没有这个节点，请刷新页面再登记")
    record = actions.record_milestone(
        milestone=milestone, done_on=sent["done_on"], note=sent["note"], by=request.actor
    )
    _add_evidence(sent, request, record)
    return f"“{milestone.title}”已登记，等另一人确认"


def _report(found: ItemPage, about: int, sent: Sent, request: StaffRequest) -> str:
    target = next((each.target for each in found.card.targets if each.target.pk == about), None)
    if target is None:
        raise PlanError("没有这个目标，请刷新页面再填报")
    row = actions.report_figure(
        target=target, as_of=sent["as_of"], place=sent["place"], numerator=sent["numerator"], denominator=sent["denominator"], note=sent["note"],
        by=request.actor,
    )  # fmt: skip
    _add_evidence(sent, request, row)
    return f"{target.code} 已填报，等另一人确认后计入"


def _more_evidence(found: ItemPage, about: int, sent: Sent, request: StaffRequest) -> str:
    _add_evidence(
        sent,
        request,
        _figure_of(found, about) if request.POST.get("of") == "figure" else _record_of(found, about),
    )
    return "佐证已附上"


def _add_evidence(sent: Sent, request: StaffRequest, to: MilestoneRecord | ReportedFigure | None) -> None:
    if not sent.get("kind"):
        return
    if to is None:
        raise PlanError("没有找到要附佐证的登记，请刷新页面")
    content = sent["file"].read() if sent.get("file") else b""
    title = sent["title"] or (sent["file"].name if sent.get("file") else sent["reference"])
    actions.add_evidence(
        to=to,
        kind=sent["kind"],
        title=title[:128],
        content=content,
        reference=sent.get("reference", ""),
        by=request.actor,
    )


def _task(found: ItemPage, _about: int, sent: Sent, request: StaffRequest) -> str:
    owner = next((each.user for each in found.members if str(each.user_id) == sent["owner"]), None)
    task = actions.add_task(
        item=found.card.item,
        title=sent["title"],
        due_on=sent["due_on"],
        owner=owner,
        office=None if owner else found.card.office,
        by=request.actor,
    )
    return f"已布置“{task.title}”"


def _finish(found: ItemPage, about: int, _sent: Sent, request: StaffRequest) -> str:
    task = next((each for each in found.tasks if each.pk == about), None)
    if task is None:
        raise PlanError("没有这个子任务，请刷新页面")
    actions.finish_task(task=task, by=request.actor, expected_version=task.version)
    return f"“{task.title}”已完成"


def _reopen(found: ItemPage, about: int, sent: Sent, request: StaffRequest) -> str:
    task = next((each for each in found.tasks if each.pk == about), None)
    if task is None:
        raise PlanError("没有这个子任务，请刷新页面")
    actions.reopen_task(task=task, reason=sent["because"], by=request.actor, expected_version=task.version)
    return f"“{task.title}”已重新打开"


def _remark(found: ItemPage, _about: int, sent: Sent, request: StaffRequest) -> str:
    actions.add_remark(item=found.card.item, text=sent["text"], by=request.actor)
    return "已发言"


def _record_of(found: ItemPage, pk: int) -> MilestoneRecord | None:
    return next((record for each in found.milestones for record in each.history if record.pk == pk), None)


def _figure_of(found: ItemPage, pk: int) -> ReportedFigure | None:
    return next((row for row in found.reported if row.pk == pk), None)


def _version(request: StaffRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _confirm(found: ItemPage, about: int, _sent: Sent, request: StaffRequest) -> str:
    record = _record_of(found, about)
    if record is None:
        raise PlanError("没有这条登记，请刷新页面")
    actions.confirm_milestone(record=record, by=request.actor, expected_version=_version(request))
    return "已确认"


def _return(found: ItemPage, about: int, sent: Sent, request: StaffRequest) -> str:
    record = _record_of(found, about)
    if record is None:
        raise PlanError("没有这条登记，请刷新页面")
    actions.return_milestone(
        record=record, by=request.actor, because=sent["because"], expected_version=_version(request)
    )
    return "已退回登记人"


def _confirm_figure(found: ItemPage, about: int, _sent: Sent, request: StaffRequest) -> str:
    row = _figure_of(found, about)
    if row is None:
        raise PlanError("没有这个填报数，请刷新页面")
    actions.confirm_figure(figure=row, by=request.actor, expected_version=_version(request))
    return "填报数已确认，从现在起计入"


def _return_figure(found: ItemPage, about: int, sent: Sent, request: StaffRequest) -> str:
    row = _figure_of(found, about)
    if row is None:
        raise PlanError("没有这个填报数，请刷新页面")
    actions.return_figure(
        figure=row, by=request.actor, because=sent["because"], expected_version=_version(request)
    )
    return "填报数已退回"


class AboutForm(django_forms.Form):
    """Something that is only named."""

    about = django_forms.IntegerField(error_messages={"required": "请从页面上点选"})


WORK: dict[str, tuple[Any, Callable[..., str]]] = {
    "record": (MilestoneForm, _record), "report": (FigureForm, _report), "evidence": (MoreEvidenceForm, _more_evidence), "task": (TaskForm, _task),
    "finish": (AboutForm, _finish), "reopen": (ReturnForm, _reopen), "remark": (RemarkForm, _remark),
}  # fmt: skip
DECIDE: dict[str, tuple[Any, Callable[..., str]]] = {
    "confirm": (AboutForm, _confirm), "return": (ReturnForm, _return), "confirm-figure": (AboutForm, _confirm_figure), "return-figure": (ReturnForm, _return_figure),
}  # fmt: skip
