"""Where a case stands: pure of Django and of any clock. A case = a version of a service item + its ordered actions → Standing.

Nothing of this is stored as truth. `stand` plays the actions through; an action that was not allowed where it stands raises
NotAllowed, so that no sequence of actions leads to an illegal state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from minzheng.kernel.casework.clocks import Clock, Days
from minzheng.kernel.casework.items import Service, Step
from minzheng.kernel.casework.verbs import ENDED, STATES


@dataclass(frozen=True)
class Act:
    """One action: what, on which business date, by whom (user name), with details that hold no personal data."""

    verb: str
    on: date
    by: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class MaterialStanding:
    """A paper that belongs to the case. mode: missing, provided, promised, later, verified (a feed proves it)."""

    name: str
    title: str
    mode: str
    due_on: date | None = None
    may_promise: bool = False
    may_supplement_later: bool = False

    @property
    def open(self) -> bool:
        """Whether it is still to come."""
        return self.mode in ("missing", "later")


@dataclass(frozen=True)
class PromiseStanding:
    """A promise in place of a proof, and what a random check came to: '' not drawn, drawn, kept, breach."""

    material: str
    title: str
    on: date
    checked: str = ""


@dataclass(frozen=True)
class Notice:
    """A notice (公示 before the decision, 公布 after it): hangs up to and including `until` unless taken down before."""

    step: str
    kind: str
    posted_on: date
    until: date
    taken_down_on: date | None = None

    @property
    def hanging(self) -> bool:
        return self.taken_down_on is None


@dataclass(frozen=True)
class Proposal:
    """What was proposed, by whom, and what the rule said (None: no rule, or nothing to reckon with)."""

    kind: str
    amount_fen: int | None
    by: str
    on: date
    rule: Mapping[str, Any] | None


@dataclass(frozen=True)
class Decided:
    """The decision; `deviates`: it is another than the rule's, `reason` says why."""

    kind: str
    amount_fen: int | None
    by: str
    on: date
    deviates: bool
    reason: str
    class_: str = ""


@dataclass(frozen=True)
class RemedyStanding:
    """What can be done against the decision, up to and including a day."""

    name: str
    title: str
    until: date
    here: bool


@dataclass(frozen=True)
class MeasureStanding:
    """A measure of a plan (一户一档一策): owner, due date, and when it was done."""

    number: int
    title: str
    owner: str
    due_on: date
    done_on: date | None = None


@dataclass(frozen=True)
class Standing:
    """state: code of STATES; steps: the names of the steps that may be done now, the first being `step`; waiting_for: applicant,
    authority, public or ''; due_on: until when whoever it waits for has (None: nobody, or the clock stands still since
    `stopped_since`); allowed: verbs that the case admits, whoever does them; decidable: kinds that may be decided now (nothing is given while papers of a 容缺 are to come);
    role: whose step it is; rung: whose clock (5 village … 2 city); owner: user name of whom it was assigned to; road: all its steps;
    near: a near relative of staff; remind_on: when its re-check is to be called to mind (None: not, or it was)."""

    state: str
    step: str
    steps: tuple[str, ...]
    waiting_for: str
    due_on: date | None
    stopped_since: date | None
    allowed: frozenset[str]
    decidable: tuple[str, ...]
    role: str
    rung: int
    owner: str
    urgent: bool
    clocks: tuple[Clock, ...]
    materials: tuple[MaterialStanding, ...]
    promises: tuple[PromiseStanding, ...]
    notices: tuple[Notice, ...]
    proposal: Proposal | None
    heard_on: date | None
    decision: Decided | None
    remedies: tuple[RemedyStanding, ...]
    measures: tuple[MeasureStanding, ...]
    objection: str  # '' none open, else 'publicity' or 'decision'
    extendable: tuple[str, ...]
    recheck_on: date | None
    submitted_on: date | None
    accepted_on: date | None
    done: Mapping[str, date]
    version: int
    road: tuple[Step, ...]
    near: bool
    remind_on: date | None

    @property
    def title(self) -> str:
        return STATES[self.state]

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def open_materials(self) -> tuple[MaterialStanding, ...]:
        return tuple(material for material in self.materials if material.open)

    @property
    def papers_due_on(self) -> date | None:
        """The first day by which a paper was promised that has not come (容缺)."""
        return min((material.due_on for material in self.materials if material.mode == "later" and material.due_on), default=None)

    @property
    def hanging(self) -> Notice | None:
        return next((notice for notice in self.notices if notice.hanging), None)

    def overdue(self, as_of: date) -> bool:
        """Whether the office is late."""
        return self.waiting_for == "authority" and self.due_on is not None and self.due_on < as_of


def stand(service: Service, acts: Iterable[Act], calendar: Days, as_of: date) -> Standing:
    """Where a case stands on a day. `as_of` decides only what depends on passing time: which verbs are (still) allowed.

    Raises NotAllowed when an action is not lawful where it stands, CalendarMissing when a deadline needs a year that the
    official calendar does not have.
    """
    from minzheng.kernel.casework.fold import Fold  # it builds on the shapes above

    fold = Fold(service, calendar)
    for act in acts:
        fold.apply(act)
    return fold.standing(as_of)
