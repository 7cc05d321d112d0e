"""What stands among and below the data: never read as data, and no data row ever passes for it."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.kernel.feeds.contracts import contracts
from minzheng.kernel.feeds.footers import data_rows
from minzheng.kernel.feeds.header import find_header
from minzheng.kernel.foundation.identifiers import make_id

CONTRACT = contracts()["unemployment"]
HEAD = ["序号", "姓名", "身份证号", "失业登记日期", "失业原因", "失业金标准"]
P = make_id("320402", date(1980, 1, 1), 901)
DATA = ["1", "张三", P, "2024-01-01", "合同到期", "1691"]

NOT_DATA = [
    ["", "", "", "", "", ""],
    ["7", "", "", "", "", ""],
    ["合计", "", "", "", "", "10149"],
    ["合 计:", "40人", "", "", "", "10,149.00"],
    ["合计 40 人", "", "", "", "", ""],
    ["", "总计", "", "", "", "10149"],
    ["小计(本页)", "", "", "", "", "5000"],
    ["本页小计", "", "", "", "", "5000"],
    ["共 40 人", "", "", "", "", ""],
    ["制表人:王芳", "", "", "审核人:李明", "", ""],
    ["制表人:", "王芳", "", "填报日期:", "2024-05-31", ""],
    ["制表 王芳", "", "", "复核 李明", "", ""],
    ["审核(签字)", "", "", "", "", ""],
    ["填报单位(盖章):市人社局", "", "", "", "", ""],
    ["单位负责人:", "", "", "", "联系电话:051985681234", ""],
    ["", "", "联系电话:051985681234", "", "", ""],
    ["注:本表由人社局填报", "", "", "", "", ""],
    ["备注", "", "", "", "", ""],
    ["说明:1.本表一式两份;2.按月报送。", "", "", "", "", ""],
    ["", "以上数据由市人力资源和社会保障局提供", "", "", "", ""],
    ["以下空白", "", "", "", "", ""],
    ["第 1 页 共 3 页", "", "", "", "", ""],
    HEAD,
    [" 序号", "姓名 ", "身份证号", "失业登记日期", "失业原因", ""],
    ["1", "2", "3", "4", "5", "6"],
    ["甲", "乙", "丙", "1", "2", "3"],
]
STILL_DATA = [
    ["2", "李四", "", "2024-01-01", "合同到期", "1691"],
    ["3", "", "", "2024-01-01", "", ""],
    ["4", "王五", "无", "2024-01-01", "", "1691"],
    ["5", "赵六", "3.20402E+17", "2024-01-01", "", ""],
    ["", "计生", "", "2024-01-01", "合同到期", "1691"],
    ["总务科", "张三", "", "2024-01-01", "合同到期", "1691"],
    ["打印店", "张三", "", "2024-01-01", "单位解除", "1691"],
    ["主管局", "张三", "", "2024-01-01", "单位解除", "1691"],
    ["合计", "张三", P, "2024-01-01", "合同到期", "1691"],
    ["制表人:", "张三", P, "2024-01-01", "", ""],
    ["6", "张三", f"证号:{P}", "2024-01-01", "", ""],
    ["", "李四", "", "", "", ""],
]


def kept(rows: list[list[str]]) -> list[bool]:
    header = find_header([HEAD, DATA], CONTRACT)
    assert header is not None
    cells = pl.DataFrame(rows, schema={str(c): pl.String for c in range(len(HEAD))}, orient="row")
    return data_rows(cells, header, CONTRACT).to_list()


@pytest.mark.parametrize("row", NOT_DATA)
def test_not_data(row: list[str]) -> None:
    assert kept([DATA, row, DATA]) == [True, False, True]


@pytest.mark.parametrize("row", STILL_DATA)
def test_still_data(row: list[str]) -> None:
    assert kept([DATA, row, DATA]) == [True, True, True]


names = st.text("张王李赵陈杨吴徐朱高林合总小审单主注日共制填备说", min_size=2, max_size=4)
dates = st.sampled_from(["2024-01-01", "20240101", "去年", "2024年1月1日"])


@given(names, dates, st.sampled_from(["合同到期", "其他", ""]), st.sampled_from(["1691", "", "x"]), st.sampled_from(["", "-", "不详", "12345"]))
def test_whoever_has_a_name_and_a_date_is_a_person(name: str, day: str, reason: str, money: str, number: str) -> None:
    assert kept([["9", name, number, day, reason, money]]) == [True]


def test_a_second_header_of_two_rows_is_no_data(take: Any) -> None:
    upper, lower = "人员,,登记,\n", "姓名,身份证号,失业登记日期,状态\n"
    people = [make_id("320402", date(1980, 1, day), 901) for day in range(1, 7)]
    rows = [f"张三,{person},2024-01-01,在领\n" for person in people]
    report = take("unemployment", upper + lower + "".join(rows[:3]) + upper + lower + "".join(rows[3:]) + "合计,6,,\n制表人:王,,,\n")
    assert (report["read"], report["accepted"]) == (6, 6)
