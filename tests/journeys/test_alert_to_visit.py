"""An alert's way: the town official hands it over, the grid worker visits on a phone, the figures follow."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.monitoring.models import Alert, Visit
from tests.journeys.conftest import SignIn
from tests.portals.staff.world import World

pytestmark = pytest.mark.journey


def fits(page: Page) -> None:
    """Nothing sticks out sideways, and whatever one taps is large enough for a thumb."""
    page.wait_for_load_state("load")
    page.locator("main").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url
    small = page.evaluate(
        "[...document.querySelectorAll('main .btn, main .choice, main select, main input:not([type=hidden], [type=radio], [type=checkbox]), .foot a, .foot summary')]"
        ".filter(e => e.offsetParent && e.getBoundingClientRect().height < 40).map(e => e.outerHTML.slice(0, 120))"
    )
    assert not small, page.url


def new_alert(world: World) -> Alert:
    return next(alert for alert in world.alerts if alert.status == "new")


def test_hand_over_visit_and_precision(world: World, sign_in: SignIn) -> None:
    alert, worker = new_alert(world), world.users["grid_worker"]
    official = sign_in("town_official")
    row = official.locator(".precision tr", has_text="失业")
    expect(row).to_contain_text("还没有结果")
    official.locator(f"a[href='/alerts/{alert.pk}/']").first.click()
    expect(official.get_by_role("heading", name="证据")).to_be_visible()
    official.get_by_label("派给").select_option(value=str(worker.pk))
    official.get_by_label("交办说明").fill("老人耳背，敲门要重")
    official.get_by_role("button", name="派单").click()
    expect(official.get_by_role("status")).to_contain_text("已派给 赵网格")

    phone = sign_in("grid_worker", "phone")
    fits(phone)
    phone.locator(f"a[href='/alerts/{alert.pk}/']").click()
    expect(phone.get_by_text("老人耳背，敲门要重")).to_be_visible()
    fits(phone)
    phone.get_by_role("link", name="入户登记").click()
    fits(phone)
    phone.get_by_text("本人", exact=True).click()
    phone.get_by_text("失去主要收入").click()
    phone.get_by_text("就业帮扶").click()
    phone.get_by_text("临时救助", exact=True).click()
    phone.get_by_label("情况说明").fill("家里只有一个人做工，厂子关了")
    phone.get_by_role("button", name="提交登记").click()
    expect(phone.get_by_role("status")).to_contain_text("入户已登记：临时救助")
    fits(phone)

    alert.refresh_from_db()
    assert (alert.status, alert.outcome) == ("closed", "temporary_aid")
    official.goto("/")
    expect(row).to_contain_text("100%（1/1）")
    official.goto(f"/alerts/{alert.pk}/")
    expect(official.get_by_text("家里只有一个人做工，厂子关了")).to_be_visible()


def test_everything_works_without_scripts(world: World, sign_in: SignIn) -> None:
    alert = new_alert(world)
    page = sign_in("town_official", scripts=False)
    page.goto("/alerts/?status=new")
    page.get_by_label("场景").select_option(label="失业")
    page.get_by_role("button", name="筛选").click()
    expect(page).to_have_url(re.compile(r"scenario=unemployment"))
    page.goto(f"/alerts/{alert.pk}/visit/")
    page.get_by_label("家属").check()
    page.get_by_label("无需救助").check()
    page.get_by_role("button", name="提交登记").click()
    expect(page.get_by_role("status")).to_contain_text("无需救助")
    assert Visit.objects.get().outcome == "no_need"


def test_keyboard_moves_opens_and_filters(world: World, sign_in: SignIn) -> None:
    page = sign_in("city_official")
    page.goto("/alerts/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("tr.current")).to_have_count(1)
    page.keyboard.press("/")
    expect(page.locator("[data-key-search]")).to_be_focused()
    page.goto("/alerts/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/alerts/\d+/$"))


def test_a_mask_opens_only_with_a_reason(world: World, sign_in: SignIn) -> None:
    person = world.alerts[0].person
    page = sign_in("grid_worker", "phone")
    page.goto(f"/people/{person.pk}/household/")
    fits(page)
    assert person.id_number not in page.content()
    page.get_by_role("link", name="查看完整证件号码").first.click()
    fits(page)
    page.get_by_text("上门入户前联系本人").click()
    page.get_by_role("button", name="记录并查看").click()
    expect(page.get_by_text(person.id_number)).to_be_visible()
    page.get_by_role("link", name="返回").click()
    expect(page).to_have_url(re.compile(r"/households/\d+/$"))
    assert AuditEntry.objects.filter(verb="identity.reveal", actor="grid_worker").count() == 1


def test_another_village_does_not_exist(world: World, sign_in: SignIn) -> None:
    page = sign_in("outside_worker", "phone")
    for address in (f"/alerts/{world.alerts[0].pk}/", f"/households/{world.households[0].pk}/", f"/alerts/{world.alerts[0].pk}/visit/"):
        response = page.goto(address)
        assert response and response.status == 404
        expect(page.get_by_role("heading", name="没有找到这一页")).to_be_visible()
        fits(page)
