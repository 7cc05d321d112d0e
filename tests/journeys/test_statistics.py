"""A month's statistics by two people, locked, put right as a revision; a report made, taken out, and its text held against the page."""

from __future__ import annotations

import io
import re

import docx
import pytest
from playwright.sync_api import Page, expect

from minzheng.kernel.foundation.jobs.actions import do_now
from minzheng.kernel.foundation.models import Job
from minzheng.kernel.indicators.reports.models import Report
from minzheng.kernel.indicators.statistics.models import StatisticTable
from tests.journeys.conftest import SignIn
from tests.portals.staff.world import World

pytestmark = pytest.mark.journey
MONTH = "2024-05"


def decide(page: Page, note: str) -> None:
    page.get_by_label("确认说明").fill(note)
    page.get_by_role("button", name=re.compile("确认并锁定")).click()


def test_a_month_is_prepared_confirmed_locked_and_corrected(sign_in: SignIn, world: World) -> None:
    clerk, leader = sign_in("city_official"), sign_in("bureau_leader")
    clerk.goto("/statistics/")
    clerk.get_by_role("link", name=MONTH).click()
    clerk.get_by_role("button", name=re.compile("编制并送确认")).click()
    expect(clerk.locator("main")).to_contain_text("待确认")
    expect(clerk.get_by_role("button", name=re.compile("确认并锁定"))).to_have_count(0)

    leader.goto(f"/statistics/{MONTH}/")
    decide(leader, "各项已核对")
    expect(leader.locator("main")).to_contain_text("已锁定")
    first = StatisticTable.objects.get()
    assert first.is_locked and (first.prepared_by, first.confirmed_by) == ("city_official", "bureau_leader")

    programme = first.rows.exclude(programme="").values_list("programme", flat=True).first()
    clerk.goto(f"/statistics/{MONTH}/")
    clerk.get_by_text("提出更正", exact=True).first.click()
    clerk.get_by_label("改一个数").check()
    clerk.get_by_label("项目").last.select_option(programme or "")
    clerk.get_by_label("镇（街道）代码").fill(f"{world.village.code[:9]}000")
    clerk.get_by_label("栏目").select_option("paid_fen")
    clerk.get_by_label("更正为（金额以元计）").fill("123.45")
    clerk.get_by_label("更正原因").fill("漏记一笔补发")
    clerk.get_by_role("button", name=re.compile("提出更正")).click()
    expect(clerk.locator("main")).to_contain_text("¥123.45")
    expect(clerk.locator("main")).to_contain_text("不是现行版次")

    leader.goto(f"/statistics/{MONTH}/?revision=2")
    decide(leader, "凭证已核对")
    expect(leader.locator("main")).to_contain_text("漏记一笔补发")
    leader.goto(f"/statistics/{MONTH}/?revision=1")
    expect(leader.locator("main")).to_contain_text("不是现行版次")
    assert [(t.revision, t.is_locked) for t in StatisticTable.objects.order_by("revision")] == [(1, True), (2, True)]


def test_a_report_is_made_and_says_what_its_page_says(sign_in: SignIn, world: World) -> None:
    page = sign_in("city_official")
    page.goto("/reports/")
    page.get_by_label("月份").fill(MONTH)
    page.get_by_role("button", name="生成").click()
    expect(page.locator("#progress")).to_contain_text(MONTH)
    do_now(Job.objects.latest("pk"))
    report = Report.objects.latest("pk")
    page.goto(f"/reports/{report.pk}/")
    cells = page.locator("table").first.locator("tbody tr")
    shown = {cells.nth(n).locator("td").nth(0).inner_text().split()[0]: cells.nth(n).locator("td").nth(2).inner_text().strip() for n in range(cells.count())}
    assert len(shown) > 25
    with page.expect_download() as taken:
        page.get_by_role("link", name="Word").click()
    path = taken.value.path()
    paper = docx.Document(io.BytesIO(path.read_bytes()))
    rows = next(table for table in paper.tables if table.cell(0, 0).text == "编号").rows
    assert {row.cells[0].text: row.cells[3].text for row in list(rows)[1:]} == shown
    for name in ("PDF", re.compile("Excel")):
        with page.expect_download() as taken:
            page.get_by_role("link", name=name).click()
        assert taken.value.path().stat().st_size > 5_000
    page.get_by_role("link", name="T09a").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("9")
