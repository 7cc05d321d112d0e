"""What a case's course admits and when it is due, from what has been played so far. Free of Django and of any clock; see state.py."""

from __future__ import annotations

from datetime import date, timedelta

from minzheng.kernel.casework.clocks import Clock, Days, Stop, add_months, deadline, running
from minzheng.kernel.casework.items import GIVING, Service, Step
from minzheng.kernel.casework.state import (
    Act,
    Decided,
    MaterialStanding,
    MeasureStanding,
    Notice,
    PromiseStanding,
    Proposal,
    RemedyStanding,
    Standing,
)
from minzheng.kernel.casework.verbs import COMPLETES

TOP_RUNG = 2
TEND = frozenset({"attach", "authorise", "revoke"})  # as long as a case is open
AFTER = frozenset({"publicity", "announce"})
REMIND_BEFORE = timedelta(days=30)


class Course:
    """A case while its actions are played through: what it knows, what it admits, its clocks."""

    def __init__(self, service: Service, calendar: Days) -> None:
        self.service, self.calendar = service, calendar
        self.acts: list[Act] = []
        self.state, self.urgent = "", False
        self.started: dict[str, date] = {}
        self.done: dict[str, date] = {}
        self.submitted_on: date | None = None
        self.accepted_on: date | None = None
        self.stops: list[Stop] = []
        self.returned_on: date | None = None
        self.extended: dict[str, list[int]] = {}
        self.materials: dict[str, MaterialStanding] = {}
        self.promises: dict[str, PromiseStanding] = {}
        self.notices: list[Notice] = []
        self.proposal: Proposal | None = None
        self.heard_on: date | None = None
        self.decision: Decided | None = None
        self.declined_on: date | None = None
        self.objection, self.objected_on, self.before_objection = "", date.min, ""
        self.climbed: tuple[int, date] | None = None
        self.owner = ""
        self.measures: list[MeasureStanding] = []
        self.rated = False
        self.near, self.reminded = False, False
        self.deferred: set[str] = set()  # papers that were allowed to come later, once
        self.breached_on: date | None = None

    # --- what may be done ---------------------------------------------------------------------------------------------

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.service.steps(self.urgent, self.near)

    def open_steps(self) -> list[Step]:
        """The steps that may be done now: the first that is not done, and those that may go along with it or that an optional
        one lets through. After the decision the steps before it are over."""
        if self.state not in ("submitted", "under_way", "decided"):
            return []
        found: list[Step] = []
        owed, before_is_open = False, True  # whether a required step before it is still to be done; whether the one before is open or done
        for step in self.steps:
            if step.name not in self.done:
                before_is_open = not owed or (step.parallel and before_is_open)
                found += [step] if before_is_open else []
                owed = owed or not step.optional
            else:
                before_is_open = True
        if self.state == "submitted":
            return found[:1]
        return found

    def allowed(self, as_of: date) -> frozenset[str]:
        """The verbs that the case admits on a day."""
        if self.state == "":
            return frozenset({"open"})
        found = set(getattr(self, f"_in_{self.state}")(as_of))
        if self.state in ("decided", "closed", "objected"):
            found |= self._after_decision(as_of)
        if self.state in ("submitted", "under_way", "decided", "objected") and self._late(as_of) and self._rung() > TOP_RUNG:
            found.add("climb")
        return frozenset(found)

    def _in_draft(self, _as_of: date) -> set[str]:
        return {"submit", "withdraw", *TEND}

    def _in_submitted(self, as_of: date) -> set[str]:
        found = {"decline", "withdraw", "transfer", "assign", *TEND}
        if self.returned_on is None:
            found.add("return")
        found |= self._instead()
        if self._papers_late(as_of):
            found.add("lapse")
        elif not any(material.mode == "missing" for material in self.materials.values()):
            found.add("accept")
        return found | self._extending()

    def _in_returned(self, as_of: date) -> set[str]:
        found = {"supplement", "withdraw", *TEND} | self._instead()
        return found | {"lapse"} if self._completion_due() < as_of else found

    def _in_under_way(self, as_of: date) -> set[str]:
        found = {"withdraw", "transfer", "assign", "pause", *TEND} | self._instead() | self._extending() | self._step_verbs()
        if self._papers_late(as_of):
            found.add("lapse")
        if self._hanging() and not self.objection:
            found.add("object")
        if self.objection:
            found.add("review")
            found -= {"decide"}
        return found

    def _in_paused(self, _as_of: date) -> set[str]:
        return {"resume", "withdraw", *TEND}

    def _in_decided(self, _as_of: date) -> set[str]:
        found = self._step_verbs() | {"attach", "assign"} | self._extending()
        if not [step for step in self.open_steps() if not step.optional]:
            found.add("close")
        return found

    def _in_objected(self, _as_of: date) -> set[str]:
        return {"review", "attach", "assign"}

    def _in_closed(self, _as_of: date) -> set[str]:
        return set()

    def _in_withdrawn(self, _as_of: date) -> set[str]:
        return set()

    _in_lapsed = _in_withdrawn

    def _in_declined(self, as_of: date) -> set[str]:
        return {"object"} if any(r.here and as_of <= r.until for r in self.remedies()) else set()

    def _after_decision(self, as_of: date) -> set[str]:
        found = {"outcome", "remind"}
        if not self.rated:
            found.add("rate")
        if self._hanging():
            found.add("take_down")
        if self.state != "objected" and any(r.here and as_of <= r.until for r in self.remedies()):
            found.add("object")
        unchecked = [promise for promise in self.promises.values() if promise.checked == ""]
        if unchecked:
            found.add("draw")
        if any(promise.checked == "drawn" for promise in self.promises.values()):
            found |= {"kept", "breach"}
        if any(measure.done_on is None for measure in self.measures):
            found.add("measure")
        return found

    def _step_verbs(self) -> set[str]:
        found: set[str] = set()
        for step in self.open_steps():
            if step.kind == "publicity":
                found.add("take_down" if self._hanging() else "publish")
            elif step.kind == "decide":
                found |= {"decide", "hear"} if self._decidable() or self._hearable() else set()
            else:
                found.add(COMPLETES[step.kind])
        return found

    def _decidable(self) -> tuple[str, ...]:
        if self.objection or not any(step.kind == "decide" for step in self.open_steps()) or self.state != "under_way":
            return ()
        unheard = set() if self.heard_on else set(self.service.version.decision.hearing_before)
        early = GIVING if self._later() and not self.urgent else frozenset()  # what was accepted without a paper waits for it
        return tuple(kind for kind in self.service.version.decision.kinds if kind not in unheard | early)

    def _hearable(self) -> bool:
        return bool(self.service.version.decision.hearing_before) and self.heard_on is None

    def _instead(self) -> set[str]:
        missing = [material for material in self.materials.values() if material.mode == "missing"]
        found = {"promise"} if any(material.may_promise for material in missing) else set()
        later = any(material.may_supplement_later and material.name not in self.deferred for material in missing)
        return found | ({"defer"} if later else set())

    def _later(self) -> list[MaterialStanding]:
        return [material for material in self.materials.values() if material.mode == "later"]

    def _papers_late(self, as_of: date) -> bool:
        """Whether a paper that was to come later did not come."""
        return any(material.due_on is not None and material.due_on < as_of for material in self._later())

    def _hanging(self) -> Notice | None:
        return next((notice for notice in self.notices if notice.hanging), None)

    def _extending(self) -> set[str]:
        return {"extend"} if self.extendable() else set()

    def extendable(self) -> tuple[str, ...]:
        """What may be lengthened now: names of steps, and 'limit'."""
        found = [step.name for step in self.open_steps() if step.extend and len(self.extended.get(step.name, ())) < step.extend.times]
        limit = self.service.version.limit
        if limit and limit.extend and self.state == "under_way" and len(self.extended.get("limit", ())) < limit.extend.times:
            found.append("limit")
        return tuple(found)

    # --- clocks -------------------------------------------------------------------------------------------------------

    def _late(self, as_of: date) -> bool:
        waiting, due, _stopped = self._whose()
        return waiting == "authority" and due is not None and due < as_of

    def _rung(self) -> int:
        if self.climbed:
            return self.climbed[0]
        steps = self.open_steps() or [step for step in self.steps if step.kind == "decide"]
        return steps[0].rung

    def _completion_due(self) -> date:
        rule = self.service.version.completion
        return deadline(self.returned_on or date.min, rule.days, rule.unit, self.calendar)

    def clocks(self) -> tuple[Clock, ...]:
        """The clocks of the open steps, then that of the whole."""
        found = [self._clock(step) for step in self.open_steps()]
        limit = self.service.version.limit
        if limit and self.accepted_on and self.state in ("under_way", "paused") and not self.urgent:
            stops = [stop for stop in self.stops if stop.why in limit.stops]
            extended = sum(self.extended.get("limit", ()))
            found.append(running("limit", "全程", self.accepted_on, limit.days, limit.unit, self.calendar, stops, extended))
        return tuple(found)

    def _clock(self, step: Step) -> Clock:
        begun = self.started.get(step.name) if step.kind == "accept" else None  # it begins anew after a transfer, or an objection
        start = begun or {"submitted": self.submitted_on, "accepted": self.accepted_on}.get(step.after, self.done.get(step.after))
        start = start or self.started[step.name]
        stops = [stop for stop in self.stops if stop.why in step.stops]
        extended = sum(self.extended.get(step.name, ()))
        if step.kind in AFTER:
            if notice := next((n for n in self.notices if n.step == step.name and n.hanging), None):
                return Clock(step.name, step.title, notice.posted_on, notice.until)
            return running(step.name, step.title, start, step.post_within, "working", self.calendar, stops, extended)
        return running(step.name, step.title, start, step.days, step.unit, self.calendar, stops, extended)

    def _whose(self) -> tuple[str, date | None, date | None]:
        """(waiting for, due on, stopped since)."""
        if self.state == "draft":
            return "applicant", None, None
        if self.state == "returned":
            return "applicant", self._completion_due(), self.returned_on
        if self.state == "paused":
            return "authority", None, self.stops[-1].start
        if self.state == "objected" or self.objection:
            if self.climbed:
                return "authority", self.climbed[1], None
            return "authority", self.calendar.add_working_days(self.objected_on, self.service.version.decision.review_days), None
        clocks = self.clocks()
        if not clocks:
            return "", None, None
        hanging = self._hanging()
        if hanging and hanging.kind == "publicity" and [clock.name for clock in clocks if clock.name != "limit"] == [hanging.step]:
            return "public", hanging.until, None
        if self.climbed:
            return "authority", self.climbed[1], None
        running_ = [clock.due_on for clock in clocks if clock.due_on is not None and not self._is_hanging(clock.name)]
        stopped = [clock.stopped_since for clock in clocks if clock.stopped_since is not None]
        return "authority", min(running_, default=None), (min(stopped) if stopped and not running_ else None)

    def _is_hanging(self, name: str) -> bool:
        return any(notice.step == name and notice.hanging for notice in self.notices)

    def remedies(self) -> tuple[RemedyStanding, ...]:
        """What is open against the decision, each with its last day."""
        kind, on = ("decline", self.declined_on) if self.decision is None else (self.decision.kind, self.decision.on)
        if on is None:
            return ()
        return tuple(
            RemedyStanding(each.name, each.title, deadline(on, each.days, each.unit, self.calendar, rolls=False), each.here)
            for each in self.service.version.decision.remedies if kind in each.against
        )  # fmt: skip

    def recheck_on(self) -> date | None:
        """When what was granted is to be checked again, by the class of the household; at once when a promise was broken."""
        if self.decision is None or self.decision.kind not in (*GIVING, "keep", "reduce"):
            return None
        if self.breached_on:
            return self.breached_on
        months = self.service.version.decision.classes.get(self.decision.class_)
        return add_months(self.decision.on, months) if months else None

    def remind_on(self) -> date | None:
        """When the re-check is to be called to mind; None when it was, or there is none."""
        due = self.recheck_on() if self.state in ("decided", "closed") and not self.reminded else None
        return due - REMIND_BEFORE if due else None

    def standing(self, as_of: date) -> Standing:
        """All of it."""
        waiting, due, stopped = self._whose()
        steps = self.open_steps()
        role = steps[0].role if steps else ""
        return Standing(
            state=self.state, step=steps[0].name if steps else "", steps=tuple(step.name for step in steps), waiting_for=waiting,
            due_on=due, stopped_since=stopped, allowed=self.allowed(as_of), decidable=self._decidable(), role=role,
            rung=self._rung(), owner=self.owner, urgent=self.urgent, clocks=self.clocks(), materials=tuple(self.materials.values()),
            promises=tuple(self.promises.values()), notices=tuple(self.notices), proposal=self.proposal, heard_on=self.heard_on,
            decision=self.decision, remedies=self.remedies(), measures=tuple(self.measures), objection=self.objection,
            extendable=self.extendable(), recheck_on=self.recheck_on(), submitted_on=self.submitted_on, accepted_on=self.accepted_on,
            done=dict(self.done), version=len(self.acts), road=self.steps, near=self.near, remind_on=self.remind_on(),
        )  # fmt: skip
