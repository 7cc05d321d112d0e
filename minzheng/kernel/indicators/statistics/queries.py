"""Reading the monthly tables: figures of places inside the reader's jurisdiction; rows behind them only with the right to see benefits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from minzheng.kernel.benefits.models import Entitlement
from minzheng.kernel.benefits.months import titles
from minzheng.kernel.foundation.access import Actor, Forbidden, in_ranges, scoped
from minzheng.kernel.indicators.places import Places
from minzheng.kernel.indicators.queries.jurisdiction import Area, area_of, may_see
from minzheng.kernel.indicators.statistics import checks
from minzheng.kernel.indicators.statistics.checks import Checked
from minzheng.kernel.indicators.statistics.counting import Cells, count, in_force
from minzheng.kernel.indicators.statistics.figures import (
    ALL,
    BY_NAME,
    FIGURES,
    NAMES,
    POPULATIONS,
    TOTAL,
    last_of,
    month_before,
    next_month,
)
from minzheng.kernel.indicators.statistics.models import StatisticDrift, StatisticRow, StatisticTable
from minzheng.kernel.ledger.models import Account, PaymentLine, Transfer

TOTAL_TITLE = "合计"
CUTS = {"unit": "按管理口径", "division": "按行政区划", "town": "按镇（街道）"}


@dataclass(frozen=True)
class MonthLine:
    """A month in the list: the revision that holds, the one that waits, and how many figures rows say otherwise since."""

    month: date
    holds: StatisticTable
    waits: StatisticTable | None
    drift: StatisticDrift | None


@dataclass(frozen=True)
class Row:
    """A programme's figures at a place, with those of the month before and of the year before."""

    programme: str
    title: str
    now: dict[str, int]
    before: dict[str, int] | None
    year_ago: dict[str, int] | None


@dataclass(frozen=True)
class PlaceRow:
    """A place's figures of one programme."""

    place: str
    title: str
    now: dict[str, int]


@dataclass(frozen=True)
class MonthView:
    """A month's table as a reader sees it for a place and a population."""

    table: StatisticTable
    revisions: tuple[StatisticTable, ...]
    place: str
    place_title: str
    whole_city: bool
    population: str
    rows: tuple[Row, ...]
    before: StatisticTable | None
    year_ago: StatisticTable | None

    @property
    def holds(self) -> bool:
        """Whether this revision is the one that holds today."""
        locked = [each for each in self.revisions if each.is_locked]
        return self.table == (locked[-1] if locked else self.revisions[-1])


def programme_title(name: str) -> str:
    """A programme's title; the row over all is 合计."""
    return titles().get(name, name) if name else TOTAL_TITLE


def months(actor: Actor) -> list[MonthLine]:
    """All months that have a table, the newest first. Raises Forbidden."""
    actor.require("statistics.view")
    found: dict[date, list[StatisticTable]] = defaultdict(list)
    for table in StatisticTable.objects.select_related("drift").order_by("-month", "revision"):
        found[table.month].append(table)
    return [_line(month, tables) for month, tables in found.items()]


def month(actor: Actor, day: date, revision: int | None = None, place: str = "", population: str = ALL) -> MonthView:
    """A month's table for a place (the reader's own, unless one is named): the revision that holds, or one by number.

    Raises Forbidden, LookupError (no table of that month or revision, no such place or population).
    """
    actor.require("statistics.view")
    if population not in POPULATIONS:
        raise LookupError(f"没有“{population}”这个人口口径")
    first = day.replace(day=1)
    tables = tuple(StatisticTable.objects.filter(month=first).order_by("revision"))
    table = next((each for each in tables if each.revision == revision), None) if revision else _holds(tables)
    if table is None:
        raise LookupError(f"还没有 {first:%Y 年 %m 月}的月报" if not tables else f"{first:%Y 年 %m 月}的月报没有第 {revision} 版")
    area = area_of(actor, Places.on(last_of(first)), place)
    before, year_ago = holding(month_before(first)), holding(first.replace(year=first.year - 1))
    now = _of_area(table, area, population)
    was, ago = _of_area(before, area, population), _of_area(year_ago, area, population)
    names = [name for name in (*titles(), *sorted(now.keys() - titles().keys() - {TOTAL}), TOTAL) if name in now]
    rows = tuple(
        Row(name, programme_title(name), now[name], was.get(name) if before else None, ago.get(name) if year_ago else None) for name in names
    )  # fmt: skip
    return MonthView(table, tables, area.place, area.title, area.whole_city, population, rows, before, year_ago)


def holding(first: date) -> StatisticTable | None:
    """The revision of a month that holds: the last that is locked, else what there is."""
    return _holds(tuple(StatisticTable.objects.filter(month=first).order_by("revision")))


def by_place(actor: Actor, table: StatisticTable, programme: str, cut: str = "unit", below: str = "", population: str = ALL) -> list[PlaceRow]:
    """One programme (or all) of a table for places side by side: those inside the jurisdiction. Raises Forbidden, LookupError."""
    actor.require("statistics.view")
    places = Places.on(last_of(table.month))
    shown = [place for place in places.of_cut(cut, below) if may_see(actor, place, places)]
    rows = StatisticRow.objects.filter(table=table, programme=programme, population=population, place__in=shown)
    known = {row.place: _figures(row) for row in rows}
    return [PlaceRow(place, places.titles[place], known.get(place, dict.fromkeys(NAMES, 0))) for place in shown]


def checked(actor: Actor, table: StatisticTable) -> Checked:
    """The balance checks of a table, for whoever sees the whole city. Raises Forbidden."""
    actor.require("statistics.view")
    places = Places.on(last_of(table.month))
    if not may_see(actor, places.city, places):
        raise Forbidden("平衡检查核对的是全市数字，您的辖区不是全市")
    return checks.checked(table, places)


def changed_since(actor: Actor, table: StatisticTable) -> list[list[Any]]:
    """What rows say now of a table's month where it differs, for the whole city: [programme, population, figure, stated, now].

    Raises Forbidden for whoever does not see the whole city.
    """
    actor.require("statistics.view")
    counted = count(table.month)
    city = counted.places.city
    if not may_see(actor, city, counted.places):
        raise Forbidden("锁定后变化核对的是全市数字，您的辖区不是全市")
    stated = checks.cells_of(table)
    return [
        [programme, population, name, stated.get(key, {}).get(name, 0), counted.cells.get(key, {}).get(name, 0)]
        for key in sorted(stated.keys() | counted.cells.keys()) if key[2] == city
        for programme, population in [key[:2]] for name in NAMES
        if stated.get(key, {}).get(name, 0) != counted.cells.get(key, {}).get(name, 0)
    ]  # fmt: skip


def rows_behind(actor: Actor, table: StatisticTable, programme: str, place: str, figure: str) -> QuerySet[Any]:
    """What rows say now behind a figure: entitlements for people, payments for money, inside the jurisdiction.

    Raises Forbidden (no `benefits.view`, place outside), LookupError (no such figure or place).
    """
    actor.require("statistics.view")
    actor.require("benefits.view")
    if figure not in BY_NAME:
        raise LookupError(f"报表里没有“{figure}”这一栏")
    places = Places.on(last_of(table.month))
    area = area_of(actor, places, place)
    if figure in ("paid_lines", "paid_fen", "refused_fen", "sent_back_fen"):
        rows: QuerySet[Any] = _payments(table.month, figure)
    else:
        rows = _entitlements(table.month, figure)
    rows = scoped(rows.filter(programme=programme) if programme else rows, actor)
    if not area.whole_city:
        rows = rows.filter(in_ranges(each for key in area.keys for each in places.ranges_of(key)))
    return rows.order_by("pk")


def _entitlements(first: date, figure: str) -> QuerySet[Entitlement]:
    before = month_before(first)
    same = Entitlement.objects.filter(programme=OuterRef("programme"), unit_key=OuterRef("unit_key"), household_key=OuterRef("household_key"))
    now, was = Entitlement.objects.filter(in_force(first)), Entitlement.objects.filter(in_force(before))
    came, left = now.filter(~Exists(same.filter(in_force(before)))), was.filter(~Exists(same.filter(in_force(first))))
    elsewhere = ~Q(division_code=OuterRef("division_code"))
    return {
        "units_start": was, "begun": came.filter(opening=None), "taken_over": came.exclude(opening=None), "ended": left,
        "moved_in": now.filter(Exists(same.filter(in_force(before)).filter(elsewhere))),
        "moved_out": was.filter(Exists(same.filter(in_force(first)).filter(elsewhere))),
    }.get(figure, now)  # fmt: skip


def _payments(first: date, figure: str) -> QuerySet[PaymentLine]:
    booked = Transfer.objects.filter(line=OuterRef("pk"), on__gte=first, on__lt=next_month(first))
    returned = booked.filter(kind=Transfer.Kind.RETURN)
    wanted = {
        "refused_fen": returned.exclude(credit__kind=Account.Kind.PAID), "sent_back_fen": returned.filter(credit__kind=Account.Kind.PAID),
    }.get(figure, booked.filter(kind=Transfer.Kind.PAYMENT))  # fmt: skip
    return PaymentLine.objects.defer("payee_name", "account").filter(Exists(wanted))


def _line(first: date, tables: list[StatisticTable]) -> MonthLine:
    holds = _holds(tuple(tables))
    assert holds is not None
    waits = tables[-1] if not tables[-1].is_locked and tables[-1] != holds else None
    return MonthLine(first, holds, waits, getattr(holds, "drift", None))


def _holds(tables: tuple[StatisticTable, ...]) -> StatisticTable | None:
    locked = [table for table in tables if table.is_locked]
    return locked[-1] if locked else tables[-1] if tables else None


def _of_area(table: StatisticTable | None, area: Area, population: str) -> dict[str, dict[str, int]]:
    """Programme → figures of an area: where it is several towns, people and households are added up over them."""
    found: dict[str, dict[str, int]] = {}
    if table is None:
        return found
    for row in StatisticRow.objects.filter(table=table, population=population, place__in=area.keys):
        into = found.setdefault(row.programme, dict.fromkeys(NAMES, 0))
        for name, number in _figures(row).items():
            into[name] += number
    return found


def _figures(row: StatisticRow) -> dict[str, int]:
    return {figure.name: getattr(row, figure.name) for figure in FIGURES}


def year_of(actor: Actor, day: date, place: str = "", population: str = ALL) -> tuple[Cells, list[date]]:
    """年报: the months of a year up to one added up for a place, from the revisions that hold; and the months that have no table."""
    actor.require("statistics.view")
    area = area_of(actor, Places.on(last_of(day.replace(day=1))), place)
    wanted = [date(day.year, number, 1) for number in range(1, day.month + 1)]
    tables = {each: holding(each) for each in wanted}
    cells: Cells = {}
    for table in _standing(tables.values()):
        for programme, figures in _of_area(table, area, population).items():
            into = cells.setdefault((programme, population, area.place), dict.fromkeys(NAMES, 0))
            for name in NAMES:
                into[name] = into[name] + figures[name] if BY_NAME[name].over else figures[name]
    return cells, [each for each, table in tables.items() if table is None]


def _standing(tables: Iterable[StatisticTable | None]) -> list[StatisticTable]:
    return [table for table in tables if table is not None]
