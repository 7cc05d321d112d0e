"""Keeping organisations and facilities up by hand; deliveries of departments go through feeds.

Every change is held against the version that the official had before the eyes, and leaves an audit entry with the
changed fields as they were and as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Model

from minzheng.kernel.divisions.queries import in_force
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.foundation.identifiers import check_uscc
from minzheng.kernel.foundation.registers import Stale
from minzheng.kernel.registry.kinds import FACILITIES, ORGANISATIONS
from minzheng.kernel.registry.models import Facility, Organisation

ORGANISATION_FIELDS = ("name", "uscc", "kind", "division_code", "contact_phone", "valid_from", "valid_to")
FACILITY_FIELDS = (
    "name", "kind", "division_code", "address", "capacity", "longitude", "latitude", "valid_from", "valid_to",
)  # fmt: skip
CHINA = {"longitude": (73.0, 136.0), "latitude": (3.0, 54.0)}


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
    if phone and not re.fullmatch(r"[0-9][0-9 -]{5,30}", phone):
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
    if (capacity := values.get("capacity")) is not None and not 0 <= capacity <= 100_000:
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
