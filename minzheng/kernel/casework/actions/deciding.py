"""The decision: hear before a cut, decide with reasons, deviate from the rule only with one; what follows happens in the same
transaction, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.conf import settings

from minzheng.kernel.casework.actions.base import MACHINE, Work, begin, keep, reason, verb
from minzheng.kernel.casework.actions.working import check_kind
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.items import GIVING, KINDS, TAKING
from minzheng.kernel.casework.models import Case
from minzheng.kernel.casework.outcomes import carry_out, restore, take_back
from minzheng.kernel.casework.reading import answers_of
from minzheng.kernel.casework.weighing import Weighed, deviates, weigh
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.money import yuan

LEAST_REASON = 4  # characters


@verb("hear")
def hold_hearing(*, case: Case, by: Actor, heard_on: date, statement: str, form_token: str = "", expected_version: int | None = None) -> Case:
    """Write down that the person was heard and what they said, before a benefit is cut or ended (社会救助法 第四十八条). Raises CaseError."""
    work = begin("hear", case, by, form_token, expected_version)
    if work.repeated:
        return work.case
    if heard_on > work.today:
        raise CaseError(f"听取意见日期 {heard_on} 晚于今天 {work.today}")
    if work.standing.submitted_on and heard_on < work.standing.submitted_on:
        raise CaseError(f"听取意见日期 {heard_on} 早于办件提出日期 {work.standing.submitted_on}")
    words = reason(statement, "当事人的意见；联系不上或没有意见的，也请写明", 2)
    return work.commit({"heard_on": heard_on.isoformat()}, content={"statement": words})


@verb("decide")
def decide(
    *, case: Case, by: Actor, kind: str, amount_fen: int | None = None, reason_codes: Sequence[str] = (), explanation: str = "",
    class_: str = "", form_token: str = "", expected_version: int | None = None,
) -> Case:  # fmt: skip
    """Decide. The rule is asked again; another decision than the rule's needs `explanation`, which is kept and shown. What takes
    something away needs reasons, and a hearing where the item says so. A grant is handed on at once: an award, an end, a payment, a
    fact, each once for the case. Raises CaseError, NotAllowed, StaleCase."""
    work = begin("decide", case, by, form_token, expected_version)
    if work.repeated:
        return work.case
    check_kind(work, kind, amount_fen)
    if kind not in work.standing.decidable:
        later = [each.title for each in work.standing.materials if each.mode == "later"]
        if later and kind in GIVING:
            raise CaseError(f"容缺受理的材料还没有补来，不能作出“{KINDS[kind]}”的决定：{'、'.join(later)}")
        raise CaseError(f"作出“{KINDS[kind]}”的决定前，须先听取当事人意见并记录")
    _check_second_person(work)
    decision = work.service.version.decision
    if unknown := sorted(set(reason_codes) - set(decision.reasons)):
        raise CaseError(f"决定理由不认识：{'、'.join(unknown)}")
    if kind in TAKING and not reason_codes and decision.reasons:
        raise CaseError("请选择决定的理由，书面告知申请人")
    if kind in GIVING and decision.classes and class_ not in decision.classes:
        raise CaseError(f"请选择家庭类别：{'、'.join(decision.classes)}")
    weighed = weigh(work.case, work.service, answers_of(work.case), work.today)
    apart = deviates(weighed, kind, amount_fen)
    if work.standing.urgent and kind in GIVING:
        _check_urgent(work, weighed, amount_fen)
    _check_most(work, kind, weighed, amount_fen)
    _check_verified(work, kind, weighed)
    if apart:
        reason(explanation, "与规则测算不一致的理由：它会随决定保存，并告诉申请人", LEAST_REASON)
    details = {
        "kind": kind, "amount_fen": amount_fen, "reasons": list(reason_codes), "class": class_, "deviates": apart,
        "rule": weighed.summary if weighed else None,
    }  # fmt: skip
    words = "；".join([*(decision.reasons[code] for code in reason_codes), explanation.strip()]).strip("；")
    acts = work.acts
    work.commit(details, content={"explanation": explanation.strip(), "reasons": words}, note=KINDS[kind])
    ended = [pk for act in acts if act.verb == "outcome" for pk in act.details.get("ended", ())]
    done = carry_out(work.case, work.service, kind, amount_fen, by, work.today, weighed)
    if kind not in ("increase", "reduce"):
        take_back(work.case, work.service, [pk for act in acts if act.verb == "outcome" for pk in act.details.get("revised", ())])
    if ended and kind not in ("end", "reduce"):
        done |= restore(work.case, ended, work.today)
    if done:
        keep(work.case, "outcome", MACHINE, acts, work.service, done, {}, "")
    return work.case


def _check_urgent(work: Work, weighed: Weighed | None, amount_fen: int | None) -> None:
    """Paying first is for what cannot wait and is small: within the rule's own line for it (社会救助法 第五十条)."""
    urgent = work.service.version.urgent
    if urgent is None or not urgent.up_to or weighed is None:
        return
    most = next((line.value for line in weighed.why.result.lines if line.name == urgent.up_to), 0) if weighed.eligible else 0
    if most <= 0:
        raise CaseError("按规则测算不符合先行救助的条件，不能直接发放：请按普通程序办理")
    if (amount_fen or 0) > most:
        raise CaseError(f"先行救助最多发 {yuan(most)}：请减少金额并写明理由，其余的按普通程序另行申请")


def _check_most(work: Work, kind: str, weighed: Weighed | None, amount_fen: int | None) -> None:
    """A payment that the item bounds stays within what the rule allows, whatever the reason for another amount."""
    outcome = work.service.version.outcome.get(kind)
    if outcome is None or not outcome.payment or weighed is None:
        return
    if outcome.needs_rule and not weighed.eligible:
        raise CaseError(f"按规则测算不能给予：{'、'.join(line.label for line in weighed.why.result.failed) or '不符合条件'}")
    if outcome.up_to:
        most = next((line.value for line in weighed.why.result.lines if line.name == outcome.up_to), 0)
        if (amount_fen or 0) > most:
            raise CaseError(f"按核对结果和标准最多给予 {yuan(most)}，请减少金额" if most > 0 else "按核对结果和标准没有可以给予的金额，请核对后决定不同意")


def _check_verified(work: Work, kind: str, weighed: Weighed | None) -> None:
    """No money on figures that the bureau has not confirmed, except where all people are synthetic (as for a month's run)."""
    outcome = work.service.version.outcome.get(kind)
    if outcome is None or not outcome.payment or weighed is None or settings.SYNTHETIC:
        return
    if open_ := [value.title for value in weighed.why.result.unverified]:
        raise CaseError(f"测算所用的标准还没有经民政局核定，不能发放：{'、'.join(open_)}。请先由待遇经办提出、待遇审批确认")


def _check_second_person(work: Work) -> None:
    step = next(step for step in work.standing.road if step.kind == "decide")
    proposed = work.standing.proposal
    if step.second_person and proposed is not None and proposed.by == work.by.name and work.by.role != "system":
        raise CaseError("审核意见是您提出的，须由另一个人决定")
