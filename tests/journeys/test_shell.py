"""The frame in a real browser: bell, theme, keys, folding rail, places that search, a question before a consequence."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from minzheng.kernel.foundation.models import Notification
from minzheng.kernel.monitoring.models import AlertStep
from tests.journeys.conftest import SignIn
from tests.portals.staff.world import TOWN, World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def theme(page: Page) -> str | None:
    return page.locator("html").get_attribute("data-bs-theme")


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_bell_shows_what_is_new_and_leads_there(size: str, world: World, sign_in: SignIn) -> None:
    page = sign_in("city_official", size)
    bell = page.locator("[data-bell]")
    expect(bell.locator(".badge-count")).to_contain_text("1")
    bell.locator("summary").click()
    bell.get_by_role("button", name="2 件逾期预警升级到市督办").click()
    page.wait_for_url("**/alerts/?status=open&overdue=1")
    expect(page.locator("[data-bell] .badge-count")).to_have_count(0)
    assert Notification.objects.get(title="2 件逾期预警升级到市督办").read_at


def test_the_theme_follows_the_system_until_one_is_chosen_and_is_then_remembered(world: World, sign_in: SignIn) -> None:
    page = sign_in("city_official")
    page.emulate_media(color_scheme="dark")
    page.reload()
    assert theme(page) == "dark"
    page.locator(".user-button").click()
    page.get_by_role("button", name="浅色").click()
    assert theme(page) == "light"
    html = page.request.get("/").text()
    assert '<html lang="zh-Hans" data-bs-theme="light">' in html  # from the server: nothing flashes
    page.locator(".user-button").click() if not page.get_by_role("button", name="随系统").is_visible() else None
    page.get_by_role("button", name="随系统").click()
    page.goto("/alerts/")
    assert theme(page) == "dark"


def test_keys_move_open_and_explain_themselves(world: World, sign_in: SignIn) -> None:
    page = sign_in("city_official")
    page.goto("/alerts/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.locator("[data-row]").first
    expect(first.locator("a").first).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="键盘操作")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("[data-key-search]")).to_be_focused()


def test_a_folded_group_stays_folded_and_opens_where_one_is(world: World, sign_in: SignIn) -> None:
    page = sign_in("city_official")
    batches = page.locator(".rail").get_by_role("link", name="批次", exact=True)
    page.locator(".rail-group", has_text="数据").locator("summary").click()
    expect(batches).to_be_hidden()
    page.goto("/alerts/")
    expect(batches).to_be_hidden()
    page.goto("/batches/")
    expect(batches).to_be_visible()


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_a_place_is_found_as_one_types(size: str, world: World, sign_in: SignIn) -> None:
    page = sign_in("city_official", size)
    page.goto("/alerts/")
    if size == "phone":  # there the conditions fold, so that the list is seen first
        page.get_by_role("button", name="筛选条件").click()
    page.locator(".ts-control").wait_for()
    field = page.get_by_role("combobox", name="区划")
    field.click()
    page.get_by_role("option", name="天宁区").wait_for()
    field.press_sequentially("htz")
    page.get_by_role("option", name="武进区湖塘镇").click()
    page.wait_for_url(f"**division={TOWN}**")
    expect(page.locator(".place-item")).to_have_text("湖塘镇")


def test_without_scripts_a_place_is_a_plain_list(world: World, sign_in: SignIn) -> None:
    page = sign_in("town_official", scripts=False)
    page.goto("/alerts/")
    page.get_by_label("区划").select_option(value=world.village.code)
    page.get_by_role("button", name="筛选").click()
    assert f"division={world.village.code}" in page.url


def test_a_double_press_is_one_hand_over(world: World, sign_in: SignIn) -> None:
    page = sign_in("district_official", scripts=False)  # with scripts the second press never leaves the page
    alert = world.alerts[0]
    page.goto(f"/alerts/{alert.pk}/")
    page.get_by_label("派给").select_option(value=str(world.users["town_official"].pk))
    page.get_by_role("button", name="派单").dblclick(no_wait_after=True)
    expect(page.get_by_role("status").first).to_be_visible()
    assert AlertStep.objects.filter(alert=alert, verb="assigned", by="district_official").count() == 1


def test_back_and_sending_again_is_led_to_the_first_result(world: World, sign_in: SignIn) -> None:
    page = sign_in("district_official")
    alert = world.alerts[0]
    page.goto(f"/alerts/{alert.pk}/")
    page.get_by_label("派给").select_option(value=str(world.users["town_official"].pk))
    page.get_by_role("button", name="派单").click()
    expect(page.get_by_text("已派给")).to_be_visible()
    page.route("**/alerts/*/assign/", lambda route: route.continue_())
    page.evaluate("history.back()")
    page.wait_for_url(f"**/alerts/{alert.pk}/")
    with page.expect_response("**/assign/"):
        page.evaluate("document.querySelector('form[action$=\"/assign/\"]').submit()")
    assert AlertStep.objects.filter(alert=alert, verb="assigned", by="district_official").count() == 1


def test_a_consequence_is_stated_before_it_happens(world: World, sign_in: SignIn) -> None:
    page = sign_in("city_official")
    page.goto("/notifications/")
    page.evaluate(
        "() => { const form = document.createElement('form'); form.action = '/alerts/'; form.id = 'asked';"
        " form.innerHTML = '<button data-confirm=\"停用后不能登录\">停用账号</button>'; document.querySelector('main').append(form); }"
    )
    page.locator("#asked button").click()
    dialog = page.get_by_role("dialog", name="请确认")
    expect(dialog).to_contain_text("停用后不能登录")
    expect(dialog.get_by_role("button", name="不做了")).to_be_focused()
    page.keyboard.press("Escape")
    assert "/notifications/" in page.url
    page.locator("#asked button").click()
    dialog.get_by_role("button", name="停用账号").click()
    page.wait_for_url("**/alerts/**")


def test_a_lost_connection_is_said(world: World, sign_in: SignIn) -> None:
    page = sign_in("grid_worker", "phone")
    expect(page.locator("[data-offline]")).to_be_hidden()
    page.context.set_offline(True)
    expect(page.locator("[data-offline]")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("[data-offline]")).to_be_hidden()


def test_paper_has_the_matter_and_who_printed_it(world: World, sign_in: SignIn) -> None:
    page = sign_in("town_official")
    page.goto(f"/alerts/{world.alerts[0].pk}/")
    page.emulate_media(media="print")
    for gone in (".rail", ".topbar", "main .btn >> nth=0"):
        expect(page.locator(gone)).to_be_hidden()
    foot = page.locator(".print-foot")
    expect(foot).to_contain_text("吴镇办")
    expect(foot).to_contain_text("业务日期 2024-06-03")
    expect(foot).to_contain_text("演示数据")
    assert foot.evaluate("e => getComputedStyle(e).display") == "table-footer-group"  # so that every sheet bears it
    page.emulate_media(media="screen")
    page.goto("/alerts/")
    page.set_viewport_size({"width": 690, "height": 980})  # as wide as a sheet of A4 between its margins
    expect(page.locator(".alert-list thead")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".alert-list thead")).to_be_visible()  # paper is no phone
