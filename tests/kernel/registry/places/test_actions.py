"""Saving organisations and facilities: what is refused, the version, what is left in the audit."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from minzheng.kernel.foundation.access import Actor, Forbidden, roles
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.foundation.registers import Stale
from minzheng.kernel.registry.models import Facility, Organisation
from minzheng.kernel.registry.places.actions import (
    FACILITY_FIELDS,
    ORGANISATION_FIELDS,
    save_facility,
    save_organisation,
)
from minzheng.kernel.registry.screens.history import changes
from minzheng.kernel.registry.screens.organisations import FIELDS

HERE, ELSEWHERE = "320412100002", "320402001001"
USCC = "51320400MJ5678901X"


def actor(role: str = "district_official", low: str = "320412000000", high: str = "320413000000") -> Actor:
    return Actor("wu", role, roles()[role].capabilities, ((low, high),))


@pytest.fixture
def organisation(divisions: None) -> Organisation:
    return Organisation.objects.create(name="颐养中心", kind="company", division_code=HERE, valid_from=date(2015, 1, 1))


@pytest.fixture
def facility(organisation: Organisation) -> Facility:
    return Facility.objects.create(
        organisation=organisation, name="颐养院", kind="care_home", division_code=HERE, valid_from=date(2016, 1, 1)
    )


def values(record: Any, **changed: Any) -> dict[str, Any]:
    names = ORGANISATION_FIELDS if isinstance(record, Organisation) else FACILITY_FIELDS
    return {name: getattr(record, name) for name in names} | changed


def test_saving_writes_what_changed_and_says_so(organisation: Organisation) -> None:
    saved = save_organisation(
        record=organisation, values=values(organisation, name="颐养服务中心", kind="foundation"), version=1, by=actor()
    )
    assert (saved.name, saved.kind, saved.version) == ("颐养服务中心", "foundation", 2)
    entry = AuditEntry.objects.get(verb="organisation.update")
    assert entry.subject == f"organisation:{saved.pk}"
    assert entry.details == {"before": {"name": "颐养中心", "kind": "company"}, "after": {"name": "颐养服务中心", "kind": "foundation"}}
    (change,) = changes(saved, FIELDS)
    assert change.differences == (("名称", "颐养中心", "颐养服务中心"), ("类别", "企业", "基金会"))


def test_saving_without_a_change_leaves_no_trace(organisation: Organisation) -> None:
    save_organisation(record=organisation, values=values(organisation), version=1, by=actor())
    assert not AuditEntry.objects.filter(verb="organisation.update").exists()
    organisation.refresh_from_db()
    assert organisation.version == 1


def test_the_second_of_two_is_stopped(organisation: Organisation) -> None:
    save_organisation(record=organisation, values=values(organisation, name="甲"), version=1, by=actor())
    with pytest.raises(Stale):
        save_organisation(record=organisation, values=values(organisation, name="乙"), version=1, by=actor())
    organisation.refresh_from_db()
    assert organisation.name == "甲"


def test_who_may_and_where(organisation: Organisation) -> None:
    with pytest.raises(Forbidden):
        save_organisation(record=organisation, values=values(organisation), version=1, by=actor("grid_worker"))
    with pytest.raises(Organisation.DoesNotExist):
        save_organisation(record=organisation, values=values(organisation), version=1, by=actor(low=ELSEWHERE, high="320403"))


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"name": " "}, "name", "请填写名称"),
        ({"kind": "circus"}, "kind", "请选择类别"),
        ({"division_code": ELSEWHERE}, "division_code", "不在您的辖区内"),
        ({"division_code": "329999999999"}, "division_code", "没有“329999999999”这个区划"),
        ({"uscc": "51320400MJ56789010"}, "uscc", "统一社会信用代码不对"),
        ({"contact_phone": "打给张三"}, "contact_phone", "电话只能有数字"),
        ({"valid_to": date(2014, 1, 1)}, "valid_to", "应晚于开始日期"),
    ],
)
def test_what_cannot_be_is_refused_at_the_field(
    organisation: Organisation, changed: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        save_organisation(record=organisation, values=values(organisation, **changed), version=1, by=actor())
    assert said in refused.value.message_dict[field][0]


def test_one_code_belongs_to_one_living_organisation(organisation: Organisation) -> None:
    code = "91320400MA1MXXXX0"
    code = next(code + last for last in "0123456789ABCDEFGHJKLMNPQRTUWXY" if _sound(code + last))
    Organisation.objects.create(name="另一家", uscc=code, kind="company", division_code=HERE, valid_from=date(2015, 1, 1))
    with pytest.raises(ValidationError, match="另一个存续的机构"):
        save_organisation(record=organisation, values=values(organisation, uscc=code), version=1, by=actor())


def _sound(code: str) -> bool:
    from minzheng.kernel.foundation.identifiers import check_uscc

    return check_uscc(code)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"longitude": 31.7, "latitude": 119.9}, "longitude"),
        ({"longitude": 119.9, "latitude": None}, "latitude"),
        ({"capacity": 10**6}, "capacity"),
    ],
)
def test_positions_and_sizes_of_facilities(facility: Facility, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        save_facility(record=facility, values=values(facility, **changed), version=1, by=actor())
    assert field in refused.value.message_dict
    assert save_facility(record=facility, values=values(facility, longitude=119.9, latitude=31.7), version=1, by=actor()).version == 2
