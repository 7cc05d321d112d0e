"""What applicants may do against it, and how a case ends or changes hands: objection and review, withdrawal, transfer, close, time."""

from __future__ import annotations

from minzheng.kernel.casework.actions.base import begin, reason, verb
from minzheng.kernel.casework.actions.working import drop_publications
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.models import Case, Rating
from minzheng.kernel.divisions.queries import in_force, path_name
from minzheng.kernel.foundation.access import Actor, roles

PAUSES = {
    "care_assessment": "等待自理能力或残疾评定", "other_authority": "等待其他部门的结论", "lawsuit": "等待诉讼、仲裁结果", "away": "申请人因故暂不能配合",
}  # fmt: skip


@verb("object")
def object_to(*, case: Case, by: Actor, statement: str, who: str = "applicant", form_token: str = "", expected_version: int | None = None) -> Case:
    """异议: during a publicity (anybody, taken down by an official: `who` 'public'), or against the decision within its time. The case
    waits for the review. Raises CaseError, NotAllowed when the time is over."""
    work = begin("object", case, by, form_token, expected_version)
    if work.repeated:
        return work.case
    return work.commit({"who": "public" if who == "public" else "applicant"}, content={"statement": reason(statement, "异议的内容和理由", 4)})


@verb("review")
def review_objection(
    *, case: Case, by: Actor, founded: bool, explanation: str, form_token: str = "", expected_version: int | None = None
) -> Case:
    """Answer an objection. Founded: during a publicity the investigation begins again, against a decision it is decided again; not
    founded: it stays as it is. Not by whoever decided. Raises CaseError."""
    work = begin("review", case, by, form_token, expected_version)
    if work.repeated:
        return work.case
    decided = work.standing.decision
    if work.standing.objection == "decision" and decided and decided.by == by.name:
        raise CaseError("决定是您作出的，异议须由另一个人复核")
    words = reason(explanation, "复核的结论和理由", 4)
    work.commit({"founded": founded}, content={"explanation": words}, note="异议成立，重新办理" if founded else "异议不成立，维持")
    if founded:
        drop_publications(work.case, work.today)
    return work.case


@verb("withdraw")
def withdraw_case(*, case: Case, by: Actor, because: str = "", form_token: str = "", expected_version: int | None = None) -> Case:
    """The applicant takes the application back; notices come down. An official does it for the applicant, with the reason."""
    work = begin("withdraw", case, by, form_token, expected_version)
    if work.repeated:
        return work.case
    if by.user is not None:
        because = reason(because, "申请人撤回的原因和方式")
    work.commit(content={"because": because.strip()} if because.strip() else None)
    drop_publications(work.case, work.today)
    return work.case


@verb("transfer")
def transfer_case(
    *, case: Case, by: Actor, to_division: str, because: str, form_token: str = "", expected_version: int | None = None
) -> Case:
    """Hand the case to another place (转办) with all that was done; its clocks run on, that of acceptance begins anew. From then on it is
    seen there. Raises CaseError for a place that there is not, or the same."""
    work = begin("transfer", case, by, form_token, expected_version)
    if work.repeated:
        return work.case
    if to_division == work.case.division_code:
        raise CaseError("办件已经在这个村（社区）")
    if not in_force(work.today).filter(code=to_division, level=5).exists():
        raise CaseError(f"{to_division} 不是在用的村（社区）代码")
    if not work.service.version.open_in(to_division):
        raise CaseError("转入地不在这个事项的试点范围")
    words = reason(because, "转办的原因")
    was = work.case.division_code
    work.case.division_code = to_division
    work.commit({"from": was, "to": to_division}, note=f"转 {path_name(to_division, work.today)}：{words}")
    drop_publications(work.case, work.today)
    return work.case


@verb("close")
def close_case(*, case: Case, by: Actor, note: str = "", form_token: str = "", expected_version: int | None = None) -> Case:
    """办结归档: everything after the decision is done. Raises NotAllowed while something is open."""
    work = begin("close", case, by, form_token, expected_version)
    return work.case if work.repeated else work.commit(note=note)


@verb("extend")
def extend_limit(
    *, case: Case, by: Actor, target: str, because: str, form_token: str = "", expected_version: int | None = None
) -> Case:
    """Lengthen a limit: `target` a step's name or 'limit', by the item's days, as often as it allows, by the role that it names.
    The applicant is told why. Raises CaseError."""
    work = begin("extend", case, by, form_token, expected_version)
    if work.repeated:
        return work.case
    steps = {step.name: step.extend for step in work.standing.road}
    rule = work.service.version.limit.extend if target == "limit" and work.service.version.limit else steps.get(target)
    if rule is None or target not in work.standing.extendable:
        raise CaseError("这个期限不能再延长：事项没有规定可以延长，或次数已用完")
    if by.role not in (rule.by, "system", "city_official"):
        raise CaseError(f"延长期限须由{roles()[rule.by].title}批准")
    return work.commit({"target": target, "days": rule.days}, note=reason(because, "延长的原因"))


@verb("pause")
def pause_case(
    *, case: Case, by: Actor, why: str, explanation: str, form_token: str = "", expected_version: int | None = None
) -> Case:
    """中止: the clocks stand still for a reason of PAUSES. Raises CaseError."""
    work = begin("pause", case, by, form_token, expected_version)
    if work.repeated:
        return work.case
    if why not in PAUSES:
        raise CaseError("请选择中止的原因")
    return work.commit({"why": why}, content={"explanation": reason(explanation, "中止的具体情况")}, note=PAUSES[why])


@verb("resume")
def resume_case(*, case: Case, by: Actor, note: str = "", form_token: str = "", expected_version: int | None = None) -> Case:
    """恢复: the clocks run on; the time between did not count."""
    work = begin("resume", case, by, form_token, expected_version)
    return work.case if work.repeated else work.commit(note=note)


@verb("rate")
def rate_case(*, case: Case, by: Actor, score: int, comment: str = "", form_token: str = "") -> Rating:
    """The applicant says how it was: 1 to 5, once. Raises CaseError."""
    work = begin("rate", case, by, form_token)
    if work.repeated:
        return Rating.objects.get(case=work.case)
    if by.user is not None:
        raise CaseError("评价由申请人本人作出")
    if score not in range(1, 6):
        raise CaseError("评分是 1 到 5 分")
    work.commit({"score": score})
    return Rating.objects.create(case=work.case, score=score, comment=comment.strip()[:1000], rated_on=work.today)
