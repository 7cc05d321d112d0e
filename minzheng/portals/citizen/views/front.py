"""What anybody may read without signing in: the finder, the guide, notices, the pre-check, the verification of papers."""

from __future__ import annotations

from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from minzheng.kernel.casework import catalogue, forms, queries
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.items import APPLICANTS, LIFE_SITUATIONS
from minzheng.kernel.casework.verbs import STATES
from minzheng.kernel.divisions.queries import names
from minzheng.kernel.foundation import clock
from minzheng.portals.citizen import fields, precheck
from minzheng.portals.citizen.codes import WINDOW
from minzheng.portals.citizen.limits import within
from minzheng.portals.citizen.middleware import CitizenRequest
from minzheng.portals.citizen.page import LARGE, page, render
from minzheng.portals.citizen.places import counties
from minzheng.portals.citizen.session import PATH
from minzheng.portals.citizen.shown import OFFICES, mine, titles_of
from minzheng.portals.citizen.views.session import address_of

ICONS = {
    "income_lost": "trending-down", "illness": "stethoscope", "accident": "alert-triangle", "disability": "user", "elderly_alone": "home-heart",
    "child_alone": "users", "education": "notes", "housing": "building", "newcomer": "map-pin", "already_helped": "refresh", "cold_heat": "sun",
}  # fmt: skip
MOST_NOTICES = 100
CHECKS = 60  # verifications of papers from one address in an hour
YEAR = 366 * 24 * 3600  # seconds


@page(public=True)
def home(request: CitizenRequest) -> HttpResponseBase:
    """By life situation; one's own cases on top."""
    today = clock.business_date()
    situations = [
        {"key": key, "title": title, "icon": ICONS.get(key, "info-circle"), "count": len(catalogue.for_situation(key, today))}
        for key, title in LIFE_SITUATIONS.items()
    ]
    open_cases = [each for each in mine(request.citizen) if each.case.state not in ("closed", "withdrawn", "lapsed", "declined")] if request.citizen else []
    return render(request, "home.html", {
        "situations": [each for each in situations if each["count"]], "mine": open_cases[:3], "bundles": list(catalogue.bundles().values()),
        "to_sign": queries.signings(request.citizen) if request.citizen else [],
    })  # fmt: skip


@page(public=True)
def situation(request: CitizenRequest, key: str) -> HttpResponseBase:
    """What can be asked for in a life situation."""
    if key not in LIFE_SITUATIONS:
        raise Http404
    today = clock.business_date()
    bundles = [each for each in catalogue.bundles().values() if key in each.life_situations]
    return render(request, "situation.html", {"title": LIFE_SITUATIONS[key], "services": catalogue.for_situation(key, today), "bundles": bundles})


@page(public=True)
def guide(request: CitizenRequest) -> HttpResponseBase:
    """Everything that can be applied for."""
    services = list(catalogue.on_day(clock.business_date()).values())
    mine_, offices = [s for s in services if s.item.opens == "citizen"], [s for s in services if s.item.opens != "citizen"]
    return render(request, "guide.html", {"services": mine_, "offices": offices, "bundles": list(catalogue.bundles().values())})


@page(public=True)
def item(request: CitizenRequest, name: str) -> HttpResponseBase:
    """One item: who, what is needed, how long, what comes of it, by which law."""
    try:
        service = catalogue.item_at(name, clock.business_date())
    except CaseError as error:
        raise Http404(str(error)) from error
    version = service.version
    unit = {"working": "个工作日", "calendar": "天"}
    steps = [(step, OFFICES[step.rung], unit[step.unit]) for step in service.steps(False)]
    coming = [each for each in catalogue.scheduled(clock.business_date()) if each.name == name]
    return render(request, "item.html", {
        "service": service, "steps": steps, "limit": version.limit, "limit_unit": unit[version.limit.unit] if version.limit else "",
        "who": [APPLICANTS[key] for key, allowed in service.item.applicants.items() if allowed], "coming": coming,
        "asked": [each for each in version.materials if not each.verified_by], "proved": [each for each in version.materials if each.verified_by],
        "feeds": titles_of(version.authorisation.scope) if version.authorisation else [], "pilot": sorted(names(version.pilot, clock.business_date()).values()) if version.pilot else [],
    })  # fmt: skip


@page(public=True)
def notices(request: CitizenRequest) -> HttpResponseBase:
    """What hangs today, masked; by county."""
    today = clock.business_date()
    known = counties()
    chosen = request.GET.get("place", "")
    chosen = chosen if chosen in dict(known) else ""
    rows = queries.public_notices(today, chosen)[:MOST_NOTICES]
    return render(request, "notices.html", {"notices": rows, "places": known, "chosen": chosen})


@page("GET", "POST", public=True)
def entitled(request: CitizenRequest) -> HttpResponseBase:
    """The pre-check. What is typed goes through the rules and is forgotten."""
    form, today = precheck.form(), clock.business_date()
    if request.method != "POST":
        return render(request, "entitled.html", {"sections": fields.sections(form, {})})
    raw = fields.sent(form, request.POST)
    if changed := rows_changed(request, raw):
        return render(request, "entitled.html", {"sections": fields.sections(form, raw), "jump": changed})
    answers, faults = forms.parse(form, raw)
    named = {fault.field for fault in faults}
    faults += [fault for fault in forms.check(form, answers) if fault.field not in named]
    if faults:
        context = {"sections": fields.sections(form, raw, faults), "faults": fields.summed(faults)}
        return render(request, "entitled.html", context, 422)
    try:
        answer = precheck.asked(answers, today)
    except LookupError as error:
        return render(request, "entitled.html", {"sections": fields.sections(form, raw), "problem": str(error)}, 503)
    return render(request, "entitled.html", {"sections": fields.sections(form, raw), "answer": answer})


def rows_changed(request: CitizenRequest, raw: dict[str, object]) -> str:
    """Add or take away a row of a list, as the pressed button says; the place to show then, '' when no such button was pressed."""
    if name := request.POST.get("add", ""):
        rows = raw.get(name)
        if isinstance(rows, list) and len(rows) < fields.MOST_ROWS:
            raw[name] = [*rows, {}]
            return f"f-{name}-{len(rows)}"
    if pressed := request.POST.get("remove", ""):
        name, _, number = pressed.partition(".")
        rows = raw.get(name)
        if isinstance(rows, list):
            if number.isdecimal() and 0 < int(number) <= len(rows):
                raw[name] = [row for at, row in enumerate(rows, 1) if at != int(number)]
            return f"f-{name}"
    return ""


@page(public=True)
def verify(request: CitizenRequest, code: str = "") -> HttpResponseBase:
    """Whether a paper is genuine, by the code under its QR code; names nobody."""
    code = (code or request.GET.get("code", "")).strip().upper()[:24]
    if not code:
        return render(request, "verify.html", {"code": ""})
    if not within("verify", address_of(request), CHECKS, WINDOW, address_of(request)):
        return render(request, "verify.html", {"code": code, "error": "查验太频繁了，请过一会儿再试"}, 429)
    found = queries.verify_paper(code)
    return render(request, "verify.html", {"code": code, "found": found, "state": STATES.get(found.case_state, "") if found else ""}, 200 if found else 404)


@page("POST", public=True)
def display(request: CitizenRequest) -> HttpResponseBase:
    """长者模式 on or off, remembered on this device."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts=None) and target.startswith(PATH)
    response = redirect(target if safe else "citizen:home")
    if request.POST.get("large") == "1":
        response.set_cookie(LARGE, "1", max_age=YEAR, path=PATH, samesite="Lax", secure=request.is_secure(), httponly=True)
    else:
        response.delete_cookie(LARGE, path=PATH, samesite="Lax")
    return response
