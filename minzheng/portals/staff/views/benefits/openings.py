"""期初在享: what the bureau's rosters pay already, taken over before the first month is reckoned."""

from __future__ import annotations

from typing import Any

from django import forms

from minzheng.kernel.benefits import queries
from minzheng.kernel.benefits.models import Opening, Run
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.rules.language import Month
from minzheng.portals.staff.views.benefits.shown import by_household, is_status, title_of

LEFT_OUT = {
    "repeated": "条重复登记，每人每项只取最近的一条", "no_amount": "户（人）名册上没有金额，没有接收", "unknown": "人不在人口数据里，已接收，首次核算会列为待复核",
}  # fmt: skip


class OpeningForm(forms.Form):
    """Which month will be the first."""

    month = forms.CharField(label="首次核算的月份", max_length=7, error_messages={"required": "请选择首次核算的月份"})

    def clean_month(self) -> Month:
        """A month."""
        try:
            return Month.of(self.cleaned_data["month"])
        except ValueError as error:
            raise forms.ValidationError("月份请写成 2024-07") from error


def opening_context(actor: Actor, form: OpeningForm | None) -> dict[str, Any]:
    """What the list of runs says of rosters: those taken over, and, as long as that is possible, those that wait for it."""
    taken = [{"opening": row, "rows": totals_of(row), "left_out": left_out_of(row)} for row in queries.openings(actor)]
    open_ = queries.may_open(actor)
    last = Month(clock.business_date().replace(day=1)).before
    return {
        "openings": taken, "may_open": open_, "waiting_rosters": queries.delivered_rosters(actor, last.last) if open_ else [],
        "opening_form": form or OpeningForm(initial={"month": str(last)}),
    }  # fmt: skip


def compared_with(run: Run, actor: Actor) -> dict[str, Any]:
    """What the figures of a run stand beside: the month before, for the first one the rosters, or nothing."""
    if run.previous_id or run.kind != Run.Kind.REGULAR:
        return {"compared": "上月", "first": False, "opening": None}
    opening = queries.openings(actor).filter(month=run.month).first()
    return {
        "compared": "期初" if opening else "", "first": True, "opening": opening, "opening_rows": totals_of(opening) if opening else [],
        "may_open": queries.may_open(actor), "waiting_rosters": [] if opening else queries.delivered_rosters(actor, Month.of(run.month).last),
    }  # fmt: skip


def totals_of(opening: Opening) -> list[dict[str, Any]]:
    """Programme by programme."""
    return [
        {"title": title_of(name), "unit": "户" if by_household(name) else "人", "status": is_status(name), **figures} for name, figures in opening.totals.items()
    ]


def left_out_of(opening: Opening) -> list[str]:
    """What was not taken as it stands, in words."""
    return [f"{count:,} {LEFT_OUT[name]}" for name, count in opening.left_out.items()]


def said(opening: Opening) -> str:
    """How much was taken over."""
    units = sum(row["units"] for row in opening.totals.values())
    return f"{units:,} 项在享待遇，每月 {yuan(sum(row['fen'] for row in opening.totals.values()))}"
