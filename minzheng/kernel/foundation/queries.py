"""Reading the records of rounds (counts only, no personal data) and the names of officials."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet, Sum

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import RoundRun, RoundStep, User


def round_runs(actor: Actor, name: str = "night") -> QuerySet[RoundRun]:
    """Runs of a round, newest first, each with `step_count` and `step_seconds`. Raises Forbidden."""
    actor.require("rounds.view")
    runs = RoundRun.objects.filter(round_name=name)
    return runs.annotate(step_count=Count("steps"), step_seconds=Sum("steps__seconds")).order_by("-as_of", "-id")


def round_run(run_id: int, actor: Actor) -> RoundRun:
    """One run with its steps. Raises Forbidden, and RoundRun.DoesNotExist when there is none."""
    actor.require("rounds.view")
    return RoundRun.objects.prefetch_related("steps").get(pk=run_id)


def runs_until(run: RoundRun, actor: Actor, nights: int) -> list[RoundRun]:
    """The finished runs of a round up to one, oldest first, at most so many, each with its steps: for comparing nights."""
    actor.require("rounds.view")
    rows = RoundRun.objects.filter(round_name=run.round_name, status=RoundRun.Status.DONE)
    rows = rows.filter(Q(as_of__lt=run.as_of) | Q(as_of=run.as_of, pk__lte=run.pk))
    return list(rows.order_by("-as_of", "-id").prefetch_related("steps")[:nights])[::-1]


def steps_of(runs: list[RoundRun]) -> dict[str, list[tuple[RoundRun, RoundStep]]]:
    """The records of each step through some runs, in their order."""
    found: dict[str, list[tuple[RoundRun, RoundStep]]] = {}
    for run in runs:
        for step in run.steps.all():
            found.setdefault(step.name, []).append((run, step))
    return found


def full_names(usernames: Iterable[str]) -> dict[str, str]:
    """Names of officials by login name, in one query; system processes are not among them."""
    return dict(User.objects.filter(username__in=set(usernames)).values_list("username", "full_name"))


def user_named(username: str) -> User | None:
    """The user with that login name, or None."""
    return User.objects.filter(username=username).first()


def active_user(user_id: int) -> User | None:
    """The user with that number if the account is in use."""
    return User.objects.filter(pk=user_id, is_active=True).first()
