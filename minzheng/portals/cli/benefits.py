"""`minzheng benefits`: why a household gets what it gets, the run of a month, and what other parameters would do."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from minzheng.kernel.benefits import actions, queries
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Run, Snapshot
from minzheng.kernel.benefits.months import terms_of
from minzheng.kernel.benefits.programmes import inputs, programmes
from minzheng.kernel.benefits.simulation import Outcome, simulate
from minzheng.kernel.benefits.snapshot.errors import SnapshotError
from minzheng.kernel.benefits.why import Why, explain_people
from minzheng.kernel.divisions.queries import management_units
from minzheng.kernel.foundation.clock import business_date
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.rules import household_file
from minzheng.kernel.rules.inputs import BASE
from minzheng.kernel.rules.language import Input, Month
from minzheng.portals.cli.output import operator, parse_date, print_json, refuse

app = typer.Typer(no_args_is_help=True, help="待遇:核算说明、月度发放、政策模拟")
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
MOVED = {
    "start": "新增", "stop": "停发", "change": "变更", "review": "待复核", "hold": "暂停", "keep": "不变", "backpay_fen": "补发", "recovery_fen": "追回建议",
}  # fmt: skip


@app.command()
def explain(
    household: Annotated[Path | None, typer.Argument(help="家庭文件(JSON);- 表示从标准输入读")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="按哪一天的月份核算，如 2024-07-01;默认用文件里的月份，再默认业务日期")] = None,
    example: Annotated[bool, typer.Option("--example", help="打印一个可用的家庭文件")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="打印家庭文件的格式说明(JSON Schema)")] = False,
    as_json: AsJson = False,
) -> None:
    """逐项说明一个家庭能享受什么、为什么;不读也不改任何数据。"""
    if example:
        typer.echo(household_file.example(), nl=False)
        return
    if schema:
        print_json(household_file.schema(_inputs()))
        return
    if household is None:
        refuse("请给出家庭文件；--example 打印一个样例")
    day = parse_date(as_of, "--as-of")
    month = Month(day.replace(day=1)) if day else None
    try:
        read = household_file.read(_text(household), _inputs(), month)
        terms = terms_of(month or read.month or Month(business_date().replace(day=1)))
        found = explain_people(read.people, terms)
    except (household_file.HouseholdFileError, LookupError) as error:
        refuse(f"{household}：{error}")
    if as_json:
        print_json({"month": str(terms.month), "results": [_why_as_json(each, read.names) for each in found]})
        return
    _tell(found, read.names, terms.month)


@app.command()
def run(
    month: Annotated[str, typer.Option("--month", help="月份，如 2024-05")],
    correction: Annotated[bool, typer.Option("--correction", help="更正已审批的月份")] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="重新冻结快照")] = False,
    as_json: AsJson = False,
) -> None:
    """核算一个月的待遇，得到草稿;已提交或审批的月份原样给出。不发放:提交和审批在办公端由不同的人办理。"""
    actor = operator()
    kind = Run.Kind.CORRECTION if correction else Run.Kind.REGULAR
    try:
        done = actions.compute_run(month=Month.of(month), by=actor, kind=kind, refresh=refresh)
    except (BenefitsError, SnapshotError, LookupError, ValueError) as error:
        refuse(str(error))
    totals = queries.totals(done, actor)
    bare = done.kind == Run.Kind.REGULAR and done.previous is None and not queries.openings(actor).filter(month=done.month).exists()
    if bare:
        typer.echo(f"{done.month} 是首次核算，没有接收期初在享：现在已经在领的人也列为新增。先运行 minzheng benefits open --month {done.month}，"
                   f"再重新核算", err=True)  # fmt: skip
    if as_json:
        print_json(_run_as_json(done, totals))
        return
    Console().print(_run_table(totals))
    typer.echo(f"{done.month} {done.get_kind_display()}：{done.get_state_display()}，快照 {done.snapshot.name}（{done.snapshot.rows:,} 人），"
               f"结果指纹 {done.digest[:16]}，未核定参数和规则 {len(done.unverified)} 项")  # fmt: skip


@app.command("open")
def open_(
    month: Annotated[str, typer.Option("--month", help="首次核算的月份，如 2024-05")],
    as_json: AsJson = False,
) -> None:
    """首次核算以前接收期初在享:名册上这个月以前已在领取的人和金额，首批据此比较出不变、变更、停发和待复核。重复运行不会重复接收。"""
    try:
        taken = actions.take_opening(month=Month.of(month), by=operator())
    except (BenefitsError, ValueError) as error:
        refuse(str(error))
    if as_json:
        print_json([
            {"contract": row.contract, "title": row.title, "month": row.month, "as_of": row.as_of, "batches": row.batches, "totals": row.totals,
             "left_out": row.left_out, "taken_by": row.taken_by, "taken_on": row.taken_on}
            for row in taken
        ])  # fmt: skip
        return
    for row in taken:
        table = Table("项目", "在享", "每月", title=f"{row.title}（截至 {row.as_of}，{row.month} 起核算）")
        for name, figures in row.totals.items():
            table.add_row(programmes()[name].title, f"{figures['units']:,}", yuan(figures["fen"]))
        Console().print(table)
        left = row.left_out
        typer.echo(f"没有接收：重复登记 {left.get('repeated', 0):,} 条，没有金额 {left.get('no_amount', 0):,} 项；"
                   f"不在人口数据里 {left.get('unknown', 0):,} 人（已接收，首次核算列为待复核）")  # fmt: skip


@app.command("simulate")
def simulate_(
    changes: Annotated[list[str], typer.Option("--set", help="参数=值，如 standards.subsistence_standard=110000(金额以分计)")],
    month: Annotated[str | None, typer.Option("--month", help="用哪个月的快照;默认最新的")] = None,
    save: Annotated[str | None, typer.Option("--save", help="以此名称保存方案")] = None,
    as_json: AsJson = False,
) -> None:
    """改动参数，看一个月多花多少、谁受益、谁受损;不改变任何待遇。"""
    actor = operator()
    wanted = dict(_change(text) for text in changes)
    try:
        outcome = simulate(_snapshot(month), wanted)
        if save:
            actions.save_variant(name=save, outcome=outcome, by=actor)
    except (BenefitsError, SnapshotError, LookupError, ValueError) as error:
        refuse(str(error))
    if as_json:
        print_json(outcome.as_json())
        return
    _tell_outcome(outcome)


def _inputs() -> dict[str, Input]:
    """All that may stand in a household file."""
    return {each.name: each for each in BASE} | inputs()


def _text(path: Path) -> str:
    if str(path) == "-":
        return typer.get_text_stream("stdin").read()
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        refuse(f"{path} 读不出来：{error}")


def _why_as_json(why: Why, names: dict[int, str] | Any) -> dict[str, Any]:
    result = why.result
    return {
        "programme": why.programme.name, "title": why.programme.title, "person": result.person_key, "name": names.get(result.person_key, ""),
        "eligible": result.eligible, "rule_fen": result.amount_fen, "amount_fen": why.amount_fen, "suspended": why.suspended,
        "exclusion": why.exclusion or None, "failed": [line.label for line in result.failed],
        "steps": [
            {
                "name": line.name, "label": line.label, "kind": line.step.kind, "value": line.value, "text": line.text,
                "clause": str(line.clause), "columns": {each.name: each.value for each in line.columns},
                "parameters": [
                    {"name": each.name, "title": each.title, "text": each.text, "source": each.dated.source, "status": each.dated.status}
                    for each in line.parameters
                ],
            }
            for line in result.lines
        ],
        "matrix": [{"a": each.row.a, "b": each.row.b, "rule": each.row.rule, "text": each.text, "cut": each.touched} for each in why.lines],
        "unverified": [f"{each.title} {each.text}" for each in result.unverified],
    }  # fmt: skip


def _tell(found: list[Why], names: Any, month: Month) -> None:
    """Entitled first, line by line; then what does not hold, with the conditions that failed."""
    typer.echo(f"{month} 核算结果")
    for why in [each for each in found if each.result.eligible]:
        who = names.get(why.result.person_key, "")
        typer.echo(f"\n■ {why.programme.title}（{who}）：{yuan(why.amount_fen) if why.programme.rule.pays else '符合'}")
        for line in why.result.lines:
            marks = "".join(f"；{each.title} {each.text}{'（待核定）' if each.unverified else ''}" for each in line.parameters)
            typer.echo(f"    {line.label}：{line.text}  〔{line.clause}{marks}〕")
        for each in why.lines:
            typer.echo(f"    {'✂' if each.touched else '·'} {each.text}")
    typer.echo("\n不符合的项目：")
    for why in [each for each in found if not each.result.eligible]:
        failed = "；".join(line.label for line in why.result.failed)
        typer.echo(f"  □ {why.programme.title}（{names.get(why.result.person_key, '')}）：不满足 {failed}")


def _run_as_json(done: Run, totals: dict[str, dict[str, int]]) -> dict[str, Any]:
    return {
        "run": done.pk, "month": done.month, "kind": done.kind, "state": done.state, "snapshot": done.snapshot.name,
        "sha256": done.snapshot.sha256, "people": done.snapshot.rows, "digest": done.digest, "seconds": done.seconds,
        "totals": totals, "unverified": done.unverified,
    }  # fmt: skip


def _run_table(totals: dict[str, dict[str, int]]) -> Table:
    """A line a programme, in words where it moves: fits a terminal of 80 columns."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("项目", overflow="fold", ratio=4)
    for title in ("对象", "金额"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("变动", overflow="fold", ratio=5)
    for programme, row in totals.items():
        moved = [f"{title} {yuan(row[name]) if name.endswith('fen') else f'{row[name]:,}'}" for name, title in MOVED.items() if row[name]]
        title = programmes()[programme].title if programme in programmes() else programme
        table.add_row(title, f"{row['units']:,}", yuan(row["fen"]), "，".join(moved))
    return table


def _change(text: str) -> tuple[str, Any]:
    name, sign, raw = text.partition("=")
    if not sign or not name.strip():
        refuse(f"--set 应写成 参数=值，收到的是“{text}”")
    try:
        return name.strip(), json.loads(raw)
    except json.JSONDecodeError:
        refuse(f"--set {name} 的值应为整数、true/false 或 JSON，收到的是“{raw}”")


def _snapshot(month: str | None) -> Snapshot:
    rows = queries.snapshots(operator())
    if month is not None:
        rows = rows.filter(month=str(Month.of(month)))
    if found := rows.first():
        return found
    when = Month.of(month) if month else Month(business_date().replace(day=1)).before
    return actions.freeze_snapshot(month=when, by=operator(), preview=when.last > business_date())


def _tell_outcome(outcome: Outcome) -> None:
    boards = {unit.slug: unit.name for unit in management_units(date.fromisoformat(f"{outcome.month}-01"))}
    for title, rows, words in (
        ("项目", outcome.by_programme, {name: each.title for name, each in programmes().items()}), ("板块", outcome.by_board, boards),
        ("家庭类型", outcome.by_type, {}),
    ):  # fmt: skip
        table = Table(title, "现在", "改后", "增减", "受益", "受损", "对象变化")
        for name, row in rows.items():
            table.add_row(words.get(name, name or "其他"), yuan(row["before_fen"]), yuan(row["after_fen"]),
                          yuan(row["after_fen"] - row["before_fen"]), f"{row['winners']:,}", f"{row['losers']:,}",
                          f"{row['units_after'] - row['units_before']:+,}")  # fmt: skip
        Console().print(table)
    total = outcome.total
    typer.echo(f"{outcome.month}（快照 {outcome.snapshot}）每月增减 {yuan(outcome.cost_fen)}，受益 {total['winners']:,}，受损 {total['losers']:,}，"
               f"用时 {outcome.seconds:.1f} 秒")  # fmt: skip
