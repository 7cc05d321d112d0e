"""一户一档: the household on one page, and the recorded act of looking behind a mask."""

from __future__ import annotations

from datetime import date

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.casework import queries as casework
from minzheng.kernel.divisions.queries import path_name
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.identifiers import check_id
from minzheng.kernel.monitoring import queries as monitoring
from minzheng.kernel.monitoring.queries import OPEN
from minzheng.kernel.registry import actions, queries
from minzheng.kernel.registry.documents import queries as documents
from minzheng.kernel.registry.documents.formats import KINDS as DOCUMENT_KINDS
from minzheng.kernel.registry.masking import mask_address
from minzheng.kernel.registry.models import Household, Person
from minzheng.portals.staff import case_rows, timelines
from minzheng.portals.staff.alert_rows import rows
from minzheng.portals.staff.differences import Difference, between
from minzheng.portals.staff.income import payments, receipts
from minzheng.portals.staff.links import local, posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.people import member_card, person_line

REASONS = [("visit", "上门入户前联系本人"), ("verify", "核对身份或家庭情况"), ("case", "办理救助事项"), ("other", "其他")]
MOST_PAID = 6  # of the platform's payments on the page; the rest stand where the amounts are explained
LABELS = {"name": "姓名", "id_number": "公民身份号码", "phone": "联系电话", "address": "住址"}


class FindForm(forms.Form):
    """An ID number in full: the only thing by which somebody outside one's own work can be looked up."""

    id_number = forms.CharField(label="公民身份号码", max_length=40, error_messages={"required": "请填写公民身份号码"})
    reason = forms.ChoiceField(label="事由", choices=REASONS[:-1], error_messages={"required": "请选择事由"})

    def clean_id_number(self) -> str:
        """The number as the registry keeps it: width folded, 15 digits upgraded, checked."""
        checked = check_id(self.cleaned_data["id_number"])
        if checked.problem:
            raise forms.ValidationError("证件号码不对：请逐位核对（18 位，末位可为 X）")
        return str(checked.id_number)


class RevealForm(forms.Form):
    """Why somebody wants to see behind the mask."""

    reason = forms.ChoiceField(label="事由", choices=REASONS, widget=forms.RadioSelect, error_messages={"required": "请选择事由"})
    note = forms.CharField(label="补充说明", required=False, max_length=100)

    def clean(self) -> dict[str, object]:
        """'Other' needs words."""
        data: dict[str, object] = super().clean() or {}
        if data.get("reason") == "other" and len(str(data.get("note", "")).strip()) < 2:
            self.add_error("note", "请写明事由")
        return data

    def why(self) -> str:
        """The reason as it goes on record."""
        said = dict(REASONS)[self.cleaned_data["reason"]]
        note = self.cleaned_data["note"].strip()
        return f"{said}：{note}" if note else said


@page("households.view", "GET", "POST")
def find(request: StaffRequest) -> HttpResponse:
    """Find a household by a member's ID number; the search itself is recorded. Never by GET: addresses are logged."""
    form = FindForm(posted(request))
    if request.method == "POST" and form.is_valid():
        why = dict(REASONS)[form.cleaned_data["reason"]]
        person = actions.find_by_id_number(id_number=form.cleaned_data["id_number"], by=request.actor, why=why)
        found = queries.household_of(person.pk, request.actor, clock.business_date()) if person else None
        if found:
            return redirect("staff:household", household_id=found.pk)
        form.add_error("id_number", "您的辖区内没有这个人的家庭档案：只有因预警、申请或待遇而知悉的人才有")
    return render(request, "staff/households/find.html", {"form": form}, status=422 if form.errors else 200)


@page("households.view")
def household(request: StaffRequest, household_id: int) -> HttpResponse:
    """One household as of a day; opening it is recorded."""
    actor, today = request.actor, clock.business_date()
    try:
        found = queries.household(household_id, actor)
    except Household.DoesNotExist as missing:
        raise Http404 from missing
    as_of, problem = _day(request.GET.get("as_of", ""), today)
    actions.record_household_opened(household=found, by=actor)
    members = queries.members(found, actor, as_of)
    cards = [member_card(member, as_of) for member in members]
    ids = [card.person_id for card in cards]
    alerts = [a for a in monitoring.alerts_of_people(ids, actor) if a.raised_on <= as_of] if actor.may("alerts.view") else []
    names = {card.person_id: card.name for card in cards}
    compared, compare_error = _compared(found, request.GET.get("since", ""), members, actor, as_of)
    show = request.GET.get("show", "") if request.GET.get("show", "") in timelines.KINDS else ""
    paid = payments(members, names, actor, as_of)
    cases = case_rows.rows(casework.cases(actor, people=ids).filter(opened_on__lte=as_of), actor) if actor.may("cases.view") else []
    timeline = timelines.of_household(found, alerts, names, actor, as_of, paid, cases)
    context = {
        "household": found, "as_of": as_of, "as_of_error": problem, "members": cards,
        "head_name": cards[0].name if cards else "", "head_id": cards[0].person_id if cards else None,
        "place": path_name(found.division_code, as_of), "address": mask_address(found.address),
        "fact_count": sum(len(card.facts) for card in cards), "alerts": rows(alerts, actor),
        "timeline": [entry for entry in timeline if show in ("", entry.kind)], "show": show, "kinds": timelines.KINDS.items(),
        "receipts": receipts(queries.facts_until(ids, actor, as_of), names, as_of),
        "cases": cases, "paid": paid[:MOST_PAID], "paid_more": max(len(paid) - MOST_PAID, 0),
        "documents": documents.documents(found, actor), "document_kinds": DOCUMENT_KINDS,
        "may_add": actor.may("documents.add"), "compared": compared, "since": request.GET.get("since", ""), "compare_error": compare_error,
        "open_count": sum(alert.status in OPEN for alert in alerts),
        "visit_count": sum(entry.title == "入户" for entry in timeline),
    }  # fmt: skip
    return render(request, "staff/households/household.html", context)


def _compared(found: Household, since: str, members: list[queries.Member], actor: Actor, as_of: date) -> tuple[list[Difference] | None, str]:
    """What changed since another day, None when nobody asked; and what was wrong with the day."""
    if not since:
        return None, ""
    day, problem = _day(since, as_of)
    return (None, problem) if problem else (between(queries.members(found, actor, day), members), "")


@page("households.view")
def household_of(request: StaffRequest, person_id: int) -> HttpResponse:
    """The file of the household that a person belongs to today."""
    found = queries.household_of(person_id, request.actor, clock.business_date())
    if found is None:
        raise Http404
    return redirect("staff:household", household_id=found.pk)


@page("identity.reveal", "GET", "POST")
def reveal(request: StaffRequest, person_id: int) -> HttpResponse:
    """Ask for the reason; with one, show name, ID number, phone and address in full, once."""
    try:
        person = queries.person(person_id, request.actor)
    except Person.DoesNotExist as missing:
        raise Http404 from missing
    form = RevealForm(posted(request))
    back = local(request, request.POST.get("back") or request.GET.get("back"))
    context = {"form": form, "person": person_line(person), "back": back, "shown": None}
    if request.method == "POST" and form.is_valid():
        identity = actions.reveal_identity(person_id=person_id, by=request.actor, why=form.why())
        context["shown"] = {"reason": form.why(), "values": [(LABELS[name], value) for name, value in identity.items()]}
    return render(request, "staff/households/reveal.html", context, status=422 if form.errors else 200)


def _day(text: str, today: date) -> tuple[date, str]:
    """The day asked for, and what was wrong with it (then it is today)."""
    if not text:
        return today, ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today, f"“{text[:20]}”不是日期，请写成 2024-05-31；下面是今天的情况"
    if day > today:
        return today, f"{day} 还没有到，下面是今天（{today}）的情况"
    return day, ""
