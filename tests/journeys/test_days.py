"""A day of three people in a real browser: the city official looks from above, the town official hands out and looks into
a family, the grid worker walks with a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.monitoring.models import Alert, AlertStep, Visit
from tests.journeys.conftest import SignIn
from tests.journeys.test_alert_to_visit import fits
from tests.portals.staff.world import World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def kept(page: Page) -> None:
    """The place and the scenario are still in the address."""
    expect(page).to_have_url(re.compile(r"(?=.*division=wujin)(?=.*scenario=unemployment)"))


def test_a_city_official_goes_from_the_board_down_to_an_alert_and_back(world: World, sign_in: SignIn) -> None:
    page = sign_in("city_official")
    first = page.locator("main h2").first
    expect(first).to_have_text("辖区一览")  # boards side by side come before the own list
    wujin = page.locator(".boards tr", has_text="武进区").locator("td[data-label=在办] a")
    assert wujin.inner_text() == "3"
    wujin.click()
    expect(page.locator("tr[data-row]")).to_have_count(3)
    page.get_by_label("场景").select_option(label="失业")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    kept(page)
    look = page.get_by_role("navigation", name="看法")
    for name, heading in (("看板", "预警看板"), ("地图", "预警地图"), ("图表", "预警图表")):
        look.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        kept(page)
    expect(page.locator("#main figure svg").first).to_be_visible()
    look.get_by_role("link", name="列表").click()
    kept(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="证据")).to_be_visible()
    expect(page.get_by_text("未核实")).to_be_visible()  # a standard that nobody has confirmed says so
    page.get_by_role("link", name="预警", exact=True).and_(page.locator(".back")).click()
    kept(page)
    expect(page.locator("tr[data-row]")).to_have_count(1)
    page.go_back()
    page.go_back()
    kept(page)


def test_a_town_official_hands_out_in_bulk_and_looks_into_a_family(world: World, sign_in: SignIn) -> None:
    page = sign_in("town_official")
    expect(page.locator("main h2").first).to_contain_text("待我处理")  # who acts sees the own list first
    page.goto("/alerts/?status=new")
    page.get_by_label("选中本页全部").check()
    page.get_by_role("button", name="派单所选 1 件").click()
    page.get_by_label("交办说明").fill("本周内看一下")
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("row", name="赵网格 1")).to_be_visible()
    page.get_by_role("button", name="确定派出 1 件").click()
    expect(page.get_by_role("status")).to_contain_text("已派出 1 件，共 1 人")
    expect(page).to_have_url(re.compile("status=new"))
    alert = Alert.objects.get(scenario="unemployment")
    assert alert.assigned_to == world.users["grid_worker"]

    page.goto(f"/alerts/{alert.pk}/")
    expect(page.get_by_text("本周内看一下")).to_be_visible()
    page.locator("main").get_by_role("link", name="家庭档案").click()
    expect(page.get_by_role("heading", name="时间线")).to_be_visible()
    person = alert.person
    page.get_by_role("link", name="查看完整证件号码").first.click()
    page.get_by_role("button", name="记录并查看").click()
    assert person.id_number not in page.content()  # without a reason nothing opens
    page.get_by_text("核对身份或家庭情况").click()
    page.get_by_role("button", name="记录并查看").click()
    expect(page.get_by_text(person.id_number)).to_be_visible()
    assert AuditEntry.objects.get(verb="identity.reveal").reason == "核对身份或家庭情况"


def test_a_grid_worker_walks_door_to_door_with_a_phone(world: World, sign_in: SignIn) -> None:
    first, last = world.alerts[0], world.alerts[2]
    page = sign_in("grid_worker", "phone")
    fits(page)
    assert page.locator(".walk .stop").count() == 2
    stop = page.locator(".walk li", has=page.locator(f"a[href='/alerts/{first.pk}/']"))
    stop.get_by_role("button", name="不在家").click()
    expect(page.get_by_role("status")).to_contain_text("已记上门未遇")
    assert AlertStep.objects.filter(alert=first, verb="attempted").count() == 1

    stop.get_by_role("button", name="已搬走").click()
    dialog = page.get_by_role("dialog", name="请确认")
    expect(dialog).to_contain_text("这条预警办结")
    dialog.get_by_role("button", name="不做了").click()
    assert not Visit.objects.exists()

    stop.get_by_role("link", name="见到了，登记").click()
    fits(page)
    page.get_by_text("家属", exact=True).click()
    page.get_by_text("纳入低保", exact=True).click()
    page.get_by_role("button", name="提交登记").click()
    expect(page.get_by_role("status")).to_contain_text("下面是待办里的下一件")
    expect(page).to_have_url(re.compile(f"/alerts/{last.pk}/$"))  # the next one opens by itself
    fits(page)
    first.refresh_from_db()
    assert (first.status, first.outcome) == ("closed", "low_income")
    page.get_by_role("link", name="工作台").first.click()
    expect(page.locator(".walk .stop")).to_have_count(1)
