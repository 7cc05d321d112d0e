"""The picker of places: what it finds, that it stays inside the jurisdiction, and the plain list without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from minzheng.kernel.divisions import queries as divisions
from minzheng.kernel.foundation.access import Actor
from minzheng.portals.staff import place_search, places
from tests.portals.staff.world import OTHER_TOWN, TODAY, TOWN, World


def found(client: Client, typed: str, **more: str) -> list[str]:
    answer = client.get("/places/", {"q": typed, **more})
    assert answer.status_code == 200
    return [place["value"] for place in answer.json()["places"]]


@pytest.mark.parametrize(
    "typed", ["湖塘镇", "htz", "hutang", "HTZ", "320412100", "武进 湖塘", "３２０４１２１００"]
)
def test_a_town_is_found_by_name_pinyin_initials_and_code(
    typed: str, world: World, as_role: Callable[[str], Client]
) -> None:
    assert found(as_role("city_official"), typed)[0] == TOWN


def test_a_village_is_found_inside_its_town_only(world: World, as_role: Callable[[str], Client]) -> None:
    client = as_role("city_official")
    assert found(client, f"湖塘 {world.village.name}")[0] == world.village.code
    assert found(client, f"钟楼 {world.village.name}") == []


def test_the_word_for_what_lies_around_brings_no_villages(
    world: World, as_role: Callable[[str], Client]
) -> None:
    assert all(
        "武进" in place["label"]
        for place in as_role("city_official").get("/places/?q=武进区").json()["places"]
    )
    assert found(as_role("city_official"), "武进区 武进区") == ["wujin", "320412000000"]


def test_nothing_outside_the_jurisdiction_is_offered(world: World, as_role: Callable[[str], Client]) -> None:
    assert OTHER_TOWN in found(as_role("city_official"), OTHER_TOWN[:9])
    for role in ("district_official", "town_official", "grid_worker"):
        assert found(as_role(role), OTHER_TOWN[:9]) == []
        assert found(as_role(role), world.other_village.name) == []
    assert found(as_role("town_official"), "经开") == []


def test_boards_are_offered_only_where_a_code_is_not_needed(
    world: World, as_role: Callable[[str], Client]
) -> None:
    assert found(as_role("city_official"), "经开") == ["jingkai"]
    assert found(as_role("city_official"), "经开", codes="1") == []


def test_an_answer_is_short_and_says_that_there_is_more(
    world: World, as_role: Callable[[str], Client]
) -> None:
    answer = as_role("city_official").get("/places/?q=村").json()
    assert len(answer["places"]) == place_search.MOST
    assert answer["more"] is True
    assert as_role("city_official").get("/places/?q=").json() == {"places": [], "more": False}


def test_the_plain_list_goes_down_step_by_step_and_stays_short(world: World) -> None:
    actor = Actor.of(world.users["city_official"])
    longest = max(divisions.children(town.code, TODAY).count() for town in divisions.towns(TODAY))
    shown = [choice.value for choice in places.choices(actor, world.village.code)]
    assert world.village.code in shown and TOWN in shown
    assert not any(
        code.isdigit() and code.startswith("320412") and code[9:] == "000" and code != TOWN for code in shown
    )
    assert len(shown) <= longest + 10


def test_the_filter_keeps_a_place_that_was_picked_by_search(
    world: World, as_role: Callable[[str], Client]
) -> None:
    page = as_role("district_official").get(f"/alerts/?division={world.village.code}").content.decode()
    assert f'<option value="{world.village.code}" selected>' in page
    elsewhere = as_role("town_official").get(f"/alerts/?division={world.other_village.code}").content.decode()
    assert world.other_village.name not in elsewhere


def test_a_form_accepts_only_units_of_today_inside_the_jurisdiction(world: World) -> None:
    town = Actor.of(world.users["town_official"])
    assert place_search.is_open_to(world.village.code, town)
    assert not place_search.is_open_to(world.other_village.code, town)
    assert not place_search.is_open_to("320412100999", town)
    assert not place_search.is_open_to("jingkai", Actor.of(world.users["city_official"]))


def test_the_form_of_a_record_searches_its_place_and_refuses_one_elsewhere(world: World, as_role: Callable[[str], Client]) -> None:
    facility = world.facilities[0]
    client, url = as_role("district_official"), f"/registers/facilities/{facility.pk}/edit/"
    html = client.get(url).content.decode()
    picker = html.split('name="division_code"')[1].split("</select>")[0]
    assert f'<option value="{world.village.code}" selected>' in picker and picker.count("<option") < 60
    form = dict(re.findall(r'<input[^>]*name="([^"]+)" value="([^"]*)"', html))
    sent = {**form, "kind": facility.kind, "version": facility.version, "division_code": world.other_village.code}
    refused = client.post(url, sent)
    assert refused.status_code == 422 and "不在可选的范围里" in refused.content.decode()
    sent["division_code"] = TOWN
    assert client.post(url, sent).status_code == 302
    facility.refresh_from_db()
    assert facility.division_code == TOWN
