"""`minzheng plan report`: a month's progress report as Word, PDF and Excel files in a folder."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from minzheng.kernel.foundation.declared import DeclarationError
from minzheng.kernel.foundation.typesetting import NoFonts
from minzheng.kernel.indicators.errors import PlanError
from minzheng.kernel.indicators.reports import actions
from minzheng.kernel.indicators.reports.errors import ReportError
from minzheng.portals.cli.output import operator, refuse

KINDS = {"monthly": "月度进展报告", "yearly": "年度进展报告", "district": "板块情况简报"}


def report(
    month: Annotated[str, typer.Option(help="月份，如 2024-08")],
    out: Annotated[Path, typer.Option(help="写到哪个文件夹", file_okay=False)],
    place: Annotated[str, typer.Option(help="区划代码，或板块代码，如 wujin；默认全市")] = "",
    kind: Annotated[str, typer.Option(help="monthly 月度、yearly 年度、district 板块简报；指定了地方时默认为 district")] = "",
    number: Annotated[str, typer.Option(help="发文字号；作为正式公文印发时填写，版头用红色")] = "",
) -> None:
    """生成一个月的进展报告：数字固化保存，写成 Word、PDF 和 Excel（Excel 是报告背后的全部数字）。"""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        refuse(f"--month 应写成 2024-08 这样，收到的是“{month}”")
    try:
        out.mkdir(parents=True, exist_ok=True)
        made = actions.make_report(kind=kind or ("district" if place else "monthly"), month=first, by=operator(), place=place, number=number)
        for file_format in ("docx", "pdf", "xlsx"):
            path = actions.take_out(report_id=made.pk, file_format=file_format, by=operator())
            target = out / f"{made.as_of:%Y-%m}-{made.kind}-{made.place or 'area'}.{file_format}"
            shutil.move(path, target)
            typer.echo(f"{target}  {target.stat().st_size:,} 字节")
    except (PlanError, ReportError, LookupError, NoFonts, DeclarationError, OSError) as error:
        refuse(str(error))
    typer.echo(f"{made.title}：编号 {made.pk}，固化指纹 {made.fingerprint[:16]}，用时 {made.seconds} 秒")
