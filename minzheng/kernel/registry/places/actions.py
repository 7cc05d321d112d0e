"""Keeping organisations and facilities up: by hand, and from deliveries that came in through feeds.

A change by hand is held against the version that the official had before the eyes, and leaves an audit entry with the
changed fields as they were and as they are. A delivery is written in bulk, with one audit entry for all of it; what it
changed of each record stands in the record's history.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import F, Model
from django.utils import timezone

from minzheng.kernel.divisions.queries import in_force
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.foundation.identifiers import check_uscc
from minzheng.kernel.foundation.registers import Stale
from minzheng.kernel.registry.kinds import FACILITIES, ORGANISATIONS
from minzheng.kernel.registry.models import DeliveredChange, Facility, Organisation
from minzheng.kernel.registry.places.deliveries import (
    CHINA,
    MOST_CAPACITY,
    PHONE,
    Line,
    Plan,
    Refusal,
    Row,
    plan_facilities,
    plan_organisations,
)

ORGANISATION_FIELDS = ("name", "uscc", "kind", "division_code", "contact_phone", "valid_from", "valid_to")
FACILITY_FIELDS = (
    "name", "kind", "division_code", "address", "capacity", "longitude", "latitude", "valid_from", "valid_to",
)  # fmt: skip
CHUNK = 500  # rows a statement
Told = tuple[Any, Mapping[str, Any], Mapping[str, Any]]  # a record, what changed of it as it was, and as it is


def save_organisation(*, record: Organisation, values: Mapping[str, Any], version: int, by: Actor, reason: str = "") -> Organisation:
    """Write the changed fields of an organisation. Raises Forbidden, Organisation.DoesNotExist outside the
    jurisdiction, Stale for an old version, and ValidationError (by field, in Chinese) for what cannot be."""
    by.require("registers.edit")
    wrong = _common_faults(values, ORGANISATIONS, by)
    uscc = str(values.get("uscc") or "")
    if uscc and not check_uscc(uscc):
        wrong["uscc"] = "统一社会信用代码不对：18 位，末位是校验码，请逐位核对"
    twin = Organisation.objects.filter(uscc=uscc, valid_to__isnull=True).exclude(pk=record.pk)
    if uscc and values.get("valid_to") is None and twin.exists():
        wrong["uscc"] = "这个代码已登记在另一个存续的机构名下"
    phone = str(values.get("contact_phone") or "")
    if phone and not PHONE.fullmatch(phone):
        wrong["contact_phone"] = "电话只能有数字、空格和连字符，如 0519-85680000"
    saved: Organisation = _save(record, ORGANISATION_FIELDS, values, version, by, reason, wrong)
    return saved


def save_facility(*, record: Facility, values: Mapping[str, Any], version: int, by: Actor, reason: str = "") -> Facility:
    """Write the changed fields of a facility; raises as `save_organisation`."""
    by.require("registers.edit")
    wrong = _common_faults(values, FACILITIES, by)
    for name, (low, high) in CHINA.items():
        degrees = values.get(name)
        if degrees is not None and not low <= degrees <= high:
            wrong[name] = f"应在 {low:g} 到 {high:g} 之间；经度和纬度是不是填反了？"
    if (values.get("longitude") is None) != (values.get("latitude") is None):
        wrong["latitude"] = "经度和纬度要么都填，要么都不填"
    if (capacity := values.get("capacity")) is not None and not 0 <= capacity <= MOST_CAPACITY:
        wrong["capacity"] = "应在 0 到 100,000 之间"
    saved: Facility = _save(record, FACILITY_FIELDS, values, version, by, reason, wrong)
    return saved


def _common_faults(values: Mapping[str, Any], kinds: Mapping[str, str], by: Actor) -> dict[str, str]:
    wrong = {}
    if not str(values.get("name") or "").strip():
        wrong["name"] = "请填写名称"
    if values.get("kind") not in kinds:
        wrong["kind"] = "请选择类别"
    code = str(values.get("division_code") or "")
    if not in_force(clock.business_date()).filter(code=code).exists():
        wrong["division_code"] = f"没有“{code}”这个区划" if code else "请选择所在地"
    elif not by.covers(code):
        wrong["division_code"] = "不在您的辖区内"
    first, last = values.get("valid_from"), values.get("valid_to")
    if first is None:
        wrong["valid_from"] = "请填写日期"
    elif last is not None and last <= first:
        wrong["valid_to"] = "应晚于开始日期"
    return wrong


def _save(
    record: Any, fields: tuple[str, ...], values: Mapping[str, Any], version: int, by: Actor, reason: str, wrong: dict[str, str]
) -> Any:
    model: type[Model] = type(record)
    found: Any = scoped(model._default_manager.all(), by).get(pk=record.pk)
    if found.version != version:
        raise Stale(f"{model._meta.verbose_name}已被别人改过")
    if wrong:
        raise ValidationError({name: [why] for name, why in wrong.items()})
    before = {name: getattr(found, name) for name in fields if getattr(found, name) != values[name]}
    if not before:
        return found
    after = {name: values[name] for name in before}
    with transaction.atomic():
        mine = model._default_manager.filter(pk=found.pk, version=version)
        try:
            with transaction.atomic():
                written = mine.update(**after, version=F("version") + 1)
        except IntegrityError as clash:  # somebody took the same code in the very same moment
            raise ValidationError({fields[1]: ["已被另一条记录使用"]}) from clash
        if not written:
            raise Stale(f"{model._meta.verbose_name}已被别人改过")
        kind = str(model._meta.model_name)
        audit.record(by, f"{kind}.update", f"{kind}:{found.pk}", reason, before=before, after=after)
    found.refresh_from_db()
    return found


@dataclass(frozen=True)
class Carried:
    """What a delivery did to a register. `same`: rows that said what is known; `older`: of whose record a later delivery
    has spoken already; `refused`: (position of the row, why), which only a change since the intake can bring about."""

    new: int
    changed: int
    same: int
    older: int
    refused: tuple[tuple[int, Refusal], ...]

    def counts(self) -> dict[str, int]:
        """For the audit and the batch."""
        return {"new": self.new, "changed": self.changed, "same": self.same, "older": self.older, "refused": len(self.refused)}


def take_over_organisations(*, rows: Sequence[Row], batch: str, as_of: date, synthetic: bool, by: Actor) -> Carried:
    """Write a delivery of organisations into the register, in bulk; the same rows again change nothing."""
    with transaction.atomic():
        plan = plan_organisations(rows, as_of, by, lock=True)
        return _take_over(Organisation, ORGANISATION_FIELDS, plan, batch, as_of, synthetic, by)


def take_over_facilities(*, rows: Sequence[Row], batch: str, as_of: date, synthetic: bool, by: Actor) -> Carried:
    """Write a delivery of facilities into the register; see `take_over_organisations`."""
    with transaction.atomic():
        plan = plan_facilities(rows, as_of, by, lock=True)
        return _take_over(Facility, (*FACILITY_FIELDS, "organisation_id"), plan, batch, as_of, synthetic, by)


def _take_over(
    model: type[Any], fields: tuple[str, ...], plan: Plan, batch: str, as_of: date, synthetic: bool, by: Actor
) -> Carried:
    made = [_made(model, fields, line, batch, as_of, synthetic) for line in plan.fresh]
    model.objects.bulk_create(made, batch_size=CHUNK)
    told: list[Told] = [(one, {}, {name: getattr(one, name) for name in fields if getattr(one, name) not in (None, "")}) for one in made]
    changed = []
    for line in plan.known:
        before, after = line.differences(fields)
        if after:
            _change(line.record, after, batch, as_of)
            changed.append(line.record)
            told.append((line.record, before, after))
    written = [*fields, "source_batch", "updated_as_of", "version"]
    model.objects.bulk_update(changed, written, batch_size=CHUNK // 4)
    mine = {one.pk for one in changed}
    same = [line.record.pk for line in plan.known if line.record.pk not in mine]
    for start in range(0, len(same), CHUNK):
        model.objects.filter(pk__in=same[start : start + CHUNK]).update(updated_as_of=as_of)
    _tell(str(model._meta.model_name), told, batch, by)
    done = Carried(len(made), len(changed), len(same), plan.older, tuple(plan.refused.items()))
    audit.record(by, f"{model._meta.model_name}.import", f"batch:{batch}", "", **done.counts())
    return done


def _made(model: type[Any], fields: tuple[str, ...], line: Line, batch: str, as_of: date, synthetic: bool) -> Any:
    given = {name: line.values[name] for name in fields if line.values[name] is not None}
    mark = synthetic or line.values["synthetic"]
    return model(**given, synthetic=mark, source_batch=batch, updated_as_of=as_of)


def _change(record: Any, after: Mapping[str, Any], batch: str, as_of: date) -> None:
    for name, value in after.items():
        setattr(record, name, value)
    record.source_batch, record.updated_as_of, record.version = batch, as_of, record.version + 1


def _tell(kind: str, told: Sequence[Told], batch: str, by: Actor) -> None:
    now, today = timezone.now(), clock.business_date()

    def plain(values: Mapping[str, Any]) -> Any:
        return json.loads(json.dumps(values, cls=DjangoJSONEncoder))

    DeliveredChange.objects.bulk_create(
        [
            DeliveredChange(
                record=f"{kind}:{one.pk}", division_code=one.division_code, source_batch=batch, on=today, at=now, by=by.name,
                before=plain(before), after=plain(after),
            )
            for one, before, after in told
        ],
        batch_size=CHUNK,
    )  # fmt: skip
