"""Loading a year's plan: all of it or nothing; a changed file of the same year is a new version, its differences on record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import IntegrityError, models, transaction

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.declared import DeclarationError
from minzheng.kernel.indicators.catalogue import indicators
from minzheng.kernel.indicators.errors import PlanError
from minzheng.kernel.indicators.models import (
    Milestone,
    Office,
    Plan,
    PlanChange,
    PlanItem,
    PlanVersion,
    Target,
)
from minzheng.kernel.indicators.planfile import ItemEntry, PlanFile, read_plan

PLANS = Path(__file__).parent.parent / "plans"


@dataclass(frozen=True)
class Loaded:
    """What came of it: `already` when the file says what is there; else how much is new, changed, withdrawn, and each difference."""

    plan: Plan
    already: bool
    counts: Mapping[str, int] = field(default_factory=dict)
    changes: tuple[PlanChange, ...] = ()


def load_plan(*, text: str, file_name: str, by: Actor) -> Loaded:
    """Make a file the plan of its year. The file that was loaded last changes nothing.

    What vanished is withdrawn, what comes back stands again. Raises Forbidden, and PlanError with file, line and reason; then nothing
    is loaded.
    """
    by.require("plan.manage")
    try:
        return _loaded(text, file_name, by)
    except IntegrityError as error:  # two people load the first file of a year in the same moment
        raise PlanError("另一人刚刚导入了同一年度的要点，请刷新后再看") from error


def preview_plan(*, text: str, file_name: str, by: Actor) -> Loaded:
    """What loading a file would do, with every difference; nothing stays. Raises as `load_plan`."""
    by.require("plan.manage")
    with transaction.atomic():
        loaded = _loaded(text, file_name, by)
        transaction.set_rollback(True)
    return loaded


def _loaded(text: str, file_name: str, by: Actor) -> Loaded:
    try:
        read = read_plan(text, file_name, indicators())
    except DeclarationError as error:
        raise PlanError(str(error)) from error
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    with transaction.atomic():
        year = read.period[0].year
        plan = Plan.objects.select_for_update().filter(year=year).first()
        newest = plan.versions.order_by("-number").first() if plan else None
        if plan and newest and newest.fingerprint == fingerprint:
            return Loaded(plan, already=True)
        loading = _Loading(plan, read, file_name, by, clock.business_date())
        counts = loading.carried_out()
        plan = Plan.objects.get(year=year)
        PlanVersion.objects.create(
            plan=plan, number=plan.version, fingerprint=fingerprint, file_name=file_name[:255], text=text, loaded_on=clock.business_date(),
            loaded_by=by.name,
        )  # fmt: skip
        audit.record(by, "plan.load", f"plan:{year}", file_name[:128], version=plan.version, **counts)
    return Loaded(plan, already=False, counts=counts, changes=() if loading.is_new else tuple(loading.changes))


def load_shipped(*, name: str, by: Actor) -> Loaded:
    """Load a plan that is shipped with the program, e.g. 'changzhou-2024'. Raises PlanError for an unknown name."""
    path = PLANS / f"{name}.yaml"
    if not path.is_file() or path.parent != PLANS:
        raise PlanError(f"程序里没有“{name}”这份要点")
    return load_plan(text=path.read_text(encoding="utf-8"), file_name=path.name, by=by)


class _Loading:
    """One file on its way into the tables."""

    def __init__(self, plan: Plan | None, read: PlanFile, file_name: str, by: Actor, on: date) -> None:
        self.is_new = plan is None
        first, last = read.period
        values = {"title": read.title, "document": read.document, "issuer": read.issuer, "issued_on": read.issued_on, "first": first, "last": last, "preamble": read.preamble}
        self.plan = plan or Plan.objects.create(year=first.year, version=0, **values)
        self.read, self.by, self.on = read, by, on
        self.changes: list[PlanChange] = []
        self.counts = {"new": 0, "changed": 0, "withdrawn": 0}
        self.plan.version += 1
        self._set(self.plan, values, None, "plan", also=("version",))

    def carried_out(self) -> dict[str, int]:
        offices = {}
        for named in self.read.offices:
            office = Office.objects.filter(code=named.code).first() or Office(code=named.code, title=named.title, status=named.status)
            offices[named.code] = self._kept(office, {"title": named.title, "status": named.status}, None, f"office:{named.code}")
        known = {item.number: item for item in self.plan.items.all()}
        for chapter in self.read.chapters:
            for entry in chapter.items:
                values = {
                    "chapter": chapter.number, "chapter_title": chapter.title, "title": entry.title, "text": entry.text,
                    "office": offices[entry.office], "systems": list(entry.systems), "figures": list(entry.figures),
                }  # fmt: skip
                item = known.pop(entry.number, None) or PlanItem(plan=self.plan, number=entry.number, **values)
                self._kept(item, values, item, f"item:{entry.number}")
                self._parts(item, entry)
        for item in known.values():
            self._withdraw([item], item, "item")
            self._withdraw(item.targets.all(), item, "target")
            self._withdraw(item.milestones.all(), item, "milestone")
        PlanChange.objects.bulk_create([] if self.is_new else self.changes)
        return self.counts

    def _parts(self, item: PlanItem, entry: ItemEntry) -> None:
        targets = {target.code: target for target in item.targets.all()}
        for each in entry.targets:
            values = each.model_dump(mode="json", exclude={"code", "begins"}) | {"begins": each.begins}
            target = targets.pop(each.code, None) or Target(item=item, code=each.code, **values)
            self._kept(target, values, item, f"target:{each.code}")
        self._withdraw(targets.values(), item, "target")
        milestones = {milestone.name: milestone for milestone in item.milestones.all()}
        for station in entry.milestones:
            values = {
                "title": station.title, "system": station.system, "due": station.due, "due_status": station.status, "evidence": station.evidence,
            }  # fmt: skip
            milestone = milestones.pop(station.name, None) or Milestone(item=item, name=station.name, **values)
            self._kept(milestone, values, item, f"milestone:{item.number}/{station.name}")
        self._withdraw(milestones.values(), item, "milestone")

    def _kept(self, row: Any, values: Mapping[str, Any], item: PlanItem | None, subject: str) -> Any:
        """The row as the file says it, stored."""
        if row.pk is None:
            row.save()
            self.counts["new"] += 1
            self._note(item, subject, "新增", "", str(row))
        else:
            values = {**values, "withdrawn_on": None} if hasattr(row, "withdrawn_on") else values
            self._set(row, values, item, subject)
        return row

    def _set(self, row: Any, values: Mapping[str, Any], item: PlanItem | None, subject: str, also: tuple[str, ...] = ()) -> None:
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        for name in changed:
            field_ = row._meta.get_field(name)
            self._note(item, subject, str(field_.verbose_name), _words(getattr(row, name)), _words(values[name]))
            setattr(row, name, values[name])
        if changed or also:
            row.save(update_fields=[*changed, *also])
        self.counts["changed"] += bool(changed)

    def _withdraw(self, rows: Iterable[Any], item: PlanItem, kind: str) -> None:
        """What the file no longer says stands no more; its work, figures and records stay."""
        for row in rows:
            if row.withdrawn_on is None:
                name = {"item": item.number, "target": getattr(row, "code", ""), "milestone": f"{item.number}/{getattr(row, 'name', '')}"}[kind]
                self._note(item, f"{kind}:{name}", "撤下", str(row), "")
                row.withdrawn_on = self.on
                row.save(update_fields=["withdrawn_on"])
                self.counts["withdrawn"] += 1

    def _note(self, item: PlanItem | None, subject: str, what: str, was: str, now: str) -> None:
        self.changes.append(
            PlanChange(plan=self.plan, item=item, version=self.plan.version, subject=subject[:80], what=what[:64], was=was, now=now, on=self.on, by=self.by.name)
        )


def _words(value: Any) -> str:
    if isinstance(value, models.Model | date):
        return str(value)
    if isinstance(value, list):
        return "、".join(str(each.get("title", each)) if isinstance(each, dict) else str(each) for each in value)
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)
