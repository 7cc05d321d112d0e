"""One table in every form that departments use gives the same rows in the lake."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import polars as pl
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.kernel.feeds import lake
from minzheng.kernel.feeds.contracts import Column, contracts
from minzheng.kernel.feeds.convert import Context, convert, read_date
from minzheng.kernel.foundation.identifiers import make_id
from minzheng.kernel.foundation.keys import pseudonymiser

AS_OF = date(2024, 5, 31)
HEAD = ["姓名", "身份证号", "失业登记日期", "失业原因", "失业金标准", "状态"]
PEOPLE = [make_id("320402", date(1980, 1, day), 901 + day) for day in range(1, 7)]
ROWS = [["张三", person, "2024-03-01", "合同到期", "1691.5", "在领"] for person in PEOPLE]


def csv(rows: list[list[str]], head: list[str] = HEAD, mark: str = ",") -> str:
    return "\n".join(mark.join(row) for row in [head, *rows]) + "\n"


def xlsx(rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(rows: list[list[Any]]) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            sheet.write(r, c, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet() -> bytes:
    out = io.BytesIO()
    pl.DataFrame(ROWS, schema=HEAD, orient="row").with_columns(
        pl.col("失业登记日期").str.to_date(), pl.col("失业金标准").cast(pl.Float64)
    ).write_parquet(out)
    return out.getvalue()


DATE_FORMS = ["20240301", "2024/3/1", "2024年3月1日", "2024.3.1", "45352", "２０２４年３月１日", "2024-03-01 10:30:00"]
FORMS: dict[str, bytes] = {
    "utf-8": csv(ROWS).encode(),
    "utf-8 with BOM": csv(ROWS).encode("utf-8-sig"),
    "gb18030": csv(ROWS).encode("gb18030"),
    "utf-16": csv(ROWS).encode("utf-16"),
    "tabs": csv(ROWS, mark="\t").encode(),
    "semicolons": csv(ROWS, mark=";").encode(),
    "xlsx": xlsx([HEAD, *ROWS]),
    "xls": xls([HEAD, *ROWS]),
    "parquet": parquet(),
    "title, totals and signature": xlsx(
        [["2024年失业人员花名册"], ["填报单位:人社局", None, None, "日期:2024-05-31"], HEAD, *ROWS,
         ["合计", None, None, None, 10149], [], ["制表人:王", None, "审核人:李"]]
    ),
    "two header rows": xlsx([["人员", None, "登记", None, None, "状态"], [*HEAD[:5], None], *ROWS]),
    "header repeated on each page": csv([*ROWS[:3], HEAD, *ROWS[3:]]).encode(),
    "IDs with tabs, quotes and blanks": csv(
        [[r[0], f"{mark}{r[1]}\t", *r[2:]] for r, mark in zip(ROWS, ["'", " ", "’", "\u3000", "`", ""], strict=True)]
    ).encode(),
    "full width": csv([[r[0], r[1].translate({i: i + 0xFEE0 for i in range(48, 58)}), *r[2:]] for r in ROWS]).encode(),
    "lower-case x and thousands": csv([[r[0], r[1].lower(), *r[2:4], '"1,691.50"', r[5]] for r in ROWS]).encode(),
    "other aliases, more columns": csv(
        [["1", *r, "备注"] for r in ROWS], ["序号", "人员姓名", "公民身份号码*", "登记日期", "原因", "月失业金(元)", "领取状态", "备注"]
    ).encode(),
    "dates of all kinds": csv([[*r[:2], d, *r[3:]] for r, d in zip(ROWS, DATE_FORMS, strict=False)]).encode(),
    "short and long rows": (csv(ROWS[:4]) + ",".join([*ROWS[4], "", ""]) + "\n" + ",".join(ROWS[5]) + "\n").encode(),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_rows(take: Any, form: str) -> None:
    report = take("unemployment", FORMS[form])
    assert (report["read"], report["accepted"]) == (6, 6), report
    rows = lake.scan("unemployment", AS_OF).select("person_key", "registered_on", "benefit_monthly_fen", "status").collect()
    keys = pseudonymiser()
    assert sorted(rows.rows()) == sorted((keys.of(p), date(2024, 3, 1), 169150, "receiving") for p in PEOPLE)


def test_money_in_ten_thousand_yuan(take: Any) -> None:
    head = "统一社会信用代码,法定代表人证件号码,注册资本(万元)\n"
    assert take("market_entities", head + f"91350100M000100Y43,{PEOPLE[0]},12.5\n")["accepted"] == 1
    assert lake.scan("market_entities", AS_OF).collect()["capital_fen"].to_list() == [12_500_000]


def test_fifteen_digits_become_the_same_person(take: Any) -> None:
    old = f"{PEOPLE[0][:6]}{PEOPLE[0][8:17]}"
    take("unemployment", csv([["张三", old, *ROWS[0][2:]]]))
    assert lake.scan("unemployment", AS_OF).collect()["person_key"].to_list() == [pseudonymiser().of(PEOPLE[0])]


@pytest.mark.parametrize("text", DATE_FORMS)
def test_dates(text: str) -> None:
    import unicodedata

    assert read_date(unicodedata.normalize("NFKC", text), AS_OF) == (date(2024, 3, 1), None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [("1800-01-01", "date_out_of_range"), ("2999-01-01", "date_out_of_range"), ("20240230", "date_no_such_day"),
     ("2024-13-01", "date_no_such_day"), ("明天", "date_unreadable"), ("2024-12-31", "date_future")],
)  # fmt: skip
def test_dates_that_are_none(text: str, problem: str) -> None:
    assert read_date(text, AS_OF) == (None, problem)


@given(st.integers(-(10**13), 10**13), st.sampled_from(["", "¥", "元"]), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_money_keeps_every_fen(fen: int, mark: str, separated: bool) -> None:
    body = f"{abs(fen) // 100:{',' if separated else ''}}.{abs(fen) % 100:02d}"
    text = f"{'-' if fen < 0 else ''}{'¥' if mark == '¥' else ''}{body}{'元' if mark == '元' else ''}"
    result = convert(pl.Series([text]), Column(type="money", header="金额", negative=True), Context(AS_OF, frozenset()))
    assert (result.values[0], result.problems[0]) == (fen, None)


def test_contracts_of_the_issue_are_there() -> None:
    named = {
        "population", "households", "deaths", "medical_settlements", "traffic_accidents", "disasters",
        "disability_certificates", "unemployment", "social_insurance", "pensions", "legal_aid", "vehicles", "real_estate",
        "market_entities", "custody",
    }  # fmt: skip
    assert named <= set(contracts())
    for contract in contracts().values():
        assert "synthetic" in contract.columns
        assert all(column.example or column.type == "bool" for column in contract.columns.values())


EXAMPLES = [(name, column) for name, contract in contracts().items() for column in contract.columns]


@pytest.mark.parametrize(("name", "column"), EXAMPLES)
def test_every_example_of_a_contract_is_sound(name: str, column: str) -> None:
    from minzheng.kernel.divisions.actions import DATA

    codes = {int(line[:12]) for line in (DATA / "changzhou.csv").read_text(encoding="utf-8").splitlines()[1:]}
    spec = contracts()[name].columns[column]
    text = spec.example or "合成"
    result = convert(pl.Series([text]), spec, Context(date(2100, 12, 31), frozenset(codes)))
    assert result.problems[0] is None, text
    assert result.values[0] is not None
