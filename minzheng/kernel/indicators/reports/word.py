"""A report as a Word file after GB/T 9704-2012: A4, 版心 156 × 225 mm, 28 pt lines, 3号仿宋, page numbers outside. Same content, same bytes.

The standard's fonts belong to their makers and cannot be bundled; the file names them, and in its font table the one that stands in for
each where it is missing. Texts go into runs of text only, so nothing of them becomes a field, a link or markup.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

from docx import Document
from docx.document import Document as Paper
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from minzheng.kernel.indicators.reports.words import Block

Json = dict[str, Any]
SONG, FANG, KAI, HEI = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体"
FALLBACKS = {SONG: "华文中宋", FANG: "仿宋", KAI: "楷体", HEI: "SimHei", "宋体": "SimSun"}  # named in the font table: what Word takes instead
BODY, TITLE, NUMBER, SMALL = Pt(16), Pt(22), Pt(14), Pt(10.5)
RED = RGBColor(0xC8, 0x10, 0x2E)
EPOCH = (1980, 1, 1, 0, 0, 0)
WIDTH = Mm(156)


def written(paper: Json, picture: bytes | None) -> bytes:
    """The file of a paper (title, number, issuer, signed_on, blocks, synthetic) with its chart as a picture."""
    document = Document()
    _page(document)
    _styles(document)
    if paper["synthetic"]:
        _line(document, "演示数据：人员和金额均为合成，不作为工作依据。", SMALL, HEI, centred=True)
    if paper["number"]:
        _line(document, f"{paper['issuer']}文件", Pt(30), SONG, centred=True, colour=RED)
        _ruled(_line(document, paper["number"], BODY, FANG, centred=True))
    _line(document, paper["title"], TITLE, SONG, centred=True, style="Title")
    for block in paper["blocks"]:
        _block(document, block, picture)
    for text in ("", paper["issuer"], paper["signed_on"]):
        signed = _line(document, text, BODY, FANG)
        signed.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        signed.paragraph_format.right_indent = Pt(64)
    _properties(document, paper)
    found = io.BytesIO()
    document.save(found)
    return _same_bytes(found.getvalue())


def _page(document: Paper) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.left_margin, section.right_margin, section.bottom_margin = Mm(37), Mm(28), Mm(26), Mm(35)
    section.footer_distance = Mm(23)  # the number's line lies 7 mm below the text
    document.settings.odd_and_even_pages_header_footer = True
    for footer, side in ((section.footer, WD_ALIGN_PARAGRAPH.RIGHT), (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)):
        footer.is_linked_to_previous = False
        line = footer.paragraphs[0]
        line.alignment = side
        line.paragraph_format.first_line_indent = Pt(0)
        setattr(line.paragraph_format, "right_indent" if side == WD_ALIGN_PARAGRAPH.RIGHT else "left_indent", Pt(14))
        _run(line, "— ", NUMBER, "宋体")
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), "PAGE")
        line._p.append(field)
        number = _run(line, "1", NUMBER, "宋体")
        field.append(number._r)
        _run(line, " —", NUMBER, "宋体")


def _styles(document: Paper) -> None:
    for name, size, font in (("Normal", BODY, FANG), ("Title", TITLE, SONG), ("Heading 1", BODY, HEI), ("Heading 2", BODY, KAI)):
        style = document.styles[name]
        style.font.size, style.font.bold, style.font.italic = size, False, False
        style.font.color.rgb = RGBColor(0, 0, 0)
        _named(style.element.get_or_add_rPr(), font)
        form = style.paragraph_format
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28)
        form.space_before = form.space_after = Pt(0)
    document.styles["Title"].paragraph_format.line_spacing = Pt(36)
    for part in document.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            part._blob = _font_table()


def _font_table() -> bytes:
    fonts = "".join(f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>' for name, other in FALLBACKS.items())
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts xmlns:w="{namespace}">{fonts}</w:fonts>'.encode()


def _named(properties: Any, font: str) -> None:
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(name), font)


def _run(line: Paragraph, text: str, size: Any, font: str, colour: RGBColor | None = None) -> Any:
    run = line.add_run(text)
    run.font.size = size
    _named(run._r.get_or_add_rPr(), font)
    if colour is not None:
        run.font.color.rgb = colour
    return run


def _line(
    document: Paper, text: str, size: Any, font: str, centred: bool = False, style: str = "Normal", colour: RGBColor | None = None, indent: bool = False
) -> Paragraph:
    line = document.add_paragraph(style=style)
    if centred:
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if indent:
        line.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        line.paragraph_format.first_line_indent = Pt(32)
    if size > Pt(28):
        line.paragraph_format.line_spacing = Pt(44)
    _run(line, text, size, font, colour)
    return line


def _ruled(line: Paragraph) -> None:
    """The red line under the number of the document."""
    borders, rule = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "4"), ("color", "C8102E")):
        rule.set(qn(f"w:{name}"), value)
    borders.append(rule)
    line._p.get_or_add_pPr().append(borders)


def _block(document: Paper, block: Block, picture: bytes | None) -> None:
    kind = block["kind"]
    if kind == "h1":
        _line(document, block["text"], BODY, HEI, style="Heading 1", indent=True)
    elif kind == "h2":
        _line(document, block["text"], BODY, KAI, style="Heading 2", indent=True)
    elif kind in ("p", "note"):
        _line(document, block["text"], BODY if kind == "p" else Pt(12), FANG, indent=True)
    elif kind == "chart" and picture:
        line = document.add_paragraph()
        line.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        line.add_run().add_picture(io.BytesIO(picture), width=WIDTH)
        for shape in line._p.iter(qn("wp:docPr")):  # what a reader hears who cannot see it
            shape.set("descr", f"{block['title']}：" + "；".join(f"{bar['label']} {bar['text']}" for bar in block["bars"]))
    elif kind == "table":
        _table(document, block)


def _table(document: Paper, block: Block) -> None:
    table = document.add_table(rows=0, cols=len(block["head"]), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    total = sum(block["widths"])
    for at, cells in enumerate([block["head"], *block["rows"]]):
        row = table.add_row()
        for width, cell, text in zip(block["widths"], row.cells, cells, strict=True):
            cell.width = int(WIDTH * width / total)
            line = cell.paragraphs[0]
            line.paragraph_format.line_spacing = Pt(16)
            _run(line, text, SMALL, HEI if at == 0 else FANG)
        if at == 0:
            repeated = OxmlElement("w:tblHeader")
            row._tr.get_or_add_trPr().append(repeated)
    document.add_paragraph().paragraph_format.line_spacing = Pt(8)


def _properties(document: Paper, paper: Json) -> None:
    core, made = document.core_properties, datetime.fromisoformat(f"{paper['made_on']}T00:00:00")
    core.title, core.author, core.last_modified_by, core.comments = paper["title"], paper["issuer"], paper["issuer"], f"固化指纹 {paper['fingerprint']}"
    core.created = core.modified = made
    core.revision, core.language = 1, "zh-CN"


def _same_bytes(content: bytes) -> bytes:
    """The same archive with fixed times: nothing of the moment of writing stays in it."""
    found = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            target.writestr(zipfile.ZipInfo(name, EPOCH), source.read(name), zipfile.ZIP_DEFLATED)
    return found.getvalue()
