"""Cases as lists show them: one line each, names masked, places short."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from minzheng.kernel.casework import catalogue
from minzheng.kernel.casework.models import Case
from minzheng.kernel.casework.parts import KINDS
from minzheng.kernel.casework.verbs import ENDED, STATES, WAITING
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.portals.staff import places
from minzheng.portals.staff.people import PersonLine, person_line

TONES = {
    "returned": "amber", "paused": "amber", "objected": "amber", "decided": "green", "closed": "green", "submitted": "blue",
    "under_way": "blue", "lapsed": "red",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One line of a list of cases. `step`: what is to be done next; `who`: who has it."""

    case: Case
    url: str
    person: PersonLine
    item: str
    place: str
    step: str
    who: str
    state: str
    tone: str
    decision: str

    @property
    def ended(self) -> bool:
        return self.case.state in ENDED


def rows(cases: Iterable[Case], actor: Actor) -> list[Row]:
    """Lines for cases whose applicant and owner are already fetched; place names come in one query."""
    found = list(cases)
    names = places.relative_names({case.division_code for case in found}, actor) if found else {}
    return [
        Row(
            case, reverse("staff:case", args=[case.pk]), person_line(case.applicant), item_title(case.item), names[case.division_code],
            step_title(case), holder(case), STATES[case.state], TONES.get(case.state, ""), KINDS.get(case.decision, ""),
        )
        for case in found
    ]  # fmt: skip


def item_title(name: str) -> str:
    """The words for an item; its name for one that is no longer declared."""
    known = catalogue.items().get(name)
    return known.title if known else name


def step_title(case: Case) -> str:
    """What the open step of a case is called; '' when none is open."""
    known = catalogue.items().get(case.item)
    if known is None or not case.step:
        return ""
    steps = catalogue.service(case.item, case.item_version).steps(case.urgent, case.near_relatives)
    return next((step.title for step in steps if step.name == case.step), case.step)


def holder(case: Case) -> str:
    """Who has a case: the official, the role whose step it is, or whom it waits for."""
    if case.state in ENDED:
        return ""
    if case.waiting_for != "authority":
        return WAITING.get(case.waiting_for, "") if case.waiting_for else ""
    if case.owner:
        return case.owner.full_name
    return roles()[case.role].title if case.role in roles() else ""
