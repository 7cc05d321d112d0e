"""Reading runs and what came of them, always inside the reader's jurisdiction. Runs themselves name nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from minzheng.kernel.benefits.models import (
    Award,
    Entitlement,
    ExclusionChange,
    MonthLock,
    Opening,
    Override,
    ParameterChange,
    Recovery,
    Review,
    Run,
    RunChange,
    RunTotal,
    Snapshot,
    Variant,
)
from minzheng.kernel.benefits.roster_rows import rosters
from minzheng.kernel.divisions.queries import inside, management_units
from minzheng.kernel.feeds import lake
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, scoped

FIGURES = (
    "before_units", "before_fen", "units", "fen", "keep", "start", "stop", "change", "review", "hold", "backpay_fen", "recovery_fen",
)  # fmt: skip
CAPABILITY = "benefits.view"


def runs(actor: Actor, month: str = "", kind: str = "") -> QuerySet[Run]:
    """Runs, newest month first. Raises Forbidden."""
    actor.require(CAPABILITY)
    rows = Run.objects.select_related("snapshot", "previous").order_by("-month", "-id")
    rows = rows.filter(month=month) if month else rows
    return rows.filter(kind=kind) if kind else rows


def run(run_id: int, actor: Actor) -> Run:
    """One run; raises Run.DoesNotExist, Forbidden."""
    return runs(actor).get(pk=run_id)


def openings(actor: Actor) -> QuerySet[Opening]:
    """Rosters that were taken over before the first run. Raises Forbidden."""
    actor.require(CAPABILITY)
    return Opening.objects.order_by("contract")


def may_open(actor: Actor) -> bool:
    """Whether what rosters pay can still be taken over: no month was approved yet."""
    return actor.may("benefits.run") and not MonthLock.objects.exists()


def delivered_rosters(actor: Actor, on: date) -> list[tuple[str, str, date, int]]:
    """Title, latest batch, its day and its rows of each roster that was delivered by a day. Raises Forbidden."""
    actor.require(CAPABILITY)
    found = [(roster, lake.batches(roster.contract, on)) for roster in rosters()]
    return [(roster.title, had[-1].batch_id, had[-1].as_of, had[-1].accepted) for roster, had in found if had]


def snapshots(actor: Actor, preview: bool | None = None) -> QuerySet[Snapshot]:
    """Frozen months, newest first."""
    actor.require(CAPABILITY)
    rows = Snapshot.objects.order_by("-month", "-id")
    return rows if preview is None else rows.filter(preview=preview)


def changes(
    of: Run, actor: Actor, programme: str = "", kind: str = "", division: str = "", cause: str = "", exclusion: str = ""
) -> QuerySet[RunChange]:
    """The lines of a run in the actor's jurisdiction; `division`: a code, its leading digits or the slug of a board; `cause`:
    'kind:name' as `causes` gives it. Raises LookupError, ValueError for an unknown place."""
    actor.require(CAPABILITY)
    rows = scoped(RunChange.objects.filter(run=of), actor)
    rows = rows.filter(programme=programme) if programme else rows
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(inside(division, clock.business_date())) if division else rows
    rows = rows.filter(exclusion=exclusion) if exclusion else rows
    if cause:
        what, _, name = cause.partition(":")
        rows = rows.filter(cause_kind=what, cause_name=name)
    return rows.order_by("programme", "kind", "division_code", "id")


def causes(of: Run, actor: Actor, programme: str = "", division: str = "") -> list[dict[str, Any]]:
    """What is behind the lines, grouped: programme, kind, cause, how many and how much more or less."""
    rows = changes(of, actor, programme=programme, division=division).order_by()
    grouped = rows.values("programme", "kind", "cause_kind", "cause_name").annotate(
        lines=Count("id"), fen=Sum(F("is_fen") - F("was_fen")), example=Count("id")
    )
    found: list[dict[str, Any]] = list(map(dict, grouped.order_by("programme", "kind", "-lines", "cause_kind", "cause_name")))
    for each in found:
        first = rows.filter(programme=each["programme"], kind=each["kind"], cause_kind=each["cause_kind"], cause_name=each["cause_name"])
        told: Mapping[str, Any] = first.values_list("cause", flat=True)[0]
        each["label"], each["example"] = told.get("label", ""), told.get("text", "")
    return found


def kinds(of: Run, actor: Actor, programme: str = "", division: str = "") -> dict[str, dict[str, dict[str, int]]]:
    """Programme → kind → lines, was_fen, is_fen: the money behind the counts of `totals`."""
    rows = changes(of, actor, programme=programme, division=division).order_by()
    found: dict[str, dict[str, dict[str, int]]] = {}
    for row in rows.values("programme", "kind").annotate(lines=Count("id"), was=Sum("was_fen"), now=Sum("is_fen")):
        found.setdefault(row["programme"], {})[row["kind"]] = {"lines": row["lines"], "was_fen": row["was"], "is_fen": row["now"]}
    return found


def changes_about(actor: Actor, people: Iterable[int], households: Iterable[int]) -> QuerySet[RunChange]:
    """What runs that took effect changed for people and households in the jurisdiction, newest first."""
    actor.require(CAPABILITY)
    asked = _about(people, households)
    rows = scoped(RunChange.objects.select_related("run"), actor).filter(run__state=Run.State.APPROVED)
    return (rows.filter(asked) if asked else rows.none()).order_by("-month", "-run_id", "programme", "id")


def totals(of: Run, actor: Actor, division: str = "") -> dict[str, dict[str, int]]:
    """Programme → figures (FIGURES) over the actor's jurisdiction."""
    rows = _totals(of, actor, division).values("programme").annotate(**_sums())
    return {row["programme"]: _figures(row) for row in rows.order_by("programme")}


def totals_by_board(of: Run, actor: Actor, programme: str = "") -> dict[str, dict[str, int]]:
    """Slug of a board → figures, over the actor's jurisdiction; '' for places that no board manages."""
    rows = _totals(of, actor, "")
    rows = rows.filter(programme=programme) if programme else rows
    boards = [(unit.slug, [(row.low, row.high) for row in unit.ranges.all()]) for unit in management_units(clock.business_date())]
    found: dict[str, dict[str, int]] = {}
    for row in rows.values("division_code").annotate(**_sums()).order_by("division_code"):
        code = row["division_code"]
        slug = next((slug for slug, ranges in boards if any(low <= code < high for low, high in ranges)), "")
        figures = found.setdefault(slug, dict.fromkeys(FIGURES, 0))
        for name, value in _figures(row).items():
            figures[name] += value
    return {slug: found[slug] for slug in [*(slug for slug, _ranges in boards), ""] if slug in found}


def totals_by_place(of: Run, actor: Actor, digits: int, division: str = "", programme: str = "") -> dict[str, dict[str, int]]:
    """Place (a code of 12 digits: a county with `digits` 6, a town with 9, a village with 12) → figures."""
    rows = _totals(of, actor, division)
    rows = rows.filter(programme=programme) if programme else rows
    found: dict[str, dict[str, int]] = {}
    for row in rows.values("division_code").annotate(**_sums()).order_by("division_code"):
        figures = found.setdefault(row["division_code"][:digits].ljust(12, "0"), dict.fromkeys(FIGURES, 0))
        for name, value in _figures(row).items():
            figures[name] += value
    return found


def entitlements(
    actor: Actor, people: Iterable[int] = (), households: Iterable[int] = (), programme: str = "", on: date | None = None
) -> QuerySet[Entitlement]:
    """Entitlements of people and households (all in the jurisdiction if neither is named), newest first; `on`: those that hold."""
    actor.require(CAPABILITY)
    rows = scoped(Entitlement.objects.all(), actor)
    if asked := _about(people, households):
        rows = rows.filter(asked)
    rows = rows.filter(programme=programme) if programme else rows
    if on is not None:
        rows = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), valid_from__lte=on)
    return rows.order_by("-valid_from", "programme", "id")


def awards(actor: Actor, people: Iterable[int] = (), households: Iterable[int] = ()) -> QuerySet[Award]:
    """Awards of people and households, newest first."""
    actor.require(CAPABILITY)
    rows = scoped(Award.objects.all(), actor)
    asked = _about(people, households)
    return (rows.filter(asked) if asked else rows).order_by("-since", "id")


def overrides(actor: Actor, people: Iterable[int] = (), households: Iterable[int] = (), standing: bool | None = None) -> QuerySet[Override]:
    """Pauses and fixed amounts, newest first; `standing`: not lifted."""
    actor.require(CAPABILITY)
    rows = scoped(Override.objects.all(), actor)
    if asked := _about(people, households):
        rows = rows.filter(asked)
    return (rows if standing is None else rows.filter(lifted_on__isnull=standing)).order_by("-valid_from", "-id")


def reviews(actor: Actor, state: str = "", division: str = "", people: Iterable[int] = (), households: Iterable[int] = ()) -> QuerySet[Review]:
    """Reviews, oldest first; `state`: a code of Review.State, or 'waiting' for all that are not decided."""
    actor.require(CAPABILITY)
    rows = scoped(Review.objects.select_related("run"), actor)
    if state == "waiting":
        rows = rows.filter(state__in=[Review.State.OPEN, Review.State.HEARD])
    elif state:
        rows = rows.filter(state=state)
    if asked := _about(people, households):
        rows = rows.filter(asked)
    return (rows.filter(inside(division, clock.business_date())) if division else rows).order_by("opened_on", "id")


def recoveries(actor: Actor, state: str = "", people: Iterable[int] = ()) -> QuerySet[Recovery]:
    """Proposals to claim money back, oldest first."""
    actor.require(CAPABILITY)
    rows = scoped(Recovery.objects.select_related("run"), actor)
    rows = rows.filter(state=state) if state else rows
    asked = _about(people, ())
    return (rows.filter(asked) if asked else rows).order_by("month", "id")


def parameter_changes(actor: Actor, state: str = "", scope: str = "", name: str = "") -> QuerySet[ParameterChange]:
    """Changes of parameters, newest first."""
    actor.require(CAPABILITY)
    rows = ParameterChange.objects.all()
    for field, value in (("state", state), ("scope", scope), ("name", name)):
        rows = rows.filter(**{field: value}) if value else rows
    return rows.order_by("-id")


def exclusion_changes(actor: Actor, row: str = "", state: str = "") -> QuerySet[ExclusionChange]:
    """Confirmations of rows of the matrix, newest first."""
    actor.require(CAPABILITY)
    rows = ExclusionChange.objects.order_by("-id")
    rows = rows.filter(row=row) if row else rows
    return rows.filter(state=state) if state else rows


def variants(actor: Actor) -> QuerySet[Variant]:
    """Kept simulations, newest first: everybody who sees benefits sees them; they name nobody."""
    actor.require(CAPABILITY)
    return Variant.objects.select_related("snapshot", "owner").order_by("-made_at", "-id")



def _about(people: Iterable[int], households: Iterable[int]) -> Q | None:
    keys, homes = list(people), list(households)
    return Q(person_key__in=keys) | Q(household_key__in=homes) if keys or homes else None


def _totals(of: Run, actor: Actor, division: str) -> QuerySet[RunTotal]:
    actor.require(CAPABILITY)
    rows = scoped(RunTotal.objects.filter(run=of), actor).order_by()
    return rows.filter(inside(division, clock.business_date())) if division else rows


def _figures(row: Mapping[str, Any]) -> dict[str, int]:
    return {name: row[f"sum_{name}"] for name in FIGURES}


def _sums() -> dict[str, Sum]:
    return {f"sum_{name}": Sum(name) for name in FIGURES}
