"""One record: inside and outside, related records, history, neighbours, the form and the second official."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.foundation.registers import registers
from tests.portals.staff.registers.places import PARAMS, base, everything, expected
from tests.portals.staff.world import World

AsRole = Callable[[str], Client]


@pytest.mark.parametrize(("slug", "role"), PARAMS)
def test_a_record_opens_inside_and_is_missing_outside(slug: str, role: str, world: World, as_role: AsRole) -> None:
    client, inside = as_role(role), expected(slug, world, role)
    outside = everything(slug) - inside
    for pk in sorted(inside)[:3]:
        assert client.get(f"{base(slug)}{pk}/").status_code == 200
    for pk in sorted(outside)[:3]:
        for page in ("", "edit/", "map.json"):
            assert client.get(f"{base(slug)}{pk}/{page}").status_code in (403, 404)
        assert client.get(f"{base(slug)}{pk}/").status_code == 404


@pytest.mark.parametrize("slug", list(registers()))
def test_records_and_lists_show_words_not_objects(slug: str, world: World, as_role: AsRole) -> None:
    client = as_role("administrator" if registers()[slug].capability == "users.view" else "city_official")
    for pk in sorted(everything(slug))[:: max(1, len(everything(slug)) // 5)]:
        html = client.get(f"{base(slug)}{pk}/").content.decode()
        assert not re.search(r"functools|bound method|object at 0x|&lt;\w+:|None\b|\bTrue\b|\bFalse\b", html), pk


@pytest.mark.parametrize("role", ["town_official", "grid_worker"])
def test_related_records_end_at_the_jurisdiction(role: str, world: World, as_role: AsRole) -> None:
    """An organisation of the village runs a facility elsewhere, and a person lived in a household elsewhere."""
    facility, elsewhere = world.facilities[-1], world.households[-1]
    facility.organisation = world.organisations[0]
    facility.save()
    person = world.alerts[0].person
    person.memberships.create(household=elsewhere, relation="other", valid_from="1999-01-01", valid_to="2001-01-01")
    html = as_role(role).get(f"{base('organisations')}{world.organisations[0].pk}/").content.decode()
    assert world.facilities[0].name in html and facility.name not in html
    html = as_role(role).get(f"{base('people')}{person.pk}/").content.decode()
    assert world.other_village.name not in html


def test_opening_a_person_is_on_record_and_an_organisation_is_not(world: World, as_role: AsRole) -> None:
    client = as_role("town_official")
    client.get(f"{base('people')}{world.alerts[0].person_id}/")
    client.get(f"{base('organisations')}{world.organisations[0].pk}/")
    entry = AuditEntry.objects.get(verb="register.open")
    assert (entry.actor, entry.subject) == ("town_official", f"person:{world.alerts[0].person_id}")


def test_a_person_is_masked_and_custody_is_not_told(world: World, as_role: AsRole) -> None:
    from minzheng.kernel.registry.models import Fact

    person = world.alerts[0].person
    Fact.objects.create(person=person, kind="custody", value="imprisonment", valid_from="2024-01-01", source="custody", recorded_as_of="2024-06-03")
    html = as_role("town_official").get(f"{base('people')}{person.pk}/").content.decode()
    assert person.name not in html and person.id_number not in html and person.phone not in html
    assert "养老待遇" in html and "羁押" not in html and "custody" not in html
    assert f"/people/{person.pk}/reveal/" in html


def test_neighbours_lead_along_the_list(world: World, as_role: AsRole) -> None:
    client = as_role("city_official")
    rows = client.get(f"{base('people')}?fact=pension&sort=-age").context["rows"]
    first = client.get(rows[0].url)
    assert not first.context["earlier"]
    second = client.get(first.context["later"])
    assert second.context["later"] == rows[2].url and second.context["earlier"] == rows[0].url
    assert client.get(second.context["back"]).context["asking"].asked.filters == {"fact": "pension"}


def test_the_map_has_the_point(world: World, as_role: AsRole) -> None:
    answer = json.loads(as_role("grid_worker").get(f"{base('facilities')}{world.facilities[0].pk}/map.json").content)
    assert answer["features"][0]["properties"] == {"step": "point", "name": world.facilities[0].name}
    assert answer["features"][0]["geometry"] == {"type": "Point", "coordinates": [119.95, 31.75]}


def filled(client: Client, slug: str, pk: int) -> dict[str, Any]:
    """What the form holds when it is opened."""
    response = client.get(f"{base(slug)}{pk}/edit/")
    context = response.context
    return {"version": context["version"], **context["seen"], **{entry["item"].name: entry["value"] for entry in context["fields"]}}


@pytest.mark.parametrize("slug", [slug for slug, register in registers().items() if register.edit])
def test_saving_shows_in_the_history_as_a_difference(slug: str, world: World, as_role: AsRole) -> None:
    client, record = as_role("district_official"), {"organisations": world.organisations, "facilities": world.facilities}[slug][0]
    sent = filled(client, slug, record.pk)
    response = client.post(f"{base(slug)}{record.pk}/edit/", {**sent, "name": "新名称"})
    assert response.status_code == 302
    html = client.get(response["Location"]).content.decode()
    assert f"<del>{record.name}</del>" in html and "<ins>新名称</ins>" in html and "周区办" in html


def test_the_second_official_is_told_field_by_field_and_loses_nothing(world: World, as_role: AsRole) -> None:
    first, second, record = as_role("city_official"), as_role("district_official"), world.facilities[0]
    address = f"{base('facilities')}{record.pk}/edit/"
    one, two = filled(first, "facilities", record.pk), filled(second, "facilities", record.pk)
    assert first.post(address, {**one, "name": "先改的名称", "capacity": "80"}).status_code == 302
    stopped = second.post(address, {**two, "name": "后改的名称", "address": "人民路9号"})
    assert stopped.status_code == 409
    clashes = {clash.title: clash for clash in stopped.context["clashes"]}
    assert (clashes["名称"].was, clashes["名称"].typed, clashes["名称"].now) == (record.name, "后改的名称", "先改的名称")
    assert clashes["名称"].both and not clashes["床位或席位"].both and set(clashes) == {"名称", "床位或席位"}
    assert "陈市办" in stopped.content.decode()
    record.refresh_from_db()
    assert (record.name, record.capacity, record.address != "人民路9号") == ("先改的名称", 80, True)
    context = stopped.context
    again = {"version": context["version"], **context["seen"], **{entry["item"].name: entry["value"] for entry in context["fields"]}}
    assert second.post(address, again).status_code == 302
    record.refresh_from_db()
    assert (record.name, record.capacity, record.address) == ("后改的名称", 80, "人民路9号")


def test_a_form_without_its_version_writes_nothing(world: World, as_role: AsRole) -> None:
    client, record = as_role("city_official"), world.organisations[0]
    sent = filled(client, "organisations", record.pk)
    sent.pop("version")
    assert client.post(f"{base('organisations')}{record.pk}/edit/", {**sent, "name": "偷改"}).status_code == 409
    record.refresh_from_db()
    assert record.name != "偷改"


@pytest.mark.parametrize(("field", "value", "said"), [
    ("name", "", "请填写名称"), ("kind", "circus", "不在可选的范围里"), ("valid_from", "上周", "日期请写成"), ("capacity", "many", "请填写数字"),
    ("longitude", "31.7", "填反了"), ("division_code", "outside", "不在可选的范围里"),
])  # fmt: skip
def test_mistakes_are_told_at_the_field_and_what_was_typed_stays(
    field: str, value: str, said: str, world: World, as_role: AsRole
) -> None:
    client, record = as_role("district_official"), world.facilities[0]
    value = world.other_village.code if value == "outside" else value
    sent = {**filled(client, "facilities", record.pk), "address": "改了一半的地址", field: value}
    response = client.post(f"{base('facilities')}{record.pk}/edit/", sent)
    assert response.status_code == 422 and said in response.content.decode() and "改了一半的地址" in response.content.decode()


def test_the_history_of_a_person_tells_what_began_changed_and_ended(world: World, as_role: AsRole) -> None:
    from minzheng.kernel.registry.models import Fact

    person = world.alerts[0].person
    spans = [("disability", "4-2", "2020-01-01", "2022-01-01"), ("disability", "4-1", "2022-01-01", "2023-01-01"),
             ("insured_employment", "1", "2024-01-01", "2024-02-01"), ("insured_employment", "1", "2024-02-01", None)]  # fmt: skip
    for kind, value, begin, end in spans:
        Fact.objects.create(person=person, kind=kind, value=value, valid_from=begin, valid_to=end, source="t", recorded_as_of=begin)
    history = as_role("town_official").get(f"{base('people')}{person.pk}/").context["history"]
    told = [(str(item["change"].on), item["change"].what) for item in history if item["who"] == "t"]
    assert told == [("2024-01-01", "开始"), ("2023-01-01", "结束"), ("2022-01-01", "变化"), ("2020-01-01", "开始")]
    household = as_role("town_official").get(f"{base('households')}{world.households[0].pk}/").context["history"]
    assert ("户主 残疾", "有", "无") in [item["change"].differences[0] for item in household]
