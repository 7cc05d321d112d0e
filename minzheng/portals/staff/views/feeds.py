"""What departments send: the catalogue, batches, uploads, and bad rows on their way back."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.base import File
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.feeds import actions, queries
from minzheng.kernel.feeds.contracts import Contract, contracts
from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.feeds.quarantine import export_quarantine
from minzheng.kernel.feeds.reasons import WARNINGS
from minzheng.kernel.foundation import clock
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import page_of
from minzheng.portals.staff.uploads import staged

LAST_BATCHES = 8  # on the page of one feed


class UploadForm(forms.Form):
    """One file of one feed."""

    contract = forms.ChoiceField(label="哪一类数据", error_messages={"required": "请选择数据的种类"})
    file = forms.FileField(label="文件", error_messages={"required": "请选择文件", "empty": "这是空文件（0 字节），请重新导出"})
    as_of = forms.DateField(label="数据截至", error_messages={"required": "请填写数据截至日期", "invalid": "日期请写成 2024-05-31"})

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [(c.name, f"{c.title}（{'、'.join(c.owner)}）") for c in contracts().values()]
        self.fields["contract"].choices = choices  # type: ignore[attr-defined]


@page("feeds.view")
def catalogue(request: StaffRequest) -> HttpResponse:
    """All feeds, with what came last and who is late."""
    entries = queries.catalogue(request.actor, clock.business_date())
    return render(request, "staff/feeds/catalogue.html", {"entries": entries, "can_import": request.actor.may("feeds.import")})


@page("feeds.view")
def contract(request: StaffRequest, contract: str) -> HttpResponse:
    """One feed: what was agreed, column by column, and its last batches."""
    entry = next((e for e in queries.catalogue(request.actor, clock.business_date()) if e.contract.name == contract), None)
    if entry is None:
        raise Http404
    context = {
        "entry": entry, "contract": entry.contract, "columns": _columns(entry.contract),
        "key": [entry.contract.columns[column].header for column in entry.contract.key],
        "batches": queries.batches(request.actor, contract)[:LAST_BATCHES], "can_import": request.actor.may("feeds.import"),
    }  # fmt: skip
    return render(request, "staff/feeds/contract.html", context)


@page("feeds.view")
def batches(request: StaffRequest) -> HttpResponse:
    """All batches, newest first."""
    chosen = request.GET.get("contract", "")
    page_obj = page_of(request, queries.batches(request.actor, chosen))
    known = contracts()
    context = {
        "page_obj": page_obj, "rows": [{"batch": row, "title": _title(row)} for row in page_obj],
        "contracts": known.values(), "chosen": chosen, "can_import": request.actor.may("feeds.import"),
    }  # fmt: skip
    return render(request, "staff/feeds/batches.html", context)


@page("feeds.view")
def batch(request: StaffRequest, batch_id: str) -> HttpResponse:
    """One batch: its counts, and why rows were put aside."""
    found = queries.batch(request.actor, batch_id)
    if found is None:
        raise Http404
    warnings = sorted(found.warnings.items(), key=lambda item: -item[1])
    context = {
        "batch": found, "title": _title(found), "reasons": queries.reasons(found),
        "warnings": [(code, WARNINGS.get(code, code), rows) for code, rows in warnings], "layout": _layout(found),
        "can_quarantine": request.actor.may("feeds.quarantine"),
    }  # fmt: skip
    return render(request, "staff/feeds/batch.html", context)


@page("feeds.import", "GET", "POST")
def upload(request: StaffRequest) -> HttpResponse:
    """Take a file in: checked and stored as a whole, or refused with the reason."""
    first = {"as_of": clock.business_date(), "contract": request.GET.get("contract", "")}
    form = UploadForm(posted(request), request.FILES or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            done = _import(request, form)
        except IntakeError as refusal:
            form.add_error("file", str(refusal))
        else:
            if done.already:
                messages.info(request, "这份文件以前已经入过库，就是下面这一批；没有重复入库")
            else:
                messages.success(request, f"已入库：读入 {done.batch.read:,} 行，采纳 {done.batch.accepted:,} 行")
            return redirect("staff:batch", batch_id=done.batch.batch_id)
    return render(request, "staff/feeds/upload.html", {"form": form}, status=422 if form.errors else 200)


@page("feeds.quarantine")
def quarantine(request: StaffRequest, batch_id: str) -> FileResponse:
    """The bad rows of a batch as a workbook for their sender."""
    found = queries.batch(request.actor, batch_id)
    if found is None or not found.quarantined:
        raise Http404
    with tempfile.TemporaryDirectory(dir=settings.HOME.work) as folder:
        path = Path(folder) / "quarantine.xlsx"
        export_quarantine(batch_id=batch_id, out=path, by=request.actor)
        handle = path.open("rb")  # the open file outlives its folder, so nothing is left on the disk
    return FileResponse(handle, as_attachment=True, filename=f"退回-{_title(found)}-{batch_id}.xlsx")


def _import(request: StaffRequest, form: UploadForm) -> actions.Imported:
    sent: File[bytes] = form.cleaned_data["file"]
    with staged(sent) as path:
        return actions.import_file(
            contract=form.cleaned_data["contract"], path=path, as_of=form.cleaned_data["as_of"], by=request.actor,
            file_name=sent.name,
        )


def _columns(known: Contract) -> list[dict[str, Any]]:
    """The columns in the words of the sender: permitted values as they are written, not their codes."""
    described = queries.describe(known)["columns"]
    for column, row in zip(known.columns.values(), described, strict=True):
        if column.values:
            row["domain"] = "、".join(names[0] for names in column.values.values())
    return list(described)


def _title(found: Batch) -> str:
    known = contracts().get(found.contract)
    return known.title if known else found.contract


def _layout(found: Batch) -> list[tuple[str, str]]:
    """What the intake made of the file's form, in words."""
    sheets = found.layout.get("sheets", [])
    ignored = dict.fromkeys(str(column) for sheet in sheets for column in sheet.get("ignored", []))
    rows = [
        ("格式", "、".join(dict.fromkeys(str(sheet.get("form", "")) for sheet in sheets))),
        ("工作表", "、".join(str(sheet["sheet"]) for sheet in sheets if sheet.get("sheet"))),
        ("表头", "、".join(dict.fromkeys(f"第 {sheet['header_row']} 行" for sheet in sheets if "header_row" in sheet))),
        ("没有用到的列", "、".join(ignored)),
        ("跳过", f"{found.layout['not_data']} 行（标题、合计、落款）" if found.layout.get("not_data") else ""),
    ]
    return [(label, value) for label, value in rows if value]
