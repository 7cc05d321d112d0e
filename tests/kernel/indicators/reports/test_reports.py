"""Reports: figures frozen, the same bytes again, the layout of GB/T 9704, words that stay words, an Excel without formulas."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
from django.db import DatabaseError, connection, transaction
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from python_calamine import CalamineWorkbook

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Forbidden
from minzheng.kernel.foundation.declared import DeclarationError, read_text
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.indicators import actions as plan_actions
from minzheng.kernel.indicators import queries as plan_queries
from minzheng.kernel.indicators.models import Remark, SubTask
from minzheng.kernel.indicators.reports import actions, queries, words
from minzheng.kernel.indicators.reports.errors import ReportError
from minzheng.kernel.indicators.reports.models import Report
from minzheng.kernel.indicators.reports.rendering import as_pdf, as_word
from minzheng.kernel.indicators.statistics import actions as statistics
from tests.kernel.indicators.rows import Officials

JUNE, TODAY = date(2024, 6, 1), date(2024, 7, 3)
HOSTILE = '=HYPERLINK("http://evil","x")\u202e<w:fldSimple w:instr="INCLUDETEXT c:/x"/>#set text(red)\n{plan.title}'


@pytest.fixture
def measured(city: Officials) -> Officials:
    """The city of the room's tests, measured, with a prepared month and a hostile sub-task that is late."""
    with clock.use(TODAY):
        plan_actions.measure_indicators(as_of=TODAY, by=city.by("supervisor"))
        statistics.prepare_month(month=JUNE, by=city.by("city"))
        item = city.plan.items.get(number=4)
        with clock.use(date(2024, 5, 1)):
            SubTask.objects.create(item=item, title=HOSTILE, due_on=date(2024, 6, 1), created_on=date(2024, 5, 1), created_by="city")
    return city


def made(found: Officials, kind: str = "monthly", **how: Any) -> Report:
    with clock.use(TODAY):
        return actions.make_report(kind=kind, month=JUNE, by=found.by(how.pop("by", "city")), **how)


def text_of(content: bytes) -> str:
    paper = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(line.text for line in paper.paragraphs), *cells])


def test_a_report_says_what_the_plan_page_says_and_stays_so(measured: Officials) -> None:
    """Its text is compared with the page's figures; rows that change later change neither text nor bytes."""
    with clock.use(TODAY):
        view = plan_queries.overview(measured.by("city"), TODAY)
    report = made(measured, number="常民报〔2024〕18号")
    word, pdf = as_word(report), as_pdf(report)
    said = text_of(word)
    for card in view.cards:
        assert f"第{card.number}项 {card.item.title}（{card.office.title}）：{card.state_title}" in said
        for state in card.targets:
            assert state.target.verbatim in said and (state.value is None or state.shown in said)
    assert "常民报〔2024〕18号" in said and "常州市民政局文件" in said
    kept = {t["code"]: t for c in report.frozen["figures"]["chapters"] for i in c["items"] for t in i["targets"]}
    known = {s.target.code: s for card in view.cards for s in card.targets}
    assert kept.keys() == known.keys()
    assert {code: (t["numerator"], t["denominator"]) for code, t in kept.items()} == {c: (s.numerator, s.denominator) for c, s in known.items()}
    assert any(t["numerator"] for t in kept.values()), "a report without a figure would prove nothing"
    plan_actions.measure_indicators(as_of=date(2024, 7, 2), by=measured.by("supervisor"))
    Remark.objects.create(item=measured.plan.items.get(number=4), text="x", by="x", on=TODAY, at="2024-07-03T00:00:00Z")
    again = Report.objects.get(pk=report.pk)
    assert as_word(again) == word and as_pdf(again) == pdf and again.fingerprint == report.fingerprint


def test_the_layout_is_that_of_the_standard(measured: Officials) -> None:
    paper = docx.Document(io.BytesIO(as_word(made(measured))))
    section = paper.sections[0]
    near = lambda a, b: abs(a - b) < Mm(0.2)  # noqa: E731
    assert near(section.page_width, Mm(210)) and near(section.page_height, Mm(297))
    assert near(section.top_margin, Mm(37)) and near(section.left_margin, Mm(28))
    assert near(section.page_width - section.left_margin - section.right_margin, Mm(156))
    assert near(section.page_height - section.top_margin - section.bottom_margin, Mm(225))
    body = paper.styles["Normal"]
    assert body.font.size == Pt(16) and body.paragraph_format.line_spacing == Pt(28)  # type: ignore[attr-defined]
    fonts = {style: paper.styles[style].element.rPr.rFonts.get(qn("w:eastAsia")) for style in ("Normal", "Title", "Heading 1", "Heading 2")}  # type: ignore[attr-defined]
    assert fonts == {"Normal": "仿宋_GB2312", "Title": "方正小标宋简体", "Heading 1": "黑体", "Heading 2": "楷体_GB2312"}
    assert paper.styles["Title"].font.size == Pt(22)  # type: ignore[attr-defined]
    for footer, side in ((section.footer, WD_ALIGN_PARAGRAPH.RIGHT), (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)):
        line = footer.paragraphs[0]
        assert line.alignment == side and line.runs[0].text == "— " and line.runs[0].font.size == Pt(14)
        assert [field.get(qn("w:instr")) for field in line._p.iter(qn("w:fldSimple"))] == ["PAGE"]
    assert paper.settings.odd_and_even_pages_header_footer
    table = zipfile.ZipFile(io.BytesIO(as_word(made(measured)))).read("word/fontTable.xml").decode()
    assert 'w:name="仿宋_GB2312"><w:altName w:val="仿宋"/>' in table
    assert len(paper.inline_shapes) == 1 and "T06" in paper.inline_shapes[0]._inline.docPr.get("descr")
    assert "文件" not in paper.paragraphs[0].text, "without a number there is no red head"


def test_a_free_text_stays_a_text(measured: Officials, tmp_path: Path) -> None:
    """What somebody typed becomes neither field, markup, hole of a template nor formula."""
    report = made(measured)
    word = as_word(report)
    said = text_of(word)
    shown = '=HYPERLINK("http://evil","x") <w:fldSimple w:instr="INCLUDETEXT c:/x"/>#set text(red) {plan.title}'
    assert shown in said
    paper = docx.Document(io.BytesIO(word))
    assert [field.get(qn("w:instr")) for field in paper.element.body.iter(qn("w:fldSimple"))] == []
    assert not list(paper.element.body.iter(qn("w:hyperlink"))) and "\u202e" not in said
    assert as_pdf(report).startswith(b"%PDF")
    path = actions.take_out(report_id=report.pk, file_format="xlsx", by=measured.by("city"))
    sheets = zipfile.ZipFile(path)
    assert not [name for name in sheets.namelist() if b"<f>" in sheets.read(name) or b"<hyperlink" in sheets.read(name)]
    assert any(shown in row for row in CalamineWorkbook.from_path(str(path)).get_sheet_by_name("逾期").to_python())


def test_the_workbook_has_everything_behind_and_says_who_took_it(measured: Officials, home: Home) -> None:
    report = made(measured)
    path = actions.take_out(report_id=report.pk, file_format="xlsx", by=measured.by("leader"))
    assert path.parent == home.exports
    book = CalamineWorkbook.from_path(str(path))
    assert book.sheet_names == ["量化目标", "监测数", "分地区", "节点", "逾期", "走势", "统计月报 2024-06"]
    for name in book.sheet_names:
        first = str(book.get_sheet_by_name(name).to_python()[0][0])
        assert "leader" in first and report.fingerprint[:16] in first and "导出人" in first
    rows = book.get_sheet_by_name("量化目标").to_python()
    assert len(rows) == 2 + sum(len(i["targets"]) for c in report.frozen["figures"]["chapters"] for i in c["items"])
    stated = {row[0]: row for row in book.get_sheet_by_name("统计月报 2024-06").to_python()[2:]}
    total = next(row for row in report.frozen["figures"]["statistics"]["rows"] if row["programme"] == "")
    assert stated["合计"][8] == total["persons"] > 0 and stated["合计"][10] == total["due_fen"] / 100
    entry = AuditEntry.objects.filter(verb="report.take_out").latest("pk")
    assert entry.actor == "leader" and entry.details["format"] == "xlsx"


def test_a_district_sees_and_briefs_its_own_place_only(measured: Officials) -> None:
    whole, own = made(measured), made(measured, "district", place="wujin", by="wujin")
    assert own.place_title == "武进区" and own.frozen["figures"]["boards"] == []
    kept = {t["code"]: t for c in own.frozen["figures"]["chapters"] for i in c["items"] for t in i["targets"]}
    with clock.use(TODAY):
        view = plan_queries.overview(measured.by("wujin"), TODAY)
    assert {c: t["numerator"] for c, t in kept.items()} == {s.target.code: s.numerator for card in view.cards for s in card.targets}
    assert queries.reports(measured.by("wujin")) == [own] and queries.reports(measured.by("city")) == [own, whole]
    with pytest.raises(LookupError):
        queries.report_for(measured.by("wujin"), whole.pk)
    with pytest.raises(LookupError):
        actions.take_out(report_id=own.pk, file_format="pdf", by=measured.by("tianning"))
    for how in ({"place": "320402000000", "by": "wujin"}, {"by": "worker"}):
        with pytest.raises(Forbidden):
            made(measured, "district", **how)


def test_what_cannot_be_made_says_why(measured: Officials) -> None:
    for kind, month, message in (("weekly", JUNE, "没有"), ("district", JUNE, "选择一个板块"), ("monthly", date(2024, 9, 1), "还没有到")):
        with pytest.raises(ReportError, match=message), clock.use(TODAY):
            actions.make_report(kind=kind, month=month, by=measured.by("city"))
    assert not Report.objects.exists()
    yearly = made(measured, "yearly", proof=False)
    assert yearly.title == "关于2024年全市落实《2024年全市民政工作要点》情况的年度报告"
    assert any("付讫" in block.get("text", "") for block in yearly.frozen["blocks"])


def test_a_report_cannot_be_changed_in_the_database(measured: Officials) -> None:
    report = made(measured, proof=False)
    for statement in (f"UPDATE indicators_report SET title = 'x' WHERE id = {report.pk}", f"DELETE FROM indicators_report WHERE id = {report.pk}"):
        with pytest.raises(DatabaseError, match="不可修改"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Report.objects.get(pk=report.pk).title == report.title


def test_an_earlier_month_is_told_as_it_was_known_then(measured: Officials) -> None:
    with clock.use(date(2024, 9, 6)):
        report = actions.make_report(kind="monthly", month=JUNE, by=measured.by("city"), proof=False)
    assert report.as_of == date(2024, 6, 30) and made(measured, proof=False).as_of == TODAY


def test_words_are_checked_with_line_and_reason() -> None:
    for kind in Report.Kind.values:
        assert words.words(kind).blocks and len(words.fingerprint(kind)) == 64
    with pytest.raises(DeclarationError, match="第 3 行"):
        read_text("title: x\nblocks:\n  - h9: 一、总体\n", "monthly.yaml", words.Words)
    with pytest.raises(ReportError, match="{plan.name}"):
        list(words.composed((words.Piece(p="{plan.name}"),), {"plan": {"title": "x"}}))
    blocks = list(words.composed((words.Piece(each="all", p="", do=(words.Piece(p="{it.name}！"),)),), {"all": [{"name": "{it.name}"}]}))
    assert blocks == [{"kind": "p", "text": "{it.name}！"}], "what is filled in is not looked through again"


def test_frozen_figures_are_plain_json(measured: Officials) -> None:
    report = made(measured, proof=False)
    assert json.loads(json.dumps(report.frozen)) == report.frozen
    for chapter in report.frozen["figures"]["chapters"]:
        for item in chapter["items"]:
            assert all(len(each["fingerprint"]) == 16 for each in [*item["targets"], *item["figures"]])
    stranger = replace(measured.by("city"), name="other")
    assert queries.report_for(stranger, report.pk) == report
