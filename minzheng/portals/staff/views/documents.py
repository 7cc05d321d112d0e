"""材料: adding a paper to a household's file, opening it for a reason, withdrawing it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.foundation import clock
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.documents import actions, queries
from minzheng.kernel.registry.documents.formats import KINDS, LARGEST, SUFFIXES, DocumentError
from minzheng.kernel.registry.models import Document, Household
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.households import RevealForm


class DocumentForm(forms.Form):
    """A paper and what it is."""

    kind = forms.ChoiceField(label="种类", choices=[("", "请选择"), *KINDS.items()], error_messages={"required": "请选择种类"})
    title = forms.CharField(label="名称", max_length=128, required=False)
    file = forms.FileField(label="文件", error_messages={"required": "请选择文件或拍照", "empty": "这是空文件（0 字节）：请重新拍照或扫描"})


class WithdrawForm(forms.Form):
    """Why a paper is taken out."""

    reason = forms.CharField(label="撤下的原因", max_length=128, error_messages={"required": "请写明原因"})


@page("documents.add", "GET", "POST")
def add_document(request: StaffRequest, household_id: int) -> HttpResponse:
    """Photograph or choose a file; checked by its content, sealed at rest."""
    try:
        household = registry.household(household_id, request.actor)
    except Household.DoesNotExist as missing:
        raise Http404 from missing
    form = DocumentForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            if sent.size > LARGEST:
                raise DocumentError(f"文件有 {sent.size / 1024 / 1024:.0f} MB，超过 20 MB：请压缩或分成几份")
            actions.add_document(
                household=household, kind=form.cleaned_data["kind"], title=form.cleaned_data["title"], content=sent.read(), by=request.actor
            )
        except DocumentError as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, "材料已存入家庭档案（加密保存）")
            return redirect("staff:household", household_id=household_id)
    return render(request, "staff/households/add_document.html", {"form": form, "household": household}, status=422 if form.errors else 200)


@page("identity.reveal", "GET", "POST")
def document(request: StaffRequest, document_id: int) -> HttpResponse:
    """Ask for the reason; with one, hand the paper over as a download that no page can run."""
    found = _found(request, document_id)
    form = RevealForm(posted(request))
    if request.method == "POST" and form.is_valid():
        row, content = actions.open_document(document_id=document_id, by=request.actor, why=form.why())
        response = HttpResponse(content, content_type=row.media_type)
        response["Content-Disposition"] = f'attachment; filename="document-{row.pk}.{SUFFIXES[row.media_type]}"'
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return response
    return render(request, "staff/households/document.html", {"form": form, "document": found, "kind": KINDS.get(found.kind, found.kind)}, status=422 if form.errors else 200)


@page("documents.add", "POST")
def withdraw_document(request: StaffRequest, document_id: int) -> HttpResponse:
    """Take a paper out of the list; it is kept with the reason."""
    found = _found(request, document_id)
    form = WithdrawForm(request.POST)
    if form.is_valid():
        try:
            actions.withdraw_document(document_id=document_id, by=request.actor, reason=form.cleaned_data["reason"])
            messages.success(request, f"已撤下；{clock.business_date()} 谁因何撤下，留在审计记录里")
        except DocumentError as refusal:
            messages.warning(request, str(refusal))
    else:
        messages.warning(request, "请写明撤下的原因")
    return redirect("staff:household", household_id=found.household_id)


def _found(request: StaffRequest, document_id: int) -> Document:
    try:
        return queries.document(document_id, request.actor)
    except Document.DoesNotExist as missing:
        raise Http404 from missing
