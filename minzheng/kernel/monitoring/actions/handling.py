"""What officials do to one alert: read it, hand it over, visit, close, re-open.

Each verb locks the alert, checks right, jurisdiction and version, changes it, and leaves a step and an audit
entry in one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.foundation.calendar import add_working_days
from minzheng.kernel.foundation.models import User
from minzheng.kernel.monitoring.actions.telling import tell_assigned, tell_reopened
from minzheng.kernel.monitoring.catalogue import for_officials, goes_to, visit_working_days
from minzheng.kernel.monitoring.errors import AlertError, StaleAlert
from minzheng.kernel.monitoring.models import Alert, AlertStep, Visit
from minzheng.kernel.monitoring.outcomes import MET, NEEDS, OUTCOMES, SITUATIONS
from minzheng.kernel.monitoring.queries import RUNG_OF_LEVEL, assignees, seen_by
from minzheng.kernel.registry.models import LifeEvent

Verb = AlertStep.Verb
ATTEMPT_DAYS = 30  # so long an attempt that was noted without a connection can still come in


def open_alert(*, alert_id: int, by: Actor) -> Alert:
    """The alert with its evidence for reading; the reading is audited.

    Raises Forbidden without `alerts.view`, Alert.DoesNotExist outside the jurisdiction.
    """
    by.require("alerts.view")
    found = seen_by(scoped(Alert.objects.select_related("person", "assigned_to"), by), by).get(pk=alert_id)
    audit.record(by, "alert.read", f"alert:{found.pk}", person=found.person_id)
    return found


def list_alerts(*, rows: QuerySet[Alert], by: Actor) -> list[Alert]:
    """A list of alerts with people and evidence, for output; that it was drawn is audited, with its length.

    `rows` come from `queries.alerts`, which limits them to the actor's jurisdiction.
    """
    by.require("alerts.view")
    listed = list(rows)
    audit.record(by, "alert.list", "alert:list", rows=len(listed))
    return listed


@transaction.atomic
def assign_alert(
    *, alert: Alert, to: User, by: Actor, note: str = "", expected_version: int | None = None
) -> Alert:
    """Hand an open alert to a grid worker (or town official) whose jurisdiction covers the village.

    Raises Forbidden, StaleAlert, AlertError (closed, or `to` may not visit there).
    """
    by.require("alerts.assign")
    row = _locked(alert, by, expected_version)
    if row.status == Alert.Status.CLOSED:
        raise AlertError("预警已办结，不能派单；确需继续办理请先重开")
    if not any(user.pk == to.pk for user in assignees(row, by)):
        raise AlertError(f"{to.full_name}不能承接该预警：须是在用的网格员或镇街经办，且辖区覆盖该村社区")
    previous = row.assigned_to_id
    row.assigned_to, row.status = to, Alert.Status.ASSIGNED
    _commit(row, Verb.ASSIGNED, by, note, to=to.username, to_name=to.full_name, previous=previous)
    if by.user is None or by.user.pk != to.pk:
        tell_assigned(row, to, by.user.full_name if by.user else by.name, clock.business_date())
    return row


@transaction.atomic
def record_visit(
    *, alert: Alert, by: Actor, visited_on: date, met: str, situation: Sequence[str], needs: Sequence[str],
    outcome: str, form_token: str, findings: str = "", expected_version: int | None = None,
) -> Visit:
    """Store a visit; its outcome closes the alert. The same form sent twice gives the first visit back.

    The visitor's own attempts since the form was opened are no change that he would have to look at. Codes are those of outcomes.py. Raises Forbidden, StaleAlert, AlertError (in Chinese).
    """
    by.require("alerts.visit")
    if by.user is None:
        raise AlertError("入户登记须由登录人员本人办理")
    if not form_token:
        raise AlertError("表单令牌缺失，请刷新页面后重填")
    row = _locked(alert, by, None)
    if first := Visit.objects.filter(form_token=form_token).first():
        if first.alert_id == row.pk and first.visitor_id == by.user.pk:
            return first
        raise AlertError("该表单已用于另一次入户登记，请重新打开登记页面")
    if not _only_own_attempts(row, expected_version, by):
        _check_version(row, expected_version)
    _check_visit(row, visited_on, met, situation, needs, outcome)
    visit = Visit.objects.create(
        alert=row, visited_on=visited_on, visitor=by.user, met=met, situation=list(situation), needs=list(needs),
        outcome=outcome, findings=findings, form_token=form_token, recorded_at=timezone.now(),
    )
    if outcome == "deceased":
        _report_death(row, visited_on)
    row.status, row.outcome, row.closed_on = Alert.Status.CLOSED, outcome, clock.business_date()
    steps: list[tuple[str, str, dict[str, Any]]] = [
        (Verb.VISITED, MET[met], {"visit": visit.pk, "visited_on": visited_on.isoformat()}),
        (Verb.CLOSED, OUTCOMES[outcome].title, {"outcome": outcome, "visit": visit.pk}),
    ]
    _store(row, by, steps)
    return visit


@transaction.atomic
def record_attempt(*, alert: Alert, by: Actor, attempted_on: date | None = None) -> Alert:
    """Nobody was at home, today or on the day given: noted, the clock runs on. Twice for one day by one person it is one
    attempt, also when the alert was closed in between.

    Raises Forbidden, AlertError (closed, not signed in, or a day that cannot be).
    """
    by.require("alerts.visit")
    if by.user is None:
        raise AlertError("上门记录须由登录人员本人登记")
    row, day = _locked(alert, by, None), attempted_on or clock.business_date()
    own = row.steps.filter(verb=Verb.ATTEMPTED, by=by.name)
    if any(step.details.get("attempted_on", step.on.isoformat()) == day.isoformat() for step in own):
        return row
    if row.status == Alert.Status.CLOSED:
        raise AlertError("预警已办结，不用再记")
    _check_attempt(row, day)
    later = day != clock.business_date()
    words = f"{day} 上门没有遇到人，改日再去（事后补记）" if later else "上门没有遇到人，改日再去"
    _commit(row, Verb.ATTEMPTED, by, words, attempted_on=day.isoformat())
    return row


@transaction.atomic
def close_alert(
    *, alert: Alert, by: Actor, outcome: str, note: str, expected_version: int | None = None
) -> Alert:
    """Close an alert without a visit; needs an outcome and the reason in words.

    Raises Forbidden, StaleAlert, AlertError.
    """
    by.require("alerts.close")
    row = _locked(alert, by, expected_version)
    if row.status == Alert.Status.CLOSED:
        raise AlertError("预警已经办结，无需再次关闭")
    if outcome not in OUTCOMES:
        raise AlertError("办结须选择结果")
    if not OUTCOMES[outcome].fits_files(row.scenario in for_officials()):
        raise AlertError(f"结果“{OUTCOMES[outcome].title}”不适用于这类预警，请改选")
    if not note.strip():
        raise AlertError("不入户直接办结须写明理由")
    row.status, row.outcome, row.closed_on = Alert.Status.CLOSED, outcome, clock.business_date()
    _commit(row, Verb.CLOSED, by, note, outcome=outcome)
    return row


@transaction.atomic
def reopen_alert(*, alert: Alert, by: Actor, note: str, expected_version: int | None = None) -> Alert:
    """Open a closed alert again with a new clock; it returns to its grid worker, or to the pool without one.

    Raises Forbidden, StaleAlert, AlertError (not closed, no reason given), CalendarMissing.
    """
    by.require("alerts.reopen")
    row = _locked(alert, by, expected_version)
    if row.status != Alert.Status.CLOSED:
        raise AlertError("只有已办结的预警才能重开")
    if not note.strip():
        raise AlertError("重开须写明理由")
    closed_as = row.outcome
    keeps = row.assigned_to is not None and any(user.pk == row.assigned_to_id for user in assignees(row, by))
    row.status = Alert.Status.ASSIGNED if keeps else Alert.Status.NEW
    row.assigned_to = row.assigned_to if keeps else None
    row.outcome, row.closed_on, row.rung = "", None, RUNG_OF_LEVEL[goes_to(row.scenario)]
    row.due_on = add_working_days(clock.business_date(), visit_working_days(row.scenario))
    row.reopened += 1
    _commit(row, Verb.REOPENED, by, note, closed_as=closed_as)
    tell_reopened(row, clock.business_date())
    return row


def _locked(alert: Alert, by: Actor, expected_version: int | None) -> Alert:
    """The alert as it stands now, locked, inside the actor's jurisdiction."""
    row = scoped(Alert.objects.select_for_update(), by).filter(pk=alert.pk).first()
    if row is None:
        raise AlertError("没有这条预警，或它不在您的辖区内")
    _check_version(row, expected_version)
    return row


def _check_version(row: Alert, expected: int | None) -> None:
    if expected is None or expected == row.version:
        return
    since = [step for step in row.steps.all() if step.details.get("version", 0) > expected]
    happened = ";".join(
        f"{step.on} {step.by} {step.get_verb_display()}{f'({step.note})' if step.note else ''}" for step in since
    )
    raise StaleAlert(
        f"这条预警在您打开后已有变化：{happened or '内容已更新'}。现状态：{row.get_status_display()}。请核对后再办"
    )


def _only_own_attempts(row: Alert, expected: int | None, by: Actor) -> bool:
    """Whether all that happened since a version is that the actor found nobody at home: a round kept off-line sends the
    attempt of the morning before the visit of the evening, both filled in against one page."""
    if expected is None or expected >= row.version:
        return False
    since = [step for step in row.steps.all() if step.details.get("version", 0) > expected]
    return len(since) == row.version - expected and all(step.verb == Verb.ATTEMPTED and step.by == by.name for step in since)


def _check_visit(
    row: Alert, visited_on: date, met: str, situation: Sequence[str], needs: Sequence[str], outcome: str
) -> None:
    if row.status == Alert.Status.CLOSED:
        raise AlertError("预警已办结，不能再登记入户；确需补充请先重开")
    if outcome not in OUTCOMES or OUTCOMES[outcome].by != "visit":
        raise AlertError("请选择入户结果")
    if met not in MET:
        raise AlertError("请选择见到了谁")
    if unknown := (set(situation) - set(SITUATIONS)) | (set(needs) - set(NEEDS)):
        raise AlertError(f"不认识的选项：{'、'.join(sorted(unknown))}")
    if met == "nobody" and not OUTCOMES[outcome].unseen:
        raise AlertError(f"未见到人时不能得出“{OUTCOMES[outcome].title}”，请改选结果或见到的人")
    if visited_on > clock.business_date():
        raise AlertError(f"入户日期 {visited_on} 晚于今天 {clock.business_date()}")
    if visited_on < row.raised_on:
        raise AlertError(f"入户日期 {visited_on} 早于预警发现日期 {row.raised_on}")


def _check_attempt(row: Alert, day: date) -> None:
    today = clock.business_date()
    if day > today:
        raise AlertError(f"上门日期 {day} 晚于今天 {today}，请核对手机上的日期")
    if day < row.raised_on:
        raise AlertError(f"上门日期 {day} 早于预警发现日期 {row.raised_on}")
    if day < today - timedelta(days=ATTEMPT_DAYS):
        raise AlertError(f"上门日期 {day} 已过去 {ATTEMPT_DAYS} 天以上，不能再补记；请再上门一次后登记")


def _report_death(row: Alert, on: date) -> None:
    """A death heard of at the door is a life event for the other packs to look into, not a date of death:
    only the death feeds (health, funeral, police) set Person.death_date."""
    LifeEvent.objects.get_or_create(
        person_id=row.person_id, kind="death_reported", occurred_on=on,
        defaults={"source": "入户", "recorded_as_of": clock.business_date()},
    )


def _commit(row: Alert, verb: str, by: Actor, note: str, **details: Any) -> None:
    _store(row, by, [(verb, note.strip()[:512], details)])


def _store(row: Alert, by: Actor, steps: Sequence[tuple[str, str, dict[str, Any]]]) -> None:
    """Save the changed alert as the next version, with its steps and the audit entry."""
    row.version += 1
    row.save()
    now, today = timezone.now(), clock.business_date()
    AlertStep.objects.bulk_create(
        AlertStep(alert=row, verb=verb, on=today, at=now, by=by.name, note=note,
                  details={**details, "version": row.version})
        for verb, note, details in steps
    )  # fmt: skip
    audit.record_many(
        by, f"alert.{steps[-1][0]}",
        [audit.Entry(f"alert:{row.pk}", steps[-1][1], {"version": row.version, "status": row.status})],
    )  # fmt: skip
