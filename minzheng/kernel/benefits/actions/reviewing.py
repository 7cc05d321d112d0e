"""Reviews: hear the person, then decide with reasons. Nothing is cut before; what is decided the next run carries out.
And recoveries: whether money that was not due is claimed back."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from minzheng.kernel.benefits.actions.overriding import lay, next_month
from minzheng.kernel.benefits.actions.recovering import book_recovery
from minzheng.kernel.benefits.awards import AWARD_INPUTS
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.gradual import Offer, offer
from minzheng.kernel.benefits.models import Award, Override, Recovery, Review
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, scoped

FADES_BY = "fades_by_review"  # in Award.terms: the review that granted a 渐退期; no input of any rule
KEPT_MONTHS = 12  # how long a decision to keep stands if nobody says otherwise


@transaction.atomic
def record_hearing(*, review: Review, by: Actor, heard_on: date, statement: str, expected_version: int | None = None) -> Review:
    """Write down that the person was heard and what they said (社会救助法 第四十八条). Raises Forbidden, BenefitsError."""
    by.require("benefits.review")
    row = _locked(review, by, expected_version)
    if row.state not in (Review.State.OPEN, Review.State.HEARD):
        raise BenefitsError(f"复核{row.get_state_display()}，不用再听取意见")
    if heard_on > clock.business_date():
        raise BenefitsError(f"听取意见日期 {heard_on} 晚于今天 {clock.business_date()}")
    if heard_on < row.opened_on:
        raise BenefitsError(f"听取意见日期 {heard_on} 早于复核提出日期 {row.opened_on}")
    if not statement.strip():
        raise BenefitsError("请写明当事人的意见；联系不上或没有意见的，也请写明")
    row.state, row.heard_on, row.heard_by, row.statement = Review.State.HEARD, heard_on, by.name, statement.strip()
    row.version += 1
    row.save()
    audit.record(by, "review.hear", f"review:{row.pk}", heard_on=heard_on)
    return row


@transaction.atomic
def decide_review(
    *, review: Review, decision: str, reasons: str, by: Actor, until: date | None = None, expected_version: int | None = None
) -> Review:
    """Decide a review of somebody who was heard: 'apply' (the next run cuts), 'gradual' (渐退期: as many months and as much as the
    rule gives, then it ends by itself) or 'keep' (pay on; for a year unless `until` says otherwise). Raises Forbidden,
    BenefitsError."""
    by.require("benefits.review")
    row = _locked(review, by, expected_version)
    if row.state == Review.State.DECIDED:
        raise BenefitsError(f"这项复核已由 {row.decided_by} 决定：{row.get_decision_display()}")
    if row.state != Review.State.HEARD:
        raise BenefitsError("决定以前须听取当事人意见并登记（社会救助法第四十八条）")
    if decision not in Review.Decision.values:
        raise BenefitsError("请选择决定")
    if len(reasons.strip()) < 4:
        raise BenefitsError("决定须写明理由，并书面告知当事人")
    start = next_month()
    if decision == Review.Decision.KEEP and until is not None and until <= start:
        raise BenefitsError(f"继续发放的终止月份 {until:%Y-%m} 应晚于 {start:%Y-%m}")
    row.state, row.decision, row.reasons = Review.State.DECIDED, decision, reasons.strip()
    row.decided_on, row.decided_by, row.effective_from = clock.business_date(), by.name, start
    row.version += 1
    if decision == Review.Decision.APPLY:
        row.decided_fen = row.is_fen
        if row.ends:
            _end_awards(row, start, by)
    elif decision == Review.Decision.GRADUAL:
        _fade(row, offer(row, start), by)
    else:
        row.decided_fen = row.was_fen
        row.until = (until or date(start.year + KEPT_MONTHS // 12, start.month, 1)).replace(day=1)
        lay(by=by, kind=Override.Kind.FIX, programme=row.programme, unit_key=row.unit_key, person_key=row.person_key,
            household_key=row.household_key, division_code=row.division_code, amount_fen=row.was_fen, valid_from=start,
            valid_to=row.until, reason=f"{row.get_decision_display()}：{row.reasons}")  # fmt: skip
    row.save()
    audit.record(by, "review.decide", f"review:{row.pk}", row.reasons, decision=decision, decided_fen=row.decided_fen, effective_from=start)
    return row


@transaction.atomic
def decide_recovery(*, recovery: Recovery, claim: bool, reasons: str, by: Actor) -> Recovery:
    """Claim money back, or waive it, with reasons. Whoever sees to payments claims it in the books by the same act, else
    `book_recovery` does, or the night. Raises Forbidden, BenefitsError."""
    by.require("benefits.review")
    row = scoped(Recovery.objects.select_for_update(), by).filter(pk=recovery.pk).first()
    if row is None:
        raise BenefitsError("没有这项追回建议，或它不在您的辖区内")
    if row.state != Recovery.State.PROPOSED:
        raise BenefitsError(f"这项追回建议已由 {row.decided_by} 处理：{row.get_state_display()}")
    if len(reasons.strip()) < 4:
        raise BenefitsError("请写明理由")
    row.state = Recovery.State.CONFIRMED if claim else Recovery.State.WAIVED
    row.decided_on, row.decided_by, row.reasons = clock.business_date(), by.name, reasons.strip()[:512]
    row.save()
    audit.record(by, "recovery.decide", f"recovery:{row.pk}", row.reasons, claim=claim, amount_fen=row.amount_fen)
    if claim and by.may("payments.manage"):
        book_recovery(recovery=row, by=by)
    return row


def _locked(review: Review, by: Actor, expected_version: int | None) -> Review:
    row = scoped(Review.objects.select_for_update(), by).filter(pk=review.pk).first()
    if row is None:
        raise BenefitsError("没有这项复核，或它不在您的辖区内")
    if expected_version is not None and row.version != expected_version:
        raise BenefitsError(f"这项复核在您打开后已有变化，现状态：{row.get_state_display()}。请核对后再办")
    return row


def _fade(row: Review, granted: Offer, by: Actor) -> None:
    """Write down with the awards since when and from which amount the benefit fades; the rule does the rest."""
    awards = Award.objects.select_for_update().filter(programme=row.programme, person_key__in=list(granted.terms), until__isnull=True)
    found = list(awards)
    if not found:
        raise BenefitsError("这一户的认定已经终止，不能给渐退期")
    for award in found:
        award.terms = {**award.terms, **granted.terms[award.person_key], FADES_BY: row.pk}
        award.save()
    row.decided_fen, row.until = granted.amount_fen, granted.until
    audit.record(by, "award.fade", f"review:{row.pk}", granted.clause.document, months=granted.months, until=granted.until,
                 amount_fen=granted.amount_fen, awards=[award.pk for award in found])  # fmt: skip


def _end_awards(row: Review, start: date, by: Actor) -> None:
    """The decision that nothing is due any more ends the award that the benefit rests on."""
    if row.programme not in AWARD_INPUTS:
        return
    mine = {"household_key": row.household_key} if row.unit_key == row.household_key else {"person_key": row.unit_key}
    awards = Award.objects.filter(programme=row.programme, until__isnull=True, since__lte=start, **mine)
    for award in awards.select_for_update():
        award.until, award.ended_because = start, f"复核决定 {row.pk}"
        award.save()
        audit.record(by, "award.end", f"award:{award.pk}", award.ended_because, until=start)
