"""What can be laid over the city: counts of alerts, facilities and entitlements by village and month.

A layer counts, it never names: also for readers who may not open an alert or an entitlement, inside their own jurisdiction
(`Layer.counting`); `steps.py` says which small numbers they are told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import CharField, Count, QuerySet
from django.db.models.functions import Cast, Substr
from django.urls import reverse
from django.utils.http import urlencode

from minzheng.kernel.benefits import queries as benefits
from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.registers import registers
from minzheng.kernel.monitoring import queries as monitoring
from minzheng.kernel.monitoring.catalogue import scenarios
from minzheng.kernel.registry.kinds import FACILITIES
from minzheng.portals.staff.places import Choice
from minzheng.portals.staff.views.city_map.steps import Row, Rows

MONTHS = 12


@dataclass(frozen=True)
class Time:
    """A place on the slider: a month, or the day of a measurement."""

    value: str
    label: str
    first: date
    last: date


@dataclass(frozen=True)
class Layer:
    """One layer. capability: of those who deal with the matter; read: numbers of villages for each time; behind: the
    address of the list behind a time, to which a place is added at the end, '' when there is none."""

    name: str
    title: str
    unit: str
    capability: str
    every: str  # what 'all' is called
    choices: Callable[[], list[Choice]]
    read: Callable[[Actor, str, list[Time]], Rows]
    behind: Callable[[Actor, str, Time], str]
    people: bool = True  # whether small numbers could point at somebody

    def deals(self, actor: Actor) -> bool:
        """Whether the reader may open what is counted here."""
        return actor.may(self.capability)

    def counting(self, actor: Actor) -> Actor:
        """The reader as somebody who counts here, in the own jurisdiction and without opening anything."""
        return replace(actor, capabilities=actor.capabilities | {self.capability})


def months(today: date) -> list[Time]:
    """The last twelve months, the running one last."""
    found, first = [], today.replace(day=1)
    for _ in range(MONTHS):
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        found.append(Time(f"{first:%Y-%m}", f"{first.year} 年 {first.month} 月", first, min(last, today)))
        first = (first - timedelta(days=1)).replace(day=1)
    return found[::-1]


def layers() -> dict[str, Layer]:
    """The layers by name, in the order of their tabs."""
    return {layer.name: layer for layer in (ALERTS, ENTITLEMENTS, SITES)}


def _month(field: str) -> Substr:
    """'2024-05' of a date, reckoned by the database itself on both engines."""
    return Substr(Cast(field, CharField()), 1, 7)


def _alerts(actor: Actor, what: str, times: list[Time]) -> Rows:
    rows = monitoring.alerts(actor, scenario=what or None).filter(
        raised_on__gte=times[0].first, raised_on__lte=times[-1].last
    )
    found: Rows = defaultdict(lambda: [0] * len(times))
    place = {time.value: number for number, time in enumerate(times)}
    for code, month, count in (
        rows.order_by().values_list("division_code", _month("raised_on")).annotate(n=Count("id"))
    ):
        found[code][place[month]] += count
    return found


def _alert_list(actor: Actor, what: str, time: Time) -> str:
    if not actor.may("alerts.view"):
        return ""
    asked = {
        "status": "all",
        "scenario": what,
        "happened": "raised",
        "since": time.first.isoformat(),
        "until": time.last.isoformat(),
    }
    return f"{reverse('staff:alerts')}?{urlencode({name: value for name, value in asked.items() if value})}&division="


def _entitlements(actor: Actor, what: str, times: list[Time]) -> Rows:
    """Who is entitled in a month: begun by then, and not ended by its first day."""
    return _standing(benefits.entitlements(actor, programme=what), times)


def _runs(actor: Actor, what: str, time: Time) -> str:
    if not actor.may("benefits.view"):
        return ""
    run = benefits.runs(actor, time.value).first()
    return (
        f"{reverse('staff:benefit_run_places', args=[run.pk])}?{urlencode({'programme': what})}&division="
        if run
        else ""
    )


def facilities(actor: Actor, what: str) -> QuerySet[Any]:
    """Facilities of a kind in the reader's jurisdiction; where a service is given is no secret inside it."""
    rows = registers()["facilities"].readable(SITES.counting(actor), date.max)
    return rows.filter(kind=what) if what else rows


def _sites(actor: Actor, what: str, times: list[Time]) -> Rows:
    return _standing(facilities(actor, what), times)


def _site_list(actor: Actor, what: str, time: Time) -> str:
    if not actor.may("registers.view"):
        return ""
    asked = {"kind": what, "state": "live"}
    return f"{reverse('staff:register_facilities')}?{urlencode({name: value for name, value in asked.items() if value})}&place="


def _standing(rows: QuerySet[Any], times: list[Time]) -> Rows:
    """Dated rows that stand in each month, from one grouped query: begun by its last day, not ended on its first."""
    grouped = (
        rows.order_by()
        .values_list("division_code", _month("valid_from"), _month("valid_to"))
        .annotate(n=Count("id"))
    )
    found: Rows = defaultdict(lambda: [0] * len(times))
    for code, begun, ended, count in grouped:
        _add(found[code], _between(times, str(begun), ended), count)
    return found


def _between(times: list[Time], begun: str, ended: str | None) -> Iterable[int]:
    """Which times lie from one month to another; what ended inside a month still stood in it, unless on its first day
    (ends are exclusive, and months of entitlements begin on the first)."""
    return (
        number
        for number, time in enumerate(times)
        if begun <= time.value and (ended is None or time.value < ended)
    )


def _add(row: Row, wanted: Iterable[int], count: int) -> None:
    for number in wanted:
        row[number] += count


def _scenarios() -> list[Choice]:
    return [Choice(each.name, each.title) for each in scenarios().values()]


def _programmes() -> list[Choice]:
    return [Choice(name, each.title) for name, each in programmes().items()]


ALERTS = Layer("alerts", "预警", "件", "alerts.view", "全部场景", _scenarios, _alerts, _alert_list)
ENTITLEMENTS = Layer("benefits", "待遇", "项", "benefits.view", "全部项目", _programmes, _entitlements, _runs)
SITES = Layer(
    "facilities", "设施", "处", "registers.view", "全部类别", lambda: [Choice(kind, title) for kind, title in FACILITIES.items()],
    _sites, _site_list, people=False,
)  # fmt: skip
