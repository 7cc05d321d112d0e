"""One batch: its counts and reasons, its bad rows on their way to the sender and back, and what rests on it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render

from minzheng.kernel.feeds import lineage, queries
from minzheng.kernel.feeds.contracts import contracts
from minzheng.kernel.feeds.delivery import ALREADY, KIND, deliver
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.feeds.quarantine import export_quarantine
from minzheng.kernel.feeds.reasons import WARNINGS
from minzheng.kernel.feeds.returned import WORDS
from minzheng.kernel.foundation.jobs import queries as jobs
from minzheng.kernel.foundation.jobs.work import JobRefused
from minzheng.kernel.monitoring.catalogue import title_of as scenario_title
from minzheng.kernel.monitoring.lineage import resting_on
from minzheng.kernel.registry.queries import LIFE_EVENTS
from minzheng.portals.staff import facts
from minzheng.portals.staff.alert_rows import rows as alert_rows
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.uploads import after

SHOWN_ALERTS = 30


class CorrectionForm(forms.Form):
    """The mended workbook of a batch's bad rows."""

    file = forms.FileField(label="更正后的表", error_messages={"required": "请选择更正后的表", "empty": "这是空文件（0 字节），请重新保存"})


@page("feeds.view")
def batch(request: StaffRequest, batch_id: str) -> HttpResponse:
    """One batch: its counts, why rows were put aside, and how far they have come back."""
    return _batch_page(request, _batch(request, batch_id), CorrectionForm())


@page("feeds.import", "POST")
def correct_batch(request: StaffRequest, batch_id: str) -> HttpResponse:
    """Take the mended rows in that came back for a batch."""
    found = _batch(request, batch_id)
    form = CorrectionForm(posted(request), request.FILES or None)
    if form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            job = deliver(
                contract=found.contract, as_of=found.as_of, chunks=sent.chunks(), file_name=sent.name, by=request.actor, corrects=found
            )
        except JobRefused as refusal:
            form.add_error("file", str(refusal))
        else:
            if answer := after(job, form):
                return answer
    return _batch_page(request, found, form, status=422)


@page("feeds.view")
def batch_uses(request: StaffRequest, batch_id: str) -> HttpResponse:
    """What rests on a batch: alerts, facts and life events, inside the reader's jurisdiction."""
    found, actor = _batch(request, batch_id), request.actor
    alerts = resting_on(found, actor)
    by_scenario: dict[str, int] = {}
    for alert in alerts:
        by_scenario[alert.scenario] = by_scenario.get(alert.scenario, 0) + 1
    shown = alert_rows(alerts[:SHOWN_ALERTS], actor) if actor.may("alerts.view") else []
    context = {
        "batch": found, "title": title_of(found), "alert_count": len(alerts), "alerts": shown, "more": len(alerts) - len(shown),
        "scenarios": sorted(((scenario_title(name), count) for name, count in by_scenario.items()), key=lambda row: -row[1]),
        "facts": [(facts.title(kind), count, people) for kind, count, people in lineage.facts_from(found, actor) if not facts.is_hidden(kind)],
        "events": [(LIFE_EVENTS.get(kind, kind), count) for kind, count in lineage.life_events_from(found, actor)],
        "may_alerts": actor.may("alerts.view"),
    }  # fmt: skip
    return render(request, "staff/feeds/uses.html", context)


@page("feeds.quarantine")
def quarantine(request: StaffRequest, batch_id: str) -> FileResponse:
    """The bad rows of a batch as a workbook for their sender."""
    found = _batch(request, batch_id)
    if not found.quarantined:
        raise Http404
    with tempfile.TemporaryDirectory(dir=settings.HOME.work) as folder:
        path = Path(folder) / "quarantine.xlsx"
        export_quarantine(batch_id=batch_id, out=path, by=request.actor)
        handle = path.open("rb")  # the open file outlives its folder, so nothing is left on the disk
    return FileResponse(handle, as_attachment=True, filename=f"退回-{title_of(found)}-{batch_id}.xlsx")


def title_of(found: Batch) -> str:
    """The title of a batch's feed."""
    known = contracts().get(found.contract)
    return known.title if known else found.contract


def _batch(request: StaffRequest, batch_id: str) -> Batch:
    found = queries.batch(request.actor, batch_id)
    if found is None:
        raise Http404
    return found


def _batch_page(request: StaffRequest, found: Batch, form: CorrectionForm, status: int = 200) -> HttpResponse:
    actor = request.actor
    warnings = sorted(found.warnings.items(), key=lambda item: -item[1])
    context = {
        "batch": found, "title": title_of(found), "reasons": queries.reasons(found), "form": form, "said": _said(request, found),
        "warnings": [(code, WARNINGS.get(code, code), rows) for code, rows in warnings], "layout": _layout(found),
        "can_quarantine": actor.may("feeds.quarantine"), "can_import": actor.may("feeds.import"), **_coming_back(found),
    }  # fmt: skip
    return render(request, "staff/feeds/batch.html", context, status=status)


def _said(request: StaffRequest, found: Batch) -> dict[str, str] | None:
    """What came of the reader's own upload, when its job led here."""
    number = request.GET.get("job", "")
    job = jobs.job(int(number), request.actor) if number.isascii() and number.isdigit() and len(number) < 18 else None
    if job is None or job.kind != KIND or job.subject != f"batch:{found.batch_id}":
        return None
    return {"text": job.message, "tone": "info" if job.message == ALREADY else "success"}


def _coming_back(found: Batch) -> dict[str, Any]:
    """How many bad rows are still open, of the batch that was first sent, and its supplements."""
    root = found.corrects or found
    supplements = queries.supplements(root)
    still_open = queries.open_rows(root) if root.quarantined else 0
    return {
        "root": root, "open_rows": still_open, "settled_rows": root.quarantined - still_open,
        "supplements": [{"batch": row, "left_out": _left_out(row), "here": row.pk == found.pk} for row in supplements],
        "left_out": _left_out(found) if found.corrects else "",
    }  # fmt: skip


def _left_out(supplement: Batch) -> str:
    counts = supplement.layout.get("returned", {})
    return "、".join(f"{counts[name]:,} 行{words}" for name, words in WORDS.items() if counts.get(name))


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
