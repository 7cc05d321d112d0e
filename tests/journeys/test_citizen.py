"""A citizen on a phone of 375 px: from the front page to a case that is sent, with a connection that fails on the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from minzheng.kernel.casework.models import Case, Draft
from minzheng.kernel.registry.models import Person
from tests.portals.citizen.application import PNG
from tests.portals.staff.world import World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
AXE = settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .filter(v => ["serious", "critical"].includes(v.impact)).map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(" ")).join(" | ")}`)"""


@pytest.fixture
def phone(browser: Browser, live_server: object, world: World) -> Iterator[Page]:
    """A phone's page; whatever leaves the server or errs in the console fails."""
    address, complaints = str(live_server), []
    context = browser.new_context(viewport={"width": 375, "height": 740}, base_url=address, locale="zh-CN")
    page = context.new_page()
    page.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else complaints.append(r.url))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" and "status of 4" not in m.text and "ERR_INTERNET" not in m.text else None)
    yield page
    context.close()
    assert not complaints


def looked_at(page: Page) -> None:
    """Nothing serious by axe, nothing wider than the phone."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def test_a_citizen_applies_on_a_phone(phone: Page, world: World) -> None:
    person: Person = world.households[1].memberships.order_by("person__birth_date")[0].person
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
    phone.get_by_role("button", name="上传").first.click()
    expect(phone.get_by_text("材料已收到")).to_be_visible()
    phone.get_by_text("以上内容属实").click()
    phone.locator("#signature").fill(person.name)
    phone.get_by_role("button", name="提交申请").dblclick()
    phone.get_by_role("link", name="看进度").click()
    expect(phone.locator(".where")).to_contain_text("镇街民政工作人员")
    looked_at(phone)
    assert Case.objects.get(applicant=person).state == "submitted"


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
    page.locator("main").get_by_role("button", name="算一算").click()
    expect(page.get_by_role("heading", name="按您填的，可能可以享受")).to_be_visible()
    expect(page.get_by_text("尊老金").first).to_be_visible()
    context.close()
