"""入户: the round of a grid worker's day, alerts and cases alike, on a page that works without a connection; what was filled in, and the
photographs taken, are sent when there is one.

What lies on the phone: this page (masked names, villages, scenarios and items, dates), what was typed, and photographs made small, in
the clear, until they were sent or one signs out, whichever comes first. No number, no address, no evidence of an alert and no answer
of an applicant is on that page.
"""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse

from minzheng.kernel.casework import queries, reading
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.models import Case
from minzheng.kernel.casework.verbs import VERBS
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.calendar import CalendarMissing
from minzheng.kernel.monitoring import actions as monitoring_actions
from minzheng.kernel.monitoring import queries as monitoring
from minzheng.kernel.monitoring.catalogue import title_of
from minzheng.kernel.monitoring.errors import AlertError, StaleAlert
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.documents import actions as documents
from minzheng.kernel.registry.documents.formats import LARGEST, DocumentError, media_type
from minzheng.kernel.registry.models import Household
from minzheng.portals.staff import alert_rows, case_rows, context, timelines
from minzheng.portals.staff.forms import AttemptForm, VisitForm, first_visit
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.routing import by_route
from minzheng.portals.staff.views.cases.case import found_case
from minzheng.portals.staff.views.cases.visiting import (
    CaseVisitForm,
    initial,
    people_needed,
    record,
    seen_fields,
)

MOST = 40  # visits of each kind on one phone
KEPT = ("visited_on", "met", "situation", "needs", "outcome", "findings", "form_token")


@page("cases.visit")
def case_visits(request: StaffRequest) -> HttpResponse:
    """The visits that wait for the reader, alerts in the order of the doors, each with its form: the page that works off-line."""
    alerts, cases = _alerts(request), _cases(request)
    return render(request, "staff/cases/visits.html", {
        "alerts": alerts, "visits": cases, "total": len(alerts) + len(cases), "who": request.user.pk, "may_photograph": request.actor.may("documents.add"),
    })  # fmt: skip


def _alerts(request: StaffRequest) -> list[dict[str, Any]]:
    actor, today = request.actor, clock.business_date()
    if not actor.may("alerts.visit"):
        return []
    found = by_route(monitoring.alerts(actor, status="open", handler=request.user.pk)[:MOST], actor, today)
    housed = registry.addresses_of([alert.person_id for alert in found], actor, today)
    return [
        {"row": row, "form": VisitForm(initial=first_visit(row.alert), auto_id=f"id_alert{row.alert.pk}_%s"), "housed": row.alert.person_id in housed,
         "key": f"alert-{row.alert.pk}"}
        for row in alert_rows.rows(found, actor)
    ]  # fmt: skip


def _cases(request: StaffRequest) -> list[dict[str, Any]]:
    actor = request.actor
    waiting = [case for case in queries.cases(actor, state="under_way")[: 2 * MOST] if "visit" in queries.verbs(case, actor)][:MOST]
    services = {case.pk: reading.service_of(case) for case in waiting}
    return [
        {"row": row, "form": CaseVisitForm(initial=initial(row.case), auto_id=f"id_{row.case.pk}_%s"), "people": people_needed(services[row.case.pk]),
         "fields": seen_fields(services[row.case.pk], request), "housed": row.case.household_id is not None, "key": f"case-{row.case.pk}"}
        for row in case_rows.rows(waiting, actor)
    ]  # fmt: skip


@page("cases.visit", "POST")
def case_visit_send(request: StaffRequest, case_id: int) -> HttpResponse:
    """A visit for a case that was filled in off-line: kept, or why not, as JSON. Sent twice it is one visit."""
    found = found_case(case_id, request.actor)
    form = CaseVisitForm(request.POST)
    if not form.is_valid():
        return _refused(_words(form))
    try:
        record(found, reading.service_of(found), form.cleaned_data, request)
    except (CaseError, CalendarMissing) as refused:
        return _refused(_conflict(found, form.cleaned_data["version"], str(refused), request.actor))
    return JsonResponse({"done": True, "words": f"{found.number}：入户调查已登记"})


@page("alerts.visit", "POST")
def visit_send(request: StaffRequest, alert_id: int) -> HttpResponse:
    """A visit for an alert that was filled in off-line, by the same action as the form on line. When somebody changed the alert
    meanwhile the answer says what was done; while it is open it gives the version against which one may send it again."""
    found = _alert(alert_id, request.actor)
    form = VisitForm(request.POST)
    if not form.is_valid():
        return _refused(_words(form))
    data = form.cleaned_data
    try:
        monitoring_actions.record_visit(alert=found, by=request.actor, expected_version=data["version"], **{name: data[name] for name in KEPT})
    except StaleAlert:
        now = _alert(alert_id, request.actor)
        ended = now.status == Alert.Status.CLOSED
        since = _since(now, data["version"], request.actor)
        after = "填写的内容还在本机，可抄给镇街；确需补充，请区级重开" if ended else "看过后仍要提交的，点下面的按钮"
        return _refused(f"您离线期间这条预警{'已被办结' if ended else '有变化'}：{since}。{after}", **({} if ended else {"version": now.version}))
    except AlertError as refused:
        return _refused(str(refused))
    return JsonResponse({"done": True, "words": f"{title_of(found.scenario)}：入户已登记"})


@page("alerts.visit", "POST")
def attempt_send(request: StaffRequest, alert_id: int) -> HttpResponse:
    """不在家 that was tapped off-line: noted for the day of the tap, or why not, as JSON. Sent twice it is one attempt."""
    found = _alert(alert_id, request.actor)
    form = AttemptForm(request.POST)
    if not form.is_valid():
        return _refused(_words(form))
    day = form.cleaned_data["attempted_on"]
    try:
        monitoring_actions.record_attempt(alert=found, by=request.actor, attempted_on=day)
    except AlertError as refused:
        now = _alert(alert_id, request.actor)
        if now.status != Alert.Status.CLOSED:
            return _refused(str(refused))
        since = _since(now, form.cleaned_data["version"], request.actor)
        return _refused(f"您离线期间这条预警已被办结：{since}。{day} 的“不在家”没有记入，还在本机，可告诉镇街；不用留的可删去")
    return JsonResponse({"done": True, "words": f"{title_of(found.scenario)}：已记 {day} 上门未遇"})


def _alert(alert_id: int, actor: Actor) -> Alert:
    try:
        return monitoring.alert(alert_id, actor)
    except Alert.DoesNotExist as missing:
        raise Http404 from missing


def _since(alert: Alert, version: int, actor: Actor) -> str:
    """What happened to an alert since the phone last saw it."""
    return "；".join(_told(each) for each in timelines.of_alert(alert, actor, version))


def _told(entry: timelines.Entry) -> str:
    return f"{entry.on} {entry.by} {entry.title}{'（' + entry.detail + '）' if entry.detail else ''}"


def _refused(words: str, **more: Any) -> JsonResponse:
    return JsonResponse({"done": False, "words": words, **more}, status=422)


def _words(form: Any) -> str:
    return "；".join(f"{form.fields[name].label or name}：{errors[0]}" for name, errors in form.errors.items() if name in form.fields)


def _conflict(found: Case, version: int, refused: str, actor: Actor) -> str:
    """The refusal, with what happened to the case since the phone last saw it."""
    since = [each for each in queries.history(found, actor) if each.seq > version]
    told = "；".join(f"{each.on} {each.by} {VERBS[each.verb]}" for each in since)
    return f"{refused}。您离线期间：{told}。填写的内容还在本机，可联系镇街处理" if told else refused


@page("documents.add", "POST")
def case_visit_photo(request: StaffRequest, case_id: int) -> HttpResponse:
    """A photograph of a visit for a case, into the household's file, named by the case. Sent twice it is one paper."""
    found = found_case(case_id, request.actor)
    return _keep(request, found.household, f"入户照片 {found.number}")


@page("documents.add", "POST")
def visit_photo(request: StaffRequest, alert_id: int) -> HttpResponse:
    """The same for an alert, also when the visit has closed it."""
    found = _alert(alert_id, request.actor)
    home = registry.household_of(found.person_id, request.actor, clock.business_date())
    return _keep(request, home, f"入户照片 {title_of(found.scenario)} 预警 {found.pk}")


def _keep(request: StaffRequest, home: Household | None, title: str) -> HttpResponse:
    sent: UploadedFile[Any] | None = request.FILES.get("photo")
    try:
        if sent is None:
            raise DocumentError("没有收到照片")
        if home is None:
            raise DocumentError("这户还没有家庭档案，照片没有地方存：请先到镇街建档")
        if (sent.size or 0) > LARGEST:
            raise DocumentError(f"照片有 {(sent.size or 0) / 1024 / 1024:.0f} MB，超过 20 MB")
        content = sent.read()
        if not media_type(content).startswith("image/"):
            raise DocumentError("这不是照片")
        documents.add_document(household=home, kind="visit", title=title, content=content, by=request.actor)
    except DocumentError as refused:
        return _refused(str(refused))
    return JsonResponse({"done": True, "words": "照片已存入家庭档案"})


@page("cases.visit")
def case_visits_script(request: StaffRequest) -> HttpResponse:
    """The service worker. It stands under /visits/, so that it governs these pages and no others."""
    script = render(request, "staff/cases/visits_worker.js", {"assets": _assets(), "page": reverse("staff:case_visits")}, content_type="text/javascript")
    script["Service-Worker-Allowed"] = reverse("staff:case_visits")
    return script


@page("cases.visit")
def case_visits_manifest(request: StaffRequest) -> HttpResponse:
    """What makes the visits an application on the phone."""
    icon = {"src": static("staff/icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    start = reverse("staff:case_visits")
    found = {
        "name": "民政云 入户", "short_name": "入户", "lang": "zh-Hans", "start_url": start, "scope": start, "display": "standalone",
        "background_color": "#ffffff", "theme_color": "#2f5da8", "icons": [icon],
    }  # fmt: skip
    return JsonResponse(found, content_type="application/manifest+json")


def _assets() -> list[str]:
    """What the page needs without a connection."""
    names = [*context.STYLESHEETS, "vendor/tabler.min.css", "vendor/icons.svg", "staff/cases.css", "staff/icon.svg"]
    scripts = ("theme", "keys", "frame", "search", "visits", "visit_photos")
    return [static(name) for name in (*names, *(f"staff/{script}.js" for script in scripts))]
