"""The office's work on a case: hand it over, visit, propose beside the rule, put up and take down notices, plan, complete papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from minzheng.kernel.casework import notices
from minzheng.kernel.casework.actions.base import Work, begin, reason, verb
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.items import KINDS, Step
from minzheng.kernel.casework.models import Case, Publication
from minzheng.kernel.casework.reading import answers_of
from minzheng.kernel.casework.rights import LEVEL_RUNGS, TOWN
from minzheng.kernel.casework.weighing import deviates, weigh
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.foundation.models import User
from minzheng.kernel.foundation.notifications.actions import Notice, notify

MOST_FINDINGS = 4000


@verb("assign")
def assign_case(*, case: Case, to: User, by: Actor, note: str = "", form_token: str = "", expected_version: int | None = None) -> Case:
    """Hand the case to somebody whose jurisdiction covers its place. Raises CaseError, StaleCase."""
    work = begin("assign", case, by, form_token, expected_version)
    if work.repeated:
        return work.case
    if not to.is_active or not Actor.of(to).covers(work.case.division_code) or not Actor.of(to).may("cases.view"):
        raise CaseError(f"{to.full_name}不能承接这件办件：须是在用的经办人员，且辖区覆盖办理地")
    work.commit({"to": to.username, "to_name": to.full_name}, note=note)
    if by.user is None or by.user.pk != to.pk:
        notify(notices=[Notice(to.pk, "case_assigned", f"派给您一件办件：{work.service.title}", f"期限 {work.case.due_on or '未定'}", f"case:{case.pk}")], on=work.today)
    return work.case


@verb("visit")
def record_visit(
    *, case: Case, by: Actor, visited_on: date, met: str, findings: str, with_whom: Sequence[str] = (),
    confirmed: Mapping[str, Any] | None = None, form_token: str, expected_version: int | None = None,
) -> Case:  # fmt: skip
    """Keep a house visit: when, whom they met, what they found; `with_whom`: names of who went along (the item may ask for two);
    `confirmed`: fields of the form as they were seen, which then stand beside the applicant's. Works for forms that were filled off-line:
    the token makes a second sending harmless. Raises CaseError."""
    work = begin("visit", case, by, form_token, None)
    if work.repeated:
        return work.case
    if not form_token:
        raise CaseError("表单令牌缺失，请刷新页面后重填")
    step = _visit_of(work)
    if 1 + len({name.strip() for name in with_whom if name.strip()}) < step.people:
        raise CaseError(f"入户调查须 {step.people} 人以上同去，请填写同行人")
    if not date(2000, 1, 1) <= visited_on <= work.today:
        raise CaseError(f"入户日期 {visited_on} 晚于今天 {work.today}" if visited_on > work.today else "入户日期不对")
    if work.standing.submitted_on and visited_on < work.standing.submitted_on:
        raise CaseError(f"入户日期 {visited_on} 早于申请日期 {work.standing.submitted_on}")
    words = reason(findings, "入户看到的情况", 4)[:MOST_FINDINGS]
    if unknown := sorted(set(confirmed or {}) - set(work.service.version.form.fields)):
        raise CaseError(f"表单里没有这些项：{'、'.join(unknown)}")
    content = {"findings": words, "met": met.strip()[:64], "confirmed": dict(confirmed or {}), "with": [name.strip() for name in with_whom]}
    return work.commit({"visited_on": visited_on.isoformat(), "step": step.name}, content=content, note=step.title)


def _visit_of(work: Work) -> Step:
    """Of the visits that are open that which is nearest to the actor's level: a district's official who may do both does the district's."""
    known = roles().get(work.by.role)
    rung = LEVEL_RUNGS.get(known.level, TOWN) if known else TOWN
    open_ = [step for step in work.standing.road if step.kind == "visit" and step.name in work.standing.steps]
    mine = [step for step in open_ if step.rung >= rung] or open_
    return min(mine, key=lambda step: step.rung)


@verb("file")
def file_relative(
    *, case: Case, by: Actor, relative: str, relation: str, note: str = "", form_token: str = "", expected_version: int | None = None
) -> Case:
    """近亲属备案: who of the staff is a near relative of the applicant's household (`relative`: name and post) and how (`relation`). The
    district's visit follows; nothing is decided before both. Raises CaseError, NotAllowed for a case that declared none, StaleCase."""
    work = begin("file", case, by, form_token, expected_version)
    if work.repeated:
        return work.case
    content = {"relative": reason(relative, "近亲属的姓名和职务"), "relation": reason(relation, "与申请人的关系", 1), "filing": note.strip()[:500]}
    return work.commit(content=content, note="近亲属已备案")


@verb("propose")
def propose(
    *, case: Case, by: Actor, kind: str, opinion: str, amount_fen: int | None = None, class_: str = "", form_token: str = "",
    expected_version: int | None = None,
) -> Case:  # fmt: skip
    """审核意见: what the town proposes, beside what the rule says; another than the rule's needs its reason in `opinion`.

    Raises CaseError: no such kind, no amount where money is to be paid, no opinion."""
    work = begin("propose", case, by, form_token, expected_version)
    if work.repeated:
        return work.case
    check_kind(work, kind, amount_fen)
    weighed = weigh(work.case, work.service, answers_of(work.case), work.today)
    apart = deviates(weighed, kind, amount_fen)
    words = reason(opinion, "审核意见" + ("，与规则测算不一致的，要写明理由" if apart else ""), 4 if apart else 2)
    details = {
        "kind": kind, "amount_fen": amount_fen, "class": class_, "deviates": apart, "rule": weighed.summary if weighed else None,
    }  # fmt: skip
    return work.commit(details, content={"opinion": words}, note=KINDS[kind])


def check_kind(work: Work, kind: str, amount_fen: int | None) -> None:
    """Whether the item knows the kind, and an amount is given where one is paid. Raises CaseError."""
    decision = work.service.version.decision
    if kind not in decision.kinds:
        raise CaseError(f"事项“{work.service.title}”没有这种决定，可选：{'、'.join(KINDS[each] for each in decision.kinds)}")
    outcome = work.service.version.outcome.get(kind)
    if outcome and outcome.payment and (amount_fen is None or amount_fen <= 0):
        raise CaseError("请填写救助金额（大于 0）")
    if amount_fen is not None and not 0 <= amount_fen <= 10_000_000_00:
        raise CaseError("金额不合理，请核对单位（元）")


@verb("publish")
def publish(*, case: Case, by: Actor, form_token: str = "", expected_version: int | None = None) -> Publication:
    """Put the notice up (公示 before the decision, 公布 after it): the item's fields, masked as it says, for its days; it is taken down
    automatically. Raises CaseError, StaleCase."""
    work = begin("publish", case, by, form_token, expected_version)
    if work.repeated:
        return Publication.objects.filter(case=work.case).latest("pk")
    return _put_up(work)


def _put_up(work: Work) -> Publication:
    steps = work.standing.road
    step = next(step for step in steps if step.name in work.standing.steps and step.kind in ("publicity", "announce"))
    work.commit({"step": step.name, "kind": step.kind})
    shown = notices.shown(work.case, work.service, step, work.standing, work.today)
    return Publication.objects.create(
        case=work.case, kind=step.kind, step=step.name, title=notices.title(work.service, step), division_code=work.case.division_code,
        shown=shown, posted_on=work.today, until=notices.until(step, work.today),
    )  # fmt: skip


@verb("take_down")
def take_down(*, case: Case, by: Actor, because: str = "", form_token: str = "") -> Case:
    """Take the notice down. After its last day this happens by itself; before, it needs a reason, and a publicity counts as not done."""
    work = begin("take_down", case, by, form_token)
    if work.repeated:
        return work.case
    hanging = work.standing.hanging
    if hanging and work.today <= hanging.until:
        because = reason(because, f"提前撤下的原因（应张榜至 {hanging.until}）")
    work.commit(note=because)
    drop_publications(work.case, work.today)
    return work.case


def drop_publications(case: Case, on: date) -> None:
    """Nothing of the case is shown to the public any more."""
    Publication.objects.filter(case=case, taken_down_on=None).update(taken_down_on=on)


@verb("plan")
def record_plan(
    *, case: Case, by: Actor, measures: Sequence[Mapping[str, Any]], summary: str, form_token: str = "", expected_version: int | None = None
) -> Case:
    """一户一档一策: the plan for a household: measures, each {'title', 'owner', 'due_on': date}. Raises CaseError."""
    work = begin("plan", case, by, form_token, expected_version)
    if work.repeated:
        return work.case
    if not 1 <= len(measures) <= 20:
        raise CaseError("帮扶计划至少一项措施，至多 20 项")
    told = []
    for number, each in enumerate(measures, 1):
        due = each.get("due_on")
        if not isinstance(due, date) or due < work.today:
            raise CaseError(f"第 {number} 项措施：完成日期应是今天或以后")
        title, owner = reason(str(each.get("title", "")), f"第 {number} 项措施的内容"), reason(str(each.get("owner", "")), f"第 {number} 项措施的责任人或单位")
        told.append({"title": title[:128], "owner": owner[:64], "due_on": due.isoformat()})
    return work.commit({"measures": told}, content={"plan": reason(summary, "家庭情况和帮扶目标", 4)}, note=f"{len(told)} 项措施")


@verb("measure")
def measure_done(*, case: Case, by: Actor, number: int, result: str, form_token: str = "") -> Case:
    """A measure of the plan was carried out, with what came of it. Raises CaseError."""
    work = begin("measure", case, by, form_token)
    if work.repeated:
        return work.case
    return work.commit({"number": number}, content={"result": reason(result, "落实情况")})


@verb("papers")
def complete_papers(*, case: Case, by: Actor, statement: str, form_token: str = "", expected_version: int | None = None) -> Case:
    """After an urgent payment: what was left out is made up for (补齐手续), with an account of the circumstances (社会救助法 第五十条).
    Refused while papers are missing that nothing stands for. Raises CaseError."""
    work = begin("papers", case, by, form_token, expected_version)
    if work.repeated:
        return work.case
    if missing := [each.title for each in work.standing.materials if each.mode == "missing"]:
        raise CaseError(f"还缺：{'、'.join(missing)}")
    return work.commit(content={"statement": reason(statement, "紧急情况的说明", 4)})

