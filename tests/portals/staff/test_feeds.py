"""The data pages: catalogue, batches, upload, quarantine, nights."""

from __future__ import annotations

import fcntl
import io
from collections.abc import Callable
from datetime import date

import openpyxl
import polars as pl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minzheng.kernel.feeds import delivery, lake
from minzheng.kernel.feeds.contracts import contracts
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.foundation.identifiers import make_id
from minzheng.kernel.foundation.jobs.actions import do_now
from minzheng.kernel.foundation.models import Job, RoundRun
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.registry.models import Fact, Person
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


def mended(workbook: bytes) -> bytes:
    """The workbook with a sound ID number in each row."""
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    for number, row in enumerate(book.active.iter_rows(min_row=3)):
        row[1].value = make_id("320421", date(1942, 3, 1 + number), 31 + 2 * number)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_bad_rows_come_back_mended_on_the_page_of_their_batch(world: World, as_role: AsRole) -> None:
    assert world.batch
    client, page = as_role("data_steward"), f"/batches/{world.batch.batch_id}/"
    assert client.get(page).context["open_rows"] == 2
    workbook = b"".join(client.get(f"{page}quarantine.xlsx").streaming_content)  # type: ignore[attr-defined]
    untouched = client.post(f"{page}correction/", {"file": SimpleUploadedFile("退回.xlsx", workbook)})
    assert untouched.status_code == 422 and "没有改动过的行" in untouched.content.decode()
    done = client.post(f"{page}correction/", {"file": SimpleUploadedFile("更正.xlsx", mended(workbook))}, follow=True)
    supplement = Batch.objects.latest("id")
    assert supplement.corrects == world.batch and f"/batches/{supplement.batch_id}/" in done.redirect_chain[-1][0]
    html = done.content.decode()
    assert "已入库：读入 2 行" in html and world.batch.batch_id in html and "已全部更正" in html
    after = client.get(page)
    assert after.context["open_rows"] == 0 and supplement.batch_id in after.content.decode() and "0</b> 行未更正" in after.content.decode()


def test_a_large_upload_shows_its_progress_to_its_sender_alone(world: World, as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "AT_ONCE", -1)
    client = as_role("data_steward")
    sent = client.post("/upload/", {"contract": "deaths", "as_of": "2024-06-01", "file": SimpleUploadedFile("大.csv", deaths_csv(3).encode())})
    job = Job.objects.latest("id")
    assert sent["Location"] == f"/upload/{job.pk}/"
    assert "排队中" in client.get(sent["Location"]).content.decode() and "大.csv" in client.get("/upload/").content.decode()
    assert as_role("city_official").get(sent["Location"]).status_code == 404
    Job.objects.filter(pk=job.pk).update(state="running", done=4, total=9, message=delivery.CHECKING)
    assert "已检查 4 行，共约 9 行" in client.get(sent["Location"]).content.decode()
    do_now(job)
    assert client.get(sent["Location"])["Location"].startswith("/batches/deaths-")
    Job.objects.filter(pk=job.pk).update(state="failed", message="表头不对")
    failed = client.get(sent["Location"]).content.decode()
    assert "表头不对" in failed and "/upload/?contract=deaths" in failed


def test_a_form_sent_twice_is_one_upload(world: World, as_role: AsRole) -> None:
    client, before = as_role("data_steward"), Job.objects.count()
    for _ in range(2):
        assert send(client, deaths_csv(3).encode(), form_token="t1").status_code == 302  # type: ignore[attr-defined]
    assert Job.objects.count() == before + 1


def test_trends_and_reasons_over_time_stand_on_the_feed_pages(world: World, as_role: AsRole) -> None:
    client = as_role("data_steward")
    assert "2024-05-31 71.42%" in client.get("/feeds/").content.decode()
    row = client.get("/feeds/deaths/").context["reasons"]
    assert [(line["code"], line["sum"], line["cells"]) for line in row] == [("id_checksum", 2, [(2, 4)])]
    assert {line["entry"].contract.name for line in client.get("/feeds/?show=never").context["rows"]} == set(contracts()) - {"deaths"}


def test_a_night_that_broke_off_is_told_from_one_that_runs(world: World, as_role: AsRole) -> None:
    assert world.run
    client = as_role("data_steward")
    for status, busy, said in (("failed", False, "原因：比对：磁盘满"), ("running", False, "中途断掉"), ("running", True, "正在跑")):
        RoundRun.objects.filter(pk=world.run.pk).update(status=status, error="比对：磁盘满" if status == "failed" else "")
        (settings.HOME.work / "night.lock").touch()
        with (settings.HOME.work / "night.lock").open("w") as handle:
            if busy:
                fcntl.flock(handle, fcntl.LOCK_EX)
            assert said in client.get(f"/rounds/{world.run.pk}/").content.decode()


def test_a_figure_leads_back_to_its_batches_and_a_batch_forward_inside_the_jurisdiction(world: World, as_role: AsRole) -> None:
    assert world.batch and world.outside_alert
    person = world.alerts[0].person
    source = {"source": "卫健《死亡信息》", "as_of": "2024-05-31", "batch": world.batch.batch_id}
    frame = pl.read_parquet(lake.batch_paths(world.batch))
    for alert, key in ((world.alerts[0], 0), (world.outside_alert, 1)):
        Person.objects.filter(pk=alert.person_id).update(person_key=frame["person_key"][key])
        Alert.objects.filter(pk=alert.pk).update(evidence=[{"label": "去世", "value": "2024-05-10", **source}], raised_on="2024-06-01")
    Fact.objects.filter(person=person, kind="pension").update(source_batch=world.batch.batch_id)
    worker = as_role("grid_worker").get(f"/alerts/{world.alerts[0].pk}/sources/").content.decode()
    assert world.batch.batch_id in worker and f"/batches/{world.batch.batch_id}/" not in worker
    assert f"/alerts/{world.alerts[0].pk}/sources/#deaths" in as_role("grid_worker").get(f"/alerts/{world.alerts[0].pk}/").content.decode()
    uses = f"/batches/{world.batch.batch_id}/uses/"
    district, steward = as_role("district_official").get(uses), as_role("data_steward").get(uses)
    assert district.context["alert_count"] == 1 and [row.alert.pk for row in district.context["alerts"]] == [world.alerts[0].pk]
    assert steward.context["alert_count"] == 2 and steward.context["alerts"] == []
    assert district.context["facts"] == [("养老待遇", 1, 1)]
