"""抽查承诺: draw promises at random, with the seed and the list shown, and what came of each."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.casework import actions, queries
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.divisions.queries import path_name
from minzheng.kernel.foundation import clock
from minzheng.portals.staff.case_rows import rows
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import page_of

SHOWN = 10


class DrawForm(forms.Form):
    """Where, how many, and a seed that was fixed beforehand (drawn by lot, say); without one the system makes it."""

    division = forms.CharField(label="范围", max_length=12, error_messages={"required": "请选择范围"})
    count = forms.IntegerField(label="抽几件", min_value=1, max_value=500, error_messages={"required": "请填写抽几件", "invalid": "请填写整数"})
    seed = forms.CharField(label="种子", required=False, max_length=64)


@page("cases.supervise", "GET", "POST")
def case_draws(request: StaffRequest) -> HttpResponse:
    """The draws so far, newest first, and the form for another."""
    actor, today = request.actor, clock.business_date()
    form = DrawForm(posted(request), initial={"count": 5})
    if request.method == "POST" and form.is_valid():
        division = form.cleaned_data["division"]
        try:
            if not division.isdecimal() or len(division) != 12:
                raise CaseError("请从列表里选择范围")
            made = actions.draw_promises(by=actor, division_code=division, count=form.cleaned_data["count"], seed=form.cleaned_data["seed"])
        except CaseError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"从 {len(made.among)} 件中抽出 {len(made.drawn)} 件，种子 {made.seed}")
            return redirect("staff:case_draws")
    page_obj = page_of(request, queries.drawn_promises(actor), SHOWN)
    wanted = {number for draw in page_obj.object_list for number in draw.drawn}
    by_number = {row.case.number: row for row in rows(queries.cases(actor).filter(number__in=wanted), actor)} if wanted else {}
    draws = [
        {"draw": draw, "place": path_name(draw.division_code, today), "cases": [_drawn(by_number[number], request) for number in draw.drawn if number in by_number]}
        for draw in page_obj.object_list
    ]
    return render(request, "staff/cases/draws.html", {"form": form, "draws": draws, "page_obj": page_obj}, status=422 if form.errors else 200)


def _drawn(row: Any, request: StaffRequest) -> dict[str, Any]:
    """A drawn case with what its promises came to."""
    words = {"": "未抽", "drawn": "待查", "kept": "属实", "breach": "失实"}
    tones = {"drawn": "amber", "kept": "green", "breach": "red"}
    promises = queries.standing(row.case, request.actor).promises
    return {"row": row, "promises": [{"title": each.title, "word": words[each.checked], "tone": tones.get(each.checked, "")} for each in promises]}
