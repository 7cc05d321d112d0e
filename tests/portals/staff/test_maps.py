"""The map's data: only the reader's places, counts that add up on each step, the board and the list agree."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tests.portals.staff.world import World

AsRole = Callable[[str], Client]


@pytest.mark.parametrize("role", ["town_official", "grid_worker", "district_official"])
def test_a_reader_sees_only_places_of_the_own_area(role: str, world: World, as_role: AsRole) -> None:
    answer = as_role(role).get("/alerts/map.geojson?status=all")
    assert answer["Content-Type"] == "application/geo+json"
    codes = {f["properties"]["code"] for f in answer.json()["features"]}
    assert world.village.code in codes
    assert all(code.startswith("320412") for code in codes) and world.other_village.code not in codes
    assert "王" not in answer.content.decode() and "id_number" not in answer.content.decode()


def test_each_step_adds_up_to_the_list(world: World, as_role: AsRole) -> None:
    client = as_role("city_official")
    features = client.get("/alerts/map.geojson?status=all").json()["features"]
    listed = client.get("/alerts/?status=all").context["page_obj"].paginator.count
    for step in ("county", "town", "village"):
        assert sum(f["properties"]["count"] for f in features if f["properties"]["step"] == step) == listed
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
