"""The pure state: random legal and illegal verbs, clocks against a slow count of days."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from minzheng.kernel.casework import catalogue
from minzheng.kernel.casework.clocks import Stop, add_months, deadline, hangs_until, running
from minzheng.kernel.casework.errors import NotAllowed
from minzheng.kernel.casework.fold import Fold
from minzheng.kernel.casework.items import GIVING, Service
from minzheng.kernel.casework.state import Act, Standing, stand
from minzheng.kernel.casework.verbs import COMPLETES, ENDED, STATES, VERBS
from minzheng.kernel.foundation.calendar import CalendarMissing, WorkingCalendar

LAST = date(2026, 12, 31)
FORWARD = {"submit", "supplement", "attach", "accept", *COMPLETES.values(), "publish", "decide", "resume", "file", "review", "close", "hear"}


@cache
def official() -> WorkingCalendar:
    days = [date(2020, 1, 1) + timedelta(days=n) for n in range((LAST - date(2020, 1, 1)).days + 1)]
    return WorkingCalendar({day: chinese_calendar.is_workday(day) for day in days})


def services() -> list[Service]:
    return [Service(item, version) for item in catalogue.items().values() for version in item.versions]


def slowly(start: date, days: int, unit: str, stops: list[Stop]) -> date:
    """The deadline by going from day to day."""
    day, left = start, days
    while left:
        day += timedelta(days=1)
        stopped = any(stop.start < day <= (stop.end or date.max) for stop in stops)
        counts = official().is_working(day) if unit == "working" else True
        left -= bool(counts and not stopped)
    while unit == "calendar" and not official().is_working(day):
        day += timedelta(days=1)
    return day


DAYS = st.dates(date(2023, 1, 1), date(2025, 6, 30))


@given(DAYS, st.integers(1, 60), st.sampled_from(["working", "calendar"]), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 40)), max_size=4))
def test_a_clock_counts_like_somebody_with_a_calendar_on_the_wall(start: date, days: int, unit: Any, gaps: list[tuple[int, int]]) -> None:
    stops = [Stop(start + timedelta(days=a), start + timedelta(days=a + b), "pause") for a, b in gaps]
    assert running("x", "x", start, days, unit, official(), stops).due_on == slowly(start, days, unit, stops)


def test_boundary_days() -> None:
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2023, 12, 31), 2) == date(2024, 2, 29)
    assert deadline(date(2024, 2, 28), 1, "working", official()) == date(2024, 2, 29)
    assert deadline(date(2024, 2, 22), 7, "calendar", official()) == date(2024, 2, 29)
    assert deadline(date(2024, 4, 24), 7, "calendar", official()) == date(2024, 5, 6)  # 1 May begins a holiday
    assert deadline(date(2024, 9, 30), 1, "working", official()) == date(2024, 10, 8)
    assert deadline(date(2024, 2, 8), 1, "working", official()) == date(2024, 2, 9) or not official().is_working(date(2024, 2, 9))
    assert hangs_until(date(2024, 2, 22), 7) == date(2024, 2, 29)
    with pytest.raises(CalendarMissing, match="2027 年"):
        deadline(date(2026, 12, 30), 5, "working", official())


def told(fold: Fold, verb: str, draw: Any) -> dict[str, Any]:
    """Details that an action would give with a verb."""
    service, names = fold.service, list(fold.materials)
    decision = service.version.decision
    if verb in ("submit", "supplement"):
        found = {}
        for each in service.version.materials:
            if draw(st.integers(0, 3)):
                mode = "provided" if verb == "supplement" and draw(st.booleans()) else draw(st.sampled_from(["provided", "verified", "missing"]))
                found[each.name] = {"title": each.title, "mode": mode, "may_promise": each.may_promise, "later": each.may_supplement_later}
        near = service.version.near_relatives is not None and draw(st.booleans())
        return {"materials": found} | ({"near": True} if near else {})
    if verb == "visit":
        open_visits = [step.name for step in fold.open_steps() if step.kind == "visit"]
        return {"step": draw(st.sampled_from(open_visits))} if open_visits and draw(st.booleans()) else {}
    if verb == "accept":
        return {"urgent": draw(st.booleans())}
    if verb in ("attach", "promise", "defer"):
        wanted = {"promise": "may_promise", "defer": "may_supplement_later"}.get(verb)
        once = fold.deferred if verb == "defer" else set()
        fit = [n for n in names if n not in once and (wanted is None or (fold.materials[n].mode == "missing" and getattr(fold.materials[n], wanted)))]
        return {"material": draw(st.sampled_from(fit or names or ["none"]))}
    if verb == "return":
        return {"materials": names}
    if verb == "propose":
        return {"kind": draw(st.sampled_from(decision.kinds))}
    if verb == "decide":
        kinds = fold._decidable() or decision.kinds
        return {"kind": draw(st.sampled_from(kinds)), "class": next(iter(decision.classes), "")}
    if verb == "extend":
        return {"target": draw(st.sampled_from(fold.extendable() or ("limit",)))}
    if verb == "review":
        return {"founded": draw(st.booleans())}
    if verb == "climb":
        return {"days": 3}
    if verb == "plan":
        return {"measures": [{"title": "慰问", "owner": "社区", "due_on": "2024-12-31"}]}
    if verb == "measure":
        return {"number": 1}
    if verb in ("kept", "breach"):
        return {"material": draw(st.sampled_from([n for n, p in fold.promises.items() if p.checked == "drawn"] or ["none"]))}
    if verb == "assign":
        return {"to": "somebody"}
    return {}


class AnyCase(RuleBasedStateMachine):
    """A case of any item is driven about by whatever comes."""

    @initialize(data=st.data())
    def begin(self, data: Any) -> None:
        self.service = data.draw(st.sampled_from(services()))
        self.day = data.draw(st.dates(date(2023, 1, 2), date(2024, 12, 31)))
        self.fold = Fold(self.service, official())
        self.acts: list[Act] = []
        self._do("open", {})

    def _do(self, verb: str, details: dict[str, Any]) -> None:
        act = Act(verb, self.day, "x", details)
        self.fold.apply(act)
        self.acts.append(act)

    @rule(days=st.integers(0, 25))
    def time_goes_by(self, days: int) -> None:
        self.day += timedelta(days=days)
        if self.day > date(2025, 12, 1):
            self.day = date(2025, 12, 1)
        self.day = max([self.day, *(act.on for act in self.acts)])

    @precondition(lambda self: self.fold.allowed(self.day))
    @rule(data=st.data())
    def something_legal(self, data: Any) -> None:
        legal = sorted(self.fold.allowed(self.day) - ({"withdraw", "lapse", "decline"} if data.draw(st.integers(0, 3)) else set()))
        if not legal:
            return
        before = len(self.acts)
        forward = [verb for verb in legal if verb in FORWARD]
        verb = data.draw(st.sampled_from(forward if forward and data.draw(st.integers(0, 3)) else legal))
        details = told(self.fold, verb, data.draw)
        if verb == "decide" and details["kind"] not in self.fold._decidable():
            return
        self._do(verb, details)
        assert len(self.acts) == before + 1, "what is allowed can be done"

    @rule(verb=st.sampled_from(sorted(VERBS)))
    def something_illegal(self, verb: str) -> None:
        if verb in self.fold.allowed(self.day):
            return
        before = self.fold.standing(self.day)
        with pytest.raises(NotAllowed):
            self.fold.apply(Act(verb, self.day, "x", {}))
        assert self.fold.standing(self.day) == before, "a refusal changes nothing"

    @invariant()
    def it_stands_lawfully(self) -> None:
        if not hasattr(self, "fold"):
            return
        standing = self.fold.standing(self.day)
        assert standing == stand(self.service, self.acts, official(), self.day), "played again it stands where it stood"
        assert standing.state in STATES and standing.version == len(self.acts)
        assert (standing.waiting_for == "") == (standing.due_on is None and standing.stopped_since is None and not standing.steps) or standing.state == "draft"
        if standing.ended:
            assert not standing.steps and not standing.allowed & {"accept", "decide", "propose", "publish", "withdraw", "lapse"}
            assert standing.due_on is None
        if standing.state in ("withdrawn", "lapsed"):
            assert standing.allowed == frozenset() and standing.hanging is None
        if standing.state == "submitted" and "accept" in standing.allowed:
            assert not any(material.mode == "missing" for material in standing.materials)
        assert sum(notice.hanging for notice in standing.notices) <= 2
        assert (standing.papers_due_on is None) == (not any(material.mode == "later" for material in standing.materials))
        assert standing.remind_on is None or (standing.state in ("decided", "closed") and standing.recheck_on is not None)
        if standing.near and standing.decision and not standing.urgent and standing.state in ("decided", "closed"):
            assert {"near_filing", "near_visit"} <= set(standing.done), "the district was there before the decision"
        if standing.decision and standing.decision.kind in GIVING and not standing.urgent and self.acts[-1].verb == "decide":
            assert standing.papers_due_on is None, "nothing is given while a paper is to come"
        self._order(standing)
        self._clocks(standing)

    def _order(self, standing: Standing) -> None:
        """The required steps were done in the order of the item."""
        steps = [step for step in standing.road if step.name in standing.done and not step.optional and not step.parallel]
        assert all(standing.done[a.name] <= standing.done[b.name] for a, b in pairwise(steps))
        if standing.decision and standing.state in ("decided", "closed", "objected"):
            before = list(standing.road)
            kinds = [step.kind for step in before]
            assert all(step.name in standing.done for step in before[: kinds.index("decide") + 1])
        if standing.state in ENDED | {"decided"} or not standing.steps:
            return
        assert standing.steps[0] == next(s.name for s in standing.road if s.name not in standing.done)
        for verb in standing.allowed & set(COMPLETES.values()) - {"take_down", "publish", "decide"}:
            kinds_open = {step.kind for step in standing.road if step.name in standing.steps}
            assert verb == "accept" or any(COMPLETES[kind] == verb for kind in kinds_open)

    def _clocks(self, standing: Standing) -> None:
        """Every running clock agrees with a slow count of the days."""
        for clock in standing.clocks:
            step = next((s for s in self.fold.steps if s.name == clock.name), None)
            if step is not None and step.kind in ("publicity", "announce"):
                continue
            rule_: Any = step or self.service.version.limit
            stops = [stop for stop in self.fold.stops if stop.why in rule_.stops]
            if clock.due_on is None:
                assert any(stop.end is None for stop in stops)
            elif not any(stop.end is None for stop in stops):
                assert clock.due_on == slowly(clock.started_on, rule_.days + clock.extended, rule_.unit, stops)


TestAnyCase = AnyCase.TestCase
TestAnyCase.settings = settings(max_examples=40, stateful_step_count=35, deadline=None)
