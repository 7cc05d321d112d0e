"""Applying: the form of an item, drafts that survive a lost connection, and the same for several items at once (一件事)."""

from __future__ import annotations

import re
import secrets
from typing import Any

from django.db import IntegrityError
from django.http import Http404, HttpResponseBase, JsonResponse
from django.shortcuts import redirect

from minzheng.kernel.casework import actions, catalogue, forms, queries
from minzheng.kernel.casework.actions.bundles import chosen
from minzheng.kernel.casework.errors import CaseError, FieldFault, FormFaults
from minzheng.kernel.casework.items import Bundle, Form, Service
from minzheng.kernel.casework.models import Draft
from minzheng.kernel.foundation import clock
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.masking import mask_phone
from minzheng.kernel.registry.models import Person
from minzheng.portals.citizen import fields, identity, places
from minzheng.portals.citizen.codes import WINDOW
from minzheng.portals.citizen.limits import within
from minzheng.portals.citizen.middleware import CitizenRequest
from minzheng.portals.citizen.page import READER, REFUSED, me, page, refusal, render, say
from minzheng.portals.citizen.views.front import rows_changed
from minzheng.portals.citizen.views.session import address_of, person_of

TOKEN = re.compile(r"[0-9a-f]{32}")
PER_ADDRESS = 40  # applications from one address in an hour
PER_PHONE, DAY = 8, 24 * 3600  # applications of one phone number in a day; behind it may stand a family
TWICE = "这份申请已经提交过，没有重复办理"


def people_of(request: CitizenRequest) -> list[Person]:
    """The citizen and those for whom the citizen acts now."""
    found = registry.people_by_key(me(request).people, READER)
    return sorted(found.values(), key=lambda each: (each.person_key != me(request).person_key, each.pk))


@page("GET", "POST")
def apply(request: CitizenRequest, name: str) -> HttpResponseBase:
    """The form of an item."""
    try:
        service = catalogue.item_at(name, clock.business_date())
    except CaseError as error:
        raise Http404(str(error)) from error
    if service.item.opens != "citizen":
        raise Http404
    return _form(request, _Asked(service.name, service.title, service.version.form, service, None))


@page("GET", "POST")
def apply_bundle(request: CitizenRequest, name: str) -> HttpResponseBase:
    """One form for several items."""
    bundle = catalogue.bundles().get(name)
    if bundle is None:
        raise Http404
    return _form(request, _Asked(bundle.name, bundle.title, bundle.form, None, bundle))


class _Asked:
    """What is applied for: an item or a bundle."""

    def __init__(self, name: str, title: str, form: Form, service: Service | None, bundle: Bundle | None) -> None:
        self.name, self.title, self.form, self.service, self.bundle = name, title, form, service, bundle

    def services(self, answers: dict[str, Any] | None = None) -> list[Service]:
        """The items that come of it: all that could, or those that the answers ask for."""
        if self.service or self.bundle is None:
            return [self.service] if self.service else []
        wanted = chosen(self.bundle, answers) if answers is not None else [part.item for part in self.bundle.items]
        today = catalogue.on_day(clock.business_date())
        return [today[name] for name in wanted if name in today]

    def needs_place(self, answers: dict[str, Any] | None = None) -> bool:
        """Whether it is handled where the need is, so that the place is asked."""
        return any(each.version.place == "need" for each in self.services(answers))


def _form(request: CitizenRequest, asked: _Asked) -> HttpResponseBase:
    people = people_of(request)
    person = _chosen(request, people)
    if request.method != "POST":
        token, raw = _begun(request, asked, person)
        return _shown(request, asked, people, person, token, raw)
    token = request.POST.get("form_token", "")
    if not TOKEN.fullmatch(token):
        return render(request, "errors/stale.html", {"back": request.path}, 403)
    raw = fields.sent(asked.form, request.POST)
    place = request.POST.get("place", "")[:12]
    jump = rows_changed(request, raw)
    if jump or "save" in request.POST or "place_step" in request.POST:
        problem = _saved(request, asked, person, token, raw)
        if "save" in request.POST and not problem:
            say(request, f"草稿已保存，30 天内可以在“我的”里接着填“{asked.title}”")
            return redirect("citizen:my")
        return _shown(request, asked, people, person, token, raw, problem=problem, jump=jump or ("f-place" if "place_step" in request.POST else ""))
    return _sent(request, asked, people, person, token, raw, place)


def _sent(
    request: CitizenRequest, asked: _Asked, people: list[Person], person: Person, token: str, raw: dict[str, Any], place: str
) -> HttpResponseBase:
    answers, faults = forms.parse(asked.form, raw)
    named = {fault.field for fault in faults}
    faults += [each for each in forms.check(asked.form, forms.tidied(asked.form, answers)) if each.field not in named]
    if asked.needs_place(answers) and not place:
        faults.append(FieldFault("place", "在哪里遇到困难", "请选到村（社区）"))
    if faults:
        _saved(request, asked, person, token, raw)
        return _shown(request, asked, people, person, token, raw, faults=faults)
    if problem := _too_many(request, token):
        _saved(request, asked, person, token, raw)
        return _shown(request, asked, people, person, token, raw, problem=problem, status=429)
    try:
        number = _opened(request, asked, person, token, forms.tidied(asked.form, answers), place)
    except FormFaults as error:
        return _shown(request, asked, people, person, token, raw, faults=list(error.faults))
    except REFUSED as error:
        _saved(request, asked, person, token, raw)
        return _shown(request, asked, people, person, token, raw, problem=refusal(error))
    actions.discard_draft(token=token, by=me(request))
    return redirect("citizen:bundle" if asked.bundle else "citizen:finish", number=number)


def _too_many(request: CitizenRequest, token: str) -> str:
    """Why no more applications are taken from this phone or network now; '' while they are. A form that comes twice counts once."""
    by = me(request)
    if queries.cases(by).filter(form_token=token).exists() or queries.bundles(by).filter(form_token=token).exists():
        return ""
    phone, address = person_of(request).phone, address_of(request)
    if not within("applicant", phone or str(by.person_key), PER_PHONE, DAY, mask_phone(phone)):
        return "这个手机号一天内提交的申请太多了，草稿已保存，请明天再试；急难的事请打 12345，或到镇街窗口办理"
    if not within("apply", address, PER_ADDRESS, WINDOW, address):
        return "这个网络一小时内提交的申请太多了，草稿已保存，请过一会儿再试，或到镇街窗口办理"
    return ""


def _opened(request: CitizenRequest, asked: _Asked, person: Person, token: str, answers: dict[str, Any], place: str) -> str:
    """The number of the case (of the bundle); a second sending gives that of the first. Raises CaseError."""
    by, how = me(request), "self" if person.person_key == me(request).person_key else "agent"
    again = False
    while True:
        try:
            if asked.bundle:
                row = actions.apply_bundle(
                    bundle=asked.name, applicant=person, answers=answers, by=by, form_token=token, applied_by=how, division_code=place
                )
                return str(row.number)
            case = actions.open_case(
                item=asked.name, applicant=person, by=by, form_token=token, applied_by=how, answers=answers, division_code=place
            )
            if case.state != "draft":
                say(request, TWICE)
            return str(case.number)
        except IntegrityError:  # the same form came twice at the same moment: now the first one stands
            if again:
                raise
            again = True


def _begun(request: CitizenRequest, asked: _Asked, person: Person) -> tuple[str, dict[str, Any]]:
    """A draft to go on with, else a new form with what is known."""
    wanted = request.GET.get("draft", "")
    for draft in queries.drafts(me(request)):
        if draft.item == asked.name and (draft.token == wanted or (not wanted and draft.written_for_id == person.pk)):
            return draft.token, queries.draft_answers(draft)
    known = forms.filled(asked.form, person, identity.home(person), clock.business_date(), READER)
    return secrets.token_hex(16), known


def _saved(request: CitizenRequest, asked: _Asked, person: Person, token: str, raw: dict[str, Any]) -> str:
    """Keep the draft; what is wrong, in words."""
    try:
        actions.save_draft(token=token, item=asked.name, person=person, answers=raw, by=me(request))
    except CaseError as error:
        return str(error)
    return ""


def _shown(
    request: CitizenRequest, asked: _Asked, people: list[Person], person: Person, token: str, raw: dict[str, Any],
    faults: list[FieldFault] | None = None, problem: str = "", jump: str = "", status: int = 0,
) -> HttpResponseBase:  # fmt: skip
    context = {
        "asked": asked, "sections": fields.sections(asked.form, raw, faults or ()), "faults": fields.summed(faults or ()), "token": token,
        "people": people, "person": person, "problem": problem, "jump": jump, "place": places.steps(request.POST if request.method == "POST" else request.GET) if asked.needs_place() else None,
        "parts": [catalogue.item(part.item) for part in asked.bundle.items] if asked.bundle else [],
    }  # fmt: skip
    return render(request, "apply.html", context, status or (422 if faults or problem else 200))


def _chosen(request: CitizenRequest, people: list[Person]) -> Person:
    wanted = (request.POST if request.method == "POST" else request.GET).get("for", "")
    found = next((each for each in people if str(each.pk) == wanted), None)
    if found is None and wanted:
        raise Http404
    return found or person_of(request)


@page("POST")
def save_draft(request: CitizenRequest, token: str) -> HttpResponseBase:
    """What the page's script sends while somebody types; answers 204, or why it could not be kept."""
    name = request.POST.get("item", "")
    bundle = catalogue.bundles().get(name)
    services = catalogue.on_day(clock.business_date())
    if not TOKEN.fullmatch(token) or (bundle is None and name not in services):
        raise Http404
    form = bundle.form if bundle else services[name].version.form
    asked = _Asked(name, "", form, services.get(name), bundle)
    problem = _saved(request, asked, _chosen(request, people_of(request)), token, fields.sent(form, request.POST))
    return JsonResponse({"problem": problem}, status=409 if problem else 200)


@page("POST")
def discard_draft(request: CitizenRequest, token: str) -> HttpResponseBase:
    """Throw a draft away."""
    actions.discard_draft(token=token, by=me(request))
    say(request, "草稿已删除")
    return redirect("citizen:my")


def drafts_of(request: CitizenRequest) -> list[tuple[Draft, str, bool]]:
    """The citizen's drafts with the title of what they are for, and whether that is a bundle."""
    bundles, items = catalogue.bundles(), catalogue.items()
    return [
        (draft, bundles[draft.item].title if draft.item in bundles else items[draft.item].title, draft.item in bundles)
        for draft in queries.drafts(me(request)) if draft.item in bundles or draft.item in items
    ]  # fmt: skip


