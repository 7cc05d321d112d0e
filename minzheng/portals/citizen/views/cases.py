"""My cases: where each is, who has it, by when; papers, signing, sending, and what applicants may do against a decision."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import content_disposition_header

from minzheng.kernel.casework import actions, catalogue, forms, queries
from minzheng.kernel.casework.actions.opening import material_list
from minzheng.kernel.casework.errors import CaseError, FormFaults
from minzheng.kernel.casework.items import Service
from minzheng.kernel.casework.models import BundleCase, Case
from minzheng.kernel.casework.printing import PAPERS
from minzheng.kernel.casework.reading import service_of
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.calendar import CalendarMissing
from minzheng.kernel.foundation.typesetting import NoFonts
from minzheng.kernel.registry.documents.formats import LARGEST
from minzheng.portals.citizen import fields, shown
from minzheng.portals.citizen.middleware import CitizenRequest
from minzheng.portals.citizen.page import REFUSED, me, page, refusal, render, say
from minzheng.portals.citizen.views.apply import TWICE, drafts_of, people_of
from minzheng.portals.citizen.views.front import rows_changed
from minzheng.portals.citizen.views.opening import opened
from minzheng.portals.citizen.views.session import person_of

SUFFIX = {b"%PDF": ("application/pdf", "pdf"), b"\xff\xd8\xff": ("image/jpeg", "jpg"), b"\x89PNG": ("image/png", "png")}


@page()
def my(request: CitizenRequest) -> HttpResponseBase:
    """Everything of mine: what waits for me, what is under way, drafts, bundles."""
    context = {
        "cases": shown.mine(me(request)), "drafts": drafts_of(request), "people": people_of(request), "me": person_of(request),
        "bundles": [(row, catalogue.bundles()[row.bundle].title) for row in queries.bundles(me(request)) if row.bundle in catalogue.bundles()],
        "unread": queries.messages(me(request), 3), "to_sign": queries.signings(me(request)),
    }  # fmt: skip
    return render(request, "my.html", context)


@page()
def messages(request: CitizenRequest) -> HttpResponseBase:
    """What the office did to my cases."""
    return render(request, "messages.html", {"messages": queries.messages(me(request))})


@page()
def case(request: CitizenRequest, number: str) -> HttpResponseBase:
    """One case."""
    row = opened(request, number)
    return _case_page(request, row)


def _case_page(request: CitizenRequest, row: Case, error: str = "", status: int = 200) -> HttpResponseBase:
    today, by = clock.business_date(), me(request)
    try:
        standing = queries.standing(row, by, today)
        verbs = queries.verbs(row, by, today)
    except CalendarMissing as error_of_calendar:
        return render(request, "case_plain.html", {"case": row, "summary": shown.summary(row, today), "problem": refusal(error_of_calendar)})
    entries = queries.history(row, by)
    missing: list[dict[str, str]] = next((each.content.get("missing", []) for each in reversed(entries) if each.verb == "return"), []) if row.state == "returned" else []
    decided = next((each for each in reversed(entries) if each.verb == "decide"), None)
    consents = queries.consents(row, by)
    context = {
        "case": row, "service": service_of(row), "standing": standing, "summary": shown.summary(row, today), "stages": shown.stages(standing),
        "verbs": verbs, "entries": list(reversed(entries)), "missing": missing, "error": error,
        "decision": shown.DECISIONS.get(standing.decision.kind, "") if standing.decision else "", "decided": decided,
        "papers": queries.papers(row, by).filter(kind=""), "documents": _documents(entries), "consents": consents,
        "lacking": [each for each in consents if each.authorisation is None], "given": [each for each in consents if each.authorisation],
        "mine": by.people, "applicant": row.applicant, "signed": "authorise" in verbs, "until": _until(service_of(row), queries.answers(row, by)) if "defer" in verbs else {},
        "signer": person_of(request).name, "effect": queries.effect(row, by),
    }  # fmt: skip
    return render(request, "case.html", context, status)


def _documents(entries: list[queries.Entry]) -> list[tuple[str, str]]:
    """Kinds of official papers that can be had, with their titles."""
    happened = {each.verb for each in entries}
    return [(kind, paper.title) for kind, paper in PAPERS.items() if kind != "authorisation" and happened & set(paper.verbs)]


@page("GET", "POST")
def finish(request: CitizenRequest, number: str) -> HttpResponseBase:
    """Before it is sent: papers, promises, signatures, and one's name under it."""
    row = opened(request, number)
    if row.state != "draft":
        if request.method == "POST":
            say(request, TWICE)
        return redirect("citizen:case", number=number)
    if request.method != "POST":
        return _finish_page(request, row)
    answers = _answers(request, row)
    if request.POST.get("true") != "1" or request.POST.get("signature", "").strip() not in _names(request):
        return _finish_page(request, row, "请勾选“以上内容属实”，并写上您的姓名（和登录时一样）", 422)
    try:
        actions.submit_case(
            case=row, answers=answers, by=me(request), promises=request.POST.getlist("promise"), later=request.POST.getlist("later"),
            signature=request.POST["signature"].strip(), form_token=request.POST.get("form_token", "")[:64],
        )  # fmt: skip
    except FormFaults as faults:
        return _finish_page(request, row, f"有内容要改：{faults}", 422)
    except REFUSED as error:
        return _finish_page(request, row, refusal(error), 422)
    actions.discard_draft(token=row.form_token, by=me(request))
    return redirect("citizen:done", number=number)


def _names(request: CitizenRequest) -> set[str]:
    return {person_of(request).name}


def _finish_page(request: CitizenRequest, row: Case, error: str = "", status: int = 200) -> HttpResponseBase:
    service, answers = service_of(row), _answers(request, row)
    listed = material_list(row, service, answers)
    notes = {each.name: each for each in service.version.materials}
    until = _until(service, answers)
    materials = [{"name": name, "note": notes[name].note, "until": until.get(name), **told} for name, told in listed.items()]
    consents = queries.consents(row, me(request))
    return render(request, "finish.html", {
        "case": row, "service": service, "error": error,
        "needed": [each for each in materials if each["mode"] != "verified"], "proved": [each for each in materials if each["mode"] == "verified"],
        "consents": consents, "feeds": shown.titles_of(service.version.authorisation.scope) if service.version.authorisation else [], "rule": service.version.authorisation,
        "mine": me(request).people, "promised": request.POST.getlist("promise"), "put_off": request.POST.getlist("later"),
        "others": any(each.authorisation is None and each.person.person_key not in me(request).people for each in consents),
        "papers": queries.papers(row, me(request)), "signer": person_of(request).name,
        "said_answers": _told(service.version.form, answers),
    }, status)  # fmt: skip


def _until(service: Service, answers: dict[str, Any]) -> dict[str, date]:
    """By when each paper would have to come that may come later; nothing in a year without a calendar."""
    try:
        return {each.material.name: each.until for each in queries.may_defer(service, answers, clock.business_date())}
    except CalendarMissing:
        return {}


def _told(form: Any, answers: dict[str, Any]) -> list[tuple[str, str]]:
    """The answers in words, to read through once more."""
    found = []
    for section in fields.sections(form, answers):
        for each in section.fields:
            if each.kind == "group":
                text = "；".join("、".join(_word(inner) for inner in row.fields if _word(inner)) for row in each.rows)
            else:
                text = _word(each)
            if text:
                found.append((each.label, text))
    return found


def _word(field: fields.Field) -> str:
    if field.choices:
        return "、".join(choice.label for choice in field.choices if choice.chosen)
    return f"{field.value} 元" if field.kind == "money" and field.value else field.value


def _answers(request: CitizenRequest, row: Case) -> dict[str, Any]:
    """What is to be sent: the corrected answers if there are any, else those with which the case was begun."""
    form = service_of(row).version.form
    for draft in queries.drafts(me(request)):
        if draft.token == row.form_token:
            return forms.tidied(form, forms.parse(form, queries.draft_answers(draft))[0])
    return queries.answers(row, me(request))


@page()
def done(request: CitizenRequest, number: str) -> HttpResponseBase:
    """It is sent: what comes now."""
    row = opened(request, number)
    lacking = [each for each in queries.consents(row, me(request)) if each.authorisation is None]
    context = {"case": row, "service": service_of(row), "summary": shown.summary(row, clock.business_date()), "lacking": lacking}
    return render(request, "done.html", context)


@page("GET", "POST")
def edit(request: CitizenRequest, number: str) -> HttpResponseBase:
    """Change the answers: before sending, or when completion was asked for (then it is sent at once)."""
    row = opened(request, number)
    if row.state not in ("draft", "returned"):
        if request.method == "POST":  # from a page that stood open
            say(request, f"这件办件现在是“{row.get_state_display()}”，刚才改的没有保存；要改请打 12345 或找镇街")
        return redirect("citizen:case", number=number)
    form = service_of(row).version.form
    if request.method != "POST":
        return _edit_page(request, row, _answers(request, row))
    raw = fields.sent(form, request.POST)
    if jump := rows_changed(request, raw):
        return _edit_page(request, row, raw, jump=jump)
    answers, faults = forms.parse(form, raw)
    named = {each.field for each in faults}
    faults += [each for each in forms.check(form, forms.tidied(form, answers)) if each.field not in named]
    if faults:
        return _edit_page(request, row, raw, faults=faults, status=422)
    try:
        if row.state == "draft":
            actions.save_draft(token=row.form_token, item=row.item, person=row.applicant, answers=raw, by=me(request))
            return redirect("citizen:finish", number=number)
        actions.supplement_case(
            case=row, by=me(request), answers=forms.tidied(form, answers), form_token=request.POST.get("form_token", "")[:64]
        )
    except REFUSED as error:
        return _edit_page(request, row, raw, problem=refusal(error), status=422)
    say(request, "已补正，办理时限继续计算")
    return redirect("citizen:case", number=number)


def _edit_page(
    request: CitizenRequest, row: Case, raw: dict[str, Any], faults: Any = (), problem: str = "", jump: str = "", status: int = 200
) -> HttpResponseBase:
    form = service_of(row).version.form
    context = {"case": row, "service": service_of(row), "sections": fields.sections(form, raw, faults), "faults": fields.summed(faults),
               "problem": problem, "jump": jump}  # fmt: skip
    return render(request, "edit.html", context, status)


@page("POST")
def attach(request: CitizenRequest, number: str) -> HttpResponseBase:
    """Take a photographed paper."""
    row = opened(request, number)
    file = request.FILES.get("file")
    back = "citizen:finish" if row.state == "draft" else "citizen:case"
    try:
        if file is None:
            raise CaseError("请先拍照或选择文件")
        if (file.size or 0) > LARGEST:
            raise CaseError(f"文件有 {(file.size or 0) / 1024 / 1024:.0f} MB，超过 20 MB：请压缩或分成几份")
        actions.attach_material(
            case=row, by=me(request), material=request.POST.get("material", ""), content=file.read(), form_token=request.POST.get("form_token", "")[:64]
        )
    except REFUSED as error:
        if row.state == "draft":
            return _finish_page(request, row, refusal(error), 422)
        return _case_page(request, row, refusal(error), 422)
    say(request, "材料已收到")
    return redirect(back, number=number)


@page()
def paper(request: CitizenRequest, number: str, paper_id: int) -> HttpResponseBase:
    """A paper of one's own case."""
    row = opened(request, number)
    found = queries.papers(row, me(request)).filter(pk=paper_id).first()
    if found is None:
        raise Http404
    return _file(actions.open_paper(paper=found, by=me(request)), f"{found.title}-{row.number}")


@page()
def document(request: CitizenRequest, number: str, kind: str) -> HttpResponseBase:
    """An official paper as PDF; made the first time, the same ever after."""
    row = opened(request, number)
    try:
        found = actions.issue_paper(case=row, kind=kind, by=me(request))
    except REFUSED as error:
        raise Http404(str(error)) from error
    except NoFonts as error:
        return _case_page(request, row, refusal(error), 503)
    return _file(actions.open_paper(paper=found, by=me(request)), f"{found.title}-{row.number}")


def _file(content: bytes, name: str) -> HttpResponse:
    media, suffix = next((told for start, told in SUFFIX.items() if content.startswith(start)), ("application/octet-stream", "bin"))
    response = HttpResponse(content, content_type=media)
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.{suffix}") or "attachment"
    return response


@page("GET", "POST")
def withdraw(request: CitizenRequest, number: str) -> HttpResponseBase:
    """Take the application back, after being asked once more."""
    row = opened(request, number)
    if request.method != "POST":
        return render(request, "withdraw.html", {"case": row, "service": service_of(row)})
    try:
        actions.withdraw_case(case=row, by=me(request), because=request.POST.get("because", "")[:300], form_token=request.POST.get("form_token", "")[:64])
    except REFUSED as error:
        return _case_page(request, row, refusal(error), 422)
    say(request, "申请已撤回，需要时可以重新申请")
    return redirect("citizen:case", number=number)


@page("GET", "POST")
def objection(request: CitizenRequest, number: str) -> HttpResponseBase:
    """Object to a decision, or to a notice that hangs."""
    row = opened(request, number)
    error, text = "", request.POST.get("statement", "")[:1000]
    if request.method == "POST":
        try:
            actions.object_to(case=row, by=me(request), statement=text, form_token=request.POST.get("form_token", "")[:64])
        except REFUSED as refused:
            error = refusal(refused)
        else:
            say(request, "异议已收到，会由另一位工作人员复核")
            return redirect("citizen:case", number=number)
    standing = queries.standing(row, me(request))
    context = {"case": row, "service": service_of(row), "standing": standing, "error": error, "text": text,
               "days": service_of(row).version.decision.review_days}  # fmt: skip
    return render(request, "object.html", context, 422 if error else 200)


@page("POST")
def rate(request: CitizenRequest, number: str) -> HttpResponseBase:
    """Say how it was."""
    row = opened(request, number)
    score = request.POST.get("score", "")
    try:
        if not score.isdecimal():
            raise CaseError("请选一个评价")
        actions.rate_case(
            case=row, by=me(request), score=int(score), comment=request.POST.get("comment", "")[:1000], form_token=request.POST.get("form_token", "")[:64]
        )
    except REFUSED as error:
        return _case_page(request, row, refusal(error), 422)
    say(request, "谢谢您的评价")
    return redirect("citizen:case", number=number)


@page()
def bundle(request: CitizenRequest, number: str) -> HttpResponseBase:
    """One view over all cases of a bundle: where each is, what is still to sign, one slip for all."""
    by, today = me(request), clock.business_date()
    try:
        view = queries.bundle(number, by)
    except BundleCase.DoesNotExist as missing:
        raise Http404 from missing
    cases = [(shown.summary(each.case, today), shown.stages(each.standing)) for each in view.members]
    return render(request, "bundle.html", {
        "view": view, "bundle": view.bundle, "title": view.title, "cases": cases, "mine": by.people,
        "lacking": [each for each in view.consents if each.authorisation is None], "given": [each for each in view.consents if each.authorisation],
    })  # fmt: skip


@page()
def bundle_slip(request: CitizenRequest, number: str) -> HttpResponseBase:
    """受理回执 of the whole, as PDF."""
    try:
        found = actions.issue_slip(bundle=queries.bundle(number, me(request)).bundle, by=me(request))
    except (BundleCase.DoesNotExist, CaseError) as error:
        raise Http404(str(error)) from error
    except NoFonts as error:
        say(request, str(error))
        return redirect("citizen:bundle", number=number)
    return _file(actions.open_paper(paper=found, by=me(request)), f"{found.title}-{number}")


@page("POST")
def instead(request: CitizenRequest, number: str) -> HttpResponseBase:
    """In place of a paper that one does not have: it comes later (容缺), or one gives one's word (告知承诺)."""
    row, by = opened(request, number), me(request)
    told: dict[str, Any] = {"case": row, "by": by, "material": request.POST.get("material", ""), "form_token": request.POST.get("form_token", "")[:64]}
    try:
        if "promise" in request.POST:
            signature = request.POST.get("signature", "").strip()
            if signature != person_of(request).name:
                raise CaseError("承诺要写上您的姓名（和登录时一样）")
            actions.promise_material(**told, signature=signature)
            say(request, "已登记您的承诺；以后会抽查，不实的要退钱并记入信用")
        else:
            actions.defer_material(**told)
            say(request, "可以晚点交，请记住最晚哪一天；到期没有交，申请会失效")
    except REFUSED as error:
        return _case_page(request, row, refusal(error), 422)
    return redirect("citizen:case", number=number)
