"""为什么是这个金额: a household's benefits explained, on screen and on paper. Opening either is recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.benefits import queries
from minzheng.kernel.benefits.actions import record_why_opened
from minzheng.kernel.benefits.models import Run
from minzheng.kernel.divisions.queries import path_name
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.foundation.typesetting import NoFonts, typeset
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.masking import mask_name
from minzheng.kernel.registry.models import Household
from minzheng.kernel.rules.explanation import Line
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.benefits.why_data import Card, Explained, Step, explained

PAPER = Path(__file__).resolve().parents[2] / "papers" / "why.typ"
STATES = {
    "paid": "发放", "status": "认定身份", "held": "暂停", "cut": "不重复发放", "refused": "不符合条件", "none": "核算为零",
}  # fmt: skip
MOST_RUNS = 24


@page("benefits.view")
def why(request: StaffRequest, household_id: int) -> HttpResponse:
    """A household's benefits in the latest run that took effect, or the one that the address names."""
    household, runs = _household(household_id, request.actor), _runs(request.actor)
    run = _chosen(request, runs)
    record_why_opened(household=household, run=run, by=request.actor)
    found = explained(household, run, request.actor)
    context = {
        "household": household, "place": path_name(household.division_code, clock.business_date()), "found": found, "runs": runs, "states": STATES,
        "may_review": request.actor.may("benefits.review"), "head": _head(household, request.actor),
        "may_override": request.actor.may("benefits.review") and any(row.valid_to is None for row, *_words in found.entitlements),
    }  # fmt: skip
    return render(request, "staff/benefits/why.html", context)


@page("benefits.view")
def why_paper(request: StaffRequest, household_id: int) -> HttpResponse:
    """The same as a PDF to hand over, masked like the page."""
    household = _household(household_id, request.actor)
    run = _chosen(request, _runs(request.actor))
    found = explained(household, run, request.actor)
    if run is None or not found.cards:
        messages.info(request, found.problem or "这一家还没有核算结果，没有可以打印的内容")
        return redirect("staff:why", household_id=household.pk)
    record_why_opened(household=household, run=run, by=request.actor, printed=True)
    try:
        made = typeset(PAPER, _paper(household, found, run, request))
    except NoFonts as missing:
        messages.warning(request, str(missing))
        return redirect("staff:why", household_id=household.pk)
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="why-{household.pk}-{run.month}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


@page("benefits.view")
def why_person(request: StaffRequest, person_id: int) -> HttpResponse:
    """The page of the household that a person belongs to today."""
    found = registry.household_of(person_id, request.actor, clock.business_date())
    if found is None:
        raise Http404
    return redirect("staff:why", household_id=found.pk)


def _household(household_id: int, actor: Actor) -> Household:
    try:
        return registry.household(household_id, actor)
    except Household.DoesNotExist as missing:
        raise Http404 from missing


def _head(household: Household, actor: Actor) -> str:
    """The masked name of the head."""
    members = registry.members(household, actor, clock.business_date())
    return mask_name(members[0].person.name) if members else "这一"


def _runs(actor: Actor) -> list[Run]:
    return list(queries.runs(actor)[:MOST_RUNS])


def _chosen(request: StaffRequest, runs: list[Run]) -> Run | None:
    """The run that the address names, else the latest that took effect, else the latest."""
    asked = request.GET.get("run", "")
    found = queries.runs(request.actor).filter(pk=int(asked)).first() if asked.isdecimal() else None
    return found or next((run for run in runs if run.state == Run.State.APPROVED), runs[0] if runs else None)


def _paper(household: Household, found: Explained, run: Run, request: StaffRequest) -> dict[str, Any]:
    """Plain data for the template: words only."""
    by = request.actor.user
    return {
        "title": "待遇核算说明", "under": f"{run.month} · {run.get_kind_display()} · {run.get_state_display()}",
        "about": [
            ["家庭", f"{_head(household, request.actor)}家（{len(found.names)} 人）"],
            ["所在村（社区）", path_name(household.division_code, clock.business_date())], ["月份", run.month],
            ["当月合计", yuan(found.sum_fen)], ["依据", f"{run.snapshot.frozen_on} 冻结的数据快照，指纹 {run.snapshot.sha256[:16]}"],
        ],
        "given": [_paper_card(card) for card in found.given],
        "refused": [{"title": title, "who": who, "failed": [_words(line) for line in failed] or ["核算金额为零"]} for title, who, failed in found.refused],
        "matrix": [line.text for line in found.matrix],
        "paid": [[f"{line.month:%Y-%m}", title, name, yuan(line.amount_fen), line.state_title] for line, title, name in found.paid],
        "history": [[row["change"].month, row["title"], row["kind"][0], _money(row), row["why"]] for row in found.history],
        "foot": f"{by.full_name if by else request.actor.name} 打印 · 业务日期 {clock.business_date()}", "synthetic": bool(settings.SYNTHETIC),
    }  # fmt: skip


def _money(row: dict[str, Any]) -> str:
    return "认定身份" if row["status"] else f"{yuan(row['change'].was_fen)} → {yuan(row['change'].is_fen)}"


def _paper_card(card: Card) -> dict[str, Any]:
    return {
        "title": card.title, "who": card.who, "state": STATES[card.state], "unverified": card.unverified,
        "amount": yuan(card.why.amount_fen) if card.why.programme.rule.pays else "",
        "steps": [[step.line.label, _parts(step), step.line.text, str(step.line.clause)] for step in card.main],
        "conditions": [[line.label, "符合" if line.holds else "不符合"] for line in card.conditions if line.step.required],
        "left_out": [_words(line) for line in card.left_out],
        "parameters": [
            [value.title, value.text, value.dated.source, value.unverified] for step in card.main for value in (*step.figures, *step.tables)
        ],
        "clauses": [f"{clause}：{clause.quote}" for clause in card.clauses],
    }  # fmt: skip


def _parts(step: Step) -> str:
    """What a step was reckoned from."""
    if step.shares:
        return " + ".join(f"{name} {text}" for name, text in step.shares)
    return "，".join(f"{figure.label} {figure.text}" for figure in step.line.columns)


def _words(line: Line) -> str:
    return line.label if line.step.kind == "condition" else f"{line.label} {line.text}"
