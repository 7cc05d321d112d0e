"""试算: what the household of an alert might be due by the latest snapshot, beside the decision. Asking is recorded."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from minzheng.kernel.benefits import queries as benefits
from minzheng.kernel.benefits.actions import record_why_opened
from minzheng.kernel.benefits.models import Run
from minzheng.kernel.benefits.snapshot.errors import SnapshotError
from minzheng.kernel.benefits.why import Why, why_in_run
from minzheng.kernel.foundation import clock
from minzheng.kernel.monitoring import queries
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.registry import queries as registry
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page

PROBLEMS = {
    "none": "还没有核算过任何月份，先在“待遇发放”里开始一次核算", "unknown": "最近一次核算的快照里没有这一家",
    "may": "您的角色不看待遇，试算请由镇街或区县人员打开", "lost": "最近一次核算的快照不在服务器上，请从备份恢复后再试",
}  # fmt: skip
MANY = 3


@page("alerts.view")
def alert_trial(request: StaffRequest, alert_id: int) -> HttpResponse:
    """A piece of the alert's page: programmes that would be given, new ones first, and those that fail in one condition alone."""
    actor, today = request.actor, clock.business_date()
    try:
        alert = queries.alert(alert_id, actor)
    except Alert.DoesNotExist as missing:
        raise Http404 from missing
    household = registry.household_of(alert.person_id, actor, today)
    if household is None:
        raise Http404
    if not actor.may("benefits.view"):
        return render(request, "staff/alerts/trial.html", {"problem": PROBLEMS["may"]})
    run = benefits.runs(actor).filter(state=Run.State.APPROVED).first() or benefits.runs(actor).first()
    problem, found = "none", list[Why]()
    if run is not None:
        record_why_opened(household=household, run=run, by=actor)
        try:
            found = why_in_run(run, household.household_key, actor)
            problem = "" if found else "unknown"
        except SnapshotError:
            problem = "lost"
    keys = {each.result.person_key for each in found}
    held = {row.programme for row in benefits.entitlements(actor, keys, [household.household_key]) if row.valid_to is None}
    due = [each for each in found if each.result.eligible and not each.exclusion and (each.amount_fen > 0 or not each.programme.rule.pays)]
    near = [each for each in found if not each.result.eligible and len(each.result.failed) == 1 and _asks_much(each)]
    context = {
        "run": run, "household": household, "problem": PROBLEMS.get(problem, ""),
        "due": sorted(({"why": each, "new": each.programme.name not in held, "unverified": bool(each.result.unverified)} for each in due),
                      key=lambda row: not row["new"]),
        "near": list(dict.fromkeys((each.programme.title, each.result.failed[0].label) for each in near)),
    }  # fmt: skip
    return render(request, "staff/alerts/trial.html", context)


def _asks_much(why: Why) -> bool:
    """Whether a rule has so many conditions that failing in one alone says something."""
    return sum(step.kind == "condition" and step.required for step in why.programme.rule.steps) >= MANY
