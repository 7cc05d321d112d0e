"""One payment: where its money went, the account behind the mask, and what may be done to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from minzheng.kernel.divisions.queries import path_name
from minzheng.kernel.foundation import clock
from minzheng.kernel.ledger import actions, queries
from minzheng.kernel.ledger.channels import channel
from minzheng.kernel.ledger.districts import district_names
from minzheng.kernel.ledger.errors import LedgerError
from minzheng.kernel.ledger.models import Account, PaymentLine, Transfer
from minzheng.kernel.ledger.queries import LineRow
from minzheng.kernel.ledger.reasons import REASONS
from minzheng.kernel.ledger.splitting import LEVELS
from minzheng.kernel.ledger.states import LAWFUL
from minzheng.kernel.registry.queries import people_by_key
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.once import FIELD
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.households import RevealForm
from minzheng.portals.staff.views.payments.lines import row
from minzheng.portals.staff.views.payments.shown import (
    batch_of,
    channel_title,
    fen_of,
    line_of,
)

State, Kind = PaymentLine.State, Transfer.Kind
OTHERS = 12  # other payments of the person on the page


@page("benefits.view")
def payment_line(request: StaffRequest, payment_line_id: int) -> HttpResponse:
    """The payment with every move of its money."""
    return _page(request, line_of(request, payment_line_id))


@page("benefits.view", "GET", "POST")
def reveal_payment_line(request: StaffRequest, payment_line_id: int) -> HttpResponse:
    """Ask for the reason; with one, show name and account in full, once, to those who may see behind masks."""
    line = line_of(request, payment_line_id)
    if not request.actor.may("identity.reveal"):
        messages.warning(request, "您的角色不能查看完整账户；需要核对时请经办人查看")
        return redirect("staff:payment_line", payment_line_id=line.pk)
    form, shown = RevealForm(posted(request)), None
    if request.method == "POST" and form.is_valid():
        name, account = actions.reveal_line(line_id=line.pk, by=request.actor, why=form.why())
        shown = {"reason": form.why(), "values": [("收款人", name), ("收款账户", account), ("渠道", channel_title(line.channel))]}
    context = {"line": line, "form": form, "shown": shown}
    return render(request, "staff/payments/reveal.html", context, status=422 if form.errors else 200)


@page("payments.manage", "POST")
def act_on_payment_line(request: StaffRequest, payment_line_id: int) -> HttpResponse:
    """Send again, park, put right or cancel this one; then the next of its kind opens."""
    line = line_of(request, payment_line_id)
    verb, note, ids, by = request.POST.get("verb", ""), request.POST.get("note", "").strip()[:256], [line.pk], request.actor
    verbs: dict[str, tuple[Callable[[], object], str]] = {
        "retry": (lambda: actions.retry_lines(line_ids=ids, by=by), "已转待重发，下次发出时随新文件送渠道"),
        "park": (lambda: actions.park_lines(line_ids=ids, reason=request.POST.get("reason", "") or "by_hand", note=note, by=by), "已暂缓"),
        "unpark": (lambda: _unpark(request, line, note), "已恢复，下次发出时随新文件送渠道"),
        "cancel": (lambda: actions.cancel_lines(line_ids=ids, reason=note, by=by), "已撤销，计提的资金已退回"),
    }  # fmt: skip
    if verb not in verbs:
        return _page(request, line, "请选择要办的事")
    act, said = verbs[verb]
    try:
        act()
    except LedgerError as refusal:
        return _page(request, line, str(refusal))
    messages.success(request, said)
    return redirect(_next(request, line))


@page("payments.manage", "POST")
def claim_payment_line(request: StaffRequest, payment_line_id: int) -> HttpResponse:
    """Claim back a part or all of what arrived, or note what was given back."""
    line = line_of(request, payment_line_id)
    back, note = request.POST.get("verb") == "repay", request.POST.get("note", "").strip()[:128]
    key = f"staff:{line.pk}:{request.POST.get(FIELD, '')[:64]}"
    try:
        amount = fen_of(request.POST.get("amount", ""))
        if not request.POST.get(FIELD):
            raise LedgerError("表单不完整：请刷新这一页再填")
        if back:
            actions.record_repayment(line_id=line.pk, amount_fen=amount, key=key, memo=note, by=request.actor)
        else:
            actions.record_recovery(line_id=line.pk, amount_fen=amount, key=key, reason=note, by=request.actor)
    except LedgerError as refusal:
        return _page(request, line, str(refusal))
    messages.success(request, "退缴已登记，按各级负担比例退回资金" if back else "已立追回")
    return redirect("staff:payment_line", payment_line_id=line.pk)


@page("payments.manage", "POST")
def propose_payment_write_off(request: StaffRequest, payment_line_id: int) -> HttpResponse:
    """Propose to give up what will not come back; another person decides."""
    line = line_of(request, payment_line_id)
    try:
        actions.propose_write_off(line_id=line.pk, reason=request.POST.get("note", ""), by=request.actor)
    except LedgerError as refusal:
        return _page(request, line, str(refusal))
    messages.success(request, "已提出核销，等另一位有审批权限的人决定")
    return redirect("staff:payment_line", payment_line_id=line.pk)


@page("benefits.approve", "POST")
def decide_payment_write_off(request: StaffRequest, payment_line_id: int) -> HttpResponse:
    """Give the claim up, or not."""
    line = line_of(request, payment_line_id)
    row, confirm = queries.write_offs(request.actor, line.pk, state="proposed").first(), request.POST.get("answer") == "confirm"
    try:
        if row is None:
            raise LedgerError("没有等待决定的核销")
        actions.decide_write_off(write_off_id=row.pk, confirm=confirm, note=request.POST.get("note", ""), by=request.actor)
    except LedgerError as refusal:
        return _page(request, line, str(refusal))
    messages.success(request, "已核销，不再追回" if confirm else "没有同意核销，继续追回")
    return redirect("staff:payment_line", payment_line_id=line.pk)


def _unpark(request: StaffRequest, line: LineRow, note: str) -> None:
    account, name = request.POST.get("account", ""), request.POST.get("payee_name", "")
    actions.unpark_line(line_id=line.pk, account=account, payee_name=name, note=note, by=request.actor)


def _page(request: StaffRequest, line: LineRow, problem: str = "") -> HttpResponse:
    actor, today = request.actor, clock.business_date()
    transfers = list(queries.transfers_of_line(line.pk, actor))
    claimed, left = _claims(transfers)
    given_up = list(queries.write_offs(actor, line.pk))
    people = people_by_key([line.person_key], actor) if actor.may("households.view") else {}
    person = people.get(line.person_key)
    able, arrived = actor.may("payments.manage"), line.state == State.PAID
    others = [other for other in queries.lines_of_person(line.person_key, actor) if other.pk != line.pk][:OTHERS]
    names = district_names(today)
    form = channel(line.channel).form if line.channel else None
    context: dict[str, Any] = {
        **row(line, path_name(line.division_code, today)), "batch": batch_of(request, line.batch_id), "problem": problem,
        "district": names.get(line.district, line.district), "others": [row(other, "") for other in others], "person_id": person.pk if person else None,
        "transfers": [(move, account_words(move.credit, names), account_words(move.debit, names)) for move in transfers],
        "write_offs": given_up, "write_off_waits": any(each.state == "proposed" for each in given_up), "may_decide": actor.may("benefits.approve"), "me": actor.name,
        "claimed_fen": claimed, "left_fen": left, "claimable_fen": line.amount_fen - claimed if arrived else 0,
        "verbs": {verb for verb, (states, _to) in LAWFUL.items() if able and line.state in states},
        "again": line.reason in REASONS and REASONS[line.reason].again, "reasons": [(code, each.title) for code, each in REASONS.items()],
        "must_correct": line.reason in ("account_closed", "name_mismatch", "account_frozen", "no_account", "no_name"),
        "able": able, "may_reveal": actor.may("identity.reveal"), "sent": request.POST, "form_title": form.title if form else "",
    }  # fmt: skip
    return render(request, "staff/payments/line.html", context, status=422 if problem else 200)


def account_words(account: Account, names: dict[str, str]) -> str:
    """'专项资金 · 省级 · 尊老金', '渠道在途 · 银行代发': an account without its district, which is the payment's own."""
    parts = [account.get_kind_display(), LEVELS.get(account.level, ""), account.purse, channel_title(account.channel) if account.channel else ""]
    return " · ".join(filter(None, parts)) or names.get(account.district, account.district)


def _claims(transfers: list[Transfer]) -> tuple[int, int]:
    """What was claimed and not dropped, and what of it has not come back, in 分."""
    into = sum(move.amount_fen for move in transfers if move.debit.kind == Account.Kind.RECEIVABLE)
    dropped = sum(move.amount_fen for move in transfers if move.credit.kind == Account.Kind.RECEIVABLE and move.kind == Kind.RECOVERY)
    gone = sum(move.amount_fen for move in transfers if move.kind in (Kind.REPAYMENT, Kind.WRITE_OFF))
    return into - dropped, into - dropped - gone


def _next(request: StaffRequest, line: LineRow) -> str:
    """The next payment of the batch that stands as this one stood, or the list of them when it was the last."""
    alike = queries.lines(request.actor, line.batch_id, state=line.state, reason=line.reason)
    if (following := alike.filter(pk__gt=line.pk).first() or alike.first()) and following.pk != line.pk:
        return reverse("staff:payment_line", args=[following.pk])
    return f"{reverse('staff:payment_lines', args=[line.batch_id])}?state={line.state}"
