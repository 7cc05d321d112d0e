"""A citizen on a phone of 375 px: from the front page to a case that is sent, with a connection that fails on the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from minzheng.kernel.casework.models import Case, Draft
from minzheng.kernel.registry.models import Person
from tests.journeys.conftest import looked_at
from tests.portals.citizen.application import PNG
from tests.portals.staff.world import World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_a_citizen_applies_on_a_phone(phone: Page, world: World) -> None:
    person: Person = world.households[1].memberships.order_by("person__birth_date")[0].person
    apply_on(phone, person)
    assert Case.objects.get(applicant=person).state == "submitted"


def apply_on(phone: Page, person: Person) -> None:
    """From the front page to a case that is sent; each page is looked at, and the connection fails once."""
    phone.goto("/citizen/")
    looked_at(phone)
    phone.get_by_role("link", name="没了收入或收入很少").click()
    looked_at(phone)
    phone.locator("a[href='/citizen/apply/minimum_living/']").click()
    looked_at(phone)
    phone.get_by_label("姓名").fill(person.name)
    phone.get_by_label("身份证号码").fill(person.id_number)
    phone.get_by_label("手机号").fill(person.phone)
    phone.get_by_role("button", name="获取验证码").click()
    looked_at(phone)
    phone.get_by_label("6 位数字").fill(phone.locator(".code").inner_text())
    phone.locator("main").get_by_role("button", name="登录").click()
    expect(phone.locator("#f-id_number")).to_have_value(person.id_number)
    looked_at(phone)
    expect(phone.locator("#f-vehicle_use")).to_be_hidden()
    phone.context.set_offline(True)
    phone.locator("#f-statement").fill("没有工作，孙女还在上学。")
    expect(phone.locator("[data-saved]")).to_contain_text("存在这台手机上")
    phone.context.set_offline(False)
    expect(phone.locator("[data-saved]")).to_contain_text("已自动保存", timeout=15_000)
    assert Draft.objects.count() == 1
    for field in ("business_income_fen", "transfer_income_fen", "financial_assets_fen"):
        phone.locator(f"#f-{field}").fill("0")
    phone.locator("[name=reasons][value=no_work]").check()
    phone.locator("main").get_by_role("button", name="下一步").last.click()
    expect(phone.get_by_role("heading", name="还差几步就好")).to_be_visible()
    looked_at(phone)
    phone.get_by_role("link", name="去签").click()
    phone.get_by_role("button", name="发验证码").click()
    phone.locator("#name").fill(person.name)
    phone.locator("#code").fill(phone.locator("strong.code").inner_text())
    looked_at(phone)
    phone.get_by_role("button", name="同意并签名").click()
    phone.locator("input[type=file]").first.set_input_files({"name": "说明.png", "mimeType": "image/png", "buffer": PNG})
    expect(phone.get_by_text("材料已收到")).to_be_visible()
    phone.get_by_text("以上内容属实").click()
    phone.locator("#signature").fill(person.name)
    phone.get_by_role("button", name="提交申请").dblclick()
    phone.get_by_role("link", name="看进度").click()
    expect(phone.locator(".where")).to_contain_text("镇街民政工作人员")
    looked_at(phone)


def test_large_type_is_large_and_fits(phone: Page) -> None:
    phone.goto("/citizen/")
    phone.get_by_role("button", name="长者模式").click()
    assert phone.evaluate("parseFloat(getComputedStyle(document.querySelector('.tile')).fontSize)") >= 24
    for where in ("/citizen/", "/citizen/entitled/", "/citizen/guide/minimum_living/", "/citizen/sign-in/", "/citizen/notices/"):
        phone.goto(where)
        looked_at(phone)


def test_without_a_script_the_precheck_works(browser: Browser, live_server: object, world: World) -> None:
    context = browser.new_context(viewport={"width": 375, "height": 740}, base_url=str(live_server), java_script_enabled=False)
    page = context.new_page()
    page.goto("/citizen/entitled/")
    page.locator("[name='members.0.age']").fill("86")
    page.get_by_role("button", name="再加一位").click()
    page.locator("[name='members.1.age']").fill("50")
    page.locator("#f-savings_fen").fill("0")
    page.locator("[name=hukou][value='1']").check()
    page.locator("[name=obligor][value='1']").check()
    page.locator("main").get_by_role("button", name="算一算").click()
    expect(page.get_by_role("heading", name="按您填的，可能可以享受")).to_be_visible()
    expect(page.get_by_text("尊老金").first).to_be_visible()
    context.close()
