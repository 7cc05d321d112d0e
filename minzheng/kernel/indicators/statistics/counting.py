"""A month's table from rows: entitlements in force, what was booked as paid and returned, members of households. Reads only.

Each level of places is cut for itself, so that somebody who moves inside a county moves for its towns and not for the county. The
city is everything there is: what lies in no county or board is missing in their sums, and the balance check says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value, When

from minzheng.kernel.benefits.models import Entitlement
from minzheng.kernel.indicators.places import CITY_DIGITS, COUNTY_DIGITS, TOWN_DIGITS, Places
from minzheng.kernel.indicators.statistics.figures import ALL, HUKOU, NAMES, TOTAL, last_of, month_before
from minzheng.kernel.ledger.models import Account, Transfer
from minzheng.kernel.registry.models import Membership, Person

Key = tuple[str, str, str]  # programme, population, place
Cells = dict[Key, dict[str, int]]
LEVELS = ("city", "county", "board", "town")
UNITS = {
    "programme": pl.String, "unit": pl.Int64, "person": pl.Int64, "household": pl.Int64, "code": pl.String, "fen": pl.Int64, "first": pl.Date,
    "end": pl.Date, "opening": pl.Boolean, "hukou": pl.Boolean,
}  # fmt: skip
MONEY = {"programme": pl.String, "code": pl.String, "hukou": pl.Boolean, "flow": pl.String, "n": pl.Int64, "fen": pl.Int64}
FLOWS = {"paid": "paid_fen", "refused": "refused_fen", "sent_back": "sent_back_fen"}


@dataclass(frozen=True)
class Counted:
    """A month's figures by programme, population and place, and the places that they are cut by."""

    month: date
    cells: Cells
    places: Places


def in_force(month: date) -> Q:
    """Entitlements of a month, by its first day."""
    return Q(valid_from__lte=month) & (Q(valid_to=None) | Q(valid_to__gt=month))


def count(month: date) -> Counted:
    """The whole table of a month (its first day), as rows say now."""
    places = Places.on(last_of(month))
    cells: Cells = defaultdict(lambda: dict.fromkeys(NAMES, 0))
    for place in (places.city, *places.county_codes, *places.boards):
        for population in (ALL, HUKOU):
            cells[TOTAL, population, place]  # a table always shows them, also where there is nothing
    units, money = _units(month), _money(booked(month))
    members = _members(units, month)
    known = _levels({*units["code"].unique(), *money["code"].unique()}, places)
    for population in (ALL, HUKOU):
        cut = units if population == ALL else units.filter(pl.col("hukou"))
        paid = money if population == ALL else money.filter(pl.col("hukou"))
        for level in LEVELS:
            _movements(cut, month, known[level], population, cells)
            _heads(cut, members, month, known[level], population, cells)
            _payments(paid, known[level], population, cells)
    return Counted(month, {key: dict(found) for key, found in cells.items()}, places)


def booked(month: date, until: date | None = None) -> QuerySet[Transfer]:
    """Payments and returns booked in a month, or from a month to the end of another."""
    of_people = Transfer.objects.filter(line__isnull=False, kind__in=[Transfer.Kind.PAYMENT, Transfer.Kind.RETURN])
    return of_people.filter(on__gte=month, on__lte=last_of(until or month))


def flow_of() -> Case:
    """Which flow a transfer belongs to: paid, refused by the channel, or sent back after it had arrived."""
    returned = Q(kind=Transfer.Kind.RETURN)
    back = returned & Q(credit__kind=Account.Kind.PAID)
    return Case(When(back, then=Value("sent_back")), When(returned, then=Value("refused")), default=Value("paid"))


def resident(of: str) -> Exists:
    """Whether the person whom a row names has its hukou in the city."""
    return Exists(Person.objects.filter(person_key=OuterRef(of), residence_type="hukou"))


def _units(month: date) -> pl.DataFrame:
    before = month_before(month)
    rows = Entitlement.objects.filter(in_force(month) | in_force(before)).annotate(hukou=resident("person_key"))
    found = rows.order_by().values_list(
        "programme", "unit_key", "person_key", "household_key", "division_code", "amount_fen", "valid_from", "valid_to", "opening_id", "hukou"
    )
    data = [(*row[:8], row[8] is not None, row[9]) for row in found.iterator(chunk_size=20_000)]
    return pl.DataFrame(data, schema=UNITS, orient="row")


def _money(rows: QuerySet[Transfer]) -> pl.DataFrame:
    found = rows.order_by().annotate(flow=flow_of(), hukou=resident("line__person_key")).values_list(
        "line__programme", "line__division_code", "hukou", "flow"
    )
    return pl.DataFrame(list(found.annotate(n=Count("pk"), fen=Sum("amount_fen"))), schema=MONEY, orient="row")


def _members(units: pl.DataFrame, month: date) -> pl.DataFrame:
    """[household, member] of households that are units themselves, on the month's last day."""
    day = last_of(month)
    wanted = units.filter(pl.col("unit") == pl.col("household"))["household"].unique()
    found: list[Any] = []
    for start in range(0, wanted.len(), 500):
        rows = Membership.objects.filter(household__household_key__in=wanted[start : start + 500].to_list(), valid_from__lte=day)
        rows = rows.filter(Q(valid_to=None) | Q(valid_to__gt=day))
        found += rows.values_list("household__household_key", "person__person_key")
    return pl.DataFrame(found, schema={"household": pl.Int64, "member": pl.Int64}, orient="row")


def _levels(codes: Iterable[str], places: Places) -> dict[str, pl.DataFrame]:
    """For each level [code, place]: codes without a place at the level are left out."""
    found: dict[str, list[tuple[str, str]]] = {level: [] for level in LEVELS}
    counties = set(places.county_codes)
    for code in codes:
        county, town = f"{code:.6}".ljust(12, "0"), f"{code:.9}".ljust(12, "0")
        found["city"].append((code, places.city))
        if county not in counties or code[CITY_DIGITS:COUNTY_DIGITS] == "00":
            continue
        found["county"].append((code, county))
        if code[COUNTY_DIGITS:TOWN_DIGITS] != "000":
            found["town"].append((code, town))
        if board := places.board_of(code):
            found["board"].append((code, board))
    return {level: pl.DataFrame(pairs, schema={"code": pl.String, "place": pl.String}, orient="row") for level, pairs in found.items()}


def _once(units: pl.DataFrame, month: date, known: pl.DataFrame) -> pl.DataFrame:
    """The units of a month, each once for a programme, with its place at a level."""
    standing = units.filter((pl.col("first") <= month) & (pl.col("end").is_null() | (pl.col("end") > month)))
    once = standing.group_by("programme", "unit").agg(
        pl.col("code").max(), pl.col("fen").sum(), pl.col("opening").any(), pl.col("person").max(), pl.col("household").max()
    )
    return once.join(known, on="code", how="left")


def _movements(units: pl.DataFrame, month: date, known: pl.DataFrame, population: str, cells: Cells) -> None:
    now, before = _once(units, month, known), _once(units, month_before(month), known)
    key = ["programme", "unit"]
    both = now.join(before.select(*key, pl.col("place").alias("was")), on=key, how="inner")
    came, left = now.join(before, on=key, how="anti"), before.join(now, on=key, how="anti")
    moved = both.filter(pl.col("place").ne_missing(pl.col("was")))
    for name, frame, at in (
        ("units_start", before, "place"), ("units_end", now, "place"), ("taken_over", came.filter(pl.col("opening")), "place"),
        ("begun", came.filter(~pl.col("opening")), "place"), ("ended", left, "place"), ("moved_in", moved, "place"), ("moved_out", moved, "was"),
    ):  # fmt: skip
        _put(frame.group_by("programme", at).len(), name, population, cells)
    _put(now.group_by("programme", "place").agg(pl.col("fen").sum()), "due_fen", population, cells)
    _put(now.group_by("place").agg(pl.col("fen").sum()).select(pl.lit(TOTAL).alias("programme"), "place", "fen"), "due_fen", population, cells)


def _heads(units: pl.DataFrame, members: pl.DataFrame, month: date, known: pl.DataFrame, population: str, cells: Cells) -> None:
    """Persons and households, each once for a programme, and once over all programmes."""
    now = _once(units, month, known)
    whole = now.filter(pl.col("unit") == pl.col("household")).join(members, on="household", how="left")
    people = pl.concat([
        now.filter(pl.col("unit") != pl.col("household")).select("programme", "person", "code"),
        whole.select("programme", pl.coalesce("member", "person").alias("person"), "code"),
    ])  # fmt: skip
    for name, frame, what in (("persons", people, "person"), ("households", now.select("programme", "household", "code"), "household")):
        for single in (frame, frame.with_columns(pl.lit(TOTAL).alias("programme"))):
            once = single.group_by("programme", what).agg(pl.col("code").max()).join(known, on="code", how="left")
            _put(once.group_by("programme", "place").len(), name, population, cells)


def _payments(money: pl.DataFrame, known: pl.DataFrame, population: str, cells: Cells) -> None:
    placed = money.join(known, on="code", how="left")
    both = pl.concat([placed, placed.with_columns(pl.lit(TOTAL).alias("programme"))])
    for flow, name in FLOWS.items():
        part = both.filter(pl.col("flow") == flow).group_by("programme", "place")
        _put(part.agg(pl.col("fen").sum()), name, population, cells)
        if flow == "paid":
            _put(part.agg(pl.col("n").sum()), "paid_lines", population, cells)


def _put(frame: pl.DataFrame, name: str, population: str, cells: Cells) -> None:
    for programme, place, number in frame.iter_rows():
        if place is not None:
            cells[programme, population, place][name] = int(number)


def year_from_rows(first: date, last: date) -> dict[str, dict[str, int]]:
    """Programme → what the months from `first` to `last` come to for the whole city, reckoned over the whole time at once and in another
    way than the months are: unbroken spells of entitlements, and one sum over the books."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    ends = last_of(last)
    rows = Entitlement.objects.filter(valid_from__lte=last).filter(Q(valid_to=None) | Q(valid_to__gt=month_before(first)))
    spell: tuple[str, int] | None = None
    until: date | None = date.min
    for programme, unit, begins, end, opening in rows.order_by("programme", "unit_key", "valid_from", "valid_to").values_list(
        "programme", "unit_key", "valid_from", "valid_to", "opening_id"
    ).iterator(chunk_size=20_000):  # fmt: skip
        if spell != (programme, unit):
            _ended(found, spell, until, first, ends)
            spell, until = (programme, unit), date.min
        if until is not None and begins > until:
            _ended(found, spell, until, first, ends)
            if first <= begins <= ends and opening is None:
                found[programme]["begun"] += 1
            until = end
        elif until is not None:
            until = None if end is None else max(until, end)
    _ended(found, spell, until, first, ends)
    flows = booked(first, last).order_by().annotate(flow=flow_of(), programme=F("line__programme"))
    for programme, flow, number, fen in flows.values_list("programme", "flow").annotate(n=Count("pk"), s=Sum("amount_fen")):
        found[programme][FLOWS[flow]] += int(fen)
        found[programme]["paid_lines"] += number if flow == "paid" else 0
    return {programme: dict(figures) for programme, figures in found.items()}


def _ended(found: dict[str, dict[str, int]], spell: tuple[str, int] | None, until: date | None, first: date, last: date) -> None:
    if spell and until not in (None, date.min) and first <= until <= last:
        found[spell[0]]["ended"] += 1
