"""What holds for every page: the strict policy, the synthetic strip, the top bar, no queries per row."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.portals.staff.addresses import PIECES, address, names, pattern_of
from tests.portals.staff.world import World, family

STAFF = Path(__file__).resolve().parents[3] / "minzheng" / "portals" / "staff"
FORBIDDEN = {
    "an inline style": r"<[^>]+\sstyle=", "an inline script": r"<script(?![^>]*\ssrc=)(?![^>]*application/json)", "a handler": r"<[^>]+\son\w+=",
    "a style element": r"<style", "an address elsewhere": r"(?:src|href|action)=\"(?:https?:)?//",
    "a template's leftover": r"{[{%#]",
}  # fmt: skip


def pages(world: World, as_role: Callable[[str], Client]) -> list[tuple[str, str]]:
    client = as_role("city_official")
    shown = [("login", Client().get("/login/").content.decode()), ("404", client.get("/nothing/").content.decode())]
    shown.append(("403", as_role("auditor").get("/feeds/").content.decode()))
    shown.append(("expired", Client().post(f"/alerts/{world.alerts[0].pk}/assign/").content.decode()))
    for name in names:
        if "GET" in pattern_of(name).callback.methods and name not in ("quarantine", "household_of"):
            response = client.get(address(name, world)[0], follow=True)
            if "html" in response["Content-Type"]:
                shown.append((name, response.content.decode()))
    return shown


def test_pages_keep_to_the_strict_policy(world: World, as_role: Callable[[str], Client]) -> None:
    wrong = [
        f"{name}: {what}"
        for name, html in pages(world, as_role)
        for what, pattern in FORBIDDEN.items()
        if re.search(pattern, html)
    ]
    assert not wrong
    policy = as_role("grid_worker").get("/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy


def test_every_page_says_that_people_are_synthetic(
    world: World, as_role: Callable[[str], Client], settings: object
) -> None:
    settings.SYNTHETIC = True  # type: ignore[attr-defined]
    assert not [name for name, html in pages(world, as_role) if name not in PIECES and "演示数据 · 全部人员均为合成" not in html]
    settings.SYNTHETIC = False  # type: ignore[attr-defined]
    assert not [name for name, html in pages(world, as_role) if "全部人员均为合成" in html]


def test_the_top_bar_says_date_role_and_jurisdiction(world: World, as_role: Callable[[str], Client]) -> None:
    html = as_role("town_official").get("/").content.decode()
    assert "2024-06-03" in html and "镇街经办" in html and "湖塘镇" in html and "吴镇办" in html


def test_personal_pages_stay_out_of_caches(world: World, as_role: Callable[[str], Client]) -> None:
    assert "no-store" in as_role("grid_worker").get(f"/alerts/{world.alerts[0].pk}/")["Cache-Control"]


def test_names_and_numbers_are_masked_everywhere(world: World, as_role: Callable[[str], Client]) -> None:
    person = world.alerts[0].person
    for name, html in pages(world, as_role):
        assert person.name not in html and person.id_number not in html and person.phone not in html, name


@pytest.mark.parametrize("url", ["/", "/alerts/"])
def test_queries_do_not_grow_with_rows(
    url: str, world: World, as_role: Callable[[str], Client]
) -> None:
    client = as_role("town_official")
    for number in range(20, 30):  # every clock and state is there from the start
        family(number, world.village, world.users["grid_worker"], True)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for number in range(30, 60):
        family(number, world.village, world.users["grid_worker"], True)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    # New due dates cost one look into the calendar each; rows cost nothing.
    calendar = sum("calendarday" in query["sql"] for query in many)
    assert len(many) - calendar <= len(few)
    assert len(many) <= 30


def test_pages_ask_only_for_icons_that_are_copied() -> None:
    script = (STAFF.parents[2] / "scripts" / "copy_assets.mjs").read_text(encoding="utf-8")
    listed = set(re.findall(r'"([a-z0-9-]+)"', script.split("const ICONS = [")[1].split("];")[0]))
    used = {"inbox"}  # the empty state's own
    for path in STAFF.rglob("*"):
        if path.suffix in (".html", ".py"):
            text = path.read_text(encoding="utf-8")
            used |= set(re.findall(r'{% icon "([a-z0-9-]+)"', text)) | set(re.findall(r'"icon": "([a-z0-9-]+)"', text))
            used |= set(re.findall(r'RailEntry\(\s*"[^"]+", "([a-z0-9-]+)"', text))
            used |= set(re.findall(r'{% empty_state (?:"[^"]*"|\w+) (?:"[^"]*"|\w+) "([a-z0-9-]+)"', text))
    assert used - listed == set()
