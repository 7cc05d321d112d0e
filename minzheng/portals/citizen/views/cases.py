"""My cases: where each is, who has it, by when; papers, signing, sending, and what applicants may do against a decision."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import content_disposition_header

from minzheng.kernel.casework import actions, catalogue, forms, queries
from minzheng.kernel.casework.actions.opening import material_list
from minzheng.kernel.casework.errors import CaseError, FormFaults
from minzheng.kernel.casework.models import Case
from minzheng.kernel.casework.printing import PAPERS
from minzheng.kernel.casework.reading import service_of
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.calendar import CalendarMissing
from minzheng.kernel.foundation.typesetting import NoFonts
from minzheng.kernel.registry.documents.formats import LARGEST
from minzheng.kernel.registry.masking import mask_phone
from minzheng.portals.citizen import codes, fields, shown
from minzheng.portals.citizen.middleware import CitizenRequest
from minzheng.portals.citizen.page import me, page, render, say
from minzheng.portals.citizen.views.apply import TWICE, drafts_of, people_of
from minzheng.portals.citizen.views.front import feeds_of, rows_changed
from minzheng.portals.citizen.views.session import person_of, sealed_code, send_sealed

SUFFIX = {b"%PDF": ("application/pdf", "pdf"), b"\xff\xd8\xff": ("image/jpeg", "jpg"), b"\x89PNG": ("image/png", "png")}


def opened(request: CitizenRequest, number: str) -> Case:
    """A case of one's own; another's looks as if it were not there, and the attempt is on record. Raises Http404."""
    try:
        return actions.open_case_file(by=me(request), number=number)
    except CaseError as error:
        raise Http404(str(error)) from error


@page()
def my(request: CitizenRequest) -> HttpResponseBase:
    """Everything of mine: what waits for me, what is under way, drafts, bundles."""
    context = {
        "cases": shown.mine(me(request)), "drafts": drafts_of(request), "people": people_of(request), "me": person_of(request),
        "bundles": [(row, catalogue.bundles()[row.bundle].title) for row in queries.bundles(me(request)) if row.bundle in catalogue.bundles()],
        "unread": queries.messages(me(request), 3),
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
        return render(request, "case_plain.html", {"case": row, "summary": shown.summary(row, today), "problem": str(error_of_calendar)})
    entries = queries.history(row, by)
    missing: list[dict[str, str]] = next((each.content.get("missing", []) for each in reversed(entries) if each.verb == "return"), []) if row.state == "returned" else []
    decided = next((each for each in reversed(entries) if each.verb == "decide"), None)
    consents = queries.consents(row, by)
    context = {
        "case": row, "service": service_of(row), "standing": standing, "summary": shown.summary(row, today), "stages": shown.stages(row, standing),
        "verbs": verbs, "entries": list(reversed(entries)), "missing": missing, "error": error,
        "decision": shown.DECISIONS.get(standing.decision.kind, "") if standing.decision else "", "decided": decided,
        "papers": queries.papers(row, by).filter(kind=""), "documents": _documents(entries), "consents": consents,
        "lacking": [each for each in consents if each.authorisation is None], "given": [each for each in consents if each.authorisation],
        "mine": by.people,
        "applicant": row.applicant, "signed": bool({"authorise"} & verbs),
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
            case=row, answers=answers, by=me(request), promises=request.POST.getlist("promise"), signature=request.POST["signature"].strip(),
            form_token=request.POST.get("form_token", "")[:64],
        )  # fmt: skip
    except FormFaults as faults:
        return _finish_page(request, row, f"有内容要改：{faults}", 422)
    except (CaseError, CalendarMissing) as error:
        return _finish_page(request, row, str(error), 422)
    actions.discard_draft(token=row.form_token, by=me(request))
    return redirect("citizen:done", number=number)


def _names(request: CitizenRequest) -> set[str]:
    return {person_of(request).name}


def _finish_page(request: CitizenRequest, row: Case, error: str = "", status: int = 200) -> HttpResponseBase:
    service, answers = service_of(row), _answers(request, row)
    listed = material_list(row, service, answers)
    notes = {each.name: each for each in service.version.materials}
    materials = [{"name": name, "note": notes[name].note, "days": notes[name].days, **told} for name, told in listed.items()]
    consents = queries.consents(row, me(request))
    return render(request, "finish.html", {
        "case": row, "service": service, "error": error, "people_mine": me(request).people,
        "needed": [each for each in materials if each["mode"] != "verified"], "proved": [each for each in materials if each["mode"] == "verified"],
        "consents": consents, "feeds": feeds_of(service), "rule": service.version.authorisation,
        "papers": queries.papers(row, me(request)), "signer": person_of(request).name,
        "said_answers": _told(service.version.form, answers),
    }, status)  # fmt: skip


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
    return render(request, "done.html", {"case": row, "service": service_of(row), "summary": shown.summary(row, clock.business_date())})


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
    except CaseError as error:
        return _edit_page(request, row, raw, problem=str(error), status=422)
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
    except CaseError as error:
        if row.state == "draft":
            return _finish_page(request, row, str(error), 422)
        return _case_page(request, row, str(error), 422)
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
    except CaseError as error:
        raise Http404(str(error)) from error
    except NoFonts as error:
        return _case_page(request, row, str(error), 503)
    return _file(actions.open_paper(paper=found, by=me(request)), f"{found.title}-{row.number}")


def _file(content: bytes, name: str) -> HttpResponse:
    media, suffix = next((told for start, told in SUFFIX.items() if content.startswith(start)), ("application/octet-stream", "bin"))
    response = HttpResponse(content, content_type=media)
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.{suffix}") or "attachment"
    return response


@page("GET", "POST")
def sign(request: CitizenRequest, number: str, person_id: int) -> HttpResponseBase:
    """核对授权 of one adult: a code to that adult's own phone, and the name typed."""
    row = opened(request, number)
    consent = next((each for each in queries.consents(row, me(request)) if each.person.pk == person_id), None)
    if consent is None or consent.person.person_key not in me(request).people:
        raise Http404
    back = redirect("citizen:finish" if row.state == "draft" else "citizen:case", number=number)
    if consent.authorisation is not None:
        return back
    purpose, person, error, code = f"sign {row.number} {person_id}", consent.person, "", ""
    if request.method == "POST":
        try:
            if not person.phone:
                raise codes.CodeError(f"{person.name}没有登记手机号，请到窗口签，或先到村（社区）登记手机号")
            if "send" in request.POST:
                send_sealed(request, "signing", person.phone, purpose)
            else:
                if request.POST.get("name", "").strip() != person.name:
                    raise codes.CodeError("姓名要和登记的一样")
                codes.check(sealed_code(request, "signing") or None, person.phone, request.POST.get("code", ""), purpose)
                actions.authorise(
                    case=row, person=person, by=me(request), signed_how="phone", signature=person.name, form_token=request.POST.get("form_token", "")[:64]
                )
                request.visit.pop("signing")
                say(request, f"{person.name} 的核对授权已签好")
                return back
        except (codes.CodeError, CaseError) as refused:
            error = str(refused)
    kept = sealed_code(request, "signing")
    code = kept.get("shown", "") if kept.get("purpose") == purpose else ""
    return render(request, "sign.html", {
        "case": row, "service": service_of(row), "person": person, "error": error, "sent": kept.get("purpose") == purpose, "shown": code,
        "phone": mask_phone(person.phone), "feeds": feeds_of(service_of(row)), "rule": service_of(row).version.authorisation,
    }, 422 if error else 200)  # fmt: skip


@page("POST")
def revoke(request: CitizenRequest, number: str, person_id: int) -> HttpResponseBase:
    """Take a 核对授权 back: no further check runs on it."""
    row = opened(request, number)
    consent = next((each for each in queries.consents(row, me(request)) if each.person.pk == person_id), None)
    if consent is None or consent.authorisation is None or consent.person.person_key not in me(request).people:
        raise Http404
    try:
        actions.revoke_authorisation(authorisation=consent.authorisation, by=me(request), because="本人在群众端撤回")
    except CaseError as error:
        return _case_page(request, row, str(error), 422)
    say(request, "核对授权已撤回，以后不再核对；没有授权可能办不成，可以重新签")
    return redirect("citizen:case", number=number)


@page("GET", "POST")
def withdraw(request: CitizenRequest, number: str) -> HttpResponseBase:
    """Take the application back, after being asked once more."""
    row = opened(request, number)
    if request.method != "POST":
        return render(request, "withdraw.html", {"case": row, "service": service_of(row)})
    try:
        actions.withdraw_case(case=row, by=me(request), because=request.POST.get("because", "")[:300], form_token=request.POST.get("form_token", "")[:64])
    except CaseError as error:
        return _case_page(request, row, str(error), 422)
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
        except CaseError as refused:
            error = str(refused)
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
    except CaseError as error:
        return _case_page(request, row, str(error), 422)
    say(request, "谢谢您的评价")
    return redirect("citizen:case", number=number)


@page()
def bundle(request: CitizenRequest, number: str) -> HttpResponseBase:
    """One view over all cases of a bundle."""
    row = queries.bundles(me(request)).filter(number=number).first()
    if row is None:
        raise Http404
    today = clock.business_date()
    cases = [(shown.summary(each, today), shown.stages(each, queries.standing(each, me(request)))) for each in queries.cases(me(request)).filter(bundle=row)]
    return render(request, "bundle.html", {"bundle": row, "title": catalogue.bundles()[row.bundle].title, "cases": cases})
