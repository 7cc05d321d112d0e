"""A delivery's way: the data steward uploads a file with bad rows and takes them away for the sender."""

from __future__ import annotations

import io

import openpyxl
import pytest
from playwright.sync_api import expect

from minzheng.kernel.feeds.models import Batch
from tests.journeys.conftest import SignIn
from tests.portals.staff.world import World, deaths_csv

pytestmark = pytest.mark.journey


def test_upload_reasons_and_quarantine(world: World, sign_in: SignIn) -> None:
    page = sign_in("data_steward")
    page.get_by_role("link", name="上传").click()
    page.get_by_label("哪一类数据").select_option(value="deaths")
    page.get_by_label("数据截至").fill("2024-06-01")
    broken = {"name": "半截.xlsx", "mimeType": "application/octet-stream", "buffer": b"PK\x03\x04" + b"0" * 40}
    page.locator("input[type=file]").set_input_files(broken)  # type: ignore[arg-type]
    page.get_by_role("button", name="检查并入库").click()
    expect(page.get_by_role("alert")).to_contain_text("半截.xlsx")

    sent = {"name": "火化台账6月.csv", "mimeType": "text/csv", "buffer": deaths_csv(4).encode("gb18030")}
    page.locator("input[type=file]").set_input_files(sent)  # type: ignore[arg-type]
    page.get_by_role("button", name="检查并入库").click()
    expect(page.get_by_role("status")).to_contain_text("读入 9 行")
    expect(page.get_by_text("身份证号校验码不符")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载隔离行").click()
    book = openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes()))
    rows = list(book.active.iter_rows(min_row=3, values_only=True))
    assert len(rows) == 4 and all("校验码不符" in str(row[-1]) for row in rows)
    assert "死亡信息" in waiting.value.suggested_filename
    assert Batch.objects.latest("id").quarantined == 4
