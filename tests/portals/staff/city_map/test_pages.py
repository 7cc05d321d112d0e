"""一张图: the same numbers as the lists behind it, only of the reader's places, and nobody to be singled out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from minzheng.kernel.benefits.models import Entitlement
from tests.portals.staff.world import COUNTY, OTHER_TOWN, TODAY, TOWN, World

AsRole = Callable[[str], Client]


def asked(client: Client, query: str = "") -> dict[str, Any]:
    """What the page gives to the map; in May, when the alerts of the world were raised."""
    page = client.get(f"/map/?{query}" if "month=" in query else f"/map/?{query}&month=2024-05")
    assert page.status_code == 200
    return {**page.context["data"], "rows": page.context["rows"], "text": page.content.decode()}


def now(data: dict[str, Any]) -> dict[str, int]:
    return {place["value"]: place["v"][data["now"]] for place in data["places"]}


@pytest.mark.parametrize("step", ["county", "board", "town"])
def test_every_number_leads_to_as_many_alerts(step: str, world: World, as_role: AsRole) -> None:
    client = as_role("city_official")
    data = asked(client, f"step={step}")
    counts = {place: count for place, count in now(data).items() if count}
    assert (
        sum(counts.values())
        == len(world.alerts) + 1
        == client.get("/alerts/?status=all").context["page_obj"].paginator.count
    )
    for place, count in counts.items():
        behind = client.get(data["times"][data["now"]]["list"] + place)
        assert behind.context["page_obj"].paginator.count == count
        assert f"/map/?scenario=&amp;division={place}&amp;month=2024-05" in behind.content.decode(), (
            "and the way back"
        )
    assert {row["value"]: row["count"] for row in data["rows"]} == now(data)


def test_months_are_those_in_which_alerts_were_raised(world: World, as_role: AsRole) -> None:
    moved = world.alerts[0]
    moved.raised_on = TODAY.replace(month=2, day=29)
    moved.save()
    [place] = [
        place
        for place in asked(as_role("city_official"), "step=county")["places"]
        if place["value"] == COUNTY
    ]
    assert len(place["v"]) == 12 and place["v"][-5] == 1 and sum(place["v"]) == len(world.alerts)
    earlier = asked(as_role("city_official"), "step=county&month=2024-02")
    assert now(earlier)[COUNTY] == 1 and earlier["times"][earlier["now"]]["label"] == "2024 年 2 月"


def test_a_scenario_holds_on_the_map(world: World, as_role: AsRole) -> None:
    what = world.alerts[0].scenario
    wanted = sum(alert.scenario == what for alert in [*world.alerts, world.outside_alert])  # type: ignore[union-attr]
    assert sum(now(asked(as_role("city_official"), f"step=town&what={what}")).values()) == wanted


@pytest.mark.parametrize("role", ["district_official", "town_official"])
@pytest.mark.parametrize("layer", ["alerts", "benefits", "facilities"])
def test_a_reader_sees_only_the_own_places(role: str, layer: str, world: World, as_role: AsRole) -> None:
    data = asked(as_role(role), f"layer={layer}&step=village")
    assert data["step"] == "village"
    assert all(
        place["value"].startswith(COUNTY[:6] if role == "district_official" else TOWN[:9])
        for place in data["places"]
    )
    assert world.other_village.name not in data["text"]
    assert now(data)[world.village.code] >= 1
    points = as_role(role).get("/map/points.geojson?points=all").json()
    assert [one["properties"]["name"] for one in points["features"]] == [world.facilities[0].name]


def test_small_numbers_are_told_to_those_who_deal_with_them(world: World, as_role: AsRole) -> None:
    """The village elsewhere has one alert."""
    assert now(asked(as_role("city_official"), "step=town"))[OTHER_TOWN] == 1
    villages = asked(as_role("city_official"), "step=village")
    assert now(villages)[world.other_village.code] == -1 and "少于 3" in villages["text"]
    for step in ("county", "board", "town"):
        leader = asked(as_role("bureau_leader"), f"step={step}")
        told = now(leader)
        assert set(told.values()) <= {-1, 0, len(world.alerts)} and -1 in told.values()
        assert leader["times"][leader["now"]]["list"] == "", "no way to the alerts themselves"
    assert "village" not in [
        query for _label, query, _here in as_role("bureau_leader").get("/map/").context["steps"]
    ]
    assert asked(as_role("bureau_leader"), "step=village")["step"] != "village"


def test_entitlements_stand_in_their_months(world: World, as_role: AsRole) -> None:
    assert world.benefits
    data = asked(as_role("benefits_clerk"), "layer=benefits&step=county")
    for number, time in enumerate(data["times"]):
        month = time["value"]
        plain = sum(
            1 for each in Entitlement.objects.all()
            if f"{each.valid_from:%Y-%m}" <= month and (each.valid_to is None or month < f"{each.valid_to:%Y-%m}")
        )  # fmt: skip
        assert sum(place["v"][number] for place in data["places"]) == plain
    assert sum(now(data).values()) > 0


def test_facilities_are_no_secret_and_lead_to_their_register(world: World, as_role: AsRole) -> None:
    data = asked(as_role("city_official"), "layer=facilities&step=village&points=care_home")
    assert now(data)[world.village.code] == 1, "one facility is one facility"
    behind = as_role("city_official").get(data["times"][data["now"]]["list"] + world.village.code)
    assert len(behind.context["rows"]) == 1
    points = as_role("city_official").get("/map/points.geojson?points=care_home").json()["features"]
    assert len(points) == len(world.facilities) and all(one["properties"]["url"] for one in points)
    assert as_role("city_official").get("/map/points.geojson?points=canteen").json()["features"] == []
    leaders = as_role("bureau_leader").get("/map/points.geojson?points=all").json()["features"]
    assert len(leaders) == len(world.facilities) and not any(one["properties"]["url"] for one in leaders)


def test_nothing_about_people_is_in_the_data(world: World, as_role: AsRole) -> None:
    data = asked(as_role("city_official"), "step=village&points=all")
    assert {name for place in data["places"] for name in place} == {"value", "name", "at", "v"}
    assert world.alerts[0].person.name not in json.dumps(data["places"], ensure_ascii=False)


def test_going_closer_keeps_the_place(world: World, as_role: AsRole) -> None:
    client = as_role("city_official")
    [row] = [row for row in asked(client, "step=board")["rows"] if row["value"] == "wujin"]
    towns = asked(client, row["closer"].removeprefix("?"))
    assert towns["step"] == "town" and {place["value"][:6] for place in towns["places"]} == {COUNTY[:6]}
    assert "320412001000" not in now(towns), "a town of 常州经开区 is none of 武进's"


def test_what_does_not_exist_is_a_missing_page(world: World, as_role: AsRole) -> None:
    for query in ("layer=dancing", "what=dancing", "division=nowhere", "division=32041", "points=dancing"):
        assert as_role("city_official").get(f"/map/?{query}").status_code == 404, query
    assert as_role("grid_worker").get("/map/").status_code == 403


def test_indicators_colour_the_map_at_the_days_of_their_measures(world: World, as_role: AsRole) -> None:
    page = as_role("bureau_leader").get("/map/?layer=figures&what=alerts_visited&step=county")
    data = page.context["data"]
    assert [time["value"] for time in data["times"]] == [TODAY.isoformat()] and data["share"]
    plain = {row.place.place: row.place.value for row in as_role("bureau_leader").get("/plan/places/?figure=alerts_visited").context["tables"][0]["rows"]}
    assert {place["value"]: place["v"][0] for place in data["places"]} == {place: float(value) if value is not None else None for place, value in plain.items()}
    assert "/plan/figures/alerts_visited/rows/?place=" in data["times"][0]["list"]
    boards = as_role("bureau_leader").get("/map/?layer=figures&step=board").context["data"]["places"]
    assert len(boards) == 7
    towns = as_role("district_official").get("/map/?layer=figures&what=alerts_visited").context["data"]
    assert towns["step"] == "town" and all(place["value"].startswith(COUNTY[:6]) for place in towns["places"])
    assert as_role("bureau_leader").get("/map/?layer=figures&step=village").context["asked"].step != "village", "indicators are not kept for villages"
