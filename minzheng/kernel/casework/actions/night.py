"""What the night does: applications and papers that never came lapse, notices come down, late cases climb, re-checks are called to mind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet

from minzheng.kernel.casework.actions.base import LAPSING, MACHINE, begin, cache, keep
from minzheng.kernel.casework.actions.working import drop_publications
from minzheng.kernel.casework.models import Case, CaseAction, Draft, Publication
from minzheng.kernel.casework.reading import acts_of, service_of, standing_of
from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.foundation.calendar import CalendarMissing
from minzheng.kernel.foundation.dated import Parameters
from minzheng.kernel.foundation.models import Jurisdiction
from minzheng.kernel.foundation.notifications.actions import Notice, notify, notify_roles

LADDER = Parameters(Path(__file__).resolve().parent.parent / "ladder.yaml")
LEVELS = {4: "town", 3: "county", 2: "city"}
RUNG_NAMES = {5: "村社区", 4: "镇街", 3: "区县", 2: "市"}


def lapse_overdue(*, as_of: date, by: Actor) -> int:
    """Applications that were not completed in time, and cases whose deferred papers did not come. Returns how many lapsed on the day."""
    for rows in lapsing(as_of):
        _each(rows, "lapse", as_of, by, _lapse)
    return _done("lapse", as_of, by)


def lapsing(as_of: date) -> tuple[QuerySet[Case], QuerySet[Case]]:
    """What may lapse on a day, by index: what was not completed, and what waits for a paper that was to come."""
    returned = Case.objects.filter(state="returned", waiting_for="applicant", due_on__lt=as_of)
    return returned, Case.objects.filter(papers_due_on__lt=as_of, urgent=False)


def _lapse(case: Case, by: Actor, _as_of: date) -> None:
    work = begin("lapse", case, by)
    late = [each.title for each in work.standing.materials if each.mode == "later"]
    work.commit(note=f"容缺材料逾期未补：{'、'.join(late)}" if case.state in LAPSING else "逾期未补正")
    drop_publications(work.case, work.today)


def take_down_finished(*, as_of: date, by: Actor) -> int:
    """Notices whose last day is over. Returns how many came down on the day."""
    _each(finished(as_of), "take_down", as_of, by, _take_down)
    return Publication.objects.filter(taken_down_on=as_of).count()


def finished(as_of: date) -> QuerySet[Case]:
    """Whose notice has hung its days."""
    return Case.objects.filter(pk__in=Publication.objects.filter(taken_down_on=None, until__lt=as_of).values("case"))


def _take_down(case: Case, by: Actor, _as_of: date) -> None:
    work = begin("take_down", case, by)
    work.commit(note="期满自动撤下")
    drop_publications(work.case, work.today)


def climb_overdue(*, as_of: date, by: Actor) -> int:
    """Cases for which the office is late climb one rung (town → district → city) with the days of that rung. Returns how many climbed on
    the day; the new date lies after it, so that a second call finds nothing more."""
    values = LADDER.at(as_of)
    climbed: list[tuple[int, str]] = []

    def climb(case: Case, actor: Actor, on: date) -> None:
        work = begin("climb", case, actor)
        rung = work.standing.rung - 1
        days = values.number({4: "ladder_town", 3: "ladder_county", 2: "ladder_city"}[rung])
        work.commit({"rung": rung, "days": days}, note=f"逾期未办，升级到{RUNG_NAMES[rung]}")
        climbed.append((rung, work.case.division_code))

    _each(late(as_of), "climb", as_of, by, climb)
    _tell(climbed, as_of)
    return _done("climb", as_of, by)


def late(as_of: date) -> QuerySet[Case]:
    """For which the office is late, and somebody stands above."""
    return Case.objects.filter(waiting_for="authority", due_on__lt=as_of, rung__gt=2)


def remind_rechecks(*, as_of: date, by: Actor) -> int:
    """Cases whose re-check (复核) is near or due are called to the town's mind, once. Returns how many on the day."""
    told: list[str] = []

    def remind(case: Case, actor: Actor, on: date) -> None:
        begun = case.followed_by.filter(opened_on__gte=case.decided_on).exists() if case.decided_on else False
        words = "复核已经开办" if begun else f"{case.recheck_on} 前应复核"
        keep(case, "remind", actor, acts_of(case), service_of(case), {"recheck_on": str(case.recheck_on)}, {}, words)
        told.extend([] if begun else [case.division_code])

    _each(to_remind(as_of), "remind", as_of, by, remind)
    tell_level(told, "town", "recheck", "{count} 户到了复核时间", "请按时复核", "cases:recheck", as_of)
    return _done("remind", as_of, by)


def to_remind(as_of: date) -> QuerySet[Case]:
    """Whose re-check is near or due and was not called to mind."""
    return Case.objects.filter(remind_on__lte=as_of)


def sweep_drafts(*, as_of: date, by: Actor) -> int:
    """Drafts that nobody sent are deleted after their time; returns how many."""
    count, _each_kind = Draft.objects.filter(expires_on__lt=as_of).delete()
    if count:
        audit.record(by, "draft.sweep", f"drafts:{count}")
    return count


def _each(rows: QuerySet[Case], verb: str, as_of: date, by: Actor, work: Callable[[Case, Actor, date], None]) -> None:
    """One case at a time, each in a transaction of its own: a kill leaves the rest for the next run. A case whose next date lies in a
    year without an official calendar stays as it is, for the night after the calendar came; the city is told."""
    missing: list[str] = []
    for pk in sorted(rows.values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                case = Case.objects.select_for_update(of=("self",)).get(pk=pk)
                standing = standing_of(case, as_of)
                if verb in standing.allowed:
                    work(case, by, as_of)
                else:
                    cache(case, standing)  # a list told of it and it is not so: the columns are put right
        except CalendarMissing as without:
            missing.append(str(without))
    if missing:
        audit.record(MACHINE, f"case.refused.{verb}", f"cases:{len(missing)}", missing[0][:512])
        notify_roles(capability="cases.supervise", level="city", kind="calendar_missing", title=f"{len(missing)} 件办件算不出期限",
                     text=missing[0], subject="cases:overdue", on=as_of)  # fmt: skip


def _done(verb: str, as_of: date, by: Actor) -> int:
    return CaseAction.objects.filter(verb=verb, on=as_of, by=by.name).count()


def _tell(climbed: list[tuple[int, str]], on: date) -> None:
    for rung in (4, 3, 2):
        codes = [code for at, code in climbed if at == rung]
        tell_level(codes, LEVELS[rung], "case_climbed", "{count} 件逾期办件升级到" + RUNG_NAMES[rung], "请督促办理", "cases:overdue", on)


def tell_level(codes: list[str], level: str, kind: str, title: str, text: str, subject: str, on: date) -> None:
    """Each official of a level hears how many lie in the area."""
    if not codes:
        return
    names = [name for name, role in roles().items() if role.level == level and "cases.accept" in role.capabilities | ({"cases.accept"} if level == "city" else set())]
    counted = Counter[int]()
    for user, low, high in Jurisdiction.objects.filter(user__is_active=True, user__role__in=names).values_list("user_id", "low", "high"):
        counted[user] += sum(low <= code < high for code in codes)
    notify(notices=[Notice(user, kind, title.format(count=n), text, subject) for user, n in counted.items() if n], on=on)
