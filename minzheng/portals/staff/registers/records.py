"""One record of a register: its panels, its history as differences, where it is, and the records beside it in the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.register_rows import BOUND, neighbours
from minzheng.kernel.foundation.register_use.actions import record_opened
from minzheng.kernel.foundation.registers import Change, Fields, MapPoint, Register, Related
from minzheng.portals.staff.facts import source_title
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.registers.asking import read
from minzheng.portals.staff.registers.cells import Cells, Line
from minzheng.portals.staff.registers.subjects import list_address, page_of_subject, record_address, route

View = Callable[..., HttpResponseBase]


def record_view(register: Register) -> View:
    """The page of one record. Opening one with data of a person is recorded."""

    @page(register.capability)
    def view(request: StaffRequest, /, **keys: int) -> HttpResponse:
        today = clock.business_date()
        record = found_record(register, keys[register.record], request.actor)
        if register.is_personal(register.columns):
            record_opened(register=register, pk=record.pk, by=request.actor)
        if register.enrich:
            register.enrich([record], request.actor, today)
        opens = register.opens(record, request.actor, today) if register.opens else []
        links = [(title, page_of_subject(subject, request.actor)) for title, subject in opens]
        panels = [_panel(register, panel, record, request.actor) for panel in register.panels]
        context = {
            "register": register, "record": record, "heading": heading(register, record, request.actor),
            "panels": panels, "has_map": any(panel.get("located") for panel in panels),
            "history": _history(register, record, request.actor), "has_history": register.history is not None,
            "links": [(title, url) for title, url in links if url], **_beside(register, record, request),
            "edit_url": _edit_url(register, record, request.actor), "is_personal": register.is_personal(register.columns),
        }  # fmt: skip
        return render(request, "staff/registers/record.html", context)

    return view


def found_record(register: Register, pk: int, actor: Actor) -> Any:
    """The record with that key; Http404 where the actor may not look, or there is none."""
    try:
        return register.readable(actor, clock.business_date()).get(pk=pk)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


def heading(register: Register, record: Any, actor: Actor) -> str:
    """What the record is called: its first column, masked as in the list."""
    return Cells(register.columns[:1], actor).of([record])[0][0].text or register.title


def _panel(register: Register, panel: Fields | Related | MapPoint, record: Any, actor: Actor) -> dict[str, Any]:
    if isinstance(panel, Fields):
        columns = [register.column(name) if isinstance(name, str) else name for name in panel.columns]
        person_id = record.pk if register.kind == "person" else None
        return {"kind": "fields", "title": panel.title, "cells": Cells(columns, actor).of([record])[0], "person_id": person_id}
    if isinstance(panel, MapPoint):
        where = getattr(record, panel.longitude), getattr(record, panel.latitude)
        located = None not in where
        return {"kind": "map", "title": panel.title, "located": located,
                "data": reverse(f"staff:{route(register, 'map')}", args=[record.pk]) if located else ""}  # fmt: skip
    rows = panel.rows(record, actor, clock.business_date())
    lines = Cells(panel.columns, actor).of(rows)
    return {
        "kind": "related", "title": panel.title, "empty": panel.empty, "heads": panel.columns,
        "rows": [
            Line(cells, page_of_subject(panel.subject(row), actor) if panel.subject else "")
            for row, cells in zip(rows, lines, strict=True)
        ],
    }  # fmt: skip


def _history(register: Register, record: Any, actor: Actor) -> list[dict[str, Any]]:
    changes: list[Change] = register.history(record, actor, clock.business_date()) if register.history else []
    return [{"change": change, "who": source_title(change.who)} for change in changes]


def _edit_url(register: Register, record: Any, actor: Actor) -> str:
    if register.edit is None or not actor.may(register.edit.capability):
        return ""
    return reverse(f"staff:{route(register, 'edit')}", args=[record.pk])


def _beside(register: Register, record: Any, request: StaffRequest) -> dict[str, str]:
    """Where the list is, and the records before and after in it, when the reader comes from there."""
    address = request.GET.copy()
    at = address.get("at", "")
    address.pop("at", None)
    asking = read(register, address, request.actor, clock.business_date())
    back = f"{list_address(register)}?{address.urlencode()}" if address else list_address(register)
    if asking.errors or not (at.isascii() and at.isdigit() and int(at[:9]) < BOUND):
        return {"back": back, "earlier": "", "later": ""}
    number = int(at)
    address["page"] = str(number // asking.size + 1)
    back = f"{list_address(register)}?{address.urlencode()}"
    address.pop("page")
    beside = neighbours(register, asking.asked, record, number, request.actor, clock.business_date())
    urls = []
    for found in beside:
        if found:
            address["at"] = str(found[1])
        urls.append(f"{record_address(register, found[0].pk)}?{address.urlencode()}" if found else "")
    return {"back": back, "earlier": urls[0], "later": urls[1]}
