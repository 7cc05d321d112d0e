"""Each route × each role × inside and outside the jurisdiction, generated from the routes themselves.

A new route fails here until it says what it is about (`SUBJECTS`), a view without a declared capability always fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from minzheng.kernel.foundation.access import Actor, roles
from minzheng.portals.staff.page import ANYBODY, NOBODY_YET
from tests.portals.staff.addresses import OWNED, PLACED, address, names, parameters, pattern_of, values
from tests.portals.staff.world import World

ROLES = [*roles(), "outside_worker"]


def ask(client: Client, method: str, url: str) -> int:
    return client.get(url).status_code if method == "GET" else client.post(url, {}).status_code


def test_every_route_is_in_the_matrix(world: World) -> None:
    known = set(values(world)[0])
    assert [name for name in names if not set(parameters(name)) <= known] == []
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", names)
def test_every_view_declares_a_known_capability(name: str) -> None:
    view: Any = pattern_of(name).callback
    known = frozenset().union(*(role.capabilities for role in roles().values())) | {ANYBODY, NOBODY_YET}
    assert getattr(view, "capability", None) in known


@pytest.mark.parametrize("name", names)
def test_nobody_gets_in_without_signing_in(name: str, world: World) -> None:
    view: Any = pattern_of(name).callback
    if view.capability == NOBODY_YET:
        assert Client().get(address(name, world)[0]).status_code in (200, 302)
        return
    for method in view.methods:
        response = getattr(Client(), method.lower())(address(name, world)[0])
        if method == "GET":
            assert response.status_code == 302 and response["Location"].startswith("/login/?next=")
        else:
            assert response.status_code == 401 and "登录已过期" in response.content.decode()


@pytest.mark.parametrize("name", names)
def test_role_and_place_decide(name: str, world: World, as_role: Callable[[str], Client]) -> None:
    view: Any = pattern_of(name).callback
    own = parameters(name)
    for role in ROLES:
        actor = Actor.of(world.users[role])
        for url, place in dict(address(name, world, outside) for outside in (True, False)).items():  # once where places do not matter
            for method in view.methods:
                status = ask(as_role(role), method, url)
                case = f"{role} {method} {url}"
                if view.capability not in (ANYBODY, NOBODY_YET) and not actor.may(view.capability):
                    assert status == 403, case
                elif PLACED & set(parameters(name)) and not actor.covers(place) or any(role != OWNED[name] for name in OWNED if name in own):
                    assert status == 404, case
                else:
                    assert status in (200, 302, 422), case


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(method: str, world: World, as_role: Callable[[str], Client]) -> None:
    response = as_role("city_official").generic(method, address("alert", world)[0])
    assert response.status_code == 405


def test_nothing_of_another_village_shows_in_lists_counts_and_choices(
    world: World, as_role: Callable[[str], Client]
) -> None:
    assert world.outside_alert
    for role in ("grid_worker", "town_official", "district_official"):
        client = as_role(role)
        for query in ("", f"?division={world.other_village.code}", "?status=open", f"?scenario={world.outside_alert.scenario}"):
            page = client.get(f"/alerts/{query}")
            shown = page.context["rows"]
            assert all(row.alert.division_code == world.village.code for row in shown)
            assert page.context["page_obj"].paginator.count <= len(world.alerts)
            assert all(tab["count"] <= len(world.alerts) for tab in page.context["tabs"])
            assert world.other_village.name not in page.content.decode()
        desk = client.get("/")
        assert desk.context["counts"]["all"] <= len(world.alerts)
    detail = as_role("town_official").get(f"/alerts/{world.alerts[0].pk}/").content.decode()
    assert "吴镇办" in detail
    assert world.users["outside_worker"].full_name not in detail
