"""Bad rows go back to their sender as they were, with the reason; mended, they come in."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from minzheng.kernel.feeds import lake, quarantine
from minzheng.kernel.feeds.contracts import contracts
from minzheng.kernel.feeds.errors import IntakeError, UnknownName
from minzheng.kernel.feeds.quarantine import export_quarantine, reasons_in_words
from minzheng.kernel.feeds.reasons import SENTENCES
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.identifiers import make_id
from minzheng.kernel.foundation.models import AuditEntry

ME = Actor.system("test")
HEAD = "姓名,身份证号,失业登记日期,状态\n"
P = [make_id("320402", date(1980, 1, day), 901) for day in range(1, 25)]


def give_back(report: dict[str, Any], folder: Path) -> openpyxl.Workbook:
    out = folder / "退回.xlsx"
    assert export_quarantine(batch_id=report["batch"], out=out, by=ME) == report["quarantined"]
    return openpyxl.load_workbook(out)


def test_cells_row_number_and_every_reason(take: Any, tmp_path: Path) -> None:
    report = take("unemployment", HEAD + f"张三,{P[0]},2024-01-01,在领\n李四,123,1800-01-01,飞升\n")
    assert report["reasons"] == {"id_length": 1}, "counted once, under the first reason"
    head, labels, row = give_back(report, tmp_path).active.iter_rows(values_only=True)
    assert report["batch"] in head[0] and "失业登记" in head[0]
    assert labels == ("姓名", "身份证号", "失业登记日期", "状态", "行号", "隔离原因")
    assert row[:5] == ("李四", "123", "1800-01-01", "飞升", "3")
    for code, column in [("id_length", "公民身份号码"), ("date_out_of_range", "失业登记日期"), ("enum_unknown", "状态")]:
        assert f"【{column}】{SENTENCES[code]}" in row[5]
    assert AuditEntry.objects.filter(verb="feeds.quarantine").count() == 1


@pytest.mark.parametrize("mark", ["=", "+", "-", "@", "\t=", "\r="])
def test_nothing_in_it_can_run(take: Any, tmp_path: Path, mark: str) -> None:
    report = take("unemployment", HEAD + f"\"{mark}cmd|'/C calc'!A0\",123,2024-01-01,在领\n")
    sheet = give_back(report, tmp_path).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert sheet.cell(3, 1).value == f"{mark}cmd|'/C calc'!A0".replace("\r", "\n")


def test_two_header_rows_mended_and_taken_in(take: Any, tmp_path: Path) -> None:
    lines = ["所有人信息,,车辆信息,", "姓名,证件号码,号牌号码,机动车状态", f"张三,{P[0][:17]},苏D1,正常"]
    book = give_back(take("vehicles", "\n".join(lines)), tmp_path)
    assert [cell.value for cell in book.active[2]][:4] == ["姓名", "证件号码", "号牌号码", "机动车状态"]
    book.active.cell(3, 2).value = P[0]
    out = io.BytesIO()
    book.save(out)
    assert take("vehicles", out.getvalue(), name="mended.xlsx")["accepted"] == 1


def test_a_unit_above_the_table_comes_back_with_the_rows(take: Any, tmp_path: Path) -> None:
    lines = ["单位:万元,,", "统一社会信用代码,身份证号,注册资本", f"91350100M000100Y43,{P[0][:17]},12.5"]
    book = give_back(take("market_entities", "\n".join(lines)), tmp_path)
    assert book.active.cell(2, 3).value == "注册资本(万元)"
    book.active.cell(3, 2).value = P[0]
    out = io.BytesIO()
    book.save(out)
    take("market_entities", out.getvalue(), name="mended.xlsx")
    assert lake.scan("market_entities", date(2024, 5, 31)).collect()["capital_fen"].to_list() == [12_500_000]


def test_rows_of_each_sheet_on_a_page_of_its_own(take: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MAX_ROWS", 4)
    made = openpyxl.Workbook()
    for sheet in (made.active, made.create_sheet("二月"), made.create_sheet("长" * 31)):
        sheet.append(HEAD.strip().split(","))
        for n in range(3):
            sheet.append(["张三", str(n), "2024-01-01", "在领"])
    out = io.BytesIO()
    made.save(out)
    book = give_back(take("unemployment", out.getvalue()), tmp_path)
    rows = [row for sheet in book for row in sheet.iter_rows(min_row=3, values_only=True)]
    assert len(rows) == 9 and len(book.sheetnames) == 6, "two rows a page here"
    assert all(sheet.cell(2, 1).value == "姓名" for sheet in book)


def test_characters_that_no_workbook_holds(take: Any, tmp_path: Path) -> None:
    report = take("unemployment", HEAD + "张\x01\x0b三\uffff,123,2024-01-01,在领\n" + "字" * 40_000 + ",456,2024-01-01,在领\n")
    cells = [row[0].value for row in give_back(report, tmp_path).active.iter_rows(min_row=3)]
    assert cells[0] == "张��三�" and len(cells[1]) == 32_000


def test_synthetic_rows_are_marked_on_the_export(take: Any, tmp_path: Path) -> None:
    report = take("deaths", f"火化台账(合成数据),,\n身份证号,死亡日期\n{P[0][:17]},2024-01-01\n")
    assert "合成" in give_back(report, tmp_path).active.cell(1, 1).value


def test_refusals(take: Any, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="没有批次“x”"):
        export_quarantine(batch_id="x", out=tmp_path / "a.xlsx", by=ME)
    sound = take("unemployment", HEAD + f"张三,{P[0]},2024-01-01,在领\n")
    with pytest.raises(IntakeError, match="没有隔离的行"):
        export_quarantine(batch_id=sound["batch"], out=tmp_path / "a.xlsx", by=ME)
    bad = take("unemployment", HEAD + "张三,123,2024-01-01,在领\n")
    for out, said in [(tmp_path / "a.csv", "xlsx"), (tmp_path / "没有" / "a.xlsx", "文件夹不存在"), (tmp_path / "d.xlsx", "写不了")]:
        (tmp_path / "d.xlsx").mkdir(exist_ok=True)
        with pytest.raises(IntakeError, match=said):
            export_quarantine(batch_id=bad["batch"], out=out, by=ME)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("code", SENTENCES)
def test_every_sentence_says_what_to_do(code: str) -> None:
    assert "请" in reasons_in_words(f"{code}@person_id", contracts()["deaths"])
