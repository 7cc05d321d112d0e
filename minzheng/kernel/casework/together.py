"""一件事: several cases seen as one: how far they are, and who still has to sign for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from minzheng.kernel.casework import catalogue, checks, signing
from minzheng.kernel.casework.models import Authorisation, BundleCase, Case
from minzheng.kernel.casework.state import Standing
from minzheng.kernel.casework.verbs import ENDED, STATES
from minzheng.kernel.registry.models import Person

# How far a case in a state is, in percent of its road; what is over is all of it.
SHARES = {"draft": 0, "submitted": 20, "returned": 20, "under_way": 50, "paused": 50, "objected": 90, "decided": 90}


@dataclass(frozen=True)
class Progress:
    """Of `total` cases so many are over or decided; percent: of the whole road; due_on: the office's next day; words: for people."""

    total: int
    decided: int
    percent: int
    due_on: date | None
    words: str


@dataclass(frozen=True)
class Member:
    """One case of it: its item's title and where it stands."""

    case: Case
    title: str
    standing: Standing


@dataclass(frozen=True)
class BundleConsent:
    """Whose authorisation the cases need; `feeds`: all that would be signed at once; authorisation: the one that covers all of it."""

    person: Person
    feeds: tuple[str, ...]
    authorisation: Authorisation | None


@dataclass(frozen=True)
class BundleView:
    """A 一件事 on one page. `elsewhere`: cases that the reader may not see (handed to another place); accepted: the slip can be issued."""

    bundle: BundleCase
    title: str
    members: tuple[Member, ...]
    elsewhere: int
    consents: tuple[BundleConsent, ...]
    progress: Progress
    accepted: bool


def title_of(bundle: BundleCase) -> str:
    """What the 一件事 is called."""
    found = catalogue.bundles().get(bundle.bundle)
    return found.title if found else bundle.bundle


def progress_of(cases: Sequence[Case]) -> Progress:
    """How far some cases are together, from their cached columns."""
    counted = Counter(case.state for case in cases)
    words = "，".join(f"{count} 件{STATES[state]}" for state, count in sorted(counted.items(), key=lambda each: list(STATES).index(each[0])))
    due = min((case.due_on for case in cases if case.waiting_for == "authority" and case.due_on), default=None)
    over = sum(case.state in ENDED or case.state == "decided" for case in cases)
    percent = sum(100 if case.state in ENDED else SHARES[case.state] for case in cases) // max(len(cases), 1)
    return Progress(len(cases), over, percent, due, words)


def accepted(cases: Sequence[Case]) -> bool:
    """Whether every case was accepted, declined or taken back, and one at least is being handled."""
    waiting = any(case.state in ("draft", "submitted", "returned") for case in cases)
    return not waiting and any(case.state not in ("declined", "withdrawn", "lapsed") for case in cases)


def consents_of(bundle: BundleCase, on: date) -> tuple[BundleConsent, ...]:
    """Everybody whose signature the open cases need, each once, with what is signed at once for all of them."""
    people: dict[int, Person] = {}
    lacking: set[int] = set()
    for case, service in signing.open_cases(bundle):
        if service.version.authorisation is None:
            continue
        people |= {person.pk: person for person in checks.people_of(case, service, on)}
        lacking |= {person.pk for person in signing.lacking(case, service, on)}
    found = []
    for pk, person in people.items():
        feeds, _months = signing.scope_of(signing.services_of(bundle, person, on))
        live = Authorisation.objects.filter(case__bundle=bundle, person=person, revoked_on=None, valid_until__gte=on).order_by("-valid_until").first()
        found.append(BundleConsent(person, feeds, live if pk not in lacking else None))
    return tuple(found)
