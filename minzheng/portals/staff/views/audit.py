"""审计: what administrators and officials did, for the auditor alone; exported on record."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.accounts import queries
from minzheng.portals.staff.audit_export import lines
from minzheng.portals.staff.audit_words import verb_words
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page

PER_PAGE = 100


class AuditForm(forms.Form):
    """What the auditor looks for."""

    by = forms.CharField(label="操作人", max_length=80, required=False)
    verb = forms.CharField(label="动作", max_length=64, required=False)
    subject = forms.CharField(label="对象", max_length=128, required=False)
    first = forms.DateField(label="从", required=False, error_messages={"invalid": "日期请写成 2024-05-31"})
    last = forms.DateField(label="到", required=False, error_messages={"invalid": "日期请写成 2024-05-31"})
    before = forms.IntegerField(required=False, min_value=1)


@page("audit.view")
def audit_trail(request: StaffRequest) -> HttpResponse:
    """Entries under the filters of the address, newest first; older ones follow from where the page ended."""
    form = AuditForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = list(queries.audit_entries(request.actor, **asked)[: PER_PAGE + 1]) if asked else []
    older = ""
    if len(rows) > PER_PAGE:
        kept = {name: value for name, value in asked.items() if value and name != "before"}
        older = urlencode({**kept, "before": rows[PER_PAGE - 1].pk})
    kept_query = urlencode({name: value for name, value in asked.items() if value and name != "before"})
    context = {
        "form": form, "rows": [(entry, verb_words(entry.verb)) for entry in rows[:PER_PAGE]], "older": older,
        "query": kept_query, "paged": bool(asked.get("before")),
    }  # fmt: skip
    return render(request, "staff/audit/list.html", context, status=422 if form.errors else 200)


@page("audit.view", "POST")
def verify_chain(request: StaffRequest) -> HttpResponse:
    """Check every link of the chain; the check itself is recorded."""
    broken = audit.verify()
    audit.record(request.actor, "audit.verify", "audit:chain", broken=broken)
    return render(request, "staff/audit/verified.html", {"broken": broken, "entries": queries.audit_entries(request.actor).count()})


@page("audit.view")
def export_audit(request: StaffRequest) -> StreamingHttpResponse | HttpResponse:
    """The entries under the filters as CSV, streamed; that it was drawn is recorded."""
    form = AuditForm(request.GET)
    if not form.is_valid():
        return render(request, "staff/audit/list.html", {"form": form, "rows": []}, status=422)
    asked = {name: value for name, value in form.cleaned_data.items() if value}
    audit.record(request.actor, "audit.export", "audit:entries", filters={name: str(value) for name, value in asked.items()})
    response = StreamingHttpResponse(lines(queries.audit_entries(request.actor, **asked), request.actor), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response
