"""A grid worker's day without a connection: alerts and cases, photographs, the tab closed in between, and what happened meanwhile."""

from __future__ import annotations

import struct
import zlib
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from minzheng.kernel.casework.models import CaseAction
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.monitoring import actions as monitoring
from minzheng.kernel.monitoring.models import Alert, Visit
from minzheng.kernel.registry.documents.actions import open_document
from minzheng.kernel.registry.models import Document
from tests.journeys.conftest import SignIn, looked_at
from tests.journeys.test_alert_to_visit import fits
from tests.portals.staff.world import World

pytestmark = pytest.mark.journey


def photograph(shade: int, width: int = 2400, height: int = 1800) -> FilePayload:
    """A picture as large as a phone's, of one colour."""
    rows = zlib.compress((b"\0" + bytes([shade]) * width) * height)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return {"name": f"{shade}.png", "mimeType": "image/png", "buffer": content}


def size_of(jpeg: bytes) -> tuple[int, int]:
    """Width and height by the frame's head."""
    at = jpeg.index(b"\xff\xc0")
    height, width = struct.unpack(">HH", jpeg[at + 5 : at + 9])
    return width, height


def open_visit(phone: Page, key: str) -> Any:
    visit = phone.locator(f"#visit-{key}")
    visit.locator("summary").first.click()
    return visit


def attempts(alert: Alert) -> list[tuple[str, str]]:
    """When it was noted that nobody was at home, and for which day."""
    return [(step.on.isoformat(), step.details["attempted_on"]) for step in alert.steps.filter(verb="attempted")]


def test_a_day_without_a_connection(world: World, sign_in: SignIn, settings: Any) -> None:
    first, second = Alert.objects.filter(assigned_to=world.users["grid_worker"], status="assigned").order_by("pk")[:2]
    case = world.cases[0]
    phone = sign_in("grid_worker", "phone")
    phone.goto("/visits/")
    expect(phone.get_by_text("可以离线使用了")).to_be_visible()
    phone.locator("details.visit").first.evaluate("box => { box.open = true }")
    fits(phone)
    phone.context.set_offline(True)
    phone.reload()
    expect(phone.get_by_text("没有网络：可以填写")).to_be_visible()

    for alert in (first, second):
        open_visit(phone, f"alert-{alert.pk}").get_by_role("button", name="不在家").click()
        expect(phone.locator("[data-queue-list] li").last).to_contain_text("不在家 2024-06-03")
    expect(phone.get_by_text("没有网络：已存在本机")).to_be_visible()

    visit = open_visit(phone, f"alert-{first.pk}")
    expect(visit.get_by_text("2024-06-03 不在家：已存在本机，待发送")).to_be_visible()
    visit.get_by_text("本人", exact=True).click()
    visit.get_by_text("失去主要收入").click()
    visit.get_by_text("就业帮扶").click()
    visit.get_by_text("临时救助", exact=True).click()
    visit.get_by_label("情况说明").fill("厂子关了，欠着房租")
    visit.locator("input[type=file]").set_input_files([photograph(40), photograph(90)])
    expect(visit.get_by_text("2 张已存在本机")).to_be_visible()
    visit.get_by_role("button", name="提交").click()
    expect(phone.get_by_text("没有网络：已存在本机，恢复后自动发送（3 份）")).to_be_visible()

    visit = open_visit(phone, f"case-{case.pk}")
    visit.get_by_label("见到了谁").fill("本人")
    visit.get_by_label("同行人").fill("村会计老钱")
    visit.get_by_label("看到的情况").fill("两间平房，老人卧床")
    visit.locator("input[type=file]").set_input_files(photograph(140))
    expect(visit.get_by_text("1 张已存在本机")).to_be_visible()

    page = phone.context.new_page()  # the tab is closed before the second form was sent
    phone.close()
    page.goto("/visits/")
    expect(page.locator("[data-queue-list] li").last).to_contain_text("照片 2 张待发送")
    visit = open_visit(page, f"case-{case.pk}")
    expect(visit.get_by_label("看到的情况")).to_have_value("两间平房，老人卧床")
    expect(visit.get_by_role("img", name="第 1 张照片")).to_be_visible()
    fits(page)
    visit.get_by_role("button", name="提交").click()
    expect(page.locator("[data-queue-list] li")).to_have_count(4)
    page.locator("[data-visits]").evaluate("root => { root.dataset.made -= 24 * 60 * 60 }")  # the page was kept overnight
    open_visit(page, f"alert-{second.pk}").get_by_role("button", name="不在家").click()
    expect(page.locator("[data-queue-list] li").last).to_contain_text("不在家 2024-06-04")
    assert not Visit.objects.filter(alert=first).exists() and not attempts(first)

    settings.BUSINESS_TODAY = lambda: date(2024, 6, 4)
    page.context.set_offline(False)
    expect(page.get_by_text("已发送 5 份，本机的已删去")).to_be_visible()
    assert Visit.objects.filter(alert=first).count() == 1
    assert [step.verb for step in first.steps.order_by("pk")][-3:] == ["attempted", "visited", "closed"], "in the order in which they were noted"
    assert attempts(first) == [("2024-06-04", "2024-06-03")]
    assert attempts(second) == [("2024-06-04", "2024-06-03"), ("2024-06-04", "2024-06-04")]
    assert CaseAction.objects.filter(case=case, verb="visit").count() == 1
    papers = list(Document.objects.filter(kind="visit").order_by("pk"))
    assert [row.title.split()[-1] for row in papers] == [str(first.pk), str(first.pk), case.number], "in the order in which they were taken"
    _row, content = open_document(document_id=papers[0].pk, by=Actor.of(world.users["town_official"]), why="核对照片")
    assert size_of(content) == (1600, 1200), "made small on the phone"
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('visits:')).length") == 0
    page.reload()
    expect(page.get_by_text("可以离线使用了")).to_be_visible()
    expect(page.locator(f"#visit-alert-{first.pk}")).to_have_count(0)
    expect(page.locator(f"#visit-alert-{second.pk}")).to_have_count(1)
    looked_at(page)


def test_what_others_did_meanwhile_is_told_and_photographs_are_not_lost(world: World, sign_in: SignIn) -> None:
    alert = Alert.objects.filter(assigned_to=world.users["grid_worker"], status="assigned").order_by("pk")[0]
    phone = sign_in("grid_worker", "phone")
    phone.goto("/visits/")
    expect(phone.get_by_text("可以离线使用了")).to_be_visible()
    phone.context.set_offline(True)
    visit = open_visit(phone, f"alert-{alert.pk}")
    visit.get_by_text("本人", exact=True).click()
    visit.get_by_text("无需救助").click()
    visit.locator("input[type=file]").set_input_files(photograph(70, 300, 200))
    expect(visit.get_by_text("1 张已存在本机")).to_be_visible()
    visit.get_by_role("button", name="提交").click()
    expect(phone.get_by_text("没有网络：已存在本机")).to_be_visible()
    monitoring.close_alert(alert=alert, by=Actor.of(world.users["town_official"]), outcome="no_need", note="电话核实，儿子已找到工作")

    phone.context.set_offline(False)
    told = phone.locator("[data-queue-list] li")
    expect(told).to_contain_text("已被办结")
    expect(told).to_contain_text("电话核实")
    assert not Visit.objects.filter(alert=alert).exists()
    looked_at(phone)
    told.get_by_role("button", name="只把 1 张照片存入家庭档案").click()
    expect(phone.get_by_text("已发送 1 份，本机的已删去")).to_be_visible()
    assert Document.objects.filter(kind="visit", title__contains=f"预警 {alert.pk}").count() == 1


def test_signing_out_with_something_unsent_asks_first(world: World, sign_in: SignIn) -> None:
    phone = sign_in("grid_worker", "phone")
    phone.goto("/visits/")
    expect(phone.get_by_text("可以离线使用了")).to_be_visible()
    visit = phone.locator("details.visit").first
    visit.locator("summary").first.click()
    visit.locator("input[type=file]").set_input_files({"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"})
    expect(visit.get_by_text("不是照片")).to_be_visible()
    visit.locator("input[type=file]").set_input_files(photograph(10, 300, 200))
    expect(visit.get_by_text("1 张已存在本机")).to_be_visible()
    phone.reload()
    expect(phone.get_by_text("可以离线使用了")).to_be_visible()
    asked: list[str] = []
    phone.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    phone.locator("summary.user-button").click()
    phone.get_by_role("button", name="退出登录").click()
    assert asked and "没发出" in asked[0]
    assert phone.url.endswith("/visits/")
    phone.once("dialog", lambda dialog: dialog.accept())
    phone.get_by_role("button", name="退出登录").click()
    phone.wait_for_url("**/login/")
    assert phone.evaluate("indexedDB.databases().then(all => all.filter(each => each.name === 'visits').length)") == 0


def test_a_full_phone_says_so_and_loses_nothing(world: World, sign_in: SignIn) -> None:
    phone = sign_in("grid_worker", "phone")
    phone.goto("/visits/")
    expect(phone.get_by_text("可以离线使用了")).to_be_visible()
    visit = phone.locator("details.visit").first
    visit.locator("summary").first.click()
    visit.locator("input[type=file]").set_input_files(photograph(10, 300, 200))
    expect(visit.get_by_text("1 张已存在本机")).to_be_visible()
    phone.evaluate("""() => {
        globalThis.room = { add: IDBObjectStore.prototype.add, setItem: Storage.prototype.setItem };
        IDBObjectStore.prototype.add = Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
    }""")
    visit.locator("input[type=file]").set_input_files(photograph(20, 300, 200))
    expect(visit.get_by_text("手机存储满了，这张照片没有存下")).to_be_visible()
    expect(visit.get_by_role("img")).to_have_count(1)
    visit.get_by_label("情况说明").fill("说不完的话")
    expect(phone.locator("[data-app-state]")).to_contain_text("刚才填的没有存下")
    expect(visit.get_by_label("情况说明")).to_have_value("说不完的话")
    phone.evaluate("() => { IDBObjectStore.prototype.add = room.add; Storage.prototype.setItem = room.setItem; }")
    for number in range(5):
        visit.locator("input[type=file]").set_input_files(photograph(30 + number, 300, 200))
        expect(visit.get_by_text(f"{number + 2} 张已存在本机")).to_be_visible()
    visit.locator("input[type=file]").set_input_files(photograph(99, 300, 200))
    expect(visit.get_by_text("一户最多 6 张")).to_be_visible()
    visit.get_by_role("button", name="删去第 6 张").click()
    expect(visit.get_by_text("5 张已存在本机")).to_be_visible()
