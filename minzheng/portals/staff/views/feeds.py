"""What departments send: the catalogue, one feed's contract with its trend, and the list of batches."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from minzheng.kernel.feeds import queries
from minzheng.kernel.feeds.contracts import Contract, contracts
from minzheng.kernel.feeds.queries import CatalogueEntry
from minzheng.kernel.feeds.trends import Trend, trends
from minzheng.kernel.foundation import clock
from minzheng.portals.staff import sparks
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import page_of
from minzheng.portals.staff.views.batches import title_of

LAST_BATCHES = 8  # on the page of one feed
MOST_REASONS = 8
HEATS = 4  # shades of the table of reasons


@page("feeds.view")
def catalogue(request: StaffRequest) -> HttpResponse:
    """All feeds, with what came last, who is late, and how good the last deliveries were."""
    entries = queries.catalogue(request.actor, clock.business_date())
    groups = {
        "all": ("全部", entries), "late": ("逾期", [entry for entry in entries if entry.days_late]),
        "never": ("未接入", [entry for entry in entries if not entry.last_as_of]),
    }  # fmt: skip
    show = request.GET.get("show", "") if request.GET.get("show", "") in groups else "all"
    known = trends(request.actor)
    context = {
        "rows": [_row(entry, known.get(entry.contract.name)) for entry in groups[show][1]], "total": len(entries),
        "tabs": [{"label": label, "count": len(found), "here": key == show, "key": key} for key, (label, found) in groups.items()],
        "show": show, "can_import": request.actor.may("feeds.import"),
    }  # fmt: skip
    return render(request, "staff/feeds/catalogue.html", context)


@page("feeds.view")
def contract(request: StaffRequest, contract: str) -> HttpResponse:
    """One feed: what was agreed, column by column, how its deliveries were, and its last batches."""
    entry = next((e for e in queries.catalogue(request.actor, clock.business_date()) if e.contract.name == contract), None)
    if entry is None:
        raise Http404
    trend = trends(request.actor, contract).get(contract, Trend())
    context = {
        "entry": entry, "contract": entry.contract, "columns": _columns(entry.contract),
        "key": [entry.contract.columns[column].header for column in entry.contract.key],
        "deliveries": [_delivery(delivery) for delivery in reversed(trend.deliveries)], "trend": trend,
        "spark": sparks.of_shares(trend), "reasons": _reasons(trend),
        "batches": queries.batches(request.actor, contract)[:LAST_BATCHES], "can_import": request.actor.may("feeds.import"),
    }  # fmt: skip
    return render(request, "staff/feeds/contract.html", context)


@page("feeds.view")
def batches(request: StaffRequest) -> HttpResponse:
    """All batches, newest first."""
    chosen = request.GET.get("contract", "")
    page_obj = page_of(request, queries.batches(request.actor, chosen).select_related("corrects"))
    known = contracts()
    context = {
        "page_obj": page_obj, "rows": [{"batch": row, "title": title_of(row)} for row in page_obj],
        "contracts": known.values(), "chosen": chosen, "can_import": request.actor.may("feeds.import"),
    }  # fmt: skip
    return render(request, "staff/feeds/batches.html", context)


def _row(entry: CatalogueEntry, trend: Trend | None) -> dict[str, Any]:
    last = trend.deliveries[-1] if trend and trend.deliveries else None
    return {"entry": entry, "spark": sparks.of_shares(trend) if trend else None, "last": last, "trend": trend}


def _delivery(delivery: Any) -> dict[str, Any]:
    share = delivery.share
    return {
        "delivery": delivery, "tone": sparks.tone(share) if share is not None else "",
        "files": [{"batch_id": b.batch_id, "file_name": b.file_name, "number": b.batch_id[-4:]} for b in delivery.batches],
    }  # fmt: skip


def _reasons(trend: Trend) -> list[dict[str, Any]]:
    """Reasons over time, the newest delivery first, each cell with its shade: the more rows, the darker."""
    found = trend.reasons()[:MOST_REASONS]
    most = max((rows for _, _, counts in found for rows in counts), default=0) or 1
    return [
        {"code": code, "text": text, "sum": sum(counts), "cells": [(rows, -(-rows * HEATS // most)) for rows in reversed(counts)]}
        for code, text, counts in found
    ]


def _columns(known: Contract) -> list[dict[str, Any]]:
    """The columns in the words of the sender: permitted values as they are written, not their codes."""
    described = queries.describe(known)["columns"]
    for column, row in zip(known.columns.values(), described, strict=True):
        if column.values:
            row["domain"] = "、".join(names[0] for names in column.values.values())
    return list(described)
