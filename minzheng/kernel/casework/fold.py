"""Playing a case's actions through: one method a verb. Free of Django and of any clock; see state.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from minzheng.kernel.casework.clocks import Stop, deadline, hangs_until
from minzheng.kernel.casework.course import AFTER, Course
from minzheng.kernel.casework.errors import NotAllowed
from minzheng.kernel.casework.items import Step
from minzheng.kernel.casework.state import (
    Act,
    Decided,
    MaterialStanding,
    MeasureStanding,
    Notice,
    PromiseStanding,
    Proposal,
)
from minzheng.kernel.casework.verbs import STATES, VERBS


class Fold(Course):
    """A case while its actions are played through."""

    def apply(self, act: Act) -> None:
        """Play one action. Raises NotAllowed."""
        if self.acts and act.on < self.acts[-1].on:
            raise NotAllowed(f"{VERBS[act.verb]}的日期 {act.on} 早于上一步的 {self.acts[-1].on}，请核对业务日期")
        if act.verb not in self.allowed(act.on):
            where = STATES.get(self.state, "未开办")
            raise NotAllowed(f"办件{where}，现在不能“{VERBS.get(act.verb, act.verb)}”")
        method: Callable[[Act], None] = getattr(self, f"_{act.verb}")
        before = set(self.done)
        method(act)
        self.acts.append(act)
        if set(self.done) != before:
            self._move_on(act)
        for step in self.open_steps():
            self.started.setdefault(step.name, act.on)

    def _move_on(self, act: Act) -> None:
        """A step is done: the ladder begins anew, and another role's step has no owner yet."""
        self.climbed = None
        last = [step for step in self.steps if step.name in self.done][-1:]
        following = self.open_steps()[:1]
        if last and following and last[0].role != following[0].role:
            self.owner = ""

    def _finish(self, kind: str, act: Act) -> Step:
        """The step that the action names, else the first open one of the kind, is done."""
        fitting, named = [step for step in self.open_steps() if step.kind == kind], act.details.get("step")
        step = next((step for step in fitting if step.name == named), fitting[0])
        self.done[step.name] = act.on
        return step

    def _open(self, act: Act) -> None:
        self.state = "draft"

    def _submit(self, act: Act) -> None:
        self.state, self.submitted_on = "submitted", act.on
        self.near = bool(act.details.get("near"))
        self._take_materials(act)

    def _take_materials(self, act: Act) -> None:
        """The papers that the answers ask for; what was given or promised for one of them stays."""
        for name, told in act.details.get("materials", {}).items():
            known = self.materials.get(name)
            mode = known.mode if known and known.mode != "missing" else told["mode"]
            self.materials[name] = MaterialStanding(
                name, told["title"], mode, known.due_on if known else None, told.get("may_promise", False), told.get("later", False)
            )
        gone = set(self.materials) - set(act.details.get("materials", self.materials))
        for name in gone:
            del self.materials[name]

    def _accept(self, act: Act) -> None:
        self.urgent = bool(act.details.get("urgent")) and self.service.version.urgent is not None
        self.state, self.accepted_on = "under_way", act.on
        self.done[self.steps[0].name] = act.on

    def _decline(self, act: Act) -> None:
        self.state, self.declined_on = "declined", act.on

    def _return(self, act: Act) -> None:
        self.state, self.returned_on = "returned", act.on
        self.stops.append(Stop(act.on, None, "completion"))
        for name in act.details.get("materials", ()):
            if name in self.materials:
                self.materials[name] = replace(self.materials[name], mode="missing")

    def _supplement(self, act: Act) -> None:
        self.state = "submitted"
        self._end_stop("completion", act.on)
        self.near = bool(act.details.get("near"))
        self._take_materials(act)

    def _attach(self, act: Act) -> None:
        name = act.details.get("material", "")
        if name in self.materials:
            self.materials[name] = replace(self.materials[name], mode="provided", due_on=None)

    def _promise(self, act: Act) -> None:
        material = self._missing(act, "may_promise", "告知承诺")
        self.materials[material.name] = replace(material, mode="promised")
        self.promises[material.name] = PromiseStanding(material.name, material.title, act.on)

    def _defer(self, act: Act) -> None:
        material = self._missing(act, "may_supplement_later", "容缺受理")
        if material.name in self.deferred:
            raise NotAllowed(f"“{material.title}”已经容缺过一次，不能再延后：请现在补交")
        self.deferred.add(material.name)
        rule = next((m for m in self.service.version.materials if m.name == material.name), None)
        days, unit = (rule.days, rule.unit) if rule else (5, "working")
        self.materials[material.name] = replace(material, mode="later", due_on=deadline(act.on, days, unit, self.calendar))

    def _missing(self, act: Act, flag: str, what: str) -> MaterialStanding:
        found = self.materials.get(act.details.get("material", ""))
        if found is None or found.mode != "missing" or not getattr(found, flag):
            raise NotAllowed(f"这份材料不能{what}：要么已经有了，要么事项规定不允许")
        return found

    def _lapse(self, act: Act) -> None:
        self.state = "lapsed"
        self._drop_notices(act)

    def _authorise(self, act: Act) -> None:
        """Whose authorisations are live is asked of the authorisations themselves, by the day of the check."""

    _revoke = _authorise

    def _check(self, act: Act) -> None:
        self._finish("check", act)

    def _assign(self, act: Act) -> None:
        self.owner = str(act.details.get("to", ""))

    def _visit(self, act: Act) -> None:
        self._finish("visit", act)

    def _file(self, act: Act) -> None:
        self._finish("file", act)

    def _papers(self, act: Act) -> None:
        self._finish("papers", act)

    def _plan(self, act: Act) -> None:
        self._finish("plan", act)
        self.measures = [
            MeasureStanding(number, told["title"], told["owner"], date.fromisoformat(told["due_on"]))
            for number, told in enumerate(act.details.get("measures", ()), 1)
        ]

    def _measure(self, act: Act) -> None:
        number = act.details.get("number")
        if not any(each.number == number and each.done_on is None for each in self.measures):
            raise NotAllowed("没有这项待落实的措施")
        self.measures = [replace(each, done_on=act.on) if each.number == number else each for each in self.measures]

    def _propose(self, act: Act) -> None:
        told = act.details
        self._finish("propose", act)
        self.proposal = Proposal(told["kind"], told.get("amount_fen"), act.by, act.on, told.get("rule"))
        self.heard_on = None

    def _publish(self, act: Act) -> None:
        step = next(step for step in self.open_steps() if step.kind in AFTER)
        until = hangs_until(act.on, step.days)
        self.notices.append(Notice(step.name, step.kind, act.on, until))
        if step.kind == "announce":
            self.done[step.name] = act.on
        else:
            self.stops.append(Stop(act.on, None, "publicity"))

    def _take_down(self, act: Act) -> None:
        notice = self._hanging()
        assert notice is not None
        self.notices = [replace(each, taken_down_on=act.on) if each == notice else each for each in self.notices]
        if notice.kind == "publicity":
            self._end_stop("publicity", act.on)
            if act.on > notice.until:
                self.done[notice.step] = act.on

    def _hear(self, act: Act) -> None:
        self.heard_on = act.on

    def _decide(self, act: Act) -> None:
        told = act.details
        if told["kind"] not in self._decidable():
            words = "须先听取当事人意见" if told["kind"] in self.service.version.decision.hearing_before else "事项里没有这种决定"
            raise NotAllowed(f"现在不能作出这个决定：{words}")
        decided = self._finish("decide", act)
        for step in self.steps:  # what came before and was left out is over
            if step.name == decided.name:
                break
            self.done.setdefault(step.name, act.on)
        self.decision = Decided(
            told["kind"], told.get("amount_fen"), act.by, act.on, bool(told.get("deviates")), told.get("reason", ""), told.get("class", "")
        )
        self.state, self.reminded = "decided", False

    def _outcome(self, act: Act) -> None:
        """What came of the decision is told by the other rooms; here it stands that it was handed on."""

    def _remind(self, act: Act) -> None:
        self.reminded = True

    def _withdraw(self, act: Act) -> None:
        self.state = "withdrawn"
        self._drop_notices(act)

    def _drop_notices(self, act: Act) -> None:
        """What hangs comes down at once; a publicity that was cut short does not count."""
        self.notices = [replace(each, taken_down_on=each.taken_down_on or act.on) for each in self.notices]
        self._end_stop("publicity", act.on)

    def _transfer(self, act: Act) -> None:
        self.owner, self.climbed = "", None
        self._drop_notices(act)
        if self.state == "submitted":
            self.started[self.steps[0].name] = act.on

    def _object(self, act: Act) -> None:
        if self.state == "under_way":
            self.objection, self.objected_on = "publicity", act.on
        else:
            self.before_objection = self.state
            self.state, self.objection, self.objected_on = "objected", "decision", act.on

    def _review(self, act: Act) -> None:
        founded = bool(act.details.get("founded"))
        about, self.objection = self.objection, ""
        self.climbed = None
        if about == "publicity":
            if founded:
                self._reopen("visit", act)
            return
        if not founded:
            self.state = self.before_objection
            return
        declined = self.before_objection == "declined"
        self.state = "submitted" if declined else "under_way"
        if declined:
            self.declined_on = None
            self.started.pop(self.steps[0].name, None)
        else:
            self._reopen("decide", act)

    def _reopen(self, kind: str, act: Act) -> None:
        """From the first step of a kind on everything is to be done again; what hangs comes down."""
        at = next((n for n, step in enumerate(self.steps) if step.kind == kind), None)
        at = at if at is not None else next(n for n, step in enumerate(self.steps) if step.kind == "decide")
        for step in self.steps[at:]:
            self.done.pop(step.name, None)
            self.started.pop(step.name, None)
        self._drop_notices(act)

    def _close(self, act: Act) -> None:
        self.state = "closed"

    def _extend(self, act: Act) -> None:
        target = act.details.get("target", "")
        if target not in self.extendable():
            raise NotAllowed("这个期限不能再延长：事项没有规定可以延长，或次数已用完")
        self.extended.setdefault(target, []).append(self._extension(target))
        self.climbed = None

    def _extension(self, target: str) -> int:
        holder: Any = self.service.version.limit if target == "limit" else next(s for s in self.steps if s.name == target)
        return int(holder.extend.days)

    def _pause(self, act: Act) -> None:
        self.state = "paused"
        self.stops.append(Stop(act.on, None, "pause"))

    def _resume(self, act: Act) -> None:
        self.state = "under_way"
        self._end_stop("pause", act.on)

    def _end_stop(self, why: str, on: date) -> None:
        self.stops = [replace(stop, end=on) if stop.why == why and stop.end is None else stop for stop in self.stops]

    def _draw(self, act: Act) -> None:
        for name, promise in self.promises.items():
            if promise.checked == "" and name in act.details.get("materials", self.promises):
                self.promises[name] = replace(promise, checked="drawn")

    def _kept(self, act: Act) -> None:
        self._judge(act, "kept")

    def _breach(self, act: Act) -> None:
        self._judge(act, "breach")
        self.breached_on, self.reminded = act.on, False

    def _judge(self, act: Act, result: str) -> None:
        promise = self.promises.get(act.details.get("material", ""))
        if promise is None or promise.checked != "drawn":
            raise NotAllowed("这项承诺没有被抽中待查")
        self.promises[promise.material] = replace(promise, checked=result)

    def _rate(self, act: Act) -> None:
        self.rated = True

    def _climb(self, act: Act) -> None:
        self.climbed = (self._rung() - 1, self.calendar.add_working_days(act.on, int(act.details["days"])))
