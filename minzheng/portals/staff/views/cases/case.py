"""One case: what is asked, what the data say beside it, what the rule says, papers, clocks, what happened, and what can be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from minzheng.kernel.casework import actions, printing, queries, reading
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.models import Case
from minzheng.kernel.casework.parts import APPLICANTS
from minzheng.kernel.feeds.contracts import contracts
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.documents import queries as documents
from minzheng.kernel.registry.masking import mask_name
from minzheng.kernel.registry.models import Document
from minzheng.portals.staff import case_words, places
from minzheng.portals.staff.case_acts import acts_of
from minzheng.portals.staff.case_forms import Here, act_form
from minzheng.portals.staff.case_rows import TONES, holder, step_title
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.people import member_card, person_line
from minzheng.portals.staff.views.benefits.why_data import Card, card

PAPERS_AFTER = {kind: paper.verbs for kind, paper in printing.PAPERS.items() if kind != "authorisation"}


@page("cases.view")
def case(request: StaffRequest, case_id: int) -> HttpResponse:
    """The page of a case. Reading it is on record."""
    actor, today = request.actor, clock.business_date()
    try:
        found = actions.open_case_file(by=actor, case_id=case_id)
    except CaseError as missing:
        raise Http404 from missing
    seen, problem = here(found, actor), ""
    history = queries.history(found, actor)
    family = [member_card(m, today) for m in registry.members(found.household, actor, today)] if found.household else []
    weighed, problem = seen.weighed, _weighing_problem(seen)
    acts = acts_of(seen.verbs)
    context: dict[str, Any] = {
        **heading(seen), "family": family, "pages": case_words.answers(seen.service.version.form, queries.compared(found, actor)),
        "clocks": case_words.clock_lines(seen.service, seen.standing), "steps": case_words.entries(seen.service, history)[::-1],
        "weighed": weighed, "card": _card(seen), "problem": problem, "materials": _materials(seen), "consents": _consents(seen),
        "checks": _checks(found, actor), "papers": list(queries.papers(found, actor)), "issuable": _issuable(history, found, actor),
        "visits": case_words.entries(seen.service, [each for each in history if each.verb == "visit"]), "photos": _photos(found, actor),
        "near": _near(seen), "beside": _beside(found, actor), "notices": list(queries.publications(actor).filter(case=found)),
        "acts": [{"act": act, "form": act_form(act.verb, seen), "url": act.url(found.pk)} for act in acts],
        "may_visit": "visit" in seen.verbs, "may_fill": "submit" in seen.verbs or "supplement" in seen.verbs,
        "household_url": reverse("staff:household", args=[found.household_id]) if found.household_id and actor.may("households.view") else "",
        "bundle": found.bundle,
        "alert_url": reverse("staff:alert", args=[found.alert_id]) if found.alert_id and actor.may("alerts.view") else "",
        "next": queries.todo(actor, today).exclude(pk=found.pk).values_list("pk", flat=True).first(),
    }  # fmt: skip
    return render(request, "staff/cases/case.html", context)


def here(found: Case, actor: Actor) -> Here:
    """The case as its pages and forms see it."""
    try:
        weighed = queries.weighed(found, actor)
    except LookupError:
        weighed = None
    standing = queries.standing(found, actor)
    return Here(found, reading.service_of(found), standing, queries.verbs(found, actor), actor, weighed)


def found_case(case_id: int, actor: Actor) -> Case:
    """The case, or a missing page for whoever has no business in its place."""
    try:
        return queries.case(case_id, actor)
    except Case.DoesNotExist as missing:
        raise Http404 from missing


def heading(seen: Here) -> dict[str, Any]:
    """What every page about one case shows of it."""
    found, standing, today = seen.case, seen.standing, clock.business_date()
    return {
        "case": found, "standing": standing, "service": seen.service, "person": person_line(found.applicant), "item_title": seen.service.title,
        "tone": TONES.get(standing.state, ""), "step": step_title(found), "who": holder(found), "late": standing.overdue(today),
        "applied": APPLICANTS.get(found.applied_by, found.applied_by), "agent": mask_name(found.agent.name) if found.agent else "",
        "place": places.relative_names([found.division_code], seen.actor)[found.division_code],
        "decided": case_words.decision_words(standing.decision.kind) if standing.decision else "",
        "proposed": case_words.decision_words(standing.proposal.kind) if standing.proposal else "",
        "reasons": seen.service.version.decision.reasons,
    }  # fmt: skip


def _weighing_problem(seen: Here) -> str:
    """Why there is no explanation, where the item has a rule."""
    if seen.service.version.rule is None:
        return "这个事项没有规则测算，由经办人按规定判断"
    if seen.weighed is None:
        return "规则测算不了：这一天的标准还没有录入，请联系待遇参数管理员"
    return ""


def _card(seen: Here) -> Card | None:
    """The rule's explanation, with the names of the household masked."""
    if seen.weighed is None:
        return None
    members = registry.members(seen.case.household, seen.actor, clock.business_date()) if seen.case.household else []
    names = {each.person.person_key: mask_name(each.person.name) for each in members}
    return card(seen.weighed.why, {seen.case.applicant.person_key: mask_name(seen.case.applicant.name), **names})


def _materials(seen: Here) -> list[dict[str, Any]]:
    """The papers with how each stands; those that came in with the file."""
    given: dict[str, list[Any]] = {}
    for paper in queries.papers(seen.case, seen.actor):
        if paper.material:
            given.setdefault(paper.material, []).append(paper)
    notes = {each.name: each.note for each in seen.service.version.materials}
    promises = {each.material: each for each in seen.standing.promises}
    checked = {"": "", "drawn": "抽中待查", "kept": "抽查属实", "breach": "抽查失实"}
    return [
        {"material": each, "mode": case_words.MODES[each.mode], "files": given.get(each.name, []), "note": notes.get(each.name, ""),
         "checked": checked[promises[each.name].checked] if each.name in promises else ""}
        for each in seen.standing.materials
    ]  # fmt: skip


def _consents(seen: Here) -> list[dict[str, Any]]:
    return [
        {"person": person_line(each.person), "live": each.authorisation} for each in queries.consents(seen.case, seen.actor)
    ]  # fmt: skip


def _beside(found: Case, actor: Actor) -> dict[str, list[Any]]:
    """The rows of the matrix that meet people of the case: those by which somebody loses something or must choose, and those that go together."""
    try:
        rows = queries.beside(found, actor)
    except LookupError:
        rows = []
    told: list[dict[str, Any]] = [{"row": row, "who": mask_name(row.person.name) if row.person else ""} for row in rows]
    return {"weighs": [each for each in told if each["row"].rule != "both"], "goes": [each for each in told if each["row"].rule == "both"]}


def _near(seen: Here) -> dict[str, Any] | None:
    """What the relationship to staff adds to this case, and when each was done; None where it adds nothing."""
    rule, road = seen.service.version.near_relatives, {step.name for step in seen.standing.road}
    steps = [(step.title, seen.standing.done.get(step.name)) for step in rule.steps if step.name in road] if rule and seen.standing.near else []
    return {"rule": rule, "steps": steps, "open": any(done is None for _title, done in steps)} if steps else None


def _photos(found: Case, actor: Actor) -> list[Document]:
    """Photographs of the case's visits, which lie in the household's file."""
    if found.household is None or not actor.may("households.view"):
        return []
    return list(documents.documents(found.household, actor).filter(kind="visit", title__contains=found.number).order_by("id"))


def _checks(found: Case, actor: Actor) -> list[dict[str, Any]]:
    known: Mapping[str, Any] = contracts()
    return [
        {"check": row, "feeds": [(known[name].title if name in known else name, told[1] if told else "") for name, told in sorted(row.as_of.items())]}
        for row in queries.checks_of(found, actor)
    ]


def _issuable(history: list[queries.Entry], found: Case, actor: Actor) -> list[tuple[str, str]]:
    """The papers that can be issued: something happened that calls for them, and they are not there yet."""
    done = {each.verb for each in history}
    made = set(queries.papers(found, actor).exclude(kind="").values_list("kind", flat=True))
    return [(kind, printing.PAPERS[kind].title) for kind, verbs in PAPERS_AFTER.items() if done & set(verbs) and kind not in made]
