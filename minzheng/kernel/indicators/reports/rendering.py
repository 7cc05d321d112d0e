"""From what is frozen to a file: Word and PDF are made of it alone, so the same report gives the same bytes whenever it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from minzheng.kernel.foundation.typesetting import pictured, typeset
from minzheng.kernel.indicators.reports.models import Report
from minzheng.kernel.indicators.reports.word import written

TEMPLATE = Path(__file__).parent / "papers" / "report.typ"
FORMATS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
FONTS = (
    "国家标准规定的方正小标宋、仿宋_GB2312、楷体_GB2312 不能随软件分发。Word 文件按标准写明字体名，电脑上没有时依次改用华文中宋、仿宋、楷体、SimHei；"
    "PDF 改用思源宋体和思源黑体（Noto CJK）。"
)


def as_word(report: Report) -> bytes:
    """The report as .docx. Raises NoFonts when the chart cannot be drawn."""
    paper = _paper(report)
    chart = next((block for block in paper["blocks"] if block["kind"] == "chart" and block["bars"]), None)
    return written(paper, pictured(TEMPLATE, {"chart": chart}) if chart else None)


def as_pdf(report: Report) -> bytes:
    """The report as .pdf. Raises NoFonts."""
    return typeset(TEMPLATE, _paper(report))


def _paper(report: Report) -> dict[str, Any]:
    figures = report.frozen["figures"]
    return {
        "title": report.title, "number": report.number, "issuer": figures["plan"]["issuer"], "signed_on": f"{report.made_on.year}年{report.made_on.month}月{report.made_on.day}日",
        "made_on": f"{report.made_on}", "fingerprint": report.fingerprint, "synthetic": report.frozen["synthetic"], "blocks": report.frozen["blocks"],
    }  # fmt: skip
