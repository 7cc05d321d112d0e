"""The map's data: only the reader's places, nothing about people, counts that add up on each step and lead to their rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.portals.staff.world import COUNTY, TOWN, World

AsRole = Callable[[str], Client]


def asked(client: Client, query: str = "status=all") -> dict[str, Any]:
    """The map's data for a query."""
    answer = client.get(f"/alerts/map.geojson?{query}")
    assert answer["Content-Type"] == "application/geo+json"
    found: dict[str, Any] = answer.json()
    return found


def marks(data: dict[str, Any], step: str) -> list[dict[str, Any]]:
    """What stands on the map on one step of closeness."""
    return [one["properties"] for one in data["features"] if one["properties"]["step"] == step]


@pytest.mark.parametrize("role", ["town_official", "grid_worker", "district_official"])
def test_a_reader_sees_only_places_of_the_own_area(role: str, world: World, as_role: AsRole) -> None:
    data = asked(as_role(role))
    assert {mark["value"] for mark in marks(data, "village")} == {world.village.code}
    assert {mark["value"] for mark in marks(data, "town")} <= {TOWN} and marks(data, "board") == []
    assert set(data["counties"]) == ({COUNTY} if role == "district_official" else set()), "no shade from a part of a county"
    table = as_role(role).get("/alerts/map/?status=all")
    assert [row["part"].tally.count for row in table.context["rows"]] == [len(world.alerts)]
    assert world.other_village.name not in table.content.decode()
    assert as_role(role).get("/alerts/map/?status=all&division=tianning").context["rows"] == []


def test_nothing_about_people_is_in_the_data(world: World, as_role: AsRole) -> None:
    data = asked(as_role("city_official"))
    assert {name for one in data["features"] for name in one["properties"]} == {"step", "value", "name", "count", "late"}
    names = {mark["name"] for mark in marks(data, "village")}
    assert names == {world.village.name, world.other_village.name}


def test_each_step_and_the_table_add_up_to_the_list(world: World, as_role: AsRole) -> None:
    client = as_role("city_official")
    data = asked(client)
    listed = client.get("/alerts/?status=all").context["page_obj"].paginator.count
    late = client.get("/alerts/?status=all&overdue=1").context["page_obj"].paginator.count
    rows = client.get("/alerts/map/?status=all").context["rows"]
    assert late and sum(row["part"].tally.count for row in rows) == listed
    for step in ("board", "town", "village"):
        assert sum(mark["count"] for mark in marks(data, step)) == listed
        assert sum(mark["late"] for mark in marks(data, step)) == late
        for mark in marks(data, step):
            behind = client.get(data["address"] + mark["value"]).context["page_obj"].paginator.count
            assert behind == mark["count"], mark
    for row in rows:
        assert client.get(row["list"]).context["page_obj"].paginator.count == row["part"].tally.count
    assert sum(data["counties"].values()) == listed


def test_the_table_goes_closer_step_by_step(world: World, as_role: AsRole) -> None:
    client = as_role("city_official")
    seen = []
    for within in ("", "wujin", COUNTY, TOWN, world.village.code):
        rows = client.get(f"/alerts/map/?status=all&division={within}").context["rows"]
        seen.append([row["part"].value for row in rows])
    assert seen == [["wujin", "tianning"], [TOWN], [TOWN], [world.village.code], [world.village.code]]


def test_a_filter_holds_on_the_map(world: World, as_role: AsRole) -> None:
    client = as_role("town_official")
    for query in ("status=open&overdue=1", f"scenario={world.alerts[0].scenario}", "severity=medium&status=all"):
        listed = client.get(f"/alerts/?{query}").context["page_obj"].paginator.count
        assert listed and sum(mark["count"] for mark in marks(asked(client, query), "village")) == listed


def test_what_lies_at_an_unknown_place_is_said(world: World, as_role: AsRole) -> None:
    stray = world.alerts[0]
    stray.division_code = "320412999999"
    stray.save()
    page = as_role("city_official").get("/alerts/map/?status=all")
    assert page.context["nowhere"] == 1 and "1 件没有位置" in page.content.decode()


def test_outlines_are_the_six_counties(as_role: AsRole) -> None:
    found = as_role("grid_worker").get("/map/outlines.geojson").json()
    assert len(found["features"]) == 6 and {f["properties"]["name"] for f in found["features"]} >= {"武进区", "溧阳市"}


def test_counts_of_the_board_lead_to_their_rows(world: World, as_role: AsRole) -> None:
    client = as_role("city_official")
    listed = client.get("/alerts/?status=all").context["page_obj"].paginator.count
    board = client.get("/alerts/board/?status=all&by=part").context["table"]
    assert board.total == listed == sum(count for _label, count, _to in board.heads)
    for _title, cells, total, address in board.lines:
        assert sum(cell.count for cell in cells) == total
        if total:
            assert client.get(f"/alerts/?{address}").context["page_obj"].paginator.count == total


@pytest.mark.parametrize("side", ["severity", "clock", "part", "status"])
def test_every_count_of_the_board_leads_to_as_many_rows(side: str, world: World, as_role: AsRole) -> None:
    client = as_role("district_official")
    table = client.get(f"/alerts/board/?status=open&by={side}").context["table"]
    for _title, cells, _total, _address in table.lines:
        for cell in cells:
            if cell.count:
                assert client.get(f"/alerts/?{cell.address}").context["page_obj"].paginator.count == cell.count


def test_a_filter_that_is_none_is_a_missing_page(world: World, as_role: AsRole) -> None:
    client = as_role("city_official")
    for query in ("division=nowhere", "due=never", "happened=dancing", "since=soon&happened=raised", "handler=x"):
        for page in ("", "board/", "map/", "map.geojson"):
            assert client.get(f"/alerts/{page}?{query}").status_code == 404, (page, query)


def test_bulk_hand_over_in_the_portal(world: World, as_role: AsRole) -> None:
    client = as_role("town_official")
    pks = [alert.pk for alert in world.alerts if alert.status == "new"]
    assert pks
    empty = client.post("/alerts/hand-over/", {}, follow=True)
    assert "还没有选预警" in empty.content.decode()
    preview = client.post("/alerts/hand-over/", {"alert": pks, "to": "auto"})
    assert preview.context["plan"].handed == len(pks) and "确定派出" in preview.content.decode()
    done = client.post("/alerts/hand-over/", {"alert": pks, "to": "auto", "confirmed": "1", "note": "请走访"}, follow=True)
    assert f"已派出 {len(pks)} 件" in done.content.decode()
    elsewhere = client.post("/alerts/hand-over/", {"alert": [world.outside_alert.pk], "to": "auto"})  # type: ignore[union-attr]
    assert elsewhere.context["plan"].asked == 0
    wrong = client.post("/alerts/hand-over/", {"alert": pks, "to": "987654"})
    assert wrong.status_code == 422 and "名单里没有这个人" in wrong.content.decode()
