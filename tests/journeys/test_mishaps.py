"""What goes wrong at work: a session that ends, two officials at one record, a form sent twice, no network at the door."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from minzheng.kernel.monitoring.models import Visit
from tests.journeys.conftest import SignIn
from tests.portals.staff.world import PASSWORD, World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
WORDS = "屋顶漏雨，老人一个人住"


def at_the_door(world: World, sign_in: SignIn) -> Page:
    """The visit form on a phone, filled in but not sent."""
    page = sign_in("grid_worker", "phone")
    page.goto(f"/alerts/{world.alerts[0].pk}/visit/")
    page.get_by_text("本人", exact=True).click()
    page.get_by_text("临时救助", exact=True).click()
    page.get_by_label("情况说明").fill(WORDS)
    return page


def test_a_session_that_ends_under_the_pen_loses_nothing(world: World, sign_in: SignIn) -> None:
    page = at_the_door(world, sign_in)
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="提交登记").click()
    expect(page.get_by_text("登录已过期，刚才的内容没有提交，也没有丢")).to_be_visible()
    assert not Visit.objects.exists()
    page.get_by_label("登录名").fill("grid_worker")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("button", name="继续提交").click()
    expect(page.get_by_role("status").first).to_contain_text("入户已登记：临时救助")
    assert Visit.objects.get().findings == WORDS


def test_without_a_network_what_was_typed_waits_on_the_page(world: World, sign_in: SignIn) -> None:
    page = at_the_door(world, sign_in)
    page.context.set_offline(True)
    page.get_by_role("button", name="提交登记").click()
    expect(page.locator("[data-offline]")).to_be_visible()
    expect(page.get_by_label("情况说明")).to_have_value(WORDS)
    page.context.set_offline(False)
    page.reload()  # also a phone that reloads the page by itself
    expect(page.get_by_label("情况说明")).to_have_value(WORDS)
    expect(page.get_by_label("临时救助")).to_be_checked()
    page.get_by_role("button", name="提交登记").click()
    expect(page.get_by_role("status").first).to_contain_text("入户已登记：临时救助")
    assert page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('draft:'))") == []
    assert Visit.objects.get().findings == WORDS


def test_a_visit_sent_twice_is_one_visit(world: World, sign_in: SignIn) -> None:
    page = sign_in("grid_worker", "phone", scripts=False)  # with scripts the second press never leaves the page
    page.goto(f"/alerts/{world.alerts[0].pk}/visit/")
    page.get_by_label("本人", exact=True).check()
    page.get_by_label("无需救助").check()
    page.get_by_role("button", name="提交登记").dblclick(no_wait_after=True)
    expect(page.get_by_role("status").first).to_be_visible()
    assert Visit.objects.count() == 1


def test_the_second_of_two_officials_is_told_what_changed_and_loses_nothing(world: World, sign_in: SignIn) -> None:
    home = world.facilities[0]
    address = f"/registers/facilities/{home.pk}/edit/"
    second, first = sign_in("city_official"), sign_in("district_official")
    second.goto(address)
    second.get_by_label("名称").fill("湖塘颐养中心")
    second.get_by_label("床位或席位").fill("150")
    first.goto(address)
    first.get_by_label("床位或席位").fill("140")
    first.get_by_label("地址", exact=True).fill("人民路 8 号")
    first.get_by_role("button", name="保存").click()
    expect(first.get_by_role("status").first).to_be_visible()

    second.get_by_role("button", name="保存").click()
    clash = second.get_by_role("alert").first
    expect(clash).to_contain_text("别人先保存了")
    expect(clash).to_contain_text("周区办")
    row = clash.get_by_role("row", name=re.compile("床位"))
    for told in ("120", "150", "140", "两人都改了"):
        expect(row).to_contain_text(told)
    expect(second.get_by_label("名称")).to_have_value("湖塘颐养中心")  # typed by the second
    expect(second.get_by_label("地址", exact=True)).to_have_value("人民路 8 号")  # saved by the first
    home.refresh_from_db()
    assert (home.capacity, home.address) == (140, "人民路 8 号")
    second.get_by_role("button", name="保存").click()
    expect(second.get_by_role("status").first).to_be_visible()
    home.refresh_from_db()
    assert (home.name, home.capacity, home.address) == ("湖塘颐养中心", 150, "人民路 8 号")
