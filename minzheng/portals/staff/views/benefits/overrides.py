"""人工处置: somebody's word above the reckoning, a pause or a fixed amount, with a reason, until it is lifted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.benefits import queries
from minzheng.kernel.benefits.actions import fix_amount, lift_override, pause_entitlement
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Entitlement, Override
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.models import Household
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import page_of
from minzheng.portals.staff.views.benefits.reviews import month_of
from minzheng.portals.staff.views.benefits.shown import is_status, subjects, title_of


class OverrideForm(forms.Form):
    """Of which entitlement, what, from when to when, and why."""

    entitlement = forms.ChoiceField(label="哪一项待遇", error_messages={"required": "请选择待遇", "invalid_choice": "这项待遇已经终止，请重新选择"})
    kind = forms.ChoiceField(label="怎样处置", choices=Override.Kind.choices, widget=forms.RadioSelect, error_messages={"required": "请选择"})
    amount = forms.DecimalField(
        label="固定为每月（元）", max_digits=9, decimal_places=2, min_value=Decimal(0), required=False,
        error_messages={"invalid": "请填写金额，如 860.00", "max_decimal_places": "最多到分", "min_value": "不能小于 0"},
    )  # fmt: skip
    valid_from = forms.CharField(label="从哪个月起", max_length=7, required=False)
    valid_to = forms.CharField(label="到哪个月止（不含）", max_length=7, required=False)
    reason = forms.CharField(label="理由", max_length=1000, error_messages={"required": "请写明理由"})

    def __init__(self, choices: list[tuple[str, str]], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["entitlement"].choices = choices  # type: ignore[attr-defined]

    def clean_valid_from(self) -> date | None:
        """The first day of the month."""
        return month_of(self.cleaned_data["valid_from"])

    def clean_valid_to(self) -> date | None:
        """The first day of the month after the last."""
        return month_of(self.cleaned_data["valid_to"])

    def clean(self) -> dict[str, Any]:
        """A fixed amount needs one."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("kind") == Override.Kind.FIX and data.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", "请填写固定的金额")
        return data


class LiftForm(forms.Form):
    """Why it is lifted, and from which month."""

    because = forms.CharField(label="解除理由", max_length=256, error_messages={"required": "请写明解除的理由"})
    from_month = forms.CharField(label="从哪个月起解除", max_length=7, required=False)

    def clean_from_month(self) -> date | None:
        """The first day of the month."""
        return month_of(self.cleaned_data["from_month"])


@page("benefits.view")
def benefit_overrides(request: StaffRequest) -> HttpResponse:
    """Pauses and fixed amounts that stand, or were lifted."""
    lifted = request.GET.get("state") == "lifted"
    pages = page_of(request, queries.overrides(request.actor, standing=not lifted))
    listed = list(pages)
    rows = [(row, title_of(row.programme), subject) for row, subject in zip(listed, subjects(listed, request.actor), strict=True)]
    return render(request, "staff/benefits/overrides.html", {"rows": rows, "page_obj": pages, "lifted": lifted, "may_review": request.actor.may("benefits.review")})


@page("benefits.review", "GET", "POST")
def add_override(request: StaffRequest, household_id: int) -> HttpResponse:
    """Pause something that a household gets, or fix its amount."""
    household = _household(household_id, request.actor)
    open_ = _open_entitlements(household, request.actor)
    choices = [(str(row.pk), f"{title_of(row.programme)} · {_amount(row)}") for row in open_.values()]
    form = OverrideForm(choices, posted(request), initial={"entitlement": request.GET.get("entitlement", "")})
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        common = {"entitlement": open_[int(sent["entitlement"])], "reason": sent["reason"], "by": request.actor,
                  "valid_from": sent["valid_from"], "valid_to": sent["valid_to"]}  # fmt: skip
        try:
            if sent["kind"] == Override.Kind.PAUSE:
                done = pause_entitlement(**common)
            else:
                done = fix_amount(amount_fen=int(sent["amount"] * 100), **common)
        except BenefitsError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已{done.get_kind_display()}，{done.valid_from:%Y-%m} 起，解除以前每月核算都照此办理")
            return redirect("staff:why", household_id=household.pk)
    context = {"household": household, "form": form, "choices": choices}
    return render(request, "staff/benefits/add_override.html", context, status=422 if form.errors else 200)


@page("benefits.review", "GET", "POST")
def lift_benefit_override(request: StaffRequest, override_id: int) -> HttpResponse:
    """End a pause or a fixed amount."""
    override = queries.overrides(request.actor).filter(pk=override_id).first()
    if override is None:
        raise Http404
    form = LiftForm(posted(request))
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        try:
            done = lift_override(override=override, because=sent["because"], from_month=sent["from_month"], by=request.actor)
        except BenefitsError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已解除，{done.valid_to:%Y-%m} 起按核算发放" if done.valid_to else "已解除")
            return redirect("staff:benefit_overrides")
    context = {"override": override, "title": title_of(override.programme), "subject": subjects([override], request.actor)[0], "form": form}
    return render(request, "staff/benefits/lift.html", context, status=422 if form.errors else 200)


def _household(household_id: int, actor: Actor) -> Household:
    try:
        return registry.household(household_id, actor)
    except Household.DoesNotExist as missing:
        raise Http404 from missing


def _open_entitlements(household: Household, actor: Actor) -> dict[int, Entitlement]:
    rows = queries.entitlements(actor, households=[household.household_key]).filter(valid_to__isnull=True)
    return {row.pk: row for row in rows}


def _amount(row: Entitlement) -> str:
    return "身份认定" if is_status(row.programme) else f"每月 {yuan(row.amount_fen)}"
