"""One run: what changes and why, what it rests on, and its approval by a second person."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.benefits import queries
from minzheng.kernel.benefits.actions import reject_run, submit_run
from minzheng.kernel.benefits.approval_job import KIND as APPROVAL
from minzheng.kernel.benefits.approval_job import ask_for_approval
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Run
from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.feeds.lake import contract
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.jobs import queries as jobs
from minzheng.kernel.foundation.jobs.actions import do_now
from minzheng.kernel.foundation.jobs.work import JobRefused
from minzheng.kernel.foundation.models import Job
from minzheng.kernel.ledger import queries as ledger
from minzheng.kernel.ledger.models import PaymentBatch
from minzheng.kernel.ledger.reasons import title_of as reason_title
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.benefits.openings import compared_with
from minzheng.portals.staff.views.benefits.place_rows import first_rows
from minzheng.portals.staff.views.benefits.runs import sums
from minzheng.portals.staff.views.benefits.shown import (
    KINDS,
    STATES,
    cause_label,
    is_status,
    title_of,
    unverified_rows,
)

MOST_CAUSES = 6
AT_ONCE = 2_000  # lines of a run whose approval takes a second or so
MOVED = ("start", "stop", "change", "keep", "review", "hold", "backpay", "recovery")
ALWAYS = {Run.Kind.REGULAR: MOVED[:4], Run.Kind.CORRECTION: MOVED[-2:]}


@page("benefits.view")
def benefit_run(request: StaffRequest, benefit_run_id: int) -> HttpResponse:
    """A month's run, whole or of one programme; after long work (`?job=`) with what came of it."""
    return _shown(request, run_of(benefit_run_id, request.actor))


@page("benefits.run", "POST")
def submit_benefit_run(request: StaffRequest, benefit_run_id: int) -> HttpResponse:
    """Hand a draft in for approval by somebody else."""
    run, note = run_of(benefit_run_id, request.actor), request.POST.get("note", "")
    try:
        submit_run(run=run, by=request.actor, note=note, expected_version=_version(request))
    except BenefitsError as refusal:
        return _shown(request, run, str(refusal), note)
    messages.success(request, "已提交，等另一位有审批权限的人审批")
    return redirect("staff:benefit_run", benefit_run_id=run.pk)


@page("benefits.approve", "POST")
def decide_benefit_run(request: StaffRequest, benefit_run_id: int) -> HttpResponse:
    """Approve, so that the run takes effect, or send back with the reason."""
    run, note = run_of(benefit_run_id, request.actor), request.POST.get("note", "")
    try:
        if request.POST.get("answer") == "approve":
            job = ask_for_approval(run=run, by=request.actor, note=note, expected_version=_version(request))
            job = do_now(job) if run.changes.count() <= AT_ONCE else job
            return redirect("staff:benefit_run_job", job_id=job.pk)
        else:
            reject_run(run=run, by=request.actor, note=note, expected_version=_version(request))
            messages.success(request, "已退回，当月可以重新核算")
    except (BenefitsError, JobRefused) as refusal:
        return _shown(request, run_of(benefit_run_id, request.actor), str(refusal), note)
    return redirect("staff:benefit_run", benefit_run_id=run.pk)


def run_of(run_id: int, actor: Actor) -> Run:
    """The run, or a missing page."""
    try:
        return queries.run(run_id, actor)
    except Run.DoesNotExist as missing:
        raise Http404 from missing


def _version(request: StaffRequest) -> int | None:
    sent = request.POST.get("version", "")
    return int(sent) if sent.isdecimal() else None


def _shown(request: StaffRequest, run: Run, problem: str = "", note: str = "") -> HttpResponse:
    actor, chosen = request.actor, request.GET.get("programme", "")
    chosen = chosen if chosen in programmes() else ""
    totals, kinds = queries.totals(run, actor), queries.kinds(run, actor)
    mine = {name: row for name, row in totals.items() if chosen in ("", name)}
    figures = sums(mine)
    context = {
        "run": run, "said": _said(request), "approving": _approving(run, actor), "tone": STATES[run.state], "chosen": chosen, "chosen_title": title_of(chosen), "sum": figures,
        "more_fen": figures["fen"] - figures["before_fen"], "more_units": figures["units"] - figures["before_units"],
        "moves": _moves(run, actor, mine, kinds, chosen), "by_programme": [_programme(name, row, kinds.get(name, {})) for name, row in totals.items()],
        "unverified": unverified_rows(run.unverified), "blocked": bool(run.unverified) and not settings.SYNTHETIC,
        "places": first_rows(run, actor, chosen, request.GET.get("cut", "")), "lineage": _lineage(run), "payments": _payments(run, actor),
        "may_submit": run.state == Run.State.DRAFT and actor.may("benefits.run"), **compared_with(run, actor), **_decision(run, actor), "problem": problem, "note": note,
    }  # fmt: skip
    return render(request, "staff/benefits/run.html", context, status=422 if problem else 200)


def _said(request: StaffRequest) -> str:
    """What came of the job that led here: said by the job, so that watching its progress does not swallow it."""
    number = request.GET.get("job", "")
    job = jobs.job(int(number), request.actor) if number.isdecimal() and len(number) < 18 else None
    return job.message if job and job.state == Job.State.DONE else ""


def _approving(run: Run, actor: Actor) -> Job | None:
    """The reader's own approval of the run that is under way."""
    rows = jobs.jobs(actor, APPROVAL).filter(state__in=[Job.State.WAITING, Job.State.RUNNING])
    return next((job for job in rows if job.parameters.get("run") == run.pk), None) if run.state == Run.State.SUBMITTED else None


def _decision(run: Run, actor: Actor) -> dict[str, Any]:
    """Whether the reader may decide, and if not why."""
    own = actor.name in (run.submitted_by, run.computed_by)
    waits = run.state == Run.State.SUBMITTED
    return {"may_decide": waits and actor.may("benefits.approve") and not own, "own": waits and own}


def _moves(run: Run, actor: Actor, totals: dict[str, dict[str, int]], kinds: dict[str, dict[str, dict[str, int]]], chosen: str) -> list[dict[str, Any]]:
    """Rows of what moves: how many, how much, and the commonest causes."""
    causes: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
    for each in queries.causes(run, actor, programme=chosen):
        key = (each["cause_kind"], each["cause_name"])
        group = causes.setdefault(each["kind"], {}).setdefault(key, {"label": cause_label(*key, each["label"]), "cause": ":".join(key), "lines": 0})
        group["lines"] += each["lines"]
    found = []
    for kind in MOVED:
        money = [kinds.get(name, {}).get(kind, {}) for name in totals]
        count = sum(row["keep"] for row in totals.values()) if kind == "keep" else sum(row.get("lines", 0) for row in money)
        if not count and kind not in ALWAYS[Run.Kind(run.kind)]:
            continue
        listed = sorted(causes.get(kind, {}).values(), key=lambda group: -group["lines"])
        found.append({
            "kind": kind, "title": KINDS[kind][0], "tone": KINDS[kind][1], "count": count, "fen": _money(kind, totals, kinds),
            "signed": kind in ("change", "backpay"), "causes": listed[:MOST_CAUSES], "more_causes": max(len(listed) - MOST_CAUSES, 0),
        })  # fmt: skip
    return found


def _money(kind: str, totals: dict[str, dict[str, int]], kinds: dict[str, dict[str, dict[str, int]]]) -> int:
    """What a kind comes to: what begins, ends or is held back in full, of changes the difference, of the rest what is paid."""

    def of(which: str, column: str) -> int:
        return sum(kinds.get(name, {}).get(which, {}).get(column, 0) for name in totals)

    if kind == "keep":
        paid = sum(row["fen"] for row in totals.values())
        return max(paid - of("start", "is_fen") - of("change", "is_fen") - of("review", "was_fen"), 0)
    if kind in ("change", "backpay"):
        return of(kind, "is_fen") - of(kind, "was_fen")
    if kind in ("stop", "hold", "recovery", "review"):
        return of(kind, "was_fen") - of(kind, "is_fen")
    return of(kind, "is_fen")


def _programme(name: str, row: dict[str, int], kinds: dict[str, dict[str, int]]) -> dict[str, Any]:
    more = {kind: found["is_fen"] - found["was_fen"] for kind, found in kinds.items()}
    cells = [(kind, row[kind], more.get(kind, 0)) for kind in ("start", "stop", "change")]
    late = [(kind, kinds.get(kind, {}).get("lines", 0), row[f"{kind}_fen"]) for kind in ("backpay", "recovery")]
    more_fen = row["fen"] - row["before_fen"]
    return {"name": name, "title": title_of(name), "status": is_status(name), **row, "cells": cells, "late": late, "more_fen": more_fen}


def _lineage(run: Run) -> list[tuple[str, list[str]]]:
    """Title of each feed that the snapshot was made of, and its batches."""
    return [(_feed(name), batches) for name, batches in sorted(run.snapshot.batches.items()) if batches]


def _feed(name: str) -> str:
    try:
        return contract(name).title
    except LookupError:  # a snapshot may be older than a contract that was taken away
        return name


def _payments(run: Run, actor: Actor) -> list[dict[str, Any]]:
    """The payment batches that the run gave to the ledger, with what is parked or came back."""
    return [
        {
            "batch": batch, "exceptions": [(reason_title(reason), total) for reason, total in ledger.totals_by_reason(actor, batch.pk).items()],
        }
        for batch in batches_of(run, actor)
    ]  # fmt: skip


def batches_of(run: Run, actor: Actor) -> list[PaymentBatch]:
    """What the run handed to the ledger, as far as somebody of the jurisdiction is on it."""
    return list(ledger.batches(actor).filter(key__startswith=f"benefits:{run.pk}:")) if run.state == Run.State.APPROVED else []
