"""The data pages: catalogue, batches, upload, quarantine, nights."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minzheng.kernel.feeds.models import Batch
from tests.portals.staff.world import World, deaths_csv

AsRole = Callable[[str], Client]


def send(client: Client, content: bytes, name: str = "死亡.csv", **changes: str) -> object:
    form = {"contract": "deaths", "as_of": "2024-06-01", "file": SimpleUploadedFile(name, content), **changes}
    return client.post("/upload/", form)


def test_upload_takes_a_file_in_and_leaves_nothing_behind(world: World, as_role: AsRole) -> None:
    client = as_role("data_steward")
    response = client.post(
        "/upload/",
        {"contract": "deaths", "as_of": "2024-06-01", "file": SimpleUploadedFile("火化.csv", deaths_csv(3).encode())},
        follow=True,
    )
    html = response.content.decode()
    assert "已入库：读入 8 行" in html and "身份证号校验码不符" in html and "火化.csv" in html
    batch = Batch.objects.latest("id")
    assert (batch.read, batch.quarantined) == (8, 3)
    assert list(settings.HOME.uploads.iterdir()) == []


def test_the_same_file_again_is_recognised(world: World, as_role: AsRole) -> None:
    client = as_role("data_steward")
    assert world.batch
    form = {"contract": "deaths", "as_of": "2024-05-31"}
    file = SimpleUploadedFile("另一个名字.csv", deaths_csv().encode("gb18030"))
    response = client.post("/upload/", {**form, "file": file}, follow=True)
    assert "没有重复入库" in response.content.decode()
    assert Batch.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("空.csv", b"", "空文件"),
        ("图.xlsx", b"\x89PNG\r\n\x1a\n" + b"0" * 64, "不是表格"),
        ("坏.xlsx", b"PK\x03\x04" + b"0" * 64, "坏.xlsx"),
        ("无表头.csv", "一,二,三\n1,2,3\n".encode(), "无表头.csv"),
        ("长" * 200 + ".csv", "一,二\n1,2\n".encode(), "有 1 处需要改"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(
    name: str, content: bytes, said: str, world: World, as_role: AsRole
) -> None:
    client = as_role("data_steward")
    form = {"contract": "deaths", "as_of": "2024-06-01", "file": SimpleUploadedFile(name, content)}
    response = client.post("/upload/", form)
    assert response.status_code == 422 and said in response.content.decode()
    assert Batch.objects.count() == 1
    assert list(settings.HOME.uploads.iterdir()) == []


def test_bad_rows_go_back_as_a_workbook_that_cannot_run(world: World, as_role: AsRole) -> None:
    assert world.batch
    response = as_role("data_steward").get(f"/batches/{world.batch.batch_id}/quarantine.xlsx")
    assert "attachment" in response["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value]
    assert any("校验码不符" in str(cell.value) for cell in cells)
    assert all(cell.data_type != "f" for cell in cells)
    assert not list(settings.HOME.work.glob("tmp*"))


def test_catalogue_contract_batches_and_nights_show_their_figures(world: World, as_role: AsRole) -> None:
    assert world.batch and world.run
    client = as_role("data_steward")
    assert "死亡信息" in client.get("/feeds/").content.decode()
    contract = client.get("/feeds/deaths/").content.decode()
    assert "死者身份证号" in contract and "卫健、殡葬、公安" in contract
    assert client.get("/feeds/nothing/").status_code == 404
    assert client.get("/batches/nothing/").status_code == 404
    assert world.batch.batch_id in client.get("/batches/?contract=deaths").content.decode()
    assert client.get("/batches/?contract=pensions").context["page_obj"].paginator.count == 0
    batch = client.get(f"/batches/{world.batch.batch_id}/").content.decode()
    assert "身份证号校验码不符" in batch and "火化台账2024年5月(定稿).csv" in batch
    assert "比对场景" in client.get(f"/rounds/{world.run.pk}/").content.decode()
