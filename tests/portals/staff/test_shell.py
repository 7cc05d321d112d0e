"""The frame: places by role and size, the theme that the server knows, the pages for what went wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from minzheng.portals.staff import context
from tests.portals.staff.world import World

AsRole = Callable[[str], Client]
STAFF = Path(context.__file__).parent / "static" / "staff"
TOKENS = STAFF / "base.css"


def test_a_role_sees_the_places_that_it_may_go_to_and_nothing_else(world: World, as_role: AsRole) -> None:
    for role, client in ((role, as_role(role)) for role in ("city_official", "grid_worker", "auditor", "data_steward")):
        rail = client.get("/").context["rail"]
        places = [place for group in rail for place in group["places"]]
        assert places[0]["label"] == "工作台"
        assert [place["url"] for place in places if client.get(place["url"]).status_code != 200] == [], role
    labels = {place["label"] for group in as_role("grid_worker").get("/").context["rail"] for place in group["places"]}
    assert "预警" in labels and not labels & {"上传", "夜间批处理", "用户"}


def test_a_phone_has_five_places_at_most_and_none_is_lost(world: World, as_role: AsRole) -> None:
    for role in ("city_official", "town_official", "grid_worker", "auditor"):
        shown = as_role(role).get("/").context
        foot, rail = shown["foot"], [place for group in shown["rail"] for place in group["places"]]
        assert len(foot["first"]) + bool(foot["rest"]) <= context.AT_THE_FOOT
        assert {place["url"] for place in [*foot["first"], *foot["rest"]]} == {place["url"] for place in rail}


def test_the_page_one_is_on_is_lit_once_and_its_group_is_open(world: World, as_role: AsRole) -> None:
    client = as_role("city_official")
    client.cookies["rail_closed"] = "%E6%95%B0%E6%8D%AE"  # 数据
    folded = {group["title"]: group["open"] for group in client.get("/").context["rail"]}
    assert folded["数据"] is False
    page = client.get("/feeds/")
    lit = [place["label"] for group in page.context["rail"] for place in group["places"] if place["here"]]
    assert lit == ["数据目录"]
    assert {group["title"]: group["open"] for group in page.context["rail"]}["数据"] is True


def test_what_waits_is_counted_beside_the_desk(world: World, as_role: AsRole) -> None:
    page = as_role("grid_worker").get("/")
    assert page.context["rail"][0]["places"][0]["count"] == str(page.context["counts"]["all"])


@pytest.mark.parametrize(("cookie", "said"), [("dark", ' data-bs-theme="dark"'), ("light", ' data-bs-theme="light"'), ("auto", ""), ('"><x', "")])
def test_the_server_sets_the_theme_that_was_chosen(cookie: str, said: str, world: World) -> None:
    client = Client()
    client.cookies["theme"] = cookie
    html = client.get("/login/").content.decode()
    assert f'<html lang="zh-Hans"{said}>' in html


def test_a_stale_page_is_told_in_words_and_in_the_frame(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.users["town_official"])
    page = client.post(f"/alerts/{world.alerts[0].pk}/assign/", {})
    html = page.content.decode()
    assert page.status_code == 403 and "这一页放得太久了" in html
    assert "staff/base.css" in html and "主导航" in html


def luminance(colour: str) -> float:
    colour = "".join(2 * c for c in colour) if len(colour) == 3 else colour
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def tokens(selector: str) -> dict[str, str]:
    block = TOKENS.read_text(encoding="utf-8").split(f"{selector} {{")[1].split("}")[0]
    return dict(re.findall(r"--([\w-]+): #([0-9a-f]+);", block))


@pytest.mark.parametrize("selector", [":root", '[data-bs-theme="dark"]'])
def test_words_stand_out_from_their_ground_in_both_themes(selector: str) -> None:
    known = tokens(selector)
    pairs = [(text, ground) for text in ("ink", "soft") for ground in ("ground", "card", "hover", "grey-wash")]
    pairs += [(tone, ground) for tone in ("blue", "red", "amber", "green") for ground in ("card", "ground", "hover", f"{tone}-wash")]
    pairs += [("on-fill", "fill"), ("ink", "blue-wash"), ("ink", "amber-wash"), ("soft", "blue-wash"), ("card", "red")]
    weak = {pair: round(contrast(known[pair[0]], known[pair[1]]), 2) for pair in pairs if contrast(known[pair[0]], known[pair[1]]) < 4.5}
    assert not weak


def test_sections_have_no_colours_of_their_own() -> None:
    """Except on paper, where the theme of the screen does not hold."""
    raw = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")
    wrong = {
        f"{sheet.name}: {found[0]}"
        for sheet in STAFF.glob("*.css")
        if sheet.name not in ("base.css", "print.css")
        for line in sheet.read_text(encoding="utf-8").splitlines()
        if (found := raw.search(line.split("/*")[0]))
    }
    assert not wrong


def test_stylesheets_stay_readable() -> None:
    assert not [sheet.name for sheet in STAFF.glob("*.css") if len(sheet.read_text(encoding="utf-8").splitlines()) > 400]
