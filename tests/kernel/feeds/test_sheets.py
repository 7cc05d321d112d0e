"""Workbooks: known by their bytes, wherever the table stands in them; several sheets, merged cells, damage."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
import xlwt

from minzheng.kernel.feeds import lake, workbook
from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.foundation.identifiers import make_id
from minzheng.kernel.foundation.keys import pseudonymiser

AS_OF = date(2024, 5, 31)
SAMPLES = Path(__file__).parents[2] / "data" / "samples"
HEAD = ["姓名", "身份证号", "失业登记日期", "状态"]
P = [make_id("320402", date(1980, 1, day), 901) for day in range(1, 25)]


def row(n: int) -> list[str]:
    return ["张三", P[n], "2024-03-01", "在领"]


def book(fill: Callable[[Any], None]) -> bytes:
    made = openpyxl.Workbook()
    fill(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize("name", ["a.xls", "a.xlsx", "a.csv", "a.parquet", "没有后缀"])
def test_a_file_is_what_its_bytes_are(take: Any, name: str) -> None:
    xlsx = book(lambda b: [b.active.append(r) for r in [HEAD, row(0)]])
    assert take("unemployment", xlsx, name=name)["accepted"] == 1
    old = xlwt.Workbook()
    sheet = old.add_sheet("1")
    for r, cells in enumerate([HEAD, row(1)]):
        for c, cell in enumerate(cells):
            sheet.write(r, c, cell)
    out = io.BytesIO()
    old.save(out)
    assert take("unemployment", out.getvalue(), name=name)["accepted"] == 1
    out = io.BytesIO()
    pl.DataFrame([row(2)], schema=HEAD, orient="row").write_parquet(out)
    assert take("unemployment", out.getvalue(), name=name)["accepted"] == 1


def test_a_table_that_starts_at_d5(take: Any) -> None:
    def fill(made: Any) -> None:
        for r, cells in enumerate([HEAD, row(0), ["李四", "123", "2024-01-01", "在领"], row(1)], start=5):
            for c, cell in enumerate(cells, start=4):
                made.active.cell(r, c).value = cell

    report = take("unemployment", book(fill))
    assert (report["read"], report["accepted"]) == (3, 2)
    sheet = Batch.objects.get().layout["sheets"][0]
    assert sheet["header_row"] == 5 and sheet["labels"] == ["", "", "", *HEAD]


def test_sheets_with_the_header_are_read_others_named(take: Any) -> None:
    def fill(made: Any) -> None:
        made.active.title = "说明"
        made.active.append(["本表由系统导出"])
        for number, title in enumerate(["一月", "二月", "隐藏"]):
            sheet = made.create_sheet(title)
            sheet.append([f"{title}失业人员"] if number else HEAD)
            for cells in [HEAD, row(2 * number), row(2 * number + 1)]:
                sheet.append(cells)
        made["隐藏"].sheet_state = "hidden"
        made.create_sheet("汇总").append(["状态", "失业金标准", "人数"])
        made.create_chartsheet("图")

    report = take("unemployment", book(fill))
    assert (report["read"], report["accepted"]) == (4, 4)
    layout = Batch.objects.get().layout
    assert [sheet["sheet"] for sheet in layout["sheets"]] == ["一月", "二月"]
    assert set(layout["skipped"]) == {"说明", "隐藏", "汇总"}


def test_a_sheet_of_people_with_a_column_too_few_is_not_passed_over(take: Any) -> None:
    def fill(made: Any) -> None:
        made.active.append(HEAD)
        made.active.append(row(0))
        second = made.create_sheet("二月")
        second.append(["姓名", "身份证号", "状态"])
        second.append(["李四", P[1], "在领"])

    with pytest.raises(IntakeError, match="工作表“二月”:缺少必需的列:失业登记日期"):
        take("unemployment", book(fill))
    assert not Batch.objects.exists()


def test_one_household_number_merged_over_its_members(take: Any) -> None:
    def fill(made: Any) -> None:
        made.active.append(["户号", "身份证号", "与户主关系", "村社区代码"])
        for n, relation in enumerate(["户主", "配偶", "子", "户主"]):
            made.active.append(["H1" if n < 3 else "H2", P[n], relation, "320402001001"])
        made.active.merge_cells("A2:A4")
        made.active.merge_cells("D2:D5")

    assert take("households", book(fill))["accepted"] == 4
    homes = lake.scan("households", AS_OF).collect()
    assert homes.group_by("household_key").len()["len"].sort().to_list() == [1, 3]
    assert homes["village_code"].unique().to_list() == [320402001001]


def test_cells_of_every_kind(take: Any) -> None:
    head = ["姓名", "身份证号", "失业登记日期", "失业金标准", "状态"]
    people = [int(p) for p in P if p.isdigit()][:1] + [p for p in P if p.isdigit()][:4]
    dates: list[Any] = [date(2024, 3, 1), datetime(2024, 3, 1, 10, 30), 45352, "45352", 20240301]

    def fill(made: Any) -> None:
        made.active.append(head)
        for person, day, money in zip(people, dates, [1, 1691.5, "1,691.50", 1691.5, 1e3], strict=True):
            made.active.append(["张三", person, day, money, "在领"])

    report = take("unemployment", book(fill))
    assert report["reasons"] == {"id_excel_mangled": 1}, "a number of 18 digits has lost its last three in Excel"
    rows = lake.scan("unemployment", AS_OF).collect()
    assert rows["registered_on"].unique().to_list() == [date(2024, 3, 1)]
    assert sorted(rows["benefit_monthly_fen"]) == [100_000, 169_150, 169_150, 169_150]
    assert set(rows["person_key"]) == {pseudonymiser().of(p) for p in people[1:]}


@pytest.mark.parametrize(
    ("cell", "text"),
    [(None, ""), (True, "是"), (False, "否"), (1.0, "1"), (0.5, "0.5"), (3.20402e17, "3.20402e+17"), (date(2024, 1, 2), "2024-01-02"),
     (datetime(2024, 1, 2), "2024-01-02"), (datetime(2024, 1, 2, 3, 4), "2024-01-02 03:04:00"), (timedelta(hours=30), "1 day, 6:00:00")],
)  # fmt: skip
def test_cell_as_the_sender_sees_it(cell: Any, text: str) -> None:
    assert workbook.cell_text(cell) == text


def test_two_cells_in_far_corners_do_not_take_all_memory(take: Any) -> None:
    def fill(made: Any) -> None:
        made.active.append(HEAD)
        made.active.append(row(0))
        made.active.cell(1_048_576, 16_384).value = "x"

    with pytest.raises(IntakeError, match="伸展"):
        take("unemployment", book(fill))


def test_a_locked_or_lying_archive_is_refused(take: Any) -> None:
    sound = book(lambda b: [b.active.append(r) for r in [HEAD, row(0)]])
    place = sound.index(b"xl/worksheets/sheet1.xml")
    lying = bytearray(sound)
    lying[place + 60] ^= 0xFF  # inside the compressed sheet
    with pytest.raises(IntakeError, match="损坏"):
        take("unemployment", bytes(lying))


@pytest.mark.parametrize("name", ["残疾人证信息.xls", "殡仪馆火化台账2024年4月.xlsx", "医保结算202404.csv"])
def test_damage_anywhere_is_refused_or_quarantined(take: Any, name: str) -> None:
    content = (SAMPLES / name).read_bytes()
    contract = {"残": "disability_certificates", "殡": "deaths", "医": "medical_settlements"}[name[0]]
    dice = random.Random(name)
    for _ in range(12):
        damaged = bytearray(content)
        for _ in range(dice.choice([1, 5, 30])):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        if dice.random() < 0.3:
            damaged = damaged[: dice.randrange(1, len(damaged))]
        try:
            report = take(contract, bytes(damaged))
        except IntakeError as refusal:
            assert any("一" <= character <= "鿿" for character in str(refusal))
        else:
            assert report["read"] == report["accepted"] + report["quarantined"] + report["duplicates"]
