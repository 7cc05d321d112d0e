"""Everything that happened to a household on one line of time: registry, alerts, visits, cases, payments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from django.urls import reverse

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.queries import full_names
from minzheng.kernel.monitoring import queries as monitoring
from minzheng.kernel.monitoring.catalogue import title_of
from minzheng.kernel.monitoring.models import Alert, AlertStep
from minzheng.kernel.monitoring.outcomes import MET, NEEDS, SITUATIONS
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.documents import queries as documents
from minzheng.kernel.registry.documents.formats import KINDS as DOCUMENT_KINDS
from minzheng.kernel.registry.masking import mask_name
from minzheng.kernel.registry.models import Household
from minzheng.portals.staff import case_rows, facts
from minzheng.portals.staff.alert_rows import outcome_title
from minzheng.portals.staff.income import Payment

KINDS = {"fact": "事实", "alert": "预警", "visit": "入户", "move": "户籍与人生事件", "document": "材料", "money": "发放", "case": "办件"}
TONES: dict[str, str] = {AlertStep.Verb.CLOSED: "green", AlertStep.Verb.ESCALATED: "red", AlertStep.Verb.RAISED: "grey"}


@dataclass(frozen=True)
class Entry:
    """One thing that happened, ready for the page."""

    on: date
    title: str
    detail: str = ""
    by: str = ""
    tone: str = ""
    url: str = ""
    kind: str = ""
    source: str = ""  # the feed that tells of it, as of when, and in which batch
    as_of: date | None = None
    batch: str = ""


def of_household(
    household: Household, alerts: Iterable[Alert], names: dict[int, str], actor: Actor, on: date, paid: Iterable[Payment] = (),
    cases: Iterable[case_rows.Row] = (),
) -> list[Entry]:
    """Newest first, up to a day. `names`: masked names by person; `paid`: this platform's payments."""
    entries = [_registry_entry(entry, names) for entry in registry.timeline(household, actor, on)]
    for alert in alerts:
        url = reverse("staff:alert", args=[alert.pk])
        who = mask_name(alert.person.name)
        entries.append(Entry(alert.raised_on, f"预警：{title_of(alert.scenario)}", alert.summary, who, "", url, "alert"))
        entries += [
            Entry(visit.visited_on, "入户", visit_text(visit.met, visit.situation, visit.needs, visit.findings), visit.visitor.full_name, kind="visit")
            for visit in monitoring.visits(alert, actor)
        ]
        if alert.closed_on:
            entries.append(Entry(alert.closed_on, f"办结：{outcome_title(alert.outcome)}", "", who, "green", url, "alert"))
    for each in cases:
        entries.append(Entry(each.case.opened_on, f"办件：{each.item}", each.case.number, each.person.name, "blue", each.url, "case"))
        if each.case.decided_on:
            entries.append(Entry(each.case.decided_on, f"{each.item}：{each.decision}", each.case.number, each.person.name, "green", each.url, "case"))
    entries += [
        Entry(row.on, f"发放{row.what} {row.amount}", f"{row.month:%Y-%m}", row.who, "green", reverse("staff:payment_line", args=[row.pk]), "money")
        for row in paid if row.state == "paid"
    ]
    entries += [
        Entry(row.added_on, f"存入材料：{DOCUMENT_KINDS.get(row.kind, row.kind)}", row.title, kind="document")
        for row in documents.documents(household, actor)
    ]
    past = [entry for entry in reversed(entries) if entry.on <= on]  # of one day, what came later stands higher
    return list(_folded(sorted(past, key=lambda entry: entry.on, reverse=True)))


def _folded(entries: list[Entry]) -> Iterator[Entry]:
    """A fact that a department reports anew each month is one line with its first day."""
    for _key, run in groupby(entries, key=lambda e: (e.title, e.by, e.source) if e.kind == "fact" else id(e)):
        newest, *older = run
        yield replace(newest, detail=f"自 {older[-1].on} 起 {len(older) + 1} 次") if older else newest


def of_alert(alert: Alert, actor: Actor, after_version: int = 0) -> list[Entry]:
    """What happened to an alert, oldest first; with `after_version`, only what came later than that version."""
    steps = [s for s in monitoring.steps(alert, actor) if s.details.get("version", 1) > after_version]
    names = full_names({name for step in steps for name in (step.by, step.details.get("to", ""))})
    visits = {visit.pk: visit for visit in monitoring.visits(alert, actor)} if steps else {}
    entries = []
    for step in steps:
        detail = step.note
        if step.verb == AlertStep.Verb.ASSIGNED:
            to = step.details.get("to_name") or names.get(step.details.get("to", ""), "")
            detail = f"派给 {to}" + (f"：{step.note}" if step.note else "")
        elif step.verb == AlertStep.Verb.VISITED and step.details.get("visit") in visits:
            visit = visits[step.details["visit"]]
            detail = visit_text(visit.met, visit.situation, visit.needs, visit.findings)
        elif step.verb == AlertStep.Verb.CLOSED and "visit" not in step.details:
            detail = f"{outcome_title(step.details.get('outcome', ''))}（未入户）：{step.note}"
        entries.append(Entry(step.on, step.get_verb_display(), detail, names.get(step.by, step.by), TONES.get(step.verb, "")))
    return entries


def visit_text(met: str, situation: list[str], needs: list[str], findings: str) -> str:
    """A visit in one sentence."""
    parts = [f"见到{MET.get(met, met)}" if met != "nobody" else MET["nobody"]]
    if situation:
        parts.append("、".join(SITUATIONS.get(code, code) for code in situation))
    if needs:
        parts.append("需要" + "、".join(NEEDS.get(code, code) for code in needs))
    return "；".join([*parts, findings] if findings else parts)


def _registry_entry(entry: registry.TimelineEntry, names: dict[int, str]) -> Entry:
    person = names.get(int(entry.subject.partition(":")[2] or 0), "") if entry.subject.startswith("person:") else ""
    if entry.kind == "fact":
        if facts.is_hidden(entry.title):
            return Entry(entry.on, "有敏感信息，不在此显示", "", person, "grey", kind="fact")
        return _sourced(Entry(entry.on, facts.words(entry.title, entry.text), "", person, "grey", kind="fact"), entry)
    title = "成为家庭成员" if entry.kind == "membership" else entry.title  # '入户' is what grid workers do
    return _sourced(Entry(entry.on, title, entry.text, person, "red" if entry.title == "去世" else "grey", kind="move"), entry)


def _sourced(told: Entry, entry: registry.TimelineEntry) -> Entry:
    """With the feed that tells of it, where one does."""
    return replace(told, source=facts.source_title(entry.who), as_of=entry.as_of, batch=entry.batch)
