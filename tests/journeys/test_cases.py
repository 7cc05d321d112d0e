"""A case's way: the town accepts and checks, a visit is filled in without a connection and sent later, the notice hangs, the district
decides, and the entitlement exists. And two officials at one case."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from minzheng.kernel.benefits.actions import compute_run
from minzheng.kernel.benefits.models import Award, Entitlement
from minzheng.kernel.casework.models import Case, CaseAction
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.ledger.models import PaymentLine
from minzheng.kernel.registry.search.actions import index_people
from minzheng.kernel.rules.language import Month
from tests.journeys.conftest import SignIn, looked_at
from tests.journeys.test_alert_to_visit import fits
from tests.journeys.test_citizen import apply_on
from tests.portals.staff.benefits_world import forget
from tests.portals.staff.money import lake_of
from tests.portals.staff.world import World

pytestmark = pytest.mark.journey


def act(page: Page, title: str, button: str, sure: bool = False) -> None:
    """Send the form of a verb beside the case, opened before and filled in."""
    page.locator("details.act[open]", has_text=title).get_by_role("button", name=button).click()
    if sure:
        page.locator("#confirm [data-yes]").click()
    expect(page.get_by_role("status").filter(has_text=f"{title}，已办")).to_be_visible()


def unfold(page: Page, title: str) -> None:
    box = page.locator("details.act", has=page.locator("summary", has_text=title)).first
    if box.get_attribute("open") is None:
        box.locator("summary").click()


def test_from_the_counter_to_an_entitlement(world: World, sign_in: SignIn, settings: object) -> None:
    person = world.alerts[1].person
    index_people([person])
    town = sign_in("town_official")
    town.goto("/cases/new/")
    town.get_by_label("申请人").fill(person.id_number[-4:])
    town.get_by_role("button", name="查找").click()
    town.locator(".found-person").first.click()
    town.get_by_text("最低生活保障").first.click()
    town.get_by_role("button", name="开办").click()
    expect(town.get_by_role("status")).to_contain_text("已知的都填好了")
    expect(town.get_by_label("汽车做什么用")).to_be_hidden()
    town.locator("#f-owns_vehicle").select_option("1")
    expect(town.get_by_label("汽车做什么用")).to_be_visible()
    town.locator("#f-owns_vehicle").select_option("0")
    for name, value in (("business_income_fen", "800"), ("transfer_income_fen", "0"), ("financial_assets_fen", "5000")):
        town.locator(f"#f-{name}").fill(value)
    town.locator("#f-reasons").select_option("no_work")
    town.locator("#f-statement").fill("厂子关了，一直没有找到活")
    town.get_by_text("没有工作的说明").click()
    town.get_by_role("button", name="提交申请").click()
    expect(town.get_by_role("status")).to_contain_text("申请已提交")
    case = Case.objects.get(applicant=person)
    act(town, "受理", "受理")
    check(town, adults=2)

    visit_off_line(sign_in("grid_worker", "phone"), case)
    town.goto(f"/cases/{case.pk}/")
    expect(town.locator("tr.differs", has_text="¥1,200.00")).to_be_visible()
    propose_and_publish(town)
    settings.BUSINESS_TODAY = lambda: date(2024, 6, 11)  # type: ignore[attr-defined]
    take_down(town)
    decide(sign_in("district_official"), case)
    assert Award.objects.filter(programme="minimum_living", person_key=person.person_key, until=None).exists()


def visit_off_line(phone: Page, case: Case) -> None:
    """A visit filled in without a connection, sent when there is one; nothing is left on the phone."""
    phone.goto("/visits/")
    expect(phone.get_by_text("可以离线使用了")).to_be_visible()
    fits(phone)
    phone.context.set_offline(True)
    phone.reload()
    expect(phone.get_by_text("没有网络：可以填写")).to_be_visible()
    visit = phone.locator(f"#visit-case-{case.pk}")
    visit.locator("summary").first.click()
    visit.get_by_label("见到了谁").fill("本人")
    visit.get_by_label("同行人").fill("村会计老钱")
    visit.get_by_label("看到的情况").fill("两间平房，老人卧床")
    visit.get_by_text("逐项核实").click()
    visit.get_by_label("申请人每月做生意").fill("1200")
    fits(phone)
    visit.get_by_role("button", name="提交").click()
    expect(phone.get_by_text("没有网络：已存在本机")).to_be_visible()
    assert "两间平房" in phone.evaluate("localStorage.getItem('visits:queue')")
    phone.reload()
    expect(phone.locator("[data-queue-list] li")).to_have_count(1)
    assert not CaseAction.objects.filter(case=case, verb="visit").exists()
    phone.context.set_offline(False)
    expect(phone.get_by_text("已发送 1 份，本机的已删去")).to_be_visible()
    assert CaseAction.objects.filter(case=case, verb="visit").count() == 1
    assert phone.evaluate("Object.keys(localStorage).filter(key => key.startsWith('visits:')).length") == 0
    phone.locator("summary.user-button").click()
    phone.get_by_role("button", name="退出登录").click()
    phone.wait_for_url("**/login/")
    assert not phone.evaluate("caches.has('visits')")


def check(town: Page, adults: int) -> None:
    """Authorisations signed on paper, then 核对."""
    for adult in range(adults):
        unfold(town, "签署核对授权")
        town.locator("#id_authorise_person").select_option(index=1 if adult + 1 < adults else 0)
        act(town, "签署核对授权", "登记授权")
    unfold(town, "信息核对")
    town.get_by_label("核对目的").fill("低保申请审核")
    act(town, "信息核对", "开始核对")


def propose_and_publish(town: Page) -> None:
    unfold(town, "审核意见")
    town.locator("#id_propose_kind label, .act[open] .choice").filter(has_text="同意").first.click()
    town.locator("#id_propose_class_").select_option("A")
    town.get_by_label("审核意见").fill("入户属实，收入低于标准，建议同意")
    act(town, "审核意见", "提交审核意见")
    act(town, "张榜", "张榜")


def take_down(town: Page) -> None:
    town.goto("/cases/publicity/")
    town.get_by_role("link", name="撤下", exact=True).first.click()
    town.get_by_role("button", name="撤榜").click()
    expect(town.get_by_role("status")).to_contain_text("撤榜，已办")


def decide(district: Page, case: Case) -> None:
    district.goto(f"/cases/{case.pk}/")
    unfold(district, "作出决定")
    district.locator("#id_decide_class_").select_option("A")
    district.locator("#id_decide_explanation").fill("经审核符合条件，入户属实")
    act(district, "作出决定", "作出决定", sure=True)
    expect(district.get_by_text("已决定：同意")).to_be_visible()


def test_from_a_phone_to_the_first_payment_explained(
    phone: Page, world: World, sign_in: SignIn, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole road: a citizen applies, the town checks and visits, the district decides, the month is reckoned, approved and paid by
    two people, and the citizen reads on the same phone how much it is and why."""
    home = world.households[1]
    members = [place.person for place in home.memberships.order_by("person__birth_date").select_related("person")]
    person = members[0]
    apply_on(phone, person)
    case = Case.objects.get(applicant=person)
    town = sign_in("town_official")
    town.goto(f"/cases/{case.pk}/")
    act(town, "受理", "受理")
    check(town, adults=1)  # the other signed on the phone
    worker = sign_in("grid_worker", "phone")
    worker.goto("/visits/")
    visit = worker.locator(f"#visit-case-{case.pk}")
    visit.locator("summary").first.click()
    for label, said in (("见到了谁", "本人"), ("同行人", "村会计老钱"), ("看到的情况", "家中陈设简单，没有收入")):
        visit.get_by_label(label).fill(said)
    visit.get_by_role("button", name="提交").click()
    expect(worker.get_by_text("已发送 1 份，本机的已删去")).to_be_visible()
    town.goto(f"/cases/{case.pk}/")
    propose_and_publish(town)
    settings.BUSINESS_TODAY = lambda: date(2024, 6, 11)
    take_down(town)
    decide(sign_in("district_official"), case)

    forget()
    born = {each.pk: each.birth_date or date(1970, 1, 1) for each in members}
    lake_of([
        {"person_key": each.person_key, "household_key": home.household_key, "village": int(home.division_code), "rank": rank,
         "birth": int(f"{born[each.pk]:%Y%m%d}"), "award_low_income": 1}
        for rank, each in enumerate(members)
    ], monkeypatch)  # fmt: skip
    settings.BUSINESS_TODAY = lambda: date(2024, 8, 5)
    with clock.use(date(2024, 8, 5)):
        month = compute_run(month=Month.of("2024-07"), by=Actor.system("夜间批处理"))
    clerk, approver = sign_in("benefits_clerk"), sign_in("benefits_approver")
    clerk.goto(f"/benefits/runs/{month.pk}/")
    clerk.get_by_role("button", name=re.compile("提交")).click()
    approver.goto(f"/benefits/runs/{month.pk}/")
    approver.get_by_role("button", name=re.compile("审批通过")).click()
    expect(approver.locator("main")).to_contain_text("已审批")
    held = Entitlement.objects.get(programme="minimum_living")
    line = PaymentLine.objects.get(programme="minimum_living", month=date(2024, 7, 1))
    assert held.amount_fen == line.amount_fen > 0
    approver.goto(f"/benefits/payments/{line.batch_id}/")
    approver.get_by_role("button", name=re.compile("复核")).first.click()
    clerk.goto(f"/benefits/payments/{line.batch_id}/")
    clerk.get_by_role("button", name=re.compile("发出")).first.click()
    expect(clerk.locator("main")).to_contain_text("已发出")

    phone.goto("/citizen/benefits/")
    looked_at(phone)
    expect(phone.locator("main")).to_contain_text("最低生活保障")
    expect(phone.locator("main")).to_contain_text(yuan(line.amount_fen))
    phone.goto("/citizen/payments/")
    expect(phone.locator("main")).to_contain_text(yuan(line.amount_fen))


def test_an_emergency_is_paid_the_same_day(world: World, sign_in: SignIn) -> None:
    """Pay first, papers later: a fire in the night, the town decides at once, two people release the money, the bank confirms it."""
    person = world.alerts[1].person
    index_people([person])
    town = sign_in("town_official")
    town.goto("/cases/new/")
    town.get_by_label("申请人").fill(person.id_number[-4:])
    town.get_by_role("button", name="查找").click()
    town.locator(".found-person").first.click()
    town.locator("input[name=item][value=temporary_assistance]").check()
    where = town.get_by_role("combobox", name="急难发生地")
    where.click()
    where.press_sequentially("njsq")
    town.get_by_role("option", name=re.compile("南街社区")).first.click()
    expect(town.locator(".ts-control")).to_contain_text("南街社区")
    town.keyboard.press("Tab")
    town.get_by_role("button", name="开办").click()
    town.locator("#f-grant_kind").select_option("1")
    town.locator("#f-grant_grade").select_option("1")
    town.locator("#f-happened_on").fill("2024-06-02")
    town.locator("#f-what_happened").fill("昨夜家中失火，住处烧毁")
    town.get_by_text("急难情况的证明").click()
    town.get_by_role("button", name="提交申请").click()
    expect(town.get_by_role("status")).to_contain_text("申请已提交")
    town.get_by_text("急难：先行救助").click()
    act(town, "受理", "受理")
    expect(town.locator("main")).to_contain_text("急办")
    unfold(town, "作出决定")
    town.locator("#id_decide_amount_fen").fill("2060.00")  # due are three months, a town decides at once up to two
    town.locator("#id_decide_explanation").fill("先按镇街权限救急，其余另行申请")
    act(town, "作出决定", "作出决定", sure=True)

    line = PaymentLine.objects.get(programme="temporary_assistance")
    clerk, approver = sign_in("benefits_clerk"), sign_in("benefits_approver")
    approver.goto(f"/benefits/payments/{line.batch_id}/")
    approver.get_by_role("button", name=re.compile("复核")).first.click()
    clerk.goto(f"/benefits/payments/{line.batch_id}/")
    clerk.get_by_role("button", name=re.compile("发出")).first.click()
    expect(clerk.locator("main")).to_contain_text("已发出")
    line.refresh_from_db()
    assert (line.state, line.batch.created_on, line.changed_on) == ("sent", date(2024, 6, 3), date(2024, 6, 3))
    town.reload()
    expect(town.locator("main")).to_contain_text("补齐手续")


def test_a_second_official_is_told_what_changed(world: World, sign_in: SignIn) -> None:
    case = world.cases[0]
    town, district = sign_in("town_official"), sign_in("district_official", "phone")
    for page in (town, district):
        page.goto(f"/cases/{case.pk}/do/pause/")
        page.get_by_label("中止的原因").select_option("away")
        page.get_by_label("具体情况").fill("申请人住院，出院后继续")
    fits(district)
    town.get_by_role("button", name="中止").click()
    expect(town.get_by_role("status")).to_contain_text("已办")
    district.get_by_role("button", name="中止").click()
    expect(district.get_by_role("heading", name="这件办件有变化")).to_be_visible()
    expect(district.locator(".changed")).to_contain_text("吴镇办")
    expect(district.get_by_label("具体情况")).to_have_value("申请人住院，出院后继续")
    fits(district)
