"""复核: before a means-tested benefit is cut somebody is heard and a person decides, with reasons."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.benefits import queries
from minzheng.kernel.benefits.actions import decide_review, record_hearing, record_review_opened
from minzheng.kernel.benefits.actions.overriding import next_month
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.gradual import Offer, offer
from minzheng.kernel.benefits.models import Review
from minzheng.kernel.benefits.parameters import practice
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.calendar import CalendarMissing, add_working_days
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import page_of
from minzheng.portals.staff.views.benefits.shown import cause_text, is_status, subjects, title_of

LIMIT = "review_days"  # the parameter of practice: working days from opening to decision
TABS = [("waiting", "未决定"), ("open", "待听取意见"), ("heard", "待决定"), ("decided", "已决定"), ("moot", "原因已消失")]
CONSEQUENCES = {
    "apply": "从下一个未审批的月份起按核算金额调整；不再符合的停发并终止认定",
    "keep": "按现发金额继续发，一年内（或到所填月份）不再因同一原因调整",
}  # fmt: skip


class HearingForm(forms.Form):
    """When the person was heard, and what they said."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    heard_on = forms.DateField(label="听取意见日期", error_messages={"required": "请填写日期", "invalid": "日期请写成 2024-05-31"})
    statement = forms.CharField(label="当事人意见", max_length=4000, error_messages={"required": "请写明当事人的意见；联系不上或没有意见的，也请写明"})


class DecisionForm(forms.Form):
    """What is decided, and why. What cannot be granted is not offered."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    decision = forms.ChoiceField(label="决定", choices=Review.Decision.choices, widget=forms.RadioSelect, error_messages={"required": "请选择决定"})
    until = forms.CharField(label="维持到哪个月（不含）", max_length=7, required=False)
    reasons = forms.CharField(label="理由", max_length=4000, error_messages={"required": "决定须写明理由，并书面告知当事人"})

    def without(self, decision: str) -> DecisionForm:
        """The form without one of the answers."""
        field = self.fields["decision"]
        field.choices = [choice for choice in field.choices if choice[0] != decision]  # type: ignore[attr-defined]
        return self

    def clean_until(self) -> date | None:
        """The first day of the month."""
        return month_of(self.cleaned_data["until"])


def month_of(text: str) -> date | None:
    """'2024-07' → its first day; None for nothing. Raises ValidationError."""
    try:
        return date.fromisoformat(f"{text}-01") if text else None
    except ValueError as error:
        raise forms.ValidationError("月份请写成 2024-07") from error


@page("benefits.view")
def benefit_reviews(request: StaffRequest) -> HttpResponse:
    """Reviews by state, oldest first."""
    asked = request.GET.get("state", "waiting")
    state = asked if asked in dict(TABS) else "waiting"
    pages = page_of(request, queries.reviews(request.actor, state))
    listed = list(pages)
    rows = list(zip(map(_row, listed), subjects(listed, request.actor), strict=True))
    tabs = [(name, title, queries.reviews(request.actor, name).count()) for name, title in TABS]
    return render(request, "staff/benefits/reviews.html", {"rows": rows, "page_obj": pages, "tabs": tabs, "state": state, "limit": practice(LIMIT, clock.business_date())})


@page("benefits.view")
def benefit_review(request: StaffRequest, review_id: int) -> HttpResponse:
    """A review: was and is, the evidence, the hearing, the decision. Opening it is recorded."""
    review = _review(review_id, request)
    record_review_opened(review=review, by=request.actor)
    return _shown(request, review)


@page("benefits.review", "POST")
def hear_review(request: StaffRequest, review_id: int) -> HttpResponse:
    """Write down that the person was heard."""
    review, form = _review(review_id, request), HearingForm(posted(request))
    if form.is_valid():
        sent = form.cleaned_data
        try:
            record_hearing(review=review, by=request.actor, heard_on=sent["heard_on"], statement=sent["statement"], expected_version=sent["version"])
        except BenefitsError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "已登记当事人意见，现在可以作决定")
            return redirect("staff:benefit_review", review_id=review.pk)
    return _shown(request, review, hearing=form)


@page("benefits.review", "POST")
def decide_benefit_review(request: StaffRequest, review_id: int) -> HttpResponse:
    """Decide, with reasons."""
    review, form = _review(review_id, request), DecisionForm(posted(request))
    if form.is_valid():
        sent = form.cleaned_data
        try:
            done = decide_review(
                review=review, decision=sent["decision"], reasons=sent["reasons"], until=sent["until"], by=request.actor, expected_version=sent["version"]
            )
        except BenefitsError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已决定：{done.get_decision_display()}，{done.effective_from:%Y-%m} 起执行。请书面告知当事人")
            return redirect("staff:benefit_review", review_id=review.pk)
    return _shown(request, review, decision=form)


def _review(review_id: int, request: StaffRequest) -> Review:
    found = queries.reviews(request.actor).filter(pk=review_id).first()
    if found is None:
        raise Http404
    return found


def _shown(
    request: StaffRequest, review: Review, hearing: HearingForm | None = None, decision: DecisionForm | None = None
) -> HttpResponse:
    may, wrong = request.actor.may("benefits.review"), hearing or decision
    waits = review.state in (Review.State.OPEN, Review.State.HEARD)
    first = {"version": review.version, "heard_on": clock.business_date()}
    fading, why_not = _fading(review) if may and review.state == Review.State.HEARD else (None, "")
    context: dict[str, Any] = {
        **_row(review), "subject": subjects([review], request.actor)[0], "form": wrong,
        "hearing": (hearing or HearingForm(initial=first)) if may and waits else None,
        "decision": (decision or DecisionForm(initial=first)) if may and review.state == Review.State.HEARD else None,
        "consequences": [(Review.Decision(name).label, text) for name, text in CONSEQUENCES.items()], "fading": fading, "not_fading": why_not,
    }  # fmt: skip
    if fading is None and context["decision"] is not None:
        context["decision"] = context["decision"].without(Review.Decision.GRADUAL)
    return render(request, "staff/benefits/review.html", context, status=422 if wrong else 200)


def _fading(review: Review) -> tuple[Offer | None, str]:
    """The 渐退期 that can be granted, or why there is none."""
    try:
        return offer(review, next_month()), ""
    except (BenefitsError, LookupError) as refusal:
        return None, str(refusal) if review.ends else ""


def _row(review: Review) -> dict[str, Any]:
    waits = review.state in (Review.State.OPEN, Review.State.HEARD)
    return {
        "review": review, "title": title_of(review.programme), "status": is_status(review.programme), "why": cause_text(review.cause),
        "less_fen": review.was_fen - review.is_fen, "due_on": _due(review.opened_on) if waits else None,
        "days": (clock.business_date() - review.opened_on).days,
    }  # fmt: skip


def _due(opened: date) -> date | None:
    """The day by which it should be decided, by the limit that held when it was opened; None where the calendar or the limit does
    not reach."""
    try:
        return add_working_days(opened, practice(LIMIT, opened).dated.value)
    except (CalendarMissing, LookupError):
        return None
