"""Making a month's table, saying it is right, and putting it right later: each by one person and another, each on record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from minzheng.kernel.benefits.models import Entitlement
from minzheng.kernel.benefits.months import titles
from minzheng.kernel.divisions.codes import code_range
from minzheng.kernel.divisions.queries import names
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, Forbidden, scoped
from minzheng.kernel.indicators.errors import PlanError, StalePlan
from minzheng.kernel.indicators.places import Places
from minzheng.kernel.indicators.statistics.checks import cells_of, checked
from minzheng.kernel.indicators.statistics.counting import Cells, Counted, count
from minzheng.kernel.indicators.statistics.figures import (
    ALL,
    BY_NAME,
    HUKOU,
    MONEY,
    NAMES,
    TOTAL,
    first_of,
    last_of,
)
from minzheng.kernel.indicators.statistics.models import (
    StatisticChange,
    StatisticDrift,
    StatisticRow,
    StatisticTable,
)
from minzheng.kernel.registry.masking import mask_name
from minzheng.kernel.registry.models import Person

State = StatisticTable.State
SHORTEST, CHUNK, RECENT = 2, 2000, 3


@dataclass(frozen=True)
class Correction:
    """A figure of a town (or of a county, for what lies in no town) that should read otherwise; sums above it follow."""

    programme: str
    place: str
    figure: str
    now: int
    population: str = ALL


@dataclass(frozen=True)
class Opened:
    """A row behind a figure: an entitlement (from, to) or a payment (its month, what became of it)."""

    programme: str
    name: str
    place: str
    amount_fen: int
    first: str
    second: str


def draft_month(*, month: date, by: Actor) -> StatisticTable | None:
    """Count a month that has no table yet and keep it as a draft; None where there is one. The night does so on the 1st."""
    if StatisticTable.objects.filter(month=first_of(month)).exists():
        return None
    counted = count(first_of(month))
    with transaction.atomic():
        table = _new(counted.month, 1, counted.cells)
        audit.record(by, "statistics.draft", f"statistics:{table.pk}", month=f"{table.month:%Y-%m}", rows=len(counted.cells))
    return table


def prepare_month(*, month: date, by: Actor) -> StatisticTable:
    """Count a month anew and hand it to a second person. Raises Forbidden, PlanError: month not over, already locked."""
    _require(by, "statistics.prepare")
    month, today = first_of(month), clock.business_date()
    if last_of(month) >= today:
        raise PlanError(f"{month:%Y 年 %m 月}还没有过完，月报从下月 1 日起编制")
    counted = count(month)
    with transaction.atomic():
        newest = StatisticTable.objects.select_for_update().filter(month=month).order_by("-revision").first()
        if newest is not None and newest.is_locked:
            raise PlanError(f"{month:%Y 年 %m 月}的月报已经锁定：要改，请提出更正")
        if newest is not None and newest.revision > 1:
            raise PlanError("这个月有一份更正正在等待确认，请先确认或退回")
        if newest is None:
            newest = _new(month, 1, counted.cells)
        else:
            _fill(newest, counted.cells)
        _hand_over(newest, by)
        audit.record(by, "statistics.prepare", f"statistics:{newest.pk}", month=f"{month:%Y-%m}", fingerprint=newest.fingerprint)
    return newest


def confirm_month(*, table: StatisticTable, by: Actor, note: str = "", expected_version: int | None = None) -> StatisticTable:
    """The second person's yes: from now on the database refuses every change of it.

    Raises Forbidden (who prepared it, without the right), StalePlan, PlanError (not handed over; a check fails and `note` does not say why
    it is confirmed nevertheless).
    """
    _require(by, "statistics.confirm")
    with transaction.atomic():
        row = _open(table, by, expected_version)
        found = checked(row, Places.on(last_of(row.month)))
        if not found.balanced and len(note.strip()) < SHORTEST:
            raise PlanError(f"有 {len(found.failed)} 项平衡检查不通过：请退回，或写明为什么仍然确认")
        row.state, row.confirmed_by, row.confirmed_on, row.note = State.LOCKED, by.name, clock.business_date(), note.strip()[:256]
        row.version += 1
        row.save()
        audit.record(by, "statistics.confirm", f"statistics:{row.pk}", row.note, month=f"{row.month:%Y-%m}", revision=row.revision,
                     fingerprint=row.fingerprint, failed=len(found.failed))  # fmt: skip
    return row


def return_month(*, table: StatisticTable, by: Actor, because: str, expected_version: int | None = None) -> StatisticTable | None:
    """The second person's no: a first table becomes a draft again with the reason; a correction is dropped (None), the record keeps it.
    Raises as `confirm_month`."""
    _require(by, "statistics.confirm")
    if len(because.strip()) < SHORTEST:
        raise PlanError("请写明退回原因")
    with transaction.atomic():
        row = _open(table, by, expected_version)
        changes = [[c.programme, c.population, c.place, c.figure, c.was, c.now] for c in row.changes.all()]
        audit.record(by, "statistics.return", f"statistics:{row.pk}", because.strip()[:256], month=f"{row.month:%Y-%m}", revision=row.revision,
                     reason_of_revision=row.reason, changes=changes[:200])  # fmt: skip
        if row.revision > 1:
            row.delete()
            return None
        row.state, row.returned_because, row.version = State.DRAFT, because.strip()[:256], row.version + 1
        row.save()
    return row


def correct_month(*, month: date, reason: str, by: Actor, figures: Iterable[Correction] | None = None) -> StatisticTable:
    """Propose a correction of a locked month as its next revision: single figures, or (without any) what rows say now.

    The locked revision stays as it is; the new one holds once a second person has confirmed it. Raises Forbidden, LookupError (a programme,
    place or figure that the table does not have), PlanError (not locked, one is waiting, no reason, nothing differs).
    """
    _require(by, "statistics.prepare")
    if len(reason.strip()) < SHORTEST:
        raise PlanError("请写明更正原因")
    month = first_of(month)
    with transaction.atomic():
        newest = StatisticTable.objects.select_for_update().filter(month=month).order_by("-revision").first()
        if newest is None or not newest.is_locked:
            raise PlanError("这个月的月报还没有锁定，或已有一份更正在等待确认")
        was = cells_of(newest)
        now = count(month).cells if figures is None else _corrected(was, list(figures), Places.on(last_of(month)))
        changes = differences(was, now)
        if not changes:
            raise PlanError("与已锁定的报表相比没有不同，不需要更正")
        table = _new(month, newest.revision + 1, now, reason.strip()[:256])
        StatisticChange.objects.bulk_create(
            [StatisticChange(table=table, programme=p, population=n, place=at, figure=f, was=old, now=new) for p, n, at, f, old, new in changes],
            batch_size=CHUNK,
        )
        _hand_over(table, by)
        audit.record(by, "statistics.correct", f"statistics:{table.pk}", table.reason, month=f"{month:%Y-%m}", revision=table.revision, changes=len(changes))
    return table


def watch_locked(*, as_of: date, by: Actor) -> tuple[int, int]:
    """Compare locked months with what rows say now: the last three, on the 1st all of the year and the one before. Returns how many
    were looked at and how many differ."""
    locked = newest_locked(date(as_of.year - 1, 1, 1))
    looked_at = locked if as_of.day == 1 else locked[-RECENT:]
    differing = 0
    for table in looked_at:
        found = drift_of(table, count(table.month))
        StatisticDrift.objects.update_or_create(table=table, defaults={"as_of": as_of, "differences": found})
        differing += bool(found)
    audit.record(by, "statistics.watch", f"statistics:{as_of}", months=len(looked_at), differing=differing)
    return len(looked_at), differing


def newest_locked(since: date) -> list[StatisticTable]:
    """The locked revision that holds, of each month from a day on."""
    found = {table.month: table for table in StatisticTable.objects.filter(month__gte=since, state=State.LOCKED).order_by("month", "revision")}
    return list(found.values())


def drift_of(table: StatisticTable, counted: Counted) -> list[list[str | int]]:
    """[programme, population, figure, locked, now] of the whole city, where they differ."""
    city = counted.places.city
    return [[p, n, f, was, now] for p, n, place, f, was, now in differences(cells_of(table), counted.cells) if place == city]


def open_rows(*, rows: QuerySet[Any], table: StatisticTable, figure: str, by: Actor, start: int = 0, size: int = 50) -> list[Opened]:
    """A page of what lies behind a figure, names masked; on record. Raises Forbidden without `benefits.view`."""
    by.require("benefits.view")
    audit.record(by, "statistics.rows", f"statistics:{table.pk}", figure, month=f"{table.month:%Y-%m}", start=start, size=size)
    found = list(rows[start : start + size])
    people = {each.person_key: each for each in scoped(Person.objects.filter(person_key__in=[row.person_key for row in found]), by)}
    at = names({row.division_code for row in found}, clock.business_date())
    return [
        Opened(titles().get(row.programme, row.programme), mask_name(people[row.person_key].name) if row.person_key in people else "未在册",
               at.get(row.division_code, row.division_code), row.amount_fen, *_dates(row))
        for row in found
    ]  # fmt: skip


def _dates(row: Any) -> tuple[str, str]:
    if isinstance(row, Entitlement):
        return f"{row.valid_from}", f"{row.valid_to}" if row.valid_to else ""
    return f"{row.month:%Y-%m}", str(row.get_state_display())


def differences(was: Cells, now: Cells) -> list[tuple[str, str, str, str, int, int]]:
    """Every figure that two tables say differently: programme, population, place, figure, was, is."""
    found = []
    for key in sorted(was.keys() | now.keys()):
        old, new = was.get(key, {}), now.get(key, {})
        found += [(*key, name, old.get(name, 0), new.get(name, 0)) for name in NAMES if old.get(name, 0) != new.get(name, 0)]
    return found


def _corrected(was: Cells, wanted: list[Correction], places: Places) -> Cells:
    now = {key: dict(figures) for key, figures in was.items()}
    for each in wanted:
        figure = BY_NAME.get(each.figure)
        if figure is None or each.place not in places.titles or each.population not in (ALL, HUKOU):
            raise LookupError(f"报表里没有“{each.figure}”这一栏，或没有“{each.place}”这个地方")
        if each.programme == TOTAL or not any(key[0] == each.programme for key in was):
            raise LookupError("请选择一个项目；合计随各项目变动")
        if each.now < 0:
            raise PlanError("数字不能是负数")
        _require_leaf(each.place, was, places)
        above = _above(each.place, places)
        more = each.now - now.get((each.programme, each.population, each.place), {}).get(figure.name, 0)
        programmes = (each.programme, TOTAL) if figure.name in (*MONEY, "persons", "households") else (each.programme,)
        for programme in programmes:
            for place in (above if figure.adds else (each.place,)):
                row = now.setdefault((programme, each.population, place), dict.fromkeys(NAMES, 0))
                row[figure.name] += more
    return now


def _require_leaf(place: str, was: Cells, places: Places) -> None:
    """Single figures are corrected where they arise: in a town; a county only for what lies in no town."""
    if place in places.boards or place == places.city:
        raise PlanError("请在镇（街道）一级更正，县（市、区）、板块和全市随之变动")
    low, high = code_range(place)
    if place in places.county_codes and any(low < key[2] < high for key in was):
        raise PlanError("请在镇（街道）一级更正，县（市、区）、板块和全市随之变动")


def _above(place: str, places: Places) -> tuple[str, ...]:
    county, board = f"{place:.6}".ljust(12, "0"), places.board_of(place)
    return tuple(dict.fromkeys((place, county, *([board] if board else []), places.city)))


def _new(month: date, revision: int, cells: Cells, reason: str = "") -> StatisticTable:
    table = StatisticTable.objects.create(month=month, revision=revision, reason=reason, counted_on=clock.business_date(), fingerprint="")
    _fill(table, cells)
    return table


def _fill(table: StatisticTable, cells: Cells) -> None:
    table.rows.all().delete()
    rows = [StatisticRow(table=table, programme=p, population=n, place=at, **figures) for (p, n, at), figures in sorted(cells.items())]
    StatisticRow.objects.bulk_create(rows, batch_size=CHUNK)
    table.fingerprint, table.counted_on = fingerprint_of(cells), clock.business_date()
    table.save()


def fingerprint_of(cells: Cells) -> str:
    """Of everything that a table states."""
    content = [[*key, *(figures[name] for name in NAMES)] for key, figures in sorted(cells.items())]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def _hand_over(table: StatisticTable, by: Actor) -> None:
    table.state, table.prepared_by, table.prepared_on, table.returned_because = State.PREPARED, by.name, clock.business_date(), ""
    table.version += 1
    table.save()


def _open(table: StatisticTable, by: Actor, expected: int | None) -> StatisticTable:
    """The table, locked for this transaction, if it waits for a second person who is another."""
    row = StatisticTable.objects.select_for_update().filter(pk=table.pk).first()
    if row is None:
        raise StalePlan("这份更正已被退回，请刷新后再看")
    if expected is not None and row.version != expected:
        raise StalePlan(f"这份月报已被他人处理，现为“{row.get_state_display()}”：请刷新后再看")
    if row.state != State.PREPARED:
        raise PlanError(f"只有待确认的月报才能确认或退回，这份是{row.get_state_display()}")
    if row.prepared_by == by.name:
        raise Forbidden("编制人不能确认自己编制的报表，请由另一人确认")
    return row


def _require(by: Actor, capability: str) -> None:
    """The table is the whole city's: so is whoever makes or confirms it."""
    by.require(capability)
    city = code_range(Places.on(clock.business_date()).city)
    if not any(low <= city[0] and city[1] <= high for low, high in by.ranges):
        raise Forbidden("统计月报由市级编制和确认，区级和镇街可以查看本辖区的数字")
