"""Global search in the portal: as one types, as a page, inside the jurisdiction, without a word in an address."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.registry.models import Household, Person
from minzheng.kernel.registry.search.actions import index_households, index_people
from tests.portals.staff.world import World

AsRole = Callable[[str], Client]


@pytest.fixture(autouse=True)
def indexed(world: World) -> None:
    """The world's people in the index; one household on a road, one elsewhere on a road of the same name."""
    index_people(list(Person.objects.all()))
    for household in (world.households[0], world.households[-1]):
        village = world.village if household == world.households[0] else world.other_village
        household.address = f"{village.name}人民路12号3幢402室"
        household.save()
    index_households(list(Household.objects.all()))


def typed(client: Client, text: str) -> str:
    """The list under the box."""
    response = client.post("/search/", {"q": text}, headers={"X-Part": "list"})
    assert response.status_code == 200 and "<html" not in response.content.decode()
    return response.content.decode()


def page(client: Client, text: str) -> str:
    """The page of results, as the form leads to it."""
    return client.post("/search/", {"q": text}, follow=True).content.decode()


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def test_as_one_types_masked_and_with_what_tells_people_apart(world: World, as_role: AsRole) -> None:
    person = world.alerts[0].person
    html = typed(as_role("town_official"), f"{person.name[0]} {person.id_number[-4:]}")
    assert html.count('role="option"') == 1 and f'href="/people/{person.pk}/household/"' in html
    text = plain(html)
    assert f"{person.name[0]}*" in text and "74 岁" in text and "1950 年生" in text and f"尾号 {person.id_number[-4:]}" in text
    assert "在办预警 1" in text
    assert person.name not in html and person.id_number not in html
    assert f"<mark>{person.id_number[-4:]}</mark>" in html and f"<mark>{person.name[0]}</mark>" in html


def test_the_page_answers_without_scripts_and_back_leads_to_it(world: World, as_role: AsRole) -> None:
    client, person = as_role("town_official"), world.alerts[0].person
    answer = client.post("/search/", {"q": person.name})
    assert answer.status_code == 302 and re.fullmatch(r"/search/\?s=[0-9a-f]{8}", answer["Location"])
    for _again in range(2):
        shown = client.get(answer["Location"]).content.decode()
        assert f'href="/people/{person.pk}/household/"' in shown and f'value="{person.name}"' in shown
    assert person.name not in str(dict(client.session)), "sealed in the session"
    assert client.get("/search/?s=00000000").status_code == client.get("/search/").status_code == 200
    other = as_role("outside_worker").get(answer["Location"]).content.decode()
    assert person.name not in other and f"/people/{person.pk}/" not in other


@pytest.mark.parametrize("role", ["grid_worker", "town_official", "district_official"])
def test_nobody_and_no_household_from_elsewhere(role: str, world: World, as_role: AsRole) -> None:
    client = as_role(role)
    outside = world.households[-1].memberships.select_related("person")
    for place in outside:
        for text in (place.person.name, place.person.id_number[-4:], place.person.id_number[-8:], "人民路", world.other_village.name):
            html = typed(client, text) + page(client, text)
            assert f"/people/{place.person_id}/" not in html and f'href="/households/{world.households[-1].pk}/"' not in html
            assert world.other_village.name not in plain(html).replace(text, "")
    assert f'href="/households/{world.households[0].pk}/"' in typed(client, "人民路")
    assert as_role("city_official").post("/search/", {"q": "人民路"}, headers={"X-Part": "list"}).content.decode().count("<mark>人民路") == 2


def test_roads_are_shown_without_numbers(world: World, as_role: AsRole) -> None:
    html = typed(as_role("town_official"), "人民路12号3幢")
    assert f'href="/households/{world.households[0].pk}/"' in html and "402" not in html and "12号" not in html


def test_a_whole_number_is_looked_up_only_on_enter_and_on_record(world: World, as_role: AsRole) -> None:
    client, person = as_role("town_official"), world.alerts[0].person
    assert "按回车查找" in typed(client, person.id_number)
    assert not AuditEntry.objects.filter(verb="person.search_id").exists()
    answer = client.post("/search/", {"q": f" {person.id_number.lower()} "})
    assert answer["Location"] == f"/people/{person.pk}/household/"
    entry = AuditEntry.objects.get(verb="person.search_id")
    assert (entry.subject, entry.reason) == (f"person:{person.pk}", "全局搜索")
    outside = world.households[-1].memberships.first()
    assert outside
    shown = client.post("/search/", {"q": outside.person.id_number})
    assert "辖区内没有找到" in shown.content.decode() and outside.person.id_number not in shown.content.decode()
    assert AuditEntry.objects.filter(verb="person.search_id", subject="person:none").count() == 1
    wrong = person.id_number[:-1] + ("0" if person.id_number[-1] != "0" else "1")
    assert "证件号码不对" in client.post("/search/", {"q": wrong}).content.decode()
    assert "证件号码不对" in typed(client, wrong)


def test_nothing_found_says_what_to_do(world: World, as_role: AsRole) -> None:
    client = as_role("grid_worker")
    for text in ("不存在的人", "qqqqqq", "%_'\"<script>", "🙂", "a", "\0"):
        assert "<script>" not in typed(client, text)
        assert "辖区内没有找到" in page(client, text) or not text.strip("\0")
    assert client.post("/search/", {"q": "   "})["Location"] == "/search/"
    assert client.post("/search/", {"q": "王" * 5000}).status_code == 302


def test_namesakes_are_counted_and_narrowed_by_place(world: World, as_role: AsRole) -> None:
    common = {"sex": "1", "known_since": "2024-06-01", "known_because": "测试", "updated_as_of": "2024-06-01", "synthetic": True}
    here = world.village.code
    there = f"{int(here) + 1:012d}"
    made = Person.objects.bulk_create(
        Person(person_key=90_000 + n, name="李伟", division_code=here if n < 25 else there, **common) for n in range(32)
    )
    index_people(made)
    html = typed(as_role("town_official"), "李伟")
    assert "同名 32 人" in plain(html) and f'data-search="李伟 {world.village.name}"' in html and "年生" not in html
    shown = page(as_role("town_official"), "liwei")
    assert f'value="liwei {world.village.name}"' in shown and "25" in shown
    assert "同名 25 人" in plain(typed(as_role("grid_worker"), "李伟"))
    narrowed = as_role("town_official").post("/search/", {"q": f"李伟 {world.village.name}"}, headers={"X-Part": "list"})
    assert "同名 25 人" in plain(narrowed.content.decode())


def test_the_box_stands_in_the_top_bar_of_those_who_may_search(world: World, as_role: AsRole) -> None:
    assert 'role="combobox"' in as_role("grid_worker").get("/").content.decode()
    for role in ("data_steward", "auditor"):
        assert 'role="combobox"' not in as_role(role).get("/").content.decode()
        assert as_role(role).post("/search/", {"q": "王"}).status_code == 403
