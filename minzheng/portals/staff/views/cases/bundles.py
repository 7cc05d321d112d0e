"""一件事 for officials: what was asked on one form, the cases that came of it with where each stands, who signed, the papers of the whole."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.casework import actions, catalogue, queries
from minzheng.kernel.casework.actions.checking import HOW
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.items import Bundle
from minzheng.kernel.casework.models import BundleCase
from minzheng.kernel.casework.printing import BUNDLE_SLIP
from minzheng.kernel.casework.together import BundleView, title_of
from minzheng.kernel.divisions.queries import inside
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.foundation.calendar import CalendarMissing
from minzheng.kernel.foundation.typesetting import NoFonts
from minzheng.kernel.registry.masking import mask_name
from minzheng.portals.staff import case_words, places
from minzheng.portals.staff.case_forms import choice
from minzheng.portals.staff.case_rows import rows
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import page_of
from minzheng.portals.staff.people import person_line


@page("cases.view")
def case_bundles(request: StaffRequest) -> HttpResponse:
    """The 一件事 of the reader's area, newest first, each with how far all of it is; ?open=1 only those that are not over."""
    actor, today, division = request.actor, clock.business_date(), request.GET.get("division", "").strip()[:64]
    number = request.GET.get("number", "").strip()[:24]
    try:
        found = queries.bundles(actor)
        found = found.filter(inside(division, today)) if division else found
    except (ValueError, LookupError) as unknown:
        raise Http404 from unknown
    page_obj = page_of(request, found.filter(number=number) if number else found)
    names = places.relative_names({row.division_code for row in page_obj.object_list}, actor) if page_obj.object_list else {}
    shown = [
        {"bundle": row, "title": title_of(row), "person": person_line(row.applicant), "place": names[row.division_code], "progress": queries.bundle_progress(row)}
        for row in page_obj.object_list
    ]  # fmt: skip
    context = {
        "rows": shown, "page_obj": page_obj, "division": division, "number": number, "by_place": roles()[actor.role].level != "village",
        "filtered": bool(division or number),
    }  # fmt: skip
    return render(request, "staff/cases/bundles.html", context)


@page("cases.view")
def case_bundle(request: StaffRequest, bundle_number: str) -> HttpResponse:
    """One 一件事. Reading it is reading its cases, which is on record for each."""
    return _shown(request, _found(bundle_number, request.actor))


def _found(number: str, actor: Actor) -> BundleView:
    try:
        return queries.bundle(number, actor)
    except BundleCase.DoesNotExist as missing:
        raise Http404 from missing


def _shown(request: StaffRequest, view: BundleView, form: forms.Form | None = None) -> HttpResponse:
    actor, declared = request.actor, catalogue.bundles().get(view.bundle.bundle)
    for member in view.members:
        actions.open_case_file(by=actor, case_id=member.case.pk)
    cases = [each.case for each in view.members]
    papers: list[dict[str, Any]] = [
        {"paper": paper, "item": member.title} for member in view.members for paper in queries.papers(member.case, actor)
    ]  # fmt: skip
    context: dict[str, Any] = {
        "view": view, "bundle": view.bundle, "person": person_line(view.bundle.applicant), "rows": rows(cases, actor),
        "place": places.relative_names([view.bundle.division_code], actor)[view.bundle.division_code],
        "pages": case_words.answers(declared.form, _compared(view, declared, actor)) if declared else [],
        "signed": [{"person": person_line(each.person), "consent": each} for each in view.consents],
        "issued": [each for each in papers if each["paper"].kind], "given": [each for each in papers if not each["paper"].kind],
        "slip": next((each["paper"] for each in papers if each["paper"].kind == BUNDLE_SLIP), None),
        "form": form or (_form(view) if actor.may("cases.accept") and any(not each.authorisation for each in view.consents) else None),
    }  # fmt: skip
    return render(request, "staff/cases/bundle.html", context, status=422 if form is not None and form.errors else 200)


def _compared(view: BundleView, declared: Bundle, actor: Actor) -> list[queries.Compared]:
    """What the one form asked, from the cases that it became: each answer once, with what the data say where a check has run."""
    fields = {part.item: part.fields for part in declared.items}
    found: dict[str, queries.Compared] = {}
    for member in view.members:
        for each in queries.compared(member.case, actor):
            name = fields.get(member.case.item, {}).get(each.field, each.field)
            if name in declared.form.fields and (name not in found or (each.told and not found[name].told)):
                found[name] = queries.Compared(name, declared.form.fields[name]["title"], each.said, each.told, each.differs, each.seen)
    return list(found.values())


def _form(view: BundleView, data: Any = None) -> forms.Form:
    """Whose authorisation is registered at the counter, for all cases at once."""
    lacking = [(each.person.pk, mask_name(each.person.name)) for each in view.consents if each.authorisation is None]
    made = type("SignForm", (forms.Form,), {
        "form_token": forms.CharField(widget=forms.HiddenInput, max_length=40),
        "person": choice("谁签的", lacking, "签一份，这一件事的各件都管用"), "signed_how": choice("签署方式", HOW.items(), radio=True, initial="paper"),
        "signature": forms.CharField(label="授权书编号或存放处", required=False, max_length=200),
    })  # fmt: skip
    form: forms.Form = made(data, initial={"form_token": uuid.uuid4().hex}, auto_id="id_sign_%s")
    form.fields["person"].widget.attrs["class"] = "form-select"
    form.fields["signature"].widget.attrs["class"] = "form-control"
    return form


@page("cases.accept", "POST")
def case_bundle_sign(request: StaffRequest, bundle_number: str) -> HttpResponse:
    """Register one adult's authorisation for all cases of a 一件事."""
    view = _found(bundle_number, request.actor)
    form = _form(view, request.POST)
    if form.is_valid():
        person = next(each.person for each in view.consents if str(each.person.pk) == form.cleaned_data["person"])
        told = {name: form.cleaned_data[name] for name in ("signed_how", "signature", "form_token")}
        try:
            actions.authorise_bundle(bundle=view.bundle, person=person, by=request.actor, **told)
        except (CaseError, CalendarMissing) as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{bundle_number}：已登记 {mask_name(person.name)} 的核对授权，各件都管用")
            return redirect("staff:case_bundle", bundle_number=bundle_number)
    return _shown(request, view, form)


@page("cases.view", "POST")
def case_bundle_slip(request: StaffRequest, bundle_number: str) -> HttpResponse:
    """受理回执 of the whole; made once, it stays the same."""
    view = _found(bundle_number, request.actor)
    try:
        paper = actions.issue_slip(bundle=view.bundle, by=request.actor)
    except (CaseError, NoFonts) as refused:
        messages.warning(request, str(refused))
        return redirect("staff:case_bundle", bundle_number=bundle_number)
    messages.success(request, f"{paper.title}已出具，验证码 {paper.code}")
    return redirect("staff:case_paper", case_id=paper.case_id, case_paper_id=paper.pk)
