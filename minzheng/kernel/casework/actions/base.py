"""What every verb does: lock the case, ask whether it is allowed, keep the action, rewrite the cached columns, audit; one transaction.

A form that is sent twice (same token) is one action. A refusal changes nothing and is on record with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from minzheng.kernel.casework.errors import CaseError, NotAllowed, StaleCase
from minzheng.kernel.casework.items import Service
from minzheng.kernel.casework.models import Case, CaseAction
from minzheng.kernel.casework.people import Citizen, own
from minzheng.kernel.casework.reading import OFFICIAL, acts_of, sealed, service_of
from minzheng.kernel.casework.rights import refusal
from minzheng.kernel.casework.state import Act, Standing, stand
from minzheng.kernel.casework.verbs import STATES, VERBS
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, Forbidden
from minzheng.kernel.foundation.calendar import CalendarMissing
from minzheng.kernel.foundation.models import User

P = ParamSpec("P")
R = TypeVar("R")
MACHINE = Actor.system("办件系统")
LAPSING = ("submitted", "under_way")  # where a paper that was to come later, and did not, ends the case


def verb(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """One transaction; a refusal is recorded after it was rolled back."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except (CaseError, CalendarMissing, Forbidden) as refused:
                by, case = kwargs.get("by"), kwargs.get("case")
                if isinstance(by, Actor):
                    audit.record(by, f"case.refused.{name}", f"case:{case.pk}" if isinstance(case, Case) else "case:new", str(refused)[:512])
                raise

        return wrapped

    return decorate


@dataclass
class Work:
    """A case held for one verb: where it stands before, and what to keep after."""

    verb: str
    case: Case
    by: Actor
    service: Service
    acts: list[Act]
    standing: Standing
    token: str
    repeated: bool = False

    @property
    def today(self) -> date:
        return clock.business_date()

    def commit(
        self, details: Mapping[str, Any] | None = None, *, content: Mapping[str, Any] | None = None, note: str = "", verb: str = ""
    ) -> Case:
        """Keep the action (`content`: personal, sealed) and the case's cached columns. Raises NotAllowed."""
        keep(self.case, verb or self.verb, self.by, self.acts, self.service, details or {}, content or {}, note, self.token)
        self.token = ""
        return self.case


def begin(
    verb: str, case: Case, by: Actor, form_token: str = "", expected_version: int | None = None, also: QuerySet[Case] | None = None
) -> Work:
    """Lock the case and ask everything that can be asked before. `also`: cases that the actor may reach with this verb without being a
    party to them. Raises CaseError, NotAllowed, StaleCase, Forbidden."""
    rows = Case.objects.select_for_update(of=("self",)).filter(pk=case.pk)
    row = own(rows, by).first() or (rows.filter(pk__in=also.values("pk")).first() if also is not None else None)
    if row is None:
        raise CaseError("没有这件办件，或它不在您的辖区内")
    service, acts = service_of(row), acts_of(row)
    standing = stand(service, acts, OFFICIAL, clock.business_date())
    work = Work(verb, row, by, service, acts, standing, form_token)
    if form_token and (first := CaseAction.objects.filter(form_token=form_token).first()):
        if first.case_id != row.pk or first.verb != verb or first.by != by.name:
            raise CaseError("该表单已用于另一次办理，请重新打开页面")
        work.repeated = True
        return work
    _check_version(row, expected_version)
    if refused := refusal(verb, service, standing, by):
        raise NotAllowed(refused)
    if verb not in standing.allowed:
        open_ = "、".join(step.title for step in standing.road if step.name in standing.steps)
        raise NotAllowed(f"办件{standing.title}，现在不能“{VERBS[verb]}”" + (f"：正在办的环节是{open_}" if open_ else ""))
    return work


def _check_version(row: Case, expected: int | None) -> None:
    if expected is None or expected == row.version:
        return
    since = CaseAction.objects.filter(case=row, seq__gt=expected).order_by("seq")
    happened = "；".join(f"{each.on} {each.by_title} {VERBS[each.verb]}" for each in since)
    raise StaleCase(f"这件办件在您打开后已有变化：{happened or '内容已更新'}。现状态：{STATES[row.state]}。请核对后再办")


def keep(
    case: Case, verb: str, by: Actor, acts: list[Act], service: Service, details: Mapping[str, Any], content: Mapping[str, Any],
    note: str, token: str = "",
) -> CaseAction:  # fmt: skip
    """Append an action, played through first, and rewrite the cached columns. The case is held. Raises NotAllowed."""
    today = clock.business_date()
    acts.append(Act(verb, today, by.name, dict(details)))
    standing = stand(service, acts, OFFICIAL, today)
    row = CaseAction.objects.create(
        case=case, seq=len(acts), verb=verb, on=today, at=timezone.now(), by=by.name, by_title=title_of(by), note=note.strip()[:512],
        details=dict(details), sealed=sealed(content), form_token=token or None,
    )  # fmt: skip
    cache(case, standing)
    audit.record(by, f"case.{verb}", f"case:{case.pk}", note.strip()[:512], number=case.number, version=standing.version)
    return row


def cached(standing: Standing) -> dict[str, Any]:
    """The columns of a case that lists go by, as its standing says them."""
    return {
        "state": standing.state, "step": standing.step, "waiting_for": standing.waiting_for, "due_on": standing.due_on,
        "stopped_since": standing.stopped_since, "role": standing.role, "rung": standing.rung, "urgent": standing.urgent,
        "decision": standing.decision.kind if standing.decision else "", "decided_on": standing.decision.on if standing.decision else None,
        "recheck_on": standing.recheck_on, "submitted_on": standing.submitted_on, "papers_due_on": standing.papers_due_on if standing.state in LAPSING else None,
        "remind_on": standing.remind_on, "near_relatives": standing.near,
        "promises_open": sum(promise.checked == "" for promise in standing.promises), "version": standing.version,
    }  # fmt: skip


def cache(case: Case, standing: Standing) -> None:
    """The one place that writes the cached columns."""
    for name, value in cached(standing).items():
        setattr(case, name, value)
    case.owner = User.objects.filter(username=standing.owner).first() if standing.owner else None
    case.save()


def title_of(by: Actor) -> str:
    """How the actor is called beside an action: the official's name, 申请人, or the process."""
    if isinstance(by, Citizen):
        return "申请人"
    return by.user.full_name if by.user else by.name


def reason(text: str, what: str, least: int = 2) -> str:
    """A reason that was given in words. Raises CaseError."""
    if len(text.strip()) < least:
        raise CaseError(f"请写明{what}")
    return text.strip()
