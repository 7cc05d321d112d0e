"""What a delivery of organisations or facilities would do to the registers: which rows are new, which change what,
which cannot be, and why. Reads only; `actions.py` writes.

A delivery speaks of a *life*, the time from a beginning to an end. The same body may have several, which never overlap.
What a row leaves out stays as it is.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from minzheng.kernel.divisions.queries import written_places
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import EVERYWHERE, Actor
from minzheng.kernel.registry.models import Facility, Organisation

CHUNK = 400  # values in one condition
FOREVER = date.max
CHINA = {"longitude": (73.0, 136.0), "latitude": (3.0, 54.0)}
MOST_CAPACITY = 100_000
PHONE = re.compile(r"[0-9][0-9 -]{5,30}")
LONGEST = {"name": 128, "address": 256}

Row = Mapping[str, Any]  # a row of the lake: columns of the contract by name, None = not said
Life = tuple[date, date]


@dataclass(frozen=True)
class Refusal:
    """Why a row cannot be carried into the register: a code of the feeds' reasons, and the column that it is about."""

    code: str
    column: str = ""


@dataclass
class Line:
    """One row on its way: its values as the model has them, and the record that it speaks of."""

    values: dict[str, Any]
    record: Any = None
    refusal: Refusal | None = None

    def refuse(self, code: str, column: str = "") -> None:
        """Refuse the row; the first reason stands."""
        self.refusal = self.refusal or Refusal(code, column)

    def merged(self, name: str) -> Any:
        """A field as it would be: what the row says, else what the record has."""
        said = self.values.get(name)
        return said if said is not None or self.record is None else getattr(self.record, name)

    def differences(self, fields: Iterable[str]) -> tuple[dict[str, Any], dict[str, Any]]:
        """(before, after) of the fields that the row changes."""
        changed = [name for name in fields if self.merged(name) != getattr(self.record, name)]
        return {name: getattr(self.record, name) for name in changed}, {name: self.merged(name) for name in changed}


@dataclass
class Plan:
    """What is to be written: `lines` in the order of the rows, of which `refused` positions say why not; `older` counts
    rows of whose record a later delivery has spoken already."""

    lines: list[Line]
    older: int = 0
    fresh: list[Line] = field(default_factory=list)
    known: list[Line] = field(default_factory=list)

    @property
    def refused(self) -> dict[int, Refusal]:
        """Position of the row → why it cannot be carried."""
        return {at: line.refusal for at, line in enumerate(self.lines) if line.refusal}


def plan_organisations(rows: Sequence[Row], as_of: date, by: Actor, *, lock: bool = False) -> Plan:
    """What rows of the feed 'organisations' would do. With `lock` the records stay as read until the transaction ends."""
    lines = [_line(row, ("name", "kind", "uscc", "contact_phone", "valid_from", "valid_to")) for row in rows]
    _check(lines, by)
    for line in lines:
        if (phone := line.values["contact_phone"]) and not PHONE.fullmatch(phone):
            line.refuse("phone_wrong", "contact_phone")
    by_uscc, by_name = _organisations(lines, lock)

    def find(line: Line) -> None:
        uscc, place = line.values["uscc"], line.values["division_code"]
        named = [one for one in by_name[line.values["name"]] if one.division_code == place]
        same = by_uscc[uscc] if uscc else []
        line.record = _of_life(line, same)
        if line.record is None and not same:
            line.record = _of_life(line, [one for one in named if not (uscc and one.uscc)])

    def body(line: Line) -> Any:
        return line.merged("uscc") or (line.merged("name"), line.merged("division_code"))

    others = [(one.uscc or (one.name, one.division_code), one) for group in (by_uscc, by_name) for some in group.values() for one in some]
    return _decided(lines, find, body, others, as_of, by)


def plan_facilities(rows: Sequence[Row], as_of: date, by: Actor, *, lock: bool = False) -> Plan:
    """What rows of the feed 'facilities' would do; a row names its organisation by code or by name."""
    said = ("name", "kind", "address", "longitude", "latitude", "valid_from", "valid_to")
    lines = [_line(row, said) for row in rows]
    _check(lines, by)
    _join_organisations(lines, rows)
    for line, row in zip(lines, rows, strict=True):
        _figures(line, row)
    standing: dict[str, list[Any]] = defaultdict(list)
    found = Facility.objects.select_for_update() if lock else Facility.objects.all()
    for one in _where(found, "name", {line.values["name"] for line in lines}):
        standing[one.name].append(one)

    def find(line: Line) -> None:
        named, said = standing[line.values["name"]], line.values
        own = [one for one in named if one.organisation_id == said["organisation_id"]]
        here = [one for one in own if one.division_code == said["division_code"]]
        line.record = _of_life(line, here) if here else _of_life(line, own)
        if line.record is None and said["valid_from"]:  # handed over to another organisation
            moved = [one for one in named if (one.division_code, one.valid_from) == (said["division_code"], said["valid_from"])]
            line.record = moved[0] if len(moved) == 1 else None

    def body(line: Line) -> Any:
        return line.merged("organisation_id"), line.merged("name"), line.merged("division_code")

    others = [((one.organisation_id, one.name, one.division_code), one) for some in standing.values() for one in some]
    return _decided(lines, find, body, others, as_of, by)


def _line(row: Row, names: Iterable[str]) -> Line:
    values = {name: row[name] for name in names}
    return Line(values | {"place": row["place"], "synthetic": bool(row["synthetic"])})


def _check(lines: Sequence[Line], by: Actor) -> None:
    """Places, lengths and the two ends of a life."""
    places = written_places(clock.business_date())
    for line in lines:
        written = re.sub(r"\s", "", str(line.values.pop("place"))).removeprefix("江苏省")
        code = line.values["division_code"] = places.get(written.removesuffix(".0"), "")
        if not code:
            line.refuse("place_unknown", "place")
        elif not _covers(by, code):
            line.refuse("outside_jurisdiction", "place")
        for name, most in LONGEST.items():
            if len(line.values.get(name) or "") > most:
                line.refuse("text_too_long", name)


def _covers(by: Actor, code: str) -> bool:
    return by.ranges == EVERYWHERE or by.covers(code)


def _figures(line: Line, row: Row) -> None:
    capacity = row["capacity"]
    if capacity is not None and not (capacity == int(capacity) and 0 <= capacity <= MOST_CAPACITY):
        line.refuse("capacity_wrong", "capacity")
    line.values["capacity"] = None if capacity is None or line.refusal else int(capacity)
    degrees = {name: line.values[name] for name in CHINA}
    if (degrees["longitude"] is None) != (degrees["latitude"] is None):
        line.refuse("coordinates_wrong", "latitude")
    for name, (low, high) in CHINA.items():
        if degrees[name] is not None and not low <= degrees[name] <= high:
            line.refuse("coordinates_wrong", name)


def _organisations(lines: Sequence[Line], lock: bool) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """Organisations by code, and by name, that rows may speak of."""
    rows = Organisation.objects.select_for_update() if lock else Organisation.objects.all()
    found = {one.pk: one for one in _where(rows, "uscc", {line.values["uscc"] for line in lines} - {None, ""})}
    found |= {one.pk: one for one in _where(rows, "name", {line.values["name"] for line in lines}) if one.pk not in found}
    by_uscc, by_name = defaultdict(list), defaultdict(list)
    for one in found.values():
        by_name[one.name].append(one)
        if one.uscc:
            by_uscc[one.uscc].append(one)
    return by_uscc, by_name


def _join_organisations(lines: Sequence[Line], rows: Sequence[Row]) -> None:
    codes, names = ({row[name] for row in rows} - {None} for name in ("organisation_uscc", "organisation_name"))
    by_uscc, by_name = defaultdict(list), defaultdict(list)
    for one in _where(Organisation.objects.all(), "uscc", codes):
        by_uscc[one.uscc].append(one)
    for one in _where(Organisation.objects.all(), "name", names):
        by_name[one.name].append(one)
    for line, row in zip(lines, rows, strict=True):
        uscc, name = row["organisation_uscc"], row["organisation_name"]
        known = by_uscc[uscc] if uscc else []
        if not known and name:
            known = [one for one in by_name[name] if not (uscc and one.uscc)]
        alive = [one for one in known if one.valid_to is None] or known
        line.values["organisation_id"] = alive[0].pk if alive else None
        column = "organisation_uscc" if uscc else "organisation_name"
        if not alive:
            line.refuse("organisation_unknown", column)
        elif len(alive) > 1 and not uscc:
            line.refuse("organisation_ambiguous", column)
        elif len(alive) > 1:  # all lives of one body have ended: the last one
            line.values["organisation_id"] = max(alive, key=lambda one: one.valid_from).pk


def _where(rows: QuerySet[Any], name: str, values: Iterable[str]) -> Iterable[Any]:
    wanted = sorted(values)
    for start in range(0, len(wanted), CHUNK):
        yield from rows.filter(Q(**{f"{name}__in": wanted[start : start + CHUNK]})).order_by("pk")


def _of_life(line: Line, records: Sequence[Any]) -> Any:
    """The record, of several lives of one body, that a row speaks of: the one that begins on its day; else the one that has
    not ended, unless the row's life was over before it began. None when it is a new life."""
    first, last = line.values["valid_from"], line.values["valid_to"]
    if first is None:
        living = [one for one in records if one.valid_to is None] or list(records)
        if len(living) > 1:
            line.refuse("register_ambiguous", "valid_from")
        return living[0] if living else None
    for one in records:
        if one.valid_from == first:
            return one
    alive = [one for one in records if one.valid_to is None and not (last and last <= one.valid_from)]
    return alive[0] if len(alive) == 1 else None


def _decided(
    lines: list[Line], find: Callable[[Line], None], body: Callable[[Line], Any], others: Sequence[tuple[Any, Any]],
    as_of: date, by: Actor,
) -> Plan:  # fmt: skip
    """Find each row's record, hold the rows against each other and against what stands, and sort them."""
    for line in lines:
        if not line.refusal:
            find(line)
    spoken = Counter(line.record.pk for line in lines if line.record and not line.refusal)
    for line in lines:
        first, last = line.merged("valid_from"), line.merged("valid_to")
        if line.record and spoken[line.record.pk] > 1:
            line.refuse("register_duplicate", "name")
        elif line.record and not _covers(by, line.record.division_code):
            line.refuse("outside_jurisdiction", "place")
        elif not line.refusal and first is None:
            line.refuse("start_missing", "valid_from")
        elif not line.refusal and last is not None and last <= first:
            line.refuse("life_reversed", "valid_to")
    _hold_lives_apart(lines, body, others)
    plan = Plan(lines)
    for line in lines:
        if line.refusal:
            continue
        if line.record is None:
            plan.fresh.append(line)
        elif line.record.updated_as_of and line.record.updated_as_of > as_of:
            plan.older += 1
        else:
            plan.known.append(line)
    return plan


def _hold_lives_apart(lines: Sequence[Line], body: Callable[[Line], Any], others: Sequence[tuple[Any, Any]]) -> None:
    """Refuse rows by which two lives of one body would overlap: both when both are rows."""
    groups: dict[Any, list[tuple[Life, Line | None]]] = defaultdict(list)
    spoken = {line.record.pk for line in lines if line.record and not line.refusal}
    for line in lines:
        if not line.refusal:
            groups[body(line)].append(((line.merged("valid_from"), line.merged("valid_to") or FOREVER), line))
    for key, one in {one.pk: (key, one) for key, one in others}.values():
        if one.pk not in spoken and key in groups:
            groups[key].append(((one.valid_from, one.valid_to or FOREVER), None))
    for lives in groups.values():
        for at, ((first, last), one_line) in enumerate(lives):
            for (other_first, other_last), other in lives[at + 1 :]:
                if first < other_last and other_first < last:
                    both = one_line is not None and other is not None
                    for said in filter(None, (one_line, other)):
                        said.refuse("register_duplicate" if both else "life_overlaps", "name" if both else "valid_from")
