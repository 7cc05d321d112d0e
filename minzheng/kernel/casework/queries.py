"""Reading cases, always inside the reader's jurisdiction; a citizen reads only what is theirs. What the public may see is masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from minzheng.kernel.casework import catalogue, checks, signing, together, weighing
from minzheng.kernel.casework.beside import Beside
from minzheng.kernel.casework.beside import beside as matrix_beside
from minzheng.kernel.casework.clocks import deadline
from minzheng.kernel.casework.items import Material, Service
from minzheng.kernel.casework.models import (
    Authorisation,
    BundleCase,
    Case,
    CaseAction,
    CasePaper,
    Check,
    Draft,
    PromiseDraw,
    Publication,
)
from minzheng.kernel.casework.outcomes import in_words as outcome_in_words
from minzheng.kernel.casework.people import Citizen, own
from minzheng.kernel.casework.printing import BUNDLE_SLIP
from minzheng.kernel.casework.reading import (
    OFFICIAL,
    acts_of,
    answers_of,
    latest,
    service_of,
    standing_of,
    unsealed,
)
from minzheng.kernel.casework.rights import refusal
from minzheng.kernel.casework.state import Standing
from minzheng.kernel.casework.verbs import ENDED, STATES, VERBS
from minzheng.kernel.divisions.queries import inside
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, roles, scoped
from minzheng.kernel.foundation.models import User
from minzheng.kernel.registry.models import Person
from minzheng.kernel.rules.explanation import in_words

LEVEL_RUNGS = {"village": 5, "town": 4, "county": 3, "city": 2}
OPENED_BY_OTHERS = frozenset({"submit", "supplement", "attach", "promise", "authorise", "withdraw", "rate", "outcome", "climb", "assign", "remind"})


def cases(
    actor: Actor, state: str = "", item: str = "", division: str = "", overdue_on: date | None = None, due: tuple[date, date] | None = None,
    waiting_for: str = "", owner: int | None = None, urgent: bool | None = None, number: str = "", people: Iterable[int] = (),
) -> QuerySet[Case]:  # fmt: skip
    """Cases in the actor's jurisdiction (a citizen's own), most urgent first.

    state: a code of STATES, 'open' (not ended; the default shows all); division: a code, its leading digits or the slug of a board;
    overdue_on: open ones for which the office is late on that day; due: office's dates from a day to another; people: ids of the
    registry. Raises Forbidden, LookupError, ValueError for an unknown place.
    """
    if not isinstance(actor, Citizen):
        actor.require("cases.view")
    rows = own(Case.objects.select_related("applicant", "household", "owner"), actor)
    if state == "open":
        rows = rows.exclude(state__in=ENDED)
    elif state:
        rows = rows.filter(state=state)
    for name, value in (("item", item), ("waiting_for", waiting_for), ("number", number), ("owner_id", owner)):
        rows = rows.filter(**{name: value}) if value else rows
    if division:
        rows = rows.filter(inside(division, clock.business_date()))
    if overdue_on is not None:
        rows = rows.filter(waiting_for="authority", due_on__lt=overdue_on)
    if due is not None:
        rows = rows.filter(waiting_for="authority", due_on__gte=due[0], due_on__lte=due[1])
    if urgent is not None:
        rows = rows.filter(urgent=urgent)
    wanted = list(people)
    if wanted:
        rows = rows.filter(Q(applicant_id__in=wanted) | Q(agent_id__in=wanted))
    return rows.order_by("-urgent", "due_on", "id")


def case(case_id: int, actor: Actor) -> Case:
    """One case; raises Case.DoesNotExist outside the jurisdiction or when it is not the citizen's. Reading its content is an action
    (actions.open_case_file), which is on record."""
    return cases(actor).get(pk=case_id)


def todo(actor: Actor, as_of: date) -> QuerySet[Case]:
    """What waits for this actor: cases handed to them; those of their role's steps that nobody has; what climbed to their level."""
    rows = cases(actor, waiting_for="authority")
    known = roles().get(actor.role)
    level = LEVEL_RUNGS.get(known.level, 2) if known else 2
    waiting = Q(role=actor.role, owner=None) | (Q(rung=level) & ~Q(role=actor.role))
    if actor.user:
        waiting |= Q(owner=actor.user)
    return rows.filter(waiting)


def counts(actor: Actor, as_of: date) -> dict[str, int]:
    """Cases by state in the actor's jurisdiction, and total, open, overdue, today (due), urgent (open), waiting for applicants."""
    actor.require("cases.view")
    rows = scoped(Case.objects.all(), actor)
    by_state = dict(rows.values_list("state").annotate(n=Count("id")).order_by())
    open_, late = ~Q(state__in=ENDED), Q(waiting_for="authority", due_on__lt=as_of)
    figures: dict[str, int] = rows.aggregate(
        total=Count("id"), open=Count("id", filter=open_), overdue=Count("id", filter=late),
        today=Count("id", filter=Q(waiting_for="authority", due_on=as_of)), urgent=Count("id", filter=open_ & Q(urgent=True)),
        applicants=Count("id", filter=Q(waiting_for="applicant") & open_),
    )  # fmt: skip
    return {**by_state, **figures}


def standing(of: Case, actor: Actor, as_of: date | None = None) -> Standing:
    """Where a case stands, computed from its actions. Raises Case.DoesNotExist, CalendarMissing."""
    return standing_of(case(of.pk, actor), as_of or clock.business_date())


def verbs(of: Case, actor: Actor, as_of: date | None = None) -> frozenset[str]:
    """The verbs that this actor may do to the case now: the buttons of a page. The actions ask again."""
    found, service = standing(of, actor, as_of), service_of(of)
    return frozenset(verb for verb in found.allowed if not refusal(verb, service, found, actor))


@dataclass(frozen=True)
class Entry:
    """One action as it is read: `content` is what it kept sealed ({} for the public and for citizens on what is the office's own)."""

    seq: int
    verb: str
    title: str
    on: date
    by: str
    note: str
    details: dict[str, Any]
    content: dict[str, Any]


INTERNAL = frozenset({"opinion", "findings", "relative", "relation", "filing"})  # of the office; a citizen asks for the file on paper


def assignees(of: Case, actor: Actor) -> list[User]:
    """Who can take a case: active officials who see cases and whose jurisdiction covers its place; those whose step is open first,
    then the least burdened. Each carries `open_cases`."""
    actor.require("cases.view")
    if not actor.covers(of.division_code):
        return []
    names = [name for name, role in roles().items() if "cases.view" in role.capabilities]
    here = Q(jurisdictions__low__lte=of.division_code, jurisdictions__high__gt=of.division_code)
    burden = Count("cases", filter=~Q(cases__state__in=ENDED), distinct=True)
    found: list[Any] = list(User.objects.filter(here, is_active=True, role__in=names).annotate(open_cases=burden).distinct())
    return sorted(found, key=lambda user: (user.role != of.role, user.open_cases, user.pk))


def history(of: Case, actor: Actor) -> list[Entry]:
    """What was done, oldest first, with its content. The reader has opened the file (open_case_file)."""
    rows = own(CaseAction.objects.filter(case=of), actor).order_by("seq")
    hidden = INTERNAL if isinstance(actor, Citizen) else frozenset()
    return [
        Entry(row.seq, row.verb, VERBS[row.verb], row.on, row.by_title, row.note, row.details,
              {name: value for name, value in unsealed(row.sealed).items() if name not in hidden})
        for row in rows
    ]  # fmt: skip


def answers(of: Case, actor: Actor) -> dict[str, Any]:
    """The answers of the form as last sent, or as filled in before it was. Raises Case.DoesNotExist."""
    return answers_of(case(of.pk, actor))


@dataclass(frozen=True)
class Compared:
    """What the applicant says beside what the data say; `differs` marks what an official should look at. `seen`: on the visit."""

    field: str
    title: str
    said: Any
    told: str
    differs: bool
    seen: Any = None


def compared(of: Case, actor: Actor) -> list[Compared]:
    """Every answer with what the check says of the same thing, where it says anything, and what the visit confirmed."""
    row = case(of.pk, actor)
    service, said = service_of(row), answers_of(row)
    use, told = service.version.rule, weighing.last_check(row).get(str(row.applicant_id), {})
    confirmed = latest(row, "confirmed") or {}
    input_of = {name: each for each, name in use.declared.items()} if use else {}
    known, found = weighing.inputs_by_name(), []
    for name, field in service.version.form.fields.items():
        if name not in said and name not in confirmed:
            continue
        words, differs = "", False
        if (of_rule := input_of.get(name)) in told and of_rule in known:
            words = in_words(known[of_rule], told[of_rule])
            differs = bool(checks.differences({of_rule: weighing.whole(said.get(name, 0))}, told))
        seen = confirmed.get(name)
        found.append(Compared(name, field["title"], said.get(name), words, differs or (seen is not None and seen != said.get(name)), seen))
    return found


def weighed(of: Case, actor: Actor, as_of: date | None = None) -> weighing.Weighed | None:
    """What the rule says of the case now, with its explanation step by step; None for an item without a rule."""
    row = case(of.pk, actor)
    return weighing.weigh(row, service_of(row), answers_of(row), as_of or clock.business_date())


def beside(of: Case, actor: Actor, as_of: date | None = None) -> list[Beside]:
    """What the matrix of benefits says beside the rule: which other benefit of these people goes with this one, gives way, or takes its
    place, with the clause; what takes something away first. Officials only: it tells what others in the household get."""
    actor.require("cases.view")
    row = case(of.pk, actor)
    return matrix_beside(row, service_of(row), answers_of(row), as_of or clock.business_date())


def effect(of: Case, actor: Actor) -> str:
    """What came of the decision in words, for the citizen: from which month, and how the amount comes about; '' while nothing did."""
    told = [act.details for act in acts_of(case(of.pk, actor)) if act.verb == "outcome"]
    return outcome_in_words(told[-1]) if told else ""


def checks_of(of: Case, actor: Actor) -> QuerySet[Check]:
    """The checks of a case, refused ones too, newest first. Officials only."""
    actor.require("cases.view")
    return scoped(Check.objects.filter(case=of), actor).order_by("-pk")


@dataclass(frozen=True)
class Consent:
    """Whose authorisation a check needs, and the one that is live (None: it is lacking)."""

    person: Person
    authorisation: Authorisation | None


def consents(of: Case, actor: Actor) -> list[Consent]:
    """Everybody whose authorisation the case needs. Raises Case.DoesNotExist."""
    row, today = case(of.pk, actor), clock.business_date()
    service = service_of(row)
    rule = service.version.authorisation
    if rule is None:
        return []
    return [Consent(person, checks.live_authorisation(row, person, rule.scope, today)) for person in checks.people_of(row, service, today)]


@dataclass(frozen=True)
class Deferrable:
    """A paper that may be promised for later, and the day until which it would have to come if it were promised today."""

    material: Material
    until: date


def may_defer(service: Service, answers: Mapping[str, Any], on: date) -> list[Deferrable]:
    """Which papers of these answers a citizen may promise for later when sending them (`later` of submit_case). Raises CalendarMissing."""
    scope = set(service.version.authorisation.scope) if service.version.authorisation else set()
    asked = [m for m in service.materials(dict(answers)) if m.required and m.may_supplement_later and not (m.verified_by and set(m.verified_by) <= scope)]
    return [Deferrable(each, deadline(on, each.days, each.unit, OFFICIAL)) for each in asked]


def signings(actor: Actor) -> list[signing.Signing]:
    """What others' cases ask a citizen to sign: open cases of the own household whose 核对 waits for this adult, and of each what the paper
    says (number, title, applicant masked, scope, until when), nothing else. Nothing for officials."""
    if not isinstance(actor, Citizen):
        return []
    today = clock.business_date()
    mine = set(own(Case.objects.all(), actor).values_list("pk", flat=True))
    return signing.shown(((case, service, person) for case, service, person in signing.waiting_for(actor, today) if case.pk not in mine), today)


def papers(of: Case, actor: Actor) -> QuerySet[CasePaper]:
    """Papers handed in and issued, oldest first."""
    return own(CasePaper.objects.filter(case=of).select_related("document"), actor).order_by("pk")


def drafts(citizen: Citizen) -> QuerySet[Draft]:
    """The citizen's own drafts, newest first."""
    return own(Draft.objects.all(), citizen).filter(person__person_key=citizen.person_key).order_by("-saved_at")


def draft_answers(of: Draft) -> dict[str, Any]:
    """What a draft holds."""
    found: dict[str, Any] = unsealed(of.answers).get("answers", {})
    return found


@dataclass(frozen=True)
class Message:
    """What a citizen is told: something happened to a case of theirs."""

    case: Case
    title: str
    text: str
    on: date


def messages(citizen: Citizen, limit: int = 50) -> list[Message]:
    """What the office did to the citizen's cases, newest first."""
    rows = own(CaseAction.objects.select_related("case"), citizen).exclude(verb__in=OPENED_BY_OTHERS).exclude(verb="open")
    titles = {name: item.title for name, item in catalogue.items().items()}
    return [
        Message(row.case, f"{titles.get(row.case.item, row.case.item)}：{VERBS[row.verb]}", row.note, row.on) for row in rows.order_by("-pk")[:limit]
    ]  # fmt: skip


def bundles(actor: Actor) -> QuerySet[BundleCase]:
    """一件事 in the actor's jurisdiction (a citizen's own), newest first; their cases by `cases`, how far they are by `bundle_progress`."""
    if not isinstance(actor, Citizen):
        actor.require("cases.view")
    return own(BundleCase.objects.select_related("applicant").prefetch_related("cases"), actor).order_by("-pk")


def bundle_progress(of: BundleCase) -> together.Progress:
    """How far a 一件事 of `bundles` is, from the columns of its cases."""
    return together.progress_of(list(of.cases.all()))


def bundle(number: str, actor: Actor) -> together.BundleView:
    """One 一件事 with its cases as far as the actor may see them, where each stands, who has to sign, and how far all is. Raises
    BundleCase.DoesNotExist outside the jurisdiction or when it is not the citizen's."""
    row = bundles(actor).get(number=number)
    seen = {each.pk: each for each in cases(actor).filter(bundle=row)}
    every, today = list(row.cases.all()), clock.business_date()
    members = [together.Member(each, service_of(each).title, standing_of(each, today)) for pk, each in sorted(seen.items())]
    return together.BundleView(
        row, together.title_of(row), tuple(members), len(every) - len(seen), together.consents_of(row, today), together.progress_of(every),
        together.accepted(every),
    )


def public_notices(on: date, division: str = "") -> QuerySet[Publication]:
    """What hangs on a day, for everybody: masked. Nothing after its last day, whether or not the night has run."""
    rows = Publication.objects.filter(taken_down_on=None, posted_on__lte=on, until__gte=on)
    return (rows.filter(inside(division, clock.business_date())) if division else rows).order_by("-posted_on", "-pk")


def publications(actor: Actor) -> QuerySet[Publication]:
    """All notices of the jurisdiction, newest first: the publicity board of the office."""
    actor.require("cases.view")
    return scoped(Publication.objects.select_related("case"), actor).order_by("-posted_on", "-pk")


@dataclass(frozen=True)
class Verified:
    """What anybody is told of a paper whose code they have; of the slip of a 一件事 also its `cases`: number, item, state in words."""

    title: str
    number: str
    item: str
    issued_on: date
    sha256: str
    case_state: str
    cases: tuple[tuple[str, str, str], ...] = ()


def verify_paper(code: str) -> Verified | None:
    """The paper with that code, without any name; None for a code that nobody issued."""
    rows = CasePaper.objects.select_related("case__bundle", "document")
    row = rows.filter(code=code.strip().upper()).first() if code.strip() else None
    if row is None:
        return None
    if row.kind == BUNDLE_SLIP and row.case.bundle:
        every = [(each.number, catalogue.item(each.item).title, STATES[each.state]) for each in row.case.bundle.cases.order_by("pk")]
        return Verified(row.title, row.case.bundle.number, together.title_of(row.case.bundle), row.added_on, row.document.sha256, row.case.state, tuple(every))
    return Verified(row.title, row.case.number, catalogue.item(row.case.item).title, row.added_on, row.document.sha256, row.case.state)


def drawn_promises(actor: Actor) -> QuerySet[PromiseDraw]:
    """Random checks of promises, newest first."""
    actor.require("cases.view")
    return scoped(PromiseDraw.objects.all(), actor).order_by("-pk")


def rechecks_due(actor: Actor, as_of: date, within_days: int = 30) -> QuerySet[Case]:
    """Granted cases whose re-check is due or near and was not begun, earliest first."""
    rows = cases(actor).filter(recheck_on__lte=as_of + timedelta(days=within_days), followed_by=None, state__in=["decided", "closed"])
    return rows.order_by("recheck_on", "id")


def granted(item: str, since: date, actor: Actor) -> QuerySet[Case]:
    """Cases of an item that were granted from a day on: what rooms above (orders, indicators) build upon."""
    return cases(actor, item=item).filter(decision__in=["grant", "increase", "record"], decided_on__gte=since).order_by("decided_on", "id")
