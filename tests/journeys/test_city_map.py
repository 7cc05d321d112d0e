"""一张图 in a real browser: the slider turns the months, a place leads to its list, the list leads back to the same map."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import SignIn, looked_at
from tests.portals.staff.world import COUNTY, TODAY, World

pytestmark = pytest.mark.journey


def test_map_to_list_and_back(world: World, sign_in: SignIn) -> None:
    earlier = world.alerts[0]
    earlier.raised_on = TODAY.replace(month=4, day=2)
    earlier.save()
    earlier.steps.filter(verb="raised").update(on=earlier.raised_on)
    page = sign_in("city_official")
    page.get_by_role("link", name="一张图").first.click()
    page.locator(".map[data-drawn]").wait_for()
    page.get_by_role("link", name="区县").click()
    page.locator(".map[data-drawn]").wait_for()
    row = page.locator(f"[data-place='{COUNTY}']")
    expect(row.locator("[data-count]")).to_have_text(str(len(world.alerts) - 1))  # June is three days old: it begins with May
    slider = page.get_by_role("slider")
    slider.press("ArrowRight")
    expect(row.locator("[data-count]")).to_have_text("0")
    slider.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "2024 年 5 月")
    slider.press("ArrowLeft")
    expect(row.locator("[data-count]")).to_have_text("1")
    assert "month=2024-04" in page.url
    looked_at(page)
    row.get_by_role("link").first.click()
    expect(page.locator("[data-row]")).to_have_count(1)
    page.get_by_role("link", name="一张图", exact=True).last.click()
    expect(page.locator("[data-time-label]").first).to_have_text("2024 年 4 月")
    expect(page.locator("#f-division")).to_have_value(COUNTY)
    page.go_back()
    page.go_back()
    expect(page.locator("[data-time-label]").first).to_have_text("2024 年 4 月")


def test_the_table_remains_without_scripts(world: World, sign_in: SignIn) -> None:
    page = sign_in("district_official", "phone", scripts=False)
    page.goto("/map/?step=village&month=2024-05")
    expect(page.locator(f"[data-place='{world.village.code}'] [data-count]")).to_have_text(str(len(world.alerts)))
    page.locator(f"[data-place='{world.village.code}']").get_by_role("link").first.click()
    expect(page.locator("[data-row]")).to_have_count(len(world.alerts))
