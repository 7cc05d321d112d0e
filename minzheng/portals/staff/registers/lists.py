"""The index of registers, and the list of each: filters, order and columns in the address, saved views beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render

from minzheng.kernel.feeds.contracts import contracts
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.foundation.models import SavedView
from minzheng.kernel.foundation.register_rows import BOUND, Asked, Found, find
from minzheng.kernel.foundation.register_rows import page as page_of
from minzheng.kernel.foundation.register_use import actions, queries
from minzheng.kernel.foundation.registers import Filter, Register, registers
from minzheng.portals.staff import places
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import ANYBODY, page
from minzheng.portals.staff.registers.asking import SIZES, Asking, read
from minzheng.portals.staff.registers.cells import Cells, Line
from minzheng.portals.staff.registers.subjects import list_address, record_address, route

View = Callable[..., HttpResponseBase]


@page(ANYBODY)
def index(request: StaffRequest) -> HttpResponse:
    """All registers that the reader may open, with how much is in them."""
    today = clock.business_date()
    cards = [
        {"register": known, "url": list_address(known), "found": find(known, Asked(), request.actor, today),
         "views": queries.saved_views(known.slug, request.actor)}
        for known in registers().values()
        if request.actor.may(known.capability)
    ]  # fmt: skip
    return render(request, "staff/registers/index.html", {"cards": cards})


def list_view(register: Register) -> View:
    """The page of a register's list."""

    @page(register.capability)
    def view(request: StaffRequest) -> HttpResponse:
        today = clock.business_date()
        asking = read(register, request.GET, request.actor, today)
        found, shown = _read_page(register, asking, request.actor)
        context = {
            "register": register, "asking": asking, "heads": _heads(register, asking, request.GET), "found": found,
            "rows": _rows(register, asking, shown, request), "pager": _pager(asking, found, len(shown)),
            "filters": _filters(register, request, asking), "columns": register.columns, "sizes": SIZES, "bound": BOUND,
            "chosen": [column.name for column in asking.columns], "narrowed": bool(asking.asked.filters or asking.asked.text),
            "views": _views(register, request), "may_export": _may_export(register, request.actor), "base": list_address(register),
            "export_url": f"staff:{route(register, 'export')}", "views_url": f"staff:{route(register, 'views')}",
            "import_contract": register.contract if _may_import(register, request.actor) else "",
        }  # fmt: skip
        return render(request, "staff/registers/list.html", context, status=422 if asking.errors else 200)

    return view


def views_view(register: Register) -> View:
    """Saving, renaming and deleting one's own views of a register."""

    @page(register.capability, "POST")
    def view(request: StaffRequest) -> HttpResponse:
        sent = request.POST
        back = list_address(register)
        try:
            if sent.get("do") == "save":
                kept = QueryDict(sent.get("query", "")[:4096], mutable=True)
                columns = kept.getlist("col")
                for name in ("page", "at", "view", "col"):
                    kept.pop(name, None)
                saved = actions.save_view(
                    register=register, name=sent.get("name", ""), query=kept.urlencode(), columns=columns, by=request.actor
                )
                messages.success(request, f"已存为视图“{saved.name}”，只有您自己看得到")
                return redirect(_view_address(register, saved))
            if sent.get("do") == "rename":
                saved = actions.rename_view(view_id=_id(sent), name=sent.get("name", ""), by=request.actor)
                messages.success(request, f"已改名为“{saved.name}”")
                return redirect(_view_address(register, saved))
            if sent.get("do") == "delete":
                name = actions.delete_view(view_id=_id(sent), by=request.actor)
                messages.success(request, f"已删除视图“{name}”；台账里的数据不受影响")
                return redirect(back)
            raise ValidationError("请选择要做什么：保存、改名或删除视图")
        except SavedView.DoesNotExist as missing:
            raise Http404 from missing
        except ValidationError as wrong:
            context = {"register": register, "reasons": wrong.messages, "back": back}
            return render(request, "staff/registers/refused.html", context, status=422)

    return view


def _id(sent: QueryDict) -> int:
    text = sent.get("view", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def _read_page(register: Register, asking: Asking, actor: Actor) -> tuple[Found, list[Any]]:
    today = clock.business_date()
    if asking.errors:
        nothing = register.readable(actor, today).none()
        return Found(nothing, nothing, 0), []
    found = find(register, asking.asked, actor, today)
    shown = page_of(register, found, asking.asked.order or register.order, asking.offset, asking.size, asking.columns)
    if register.enrich:
        register.enrich(shown, actor, today)
    return found, shown


def _rows(register: Register, asking: Asking, shown: list[Any], request: StaffRequest) -> list[Line]:
    address = request.GET.copy()
    for name in ("page", "at"):
        address.pop(name, None)
    beside = f"{address.urlencode()}&at=" if address else "at="
    lines, one = Cells(asking.columns, request.actor).of(shown), record_address(register, 0)
    return [
        Line(cells, f"{one.removesuffix('0/')}{row.pk}/?{beside}{asking.offset + number}")
        for number, (row, cells) in enumerate(zip(shown, lines, strict=True))
    ]


def _heads(register: Register, asking: Asking, address: QueryDict) -> list[dict[str, Any]]:
    """The head of each column: its title, and where a click on it leads when it sorts."""
    now = asking.asked.order or register.order
    heads = []
    for column in asking.columns:
        to = address.copy()
        to.pop("page", None)
        to["sort"] = f"-{column.name}" if now == column.name else column.name
        direction = {column.name: "ascending", f"-{column.name}": "descending"}.get(now, "")
        heads.append({
            "title": column.title, "url": f"?{to.urlencode()}" if column.order else "", "direction": direction,
            "right": column.kind in ("number", "money", "age"),
        })  # fmt: skip
    return heads


def _pager(asking: Asking, found: Found, shown: int) -> dict[str, Any]:
    last = asking.offset + shown
    more = last < found.total or (found.more and last < BOUND)
    return {
        "first": asking.offset + 1, "last": last, "previous": asking.page - 1 if asking.page > 1 else 0,
        "next": asking.page + 1 if more and shown else 0, "at_bound": found.more and last >= BOUND,
    }  # fmt: skip


def _filters(register: Register, request: StaffRequest, asking: Asking) -> list[dict[str, Any]]:
    """What the form of the filters shows, with what was typed and what is wrong with it."""
    village = request.actor.role in roles() and roles()[request.actor.role].level == "village"
    return [
        {
            "name": known.name, "title": known.title, "kind": known.kind, "value": request.GET.get(known.name, ""),
            "low": request.GET.get(f"{known.name}_from", ""), "high": request.GET.get(f"{known.name}_to", ""),
            "options": _options(known), "error": asking.errors.get(known.name, ""),
        }
        for known in register.filters
        if not (known.kind == "place" and village)
    ]  # fmt: skip


def _options(known: Filter) -> list[places.Choice]:
    return [places.Choice(value, label) for value, label in known.options().items()] if known.kind == "choice" else []


def _views(register: Register, request: StaffRequest) -> list[dict[str, Any]]:
    return [
        {"view": view, "url": _view_address(register, view), "here": request.GET.get("view") == str(view.pk)}
        for view in queries.saved_views(register.slug, request.actor)
    ]


def _view_address(register: Register, view: SavedView) -> str:
    address = QueryDict(view.query, mutable=True)
    address.setlist("col", view.columns)
    address["view"] = str(view.pk)
    return f"{list_address(register)}?{address.urlencode()}"


def _may_export(register: Register, actor: Actor) -> bool:
    return bool(register.export) and actor.may(register.export)


def _may_import(register: Register, actor: Actor) -> bool:
    return bool(register.contract) and register.contract in contracts() and actor.may("feeds.import")
