"""A delivery's way: a file with bad rows goes in, its bad rows go to the sender and come back mended, none stays open."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from datetime import date

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from minzheng.kernel.feeds import delivery
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.foundation.identifiers import make_id
from minzheng.kernel.foundation.jobs.actions import work_off
from tests.journeys.conftest import SignIn
from tests.portals.staff.world import World, deaths_csv

pytestmark = pytest.mark.journey
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def worker(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Uploads wait for a worker, which begins when the event is set; it ends with the test."""
    monkeypatch.setattr(delivery, "AT_ONCE", -1)
    begin, end = threading.Event(), threading.Event()

    def run() -> None:
        begin.wait()
        work_off(lambda: not end.is_set())

    thread = threading.Thread(target=run)
    thread.start()
    yield begin
    end.set()
    begin.set()
    thread.join()


def choose(page: Page, name: str, content: bytes, kind: str = "text/csv") -> None:
    file = {"name": name, "mimeType": kind, "buffer": content}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]


def mended(workbook: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    for number, row in enumerate(book.active.iter_rows(min_row=3)):
        row[1].value = make_id("320421", date(1943, 4, 1 + number), 41 + 2 * number)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_bad_rows_go_out_and_come_back_mended(world: World, sign_in: SignIn) -> None:
    page = sign_in("data_steward")
    page.get_by_role("link", name="上传").click()
    page.get_by_label("哪一类数据").select_option(value="deaths")
    page.get_by_label("数据截至").fill("2024-06-01")
    choose(page, "半截.xlsx", b"PK\x03\x04" + b"0" * 40, XLSX)
    page.get_by_role("button", name="检查并入库").click()
    expect(page.get_by_role("alert")).to_contain_text("半截.xlsx")
    expect(page.get_by_label("数据截至")).to_have_value("2024-06-01")

    choose(page, "火化台账6月.csv", deaths_csv(4).encode("gb18030"))
    page.get_by_role("button", name="检查并入库").click()
    expect(page.get_by_role("status").filter(has_text="已入库")).to_contain_text("读入 9 行")
    expect(page.get_by_text("身份证号校验码不符")).to_be_visible()
    expect(page.locator("#coming-back")).to_contain_text("4 行还没有更正")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载隔离行").click()
    workbook = waiting.value.path().read_bytes()
    rows = list(openpyxl.load_workbook(io.BytesIO(workbook)).active.iter_rows(min_row=3, values_only=True))
    assert len(rows) == 4 and all("校验码不符" in str(row[-1]) for row in rows)
    assert "死亡信息" in waiting.value.suggested_filename

    choose(page, "没有改.xlsx", workbook, XLSX)
    page.get_by_role("button", name="检查并入库").click()
    expect(page.get_by_role("alert")).to_contain_text("没有改动过的行")
    choose(page, "更正.xlsx", mended(workbook), XLSX)
    page.get_by_role("button", name="检查并入库").click()
    expect(page.get_by_role("status").filter(has_text="已入库")).to_contain_text("读入 4 行，采纳 4 行")
    page.get_by_role("link", name="deaths-20240601-0001").first.click()
    expect(page.locator("#coming-back")).to_contain_text("0 行未更正")
    assert Batch.objects.latest("id").corrects == Batch.objects.get(batch_id="deaths-20240601-0001")


def test_a_large_upload_shows_how_far_it_is_and_can_be_left(world: World, sign_in: SignIn, worker: threading.Event) -> None:
    page = sign_in("data_steward", size="phone")
    page.goto("/upload/?contract=deaths")
    page.get_by_label("数据截至").fill("2024-06-01")
    choose(page, "大文件.csv", deaths_csv(3).encode())
    page.get_by_role("button", name="检查并入库").click()
    expect(page.locator("#progress")).to_contain_text("排队中")
    address = page.url
    page.goto("/upload/")
    expect(page.locator("#uploads")).to_contain_text("大文件.csv")
    expect(page.locator("#uploads")).to_contain_text("排队中")
    page.goto(address)
    worker.set()
    expect(page.get_by_role("status").filter(has_text="已入库")).to_contain_text("读入 8 行", timeout=20_000)
    page.goto("/upload/")
    expect(page.locator("#uploads .chip-green")).to_have_count(2)


def test_upload_without_scripts(world: World, sign_in: SignIn) -> None:
    page = sign_in("data_steward", scripts=False)
    page.goto("/upload/?contract=deaths")
    page.get_by_label("数据截至").fill("2024-06-01")
    choose(page, "火化.csv", deaths_csv(1).encode())
    page.get_by_role("button", name="检查并入库").click()
    expect(page.get_by_role("status").filter(has_text="已入库")).to_contain_text("读入 6 行")
