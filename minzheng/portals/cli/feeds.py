"""`minzheng feeds`: the catalogue, deliveries and what goes back to their senders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from minzheng.kernel.feeds import lake, queries
from minzheng.kernel.feeds.actions import import_file
from minzheng.kernel.feeds.contracts import contracts
from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.quarantine import export_quarantine
from minzheng.kernel.feeds.reasons import SENTENCES
from minzheng.kernel.foundation.clock import business_date
from minzheng.portals.cli.output import operator, parse_date, print_json, progress_bar, refuse

app = typer.Typer(no_args_is_help=True, help="各部门数据:目录、导入、隔离退回")
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]


@app.command("list")
def list_feeds(as_json: AsJson = False) -> None:
    """列出全部数据目录。"""
    if as_json:
        print_json([{"name": c.name, "title": c.title, "owner": list(c.owner), "class": c.data_class,
                     "key": list(c.key), "freshness_days": c.freshness_days} for c in contracts().values()])  # fmt: skip
        return
    table = Table("数据目录", "名称", "报送部门", "级别", "主键", "更新周期(天)")
    for c in contracts().values():
        table.add_row(c.name, c.title, "、".join(c.owner), c.data_class, " + ".join(c.key), str(c.freshness_days))
    Console().print(table)


@app.command()
def describe(contract: str, as_json: AsJson = False) -> None:
    """说明一个数据目录的每一列。"""
    try:
        found = lake.contract(contract)
    except IntakeError as error:
        refuse(str(error))
    if as_json:
        print_json(queries.describe(found))
        return
    typer.echo(f"{found.name} {found.title}  报送:{'、'.join(found.owner)}  级别:{found.data_class}  主键:{' + '.join(found.key)}")
    table = Table("列", "表头", "也可写作", "类型", "必填", "取值", "示例")
    for name, c in found.columns.items():
        table.add_row(name, c.header, "、".join([*c.names()[1:], *c.weak]), c.type, "是" if c.required else "", c.domain(), c.example)
    Console(width=200).print(table)


@app.command("import")
def import_(
    contract: str,
    file: Path,
    as_of: Annotated[str | None, typer.Option("--as-of", help="数据截至日期,默认业务日期")] = None,
    as_json: AsJson = False,
) -> None:
    """导入一份文件。读入 = 采纳 + 隔离 + 重复;整份读不出来时退出码为 2,什么也不改变。"""
    day = parse_date(as_of, "--as-of") or business_date()
    try:
        with progress_bar() as bar:
            task = bar.add_task(f"导入 {file.name}", total=None)
            done = import_file(
                contract=contract, path=file, as_of=day, by=operator(),
                progress=lambda rows, total: bar.update(task, completed=rows, total=total),
            )  # fmt: skip
    except IntakeError as error:
        refuse(str(error))
    report = done.report()
    if as_json:
        print_json(report)
        return
    if done.already:
        typer.echo(f"同一内容已在批次 {report['batch']} 中入库,未作任何改变")
        return
    typer.echo(f"批次 {report['batch']}:读入 {report['read']:,} = 采纳 {report['accepted']:,} + 隔离 {report['quarantined']:,} + 重复 {report['duplicates']:,}")
    for code, rows in report["reasons"].items():
        typer.echo(f"  {rows:>6,} 行  {SENTENCES[code]}")
    if report["quarantined"]:
        typer.echo(f"退回问题行:minzheng feeds quarantine {report['batch']} --out 退回.xlsx")


@app.command()
def quarantine(batch: str, out: Annotated[Path, typer.Option("--out", help="退回文件(.xlsx)")]) -> None:
    """把一个批次的问题行连同原因写成 Excel,退回报送单位。"""
    try:
        rows = export_quarantine(batch_id=batch, out=out, by=operator())
    except IntakeError as error:
        refuse(str(error))
    typer.echo(f"已写入 {out}:{rows:,} 行")


@app.command()
def batches(as_json: AsJson = False) -> None:
    """列出已入库的批次。"""
    rows = list(queries.batches(operator()))
    if as_json:
        print_json([{"batch": b.batch_id, "contract": b.contract, "as_of": b.as_of, "file": b.file_name, "read": b.read,
                     "accepted": b.accepted, "quarantined": b.quarantined, "duplicates": b.duplicates} for b in rows])  # fmt: skip
        return
    table = Table("批次", "文件", "读入", "采纳", "隔离", "重复")
    for b in rows:
        table.add_row(b.batch_id, b.file_name, f"{b.read:,}", f"{b.accepted:,}", f"{b.quarantined:,}", f"{b.duplicates:,}")
    Console().print(table)
