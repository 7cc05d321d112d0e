"""Input that hurts: each gets a clear Chinese error or a reason in quarantine, none a traceback, nothing is lost."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.kernel.feeds import lake
from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.feeds.quarantine import export_quarantine
from minzheng.kernel.feeds.staging import read_quarantine
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.identifiers import make_id

ME = Actor.system("test")
HEAD = "姓名,身份证号,失业登记日期,状态\n"
P = [make_id("320402", date(1980, 1, day), 901) for day in range(1, 25)]


def refused(take: Any, contract: str, content: bytes | str | Path, match: str) -> None:
    with pytest.raises(IntakeError, match=match):
        take(contract, content)
    assert not Batch.objects.exists()


def test_refusals_name_what_and_what_to_do(take: Any, tmp_path: Path) -> None:
    refused(take, "unemployment", "姓名,失业登记日期\n张三,2024-01-01\n", "缺少必需的列:公民身份号码")
    refused(take, "unemployment", "身份证号,公民身份号码,失业登记日期\n1,2,3\n", "有两列都是")
    refused(take, "unemployment", "天气,温度\n晴,20\n", "找不到.*表头")
    refused(take, "unemployment", b"%PDF-1.7 xx", "PDF")
    refused(take, "unemployment", b"\x00\x01\x02\x03" * 500, "不是文本表格|没有内容|找不到")
    refused(take, "unemployment", tmp_path, "文件夹")
    refused(take, "unemployment", tmp_path / "没有.csv", "找不到文件")
    refused(take, "unemploymnt", HEAD, "没有“unemploymnt”.*unemployment")
    refused(take, "unemployment", b"PAR1" + b"x" * 100, "完整|损坏")
    refused(take, "unemployment", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "损坏|读不出来")


def test_truncated_parquet_is_refused(take: Any) -> None:
    out = io.BytesIO()
    pl.DataFrame({"身份证号": P, "失业登记日期": ["2024-01-01"] * len(P)}).write_parquet(out)
    refused(take, "unemployment", out.getvalue()[:-40], "完整|损坏")


def test_zip_bomb_is_refused_before_it_unpacks(take: Any) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (300 << 20))
    refused(take, "unemployment", out.getvalue(), "压缩炸弹")


def test_huge_cell_is_quarantined_or_refused(take: Any) -> None:
    report = take("unemployment", HEAD + f"张三,{P[0]},2024-01-01,在领\n" + "字" * 3_000_000 + f",{P[1]},2024-01-01,在领\n")
    assert report["reasons"] == {"cell_too_long": 1}
    report = take("unemployment", HEAD + "字" * 10_000_000 + f",{P[2]},2024-01-01,在领\n", name="b.csv")
    assert report["reasons"] == {"cell_too_long": 1}
    with pytest.raises(IntakeError, match="MB"):
        take("unemployment", HEAD + '"' + "字" * 30_000_000 + f",{P[1]},2024-01-01,在领\n", name="c.csv")


REASONS = [
    (f"张三,{P[0][:-1]}{'0' if P[0][-1] != '0' else '1'},2024-01-01,在领", "id_checksum"),
    ("张三,3.20402E+17,2024-01-01,在领", "id_excel_mangled"),
    ("张三,,2024-01-01,在领", "id_missing"),
    (f"张三,{P[0][:17]},2024-01-01,在领", "id_length"),
    (f"张三,{make_id('320402', date(2024, 12, 1), 901)},2024-01-01,在领", "id_date"),
    (f"张三,{P[0]},,在领", "missing"),
    (f"张三,{P[0]},1800-01-01,在领", "date_out_of_range"),
    (f"张三,{P[0]},2999-01-01,在领", "date_out_of_range"),
    (f"张三,{P[0]},2024-01-01,飞升", "enum_unknown"),
    (f"张三,{P[0]},2024-01-01,在领,多出来的", "columns_count"),
]


@pytest.mark.parametrize(("row", "reason"), REASONS)
def test_bad_row_goes_to_quarantine_with_its_reason(take: Any, row: str, reason: str) -> None:
    report = take("unemployment", HEAD + row + f"\n李四,{P[1]},2024-02-01,在领\n")
    assert report["reasons"] == {reason: 1}
    assert report["accepted"] == 1


def test_damaged_bytes_cost_only_their_row(take: Any) -> None:
    content = HEAD.encode("gb18030") + f"张三,{P[0]},2024-01-01,在领\n".encode("gb18030")
    content += b"\xff\xfe," + f"{P[1]},2024-01-01,在领\n".encode("gb18030")
    report = take("unemployment", content)
    assert (report["accepted"], report["reasons"]) == (1, {"bad_encoding": 1})


def test_village_that_does_not_exist_and_two_households(take: Any) -> None:
    head = "户号,身份证号,与户主关系,村社区代码\n"
    rows = [f"1,{P[0]},户主,320402001001", f"2,{P[0]},户主,320402001001", f"3,{P[1]},户主,320402999999",
            f"4,{P[2]},户主,320402001001"]  # fmt: skip
    report = take("households", head + "\n".join(rows) + "\n")
    assert report["reasons"] == {"two_households": 2, "village_unknown": 1}
    assert report["accepted"] == 1


def test_death_before_birth(take: Any) -> None:
    report = take("deaths", f"身份证号,死亡日期\n{P[0]},1979-12-31\n")
    assert report["reasons"] == {"death_before_birth": 1}


def test_formula_goes_back_as_text(take: Any, tmp_path: Path) -> None:
    evil = "=cmd|'/C calc'!A0"
    report = take("unemployment", HEAD + f'"{evil}",123,2024-01-01,在领\n@SUM(1),456,2024-01-01,在领\n')
    out = tmp_path / "退回.xlsx"
    assert export_quarantine(batch_id=report["batch"], out=out, by=ME) == 2
    sheet = openpyxl.load_workbook(out).active
    cells = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row if cell.value}
    assert cells[evil] == "s" and cells["@SUM(1)"] == "s"
    assert "f" not in cells.values()
    assert any("身份证号位数不对" in str(value) for value in cells)


def test_mended_quarantine_file_is_taken_in(take: Any, tmp_path: Path) -> None:
    report = take("unemployment", HEAD + f"张三,{P[0][:17]},2024-01-01,在领\n")
    out = tmp_path / "退回.xlsx"
    export_quarantine(batch_id=report["batch"], out=out, by=ME)
    book = openpyxl.load_workbook(out)
    book.active.cell(3, 2).value = P[0]
    book.save(out)
    assert take("unemployment", out)["accepted"] == 1


def test_quarantine_on_disk_shows_no_id_number(take: Any, home: Any) -> None:
    report = take("unemployment", HEAD + f"张三,{P[0]},1800-01-01,在领\n李四,{P[1]},2024-01-01,在领\n")
    chunk = next(iter(read_quarantine("unemployment", report["batch"])))
    assert chunk["1"].to_list() == [P[0]]
    for path in home.root.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert P[0].encode() not in data and P[1].encode() not in data, path


def test_a_correction_counts_from_its_date_on(take: Any) -> None:
    take("unemployment", HEAD + f"张三,{P[0]},2024-01-01,在领\n", as_of=date(2024, 1, 31))
    report = take("unemployment", HEAD + f"张三,{P[0]},2024-01-01,已就业\n", as_of=date(2024, 3, 31))
    assert report["accepted"] == 1
    assert lake.scan("unemployment", date(2024, 2, 1)).collect()["status"].to_list() == ["receiving"]
    assert lake.scan("unemployment", date(2024, 4, 1)).collect()["status"].to_list() == ["reemployed"]
    # An older delivery that arrives late does not win, and is there for its own time.
    late = take("unemployment", HEAD + f"张三,{P[0]},2024-01-01,停领\n", as_of=date(2024, 2, 15), name="late.csv")
    assert late["accepted"] == 1
    assert lake.scan("unemployment", date(2024, 4, 1)).collect()["status"].to_list() == ["reemployed"]
    assert lake.scan("unemployment", date(2024, 2, 20)).collect()["status"].to_list() == ["stopped"]
    again = take("unemployment", HEAD + f"张三,{P[0]},2024-01-01,已就业\n\n", as_of=date(2024, 4, 30), name="again.csv")
    assert (again["accepted"], again["duplicates"]) == (0, 1)


cells = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\r\n\x00"), max_size=12)
rows = st.lists(st.tuples(cells, st.sampled_from([*P, "x", ""]), cells, cells), min_size=1, max_size=12)


@given(rows)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_counts_add_up_whatever_the_rows(take: Any, table: list[tuple[str, ...]]) -> None:
    body = "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in table)
    try:
        report = take("unemployment", HEAD + body)
    except IntakeError:
        return  # nothing in it was a data row
    assert report["read"] == report["accepted"] + report["quarantined"] + report["duplicates"] <= len(table)
    if "already" not in report:
        assert sum(report["reasons"].values()) == report["quarantined"]
