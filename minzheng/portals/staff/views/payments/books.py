"""月结: the statement of a month, the trial balance of a day, closing a month, money that arrives, and claims."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.jobs.work import JobRefused
from minzheng.kernel.foundation.models import Job
from minzheng.kernel.ledger import actions, queries
from minzheng.kernel.ledger.districts import district_names, districts
from minzheng.kernel.ledger.errors import LedgerError
from minzheng.kernel.ledger.models import Account
from minzheng.kernel.ledger.queries import BalanceRow
from minzheng.kernel.ledger.splitting import LEVELS
from minzheng.kernel.ledger.statements import FundRow, ProgrammeRow, last_day
from minzheng.portals.staff import payment_jobs
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.once import FIELD
from minzheng.portals.staff.page import page
from minzheng.portals.staff.paging import Slices, page_of
from minzheng.portals.staff.places import relative_names
from minzheng.portals.staff.views.payments.line import account_words
from minzheng.portals.staff.views.payments.lines import row as line_row
from minzheng.portals.staff.views.payments.shown import fen_of, led_by, month_of, programme_title, said

EACH = "each"  # every district on a line of its own


@page("benefits.view")
def payment_months(request: StaffRequest) -> HttpResponse:
    """Months with books: closed, open, and the one that is to be closed next."""
    return _months(request)


@page("payments.manage", "POST")
def close_payment_month(request: StaffRequest) -> HttpResponse:
    """Close a month; refused, with the reasons, while something does not agree or an earlier one is open."""
    month = month_of(request.POST.get("month", ""))
    if month is None:
        return _months(request, "请选择要结账的月份")
    booked = sum(batch.lines for batch in queries.batches(request.actor))
    try:
        job = payment_jobs.start("close", request.actor, booked, month=month.isoformat())
    except JobRefused as refusal:
        return _months(request, str(refusal))

    def refused(failed: Job) -> HttpResponse:
        return _months(request, failed.message)

    return led_by(job, refused)


@page("benefits.view")
def payment_statement(request: StaffRequest) -> HttpResponse:
    """A month by purse × level, and by programme; for all districts together, one of them, or each on lines of its own. An
    open month's figures say that they may change."""
    books = queries.months_with_books()
    month = month_of(request.GET.get("month", "")) or (books[0] if books else clock.business_date().replace(day=1))
    found = queries.statement(month, request.actor, provisional=True)
    names = district_names(clock.business_date())
    places = sorted({row.district for row in found.funds} | {row.district for row in found.programmes})
    district = request.GET.get("district", "")
    district = district if district in (*places, EACH) else ""
    funds = _in_order(_within(list(found.funds), district, ("level", "purse"), FundRow))
    works = _within(list(found.programmes), district, ("programme",), ProgrammeRow)
    levels = [(title, [row for row in funds if row.level == level]) for level, title in LEVELS.items()]
    context = {
        "said": said(request), "statement": found, "month": month, "months": books, "side": "programmes" if request.GET.get("by") == "programmes" else "funds",
        "district": district, "districts": [(slug, names.get(slug, slug)) for slug in places], "each": EACH,
        "funds": [(row, LEVELS.get(row.level, row.level), names.get(row.district, row.district)) for row in funds], "fund_sum": _sums(funds, FundRow),
        "levels": [(title, _sums(rows, FundRow)) for title, rows in levels if rows],
        "programmes": [(row, programme_title(row.programme), names.get(row.district, row.district)) for row in works], "programme_sum": _sums(works, ProgrammeRow),
        "advanced": any(row.closing < 0 for row in funds), "closing": next((one for one in queries.closed_months() if one.month == month), None),
    }  # fmt: skip
    return render(request, "staff/payments/statement.html", context)


@page("benefits.view")
def payment_balance(request: StaffRequest) -> HttpResponse:
    """All accounts of the jurisdiction at the end of a day: both sides, and that they agree."""
    today = clock.business_date()
    try:
        on = date.fromisoformat(request.GET.get("on", "")) if request.GET.get("on") else today
    except ValueError:
        on = today
    found = queries.trial_balance(request.actor, on)
    names = district_names(today)
    kinds = [(kind.label, [row for row in found.rows if row.account.kind == kind]) for kind in Account.Kind]
    groups = [(label, [_account(row, names) for row in rows], *_sides(rows)) for label, rows in kinds if rows]
    return render(request, "staff/payments/balance.html", {"balance": found, "on": on, "groups": groups, "brief": not request.GET.get("all")})


@page("payments.manage", "POST")
def receive_payment_funds(request: StaffRequest) -> HttpResponse:
    """Note that money of a level of government has arrived."""
    sent = {name: request.POST.get(name, "").strip()[:128] for name in ("level", "purse", "district", "amount", "memo")}
    try:
        if not (sent["level"] and sent["purse"] and sent["district"] and request.POST.get(FIELD)):
            raise LedgerError("请选择级次、资金科目和板块")
        if sent["district"] not in {slug for slug, _name in _boards(request)}:
            raise LedgerError("这个板块不在您的辖区内")
        if sent["purse"] not in purses():
            raise LedgerError(f"没有“{sent['purse']}”这个资金科目；可用：{'、'.join(purses())}")
        actions.receive_funds(
            level=sent["level"], purse=sent["purse"], district=sent["district"], amount_fen=fen_of(sent["amount"]), memo=sent["memo"],
            key=f"staff:{request.POST[FIELD][:64]}", by=request.actor,
        )  # fmt: skip
    except LedgerError as refusal:
        return _months(request, str(refusal))
    messages.success(request, "拨入资金已登记")
    return redirect("staff:payment_months")


@page("benefits.view")
def payment_claims(request: StaffRequest) -> HttpResponse:
    """Payments of which something is to be given back: claimed, given back, given up, still owed."""
    rows = queries.claims(request.actor)

    def fetch(start: int, stop: int) -> list[Any]:
        part = list(rows[start:stop])
        shown = {line.pk: line for line in queries.shown(queries.lines(request.actor).filter(pk__in=[row.pk for row in part]), 0, len(part) or 1)}
        return [(row, shown[row.pk]) for row in part]

    pages = page_of(request, Slices(fetch), count=rows.count())
    found = list(pages)
    names = relative_names({line.division_code for _row, line in found}, request.actor)
    context = {
        "page_obj": pages, "total": queries.claim_totals(request.actor), "waiting": queries.write_offs(request.actor, state="proposed").count(),
        "rows": [
            {**line_row(line, names[line.division_code]), "claimed": row.claimed_fen, "repaid": row.repaid_fen, "written_off": row.written_off_fen,
             "left": row.claimed_fen - row.repaid_fen - row.written_off_fen, "proposed": row.proposed}
            for row, line in found
        ],
    }  # fmt: skip
    return render(request, "staff/payments/claims.html", context)


def purses() -> list[str]:
    """The purses that programmes are paid from."""
    return list(dict.fromkeys(programme.purse for programme in programmes().values() if programme.purse))


def _months(request: StaffRequest, problem: str = "") -> HttpResponse:
    today = clock.business_date()
    closed = {row.month: row for row in queries.closed_months()}
    months = sorted({*queries.months_with_books(), *closed}, reverse=True)
    still_open = [month for month in months if month not in closed]
    following = min((month for month in still_open if not closed or month > max(closed)), default=None)
    next_day = last_day(following) + timedelta(days=1) if following else None
    following = following if following and last_day(following) < today else None
    left = _sums(list(queries.statement(following, request.actor, provisional=True).programmes), ProgrammeRow) if following else {}
    context = {
        "left": left, "rows": [(month, closed.get(month), last_day(month) >= today) for month in months], "problem": problem, "sent": request.POST,
        "next": following, "may_manage": request.actor.may("payments.manage"),
        "next_day": next_day, "levels": LEVELS.items(), "purses": purses(),
        "districts": _boards(request),
    }  # fmt: skip
    return render(request, "staff/payments/months.html", context, status=422 if problem else 200)


def _boards(request: StaffRequest) -> list[tuple[str, str]]:
    """(slug, name) of the boards in the reader's jurisdiction."""
    return [(board.slug, board.name) for board in districts(clock.business_date()) if request.actor.covers(board.code)]


def _in_order(rows: list[FundRow]) -> list[FundRow]:
    """By purse, then from the highest level down."""
    order = list(LEVELS)
    return sorted(rows, key=lambda row: (row.purse, order.index(row.level) if row.level in order else len(order), row.district))


def _within(rows: list[Any], district: str, keys: tuple[str, ...], kind: type) -> list[Any]:
    """The rows of one district; of each; or those of all districts added up."""
    if district:
        return [row for row in rows if district in (EACH, row.district)]
    groups: dict[tuple[str, ...], list[Any]] = {}
    for row in rows:
        groups.setdefault(tuple(getattr(row, key) for key in keys), []).append(row)
    return [kind(**dict(zip(keys, key, strict=True)), district="", division_code="", **_sums(alike, kind)) for key, alike in sorted(groups.items())]


def _sums(rows: list[Any], kind: type) -> dict[str, int]:
    numbers = [field.name for field in fields(kind) if field.type in (int, "int")]
    return {name: sum(getattr(row, name) for row in rows) for name in numbers}


def _account(row: BalanceRow, names: dict[str, str]) -> tuple[BalanceRow, str, str]:
    words = account_words(row.account, names)
    if row.account.programme:
        words = f"{words} · {programme_title(row.account.programme)}"
    return row, words, names.get(row.account.district, row.account.district)


def _sides(rows: list[BalanceRow]) -> tuple[int, int]:
    return sum(row.debit_fen for row in rows), sum(row.credit_fen for row in rows)
