"""Everything behind a report as a workbook: written row by row, text that can never become a formula, and on every sheet who took it out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from minzheng.kernel.indicators.reports.tables import targets_of
from minzheng.kernel.indicators.reports.words import plain
from minzheng.kernel.indicators.statistics.figures import FIGURES

Json = dict[str, Any]
LONGEST = 32_000
TARGET_HEAD = (
    "项", "事项", "责任处室", "编号", "量化目标", "目标数", "完成数", "分子", "分母", "单位", "状态", "来源", "口径", "口径说明", "截至", "预测", "填报人", "确认人", "指纹",
)  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """Who took it out, when, and of which report."""

    who: str
    when: str
    report: str
    fingerprint: str

    @property
    def line(self) -> str:
        """The mark in one line."""
        return f"{self.report}　导出人 {self.who}　{self.when}　固化指纹 {self.fingerprint[:16]}"


def write_workbook(path: Path, figures: Json, mark: Mark) -> None:
    """Write all sheets to a file, holding no more than a row at a time."""
    options = {
        "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True, "tmpdir": str(path.parent),
    }  # fmt: skip
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": plain(mark.report), "author": plain(mark.who), "comments": plain(mark.line), "company": "民政云"})
        sheets = _Sheets(book, mark)
        sheets.write("量化目标", TARGET_HEAD, _targets(figures))
        sheets.write("监测数", ("项", "事项", "监测数", "数值", "分子", "分母", "口径", "截至", "指纹"), _own(figures))
        sheets.write("分地区", ("编号", "量化目标", "口径", "地方", "完成数", "分子", "分母", "状态"), _places(figures))
        sheets.write("节点", ("项", "事项", "节点", "期限", "状态", "完成日期", "登记人", "确认人"), _milestones(figures))
        sheets.write("逾期", ("项", "事项", "节点或子任务", "期限", "逾期天数", "责任"), _late(figures))
        sheets.write("走势", ("编号", "量化目标", "日期", "数值"), _trends(figures))
        if stated := figures["statistics"]:
            head = ("项目或镇（街道）", *(f"{figure.title}{'（元）' if figure.unit == 'fen' else ''}" for figure in FIGURES))
            sheets.write(f"统计月报 {stated['month'][:7]}", head, _statistics(stated))


class _Sheets:
    def __init__(self, book: Any, mark: Mark) -> None:
        self._book, self._mark = book, mark
        self._text, self._soft = book.add_format({"num_format": "@"}), book.add_format({"num_format": "@", "font_color": "#8a5300"})
        self._bold = book.add_format({"num_format": "@", "bold": True, "bg_color": "#eef1f4", "bottom": 1})
        self._whole, self._money = book.add_format({"num_format": "#,##0"}), book.add_format({"num_format": "¥#,##0.00"})

    def write(self, title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        sheet = self._book.add_worksheet(title)
        sheet.set_footer(f"&L&8{plain(self._mark.line).replace('&', '&&')[:220]}&R&8第 &P / &N 页")
        sheet.set_landscape()
        sheet.repeat_rows(0, 1)
        sheet.set_column(0, len(head) - 1, 16)
        sheet.write_string(0, 0, plain(self._mark.line), self._soft)
        for at, label in enumerate(head):
            sheet.write_string(1, at, label, self._bold)
        sheet.freeze_panes(2, 1)
        for line, cells in enumerate(rows, 2):
            for at, cell in enumerate(cells):
                if isinstance(cell, float):
                    sheet.write_number(line, at, cell, self._money)
                elif isinstance(cell, int):
                    sheet.write_number(line, at, cell, self._whole)
                elif cell is not None and cell != "":
                    sheet.write_string(line, at, plain(cell)[:LONGEST], self._text)


def _targets(figures: Json) -> Iterable[Sequence[object]]:
    for item, t in targets_of(figures):
        yield (
            item["number"], item["title"], item["office"], t["code"], t["verbatim"], t["goal_shown"], t["shown"], t["numerator"], t["denominator"], t["unit"],
            t["state_title"], t["source_title"], t["reading"], t["reading_words"], t["as_of"], t["forecast"], t["reported_by"], t["confirmed_by"], t["fingerprint"],
        )  # fmt: skip


def _items(figures: Json) -> Iterable[Json]:
    for chapter in figures["chapters"]:
        yield from chapter["items"]


def _own(figures: Json) -> Iterable[Sequence[object]]:
    for item in _items(figures):
        for f in item["figures"]:
            yield item["number"], item["title"], f["title"], f["shown"], f["numerator"], f["denominator"], f["reading"], f["as_of"], f["fingerprint"]


def _places(figures: Json) -> Iterable[Sequence[object]]:
    for board in figures["boards"]:
        for cut, key in (("按管理口径", "rows"), ("按行政区划", "division")):
            for row in board[key]:
                yield board["code"], board["verbatim"], cut, row["title"], row["shown"], row["numerator"], row["denominator"], row["state"]


def _milestones(figures: Json) -> Iterable[Sequence[object]]:
    states = {"open": "未登记", "recorded": "待确认", "confirmed": "已确认", "returned": "已退回"}
    for item in _items(figures):
        for m in item["milestones"]:
            yield item["number"], item["title"], m["title"], m["due"], states[m["state"]], m["done_on"], m["by"], m["confirmed_by"]


def _late(figures: Json) -> Iterable[Sequence[object]]:
    for each in figures["late"]:
        yield each["item"], each["item_title"], each["title"], each["due"], each["days"], each["owner"]


def _trends(figures: Json) -> Iterable[Sequence[object]]:
    for _item, target in targets_of(figures):
        for day, value in target["trend"]:
            yield target["code"], target["verbatim"], day, value


def _statistics(stated: Json) -> Iterable[Sequence[object]]:
    for row in [*stated["rows"], *stated["towns"]]:
        yield row["title"], *(row[figure.name] / 100 if figure.unit == "fen" else row[figure.name] for figure in FIGURES)
