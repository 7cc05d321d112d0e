"""`minzheng plan`: the yearly plan on the command line: where it stands, and loading a year's file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from minzheng.kernel.foundation.clock import business_date
from minzheng.kernel.indicators import actions, queries
from minzheng.kernel.indicators.declarations import UNITS
from minzheng.kernel.indicators.errors import PlanError
from minzheng.kernel.indicators.queries.shapes import ItemCard, OwnFigure, PlanView, TargetState
from minzheng.kernel.indicators.states import STATES
from minzheng.portals.cli import plan_report
from minzheng.portals.cli.output import operator, parse_date, print_json, refuse

app = typer.Typer(no_args_is_help=True, help="工作要点:进度、导入和报告")
app.command("report")(plan_report.report)
LARGEST = 4 * 1024 * 1024  # bytes of a plan's file


@app.command("status")
def status(
    as_of: Annotated[str | None, typer.Option("--as-of", help="截至日期，如 2024-09-05；默认部署的业务日期")] = None,
    place: Annotated[str, typer.Option(help="区划代码，或板块代码，如 320412000000、jingkai；默认全市")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """工作要点到某一天的进度：每一项、每个量化目标的分子、分母、单位和状态。"""
    day = parse_date(as_of, "--as-of") or business_date()
    try:
        view = queries.overview(operator(), day, place=place)
    except (PlanError, LookupError) as error:
        refuse(str(error))
    if as_json:
        print_json(_as_json(view))
        return
    measured = f"指标截至 {view.measured.as_of}" if view.measured else "指标还没有测算过"
    typer.echo(f"{view.plan.title}  {view.place_title}  {view.on}  时间已过 {view.elapsed:.0%}  {measured}")
    table = Table("项", "状态", "目标", "进度", "目标数", "口径、说明")
    for card in view.cards:
        table.add_row(str(card.number), card.state_title, card.item.title, _stations(card), "", card.office.title)
        for each in card.targets:
            table.add_row("", each.state_title, f"  {each.target.code} {each.target.verbatim}", _amounts(each), each.goal_shown, each.reason or each.reading.title)
    Console().print(table)
    said = "、".join(f"{title} {count}" for title, count in _counted(view).items() if count)
    typer.echo(f"{len(view.cards)} 项之中：{said}")


@app.command("load")
def load(path: Annotated[Path, typer.Argument(help="要点文件（YAML）", exists=True, dir_okay=False, readable=True)]) -> None:
    """导入一个年度的工作要点；同一文件再导入不改变任何内容，文件有错则整份不导入。"""
    if path.stat().st_size > LARGEST:
        refuse(f"{path.name} 超过 {LARGEST // 1024 // 1024} MB，不像是要点文件")
    try:
        loaded = actions.load_plan(text=path.read_text(encoding="utf-8"), file_name=path.name, by=operator())
    except UnicodeDecodeError:
        refuse(f"{path.name} 不是 UTF-8 编码的文字，请另存为 UTF-8")
    except PlanError as error:
        refuse(str(error))
    if loaded.already:
        typer.echo(f"{loaded.plan.title}：内容与第 {loaded.plan.version} 版相同，没有改变")
        return
    counts = loaded.counts
    typer.echo(f"{loaded.plan.title}：已导入第 {loaded.plan.version} 版，新增 {counts['new']}，修改 {counts['changed']}，撤下 {counts['withdrawn']}")


def _counted(view: PlanView) -> dict[str, int]:
    return {STATES[state]: count for state, count in view.counts.items()}


def _stations(card: ItemCard) -> str:
    late = f"，逾期 {len(card.late)}" if card.late else ""
    return f"节点 {card.milestones_done}/{card.milestones_total}{late}"


def _amounts(state: TargetState) -> str:
    if state.value is None:
        return "—"
    parts = f"（{state.numerator:,}/{state.denominator:,}）" if state.denominator is not None else ""
    typed = f" 填报：{state.reported_by}" if state.source == "reported" else ""
    return f"{state.shown}{parts}{typed}"


def _as_json(view: PlanView) -> dict[str, Any]:
    return {
        "plan": view.plan.title, "version": view.plan.version, "as_of": view.on, "place": view.place, "place_title": view.place_title,
        "measured": view.measured.as_of if view.measured else None, "elapsed": view.elapsed,
        "items": [
            {
                "number": card.number, "chapter": card.item.chapter, "title": card.item.title, "office": card.office.title, "state": card.state,
                "state_title": card.state_title, "milestones": {"done": card.milestones_done, "total": card.milestones_total},
                "late": [{"kind": late.kind, "title": late.title, "due": late.due, "days": late.days, "owner": late.owner} for late in card.late],
                "targets": [_target(each) for each in card.targets], "figures": [_figure(each) for each in card.figures],
            }
            for card in view.cards
        ],
    }  # fmt: skip


def _target(state: TargetState) -> dict[str, Any]:
    return {
        "code": state.target.code, "verbatim": state.target.verbatim, "numerator": state.numerator, "denominator": state.denominator,
        "unit": state.target.unit, "unit_title": UNITS[state.target.unit], "value": state.value, "per": state.target.per,
        "goal": state.target.figure, "compare": state.target.compare, "share_of_goal": state.share_of_goal, "expected_share": state.expected_share,
        "state": state.state, "state_title": state.state_title, "source": state.source, "reading": state.reading.name, "as_of": state.as_of,
        "forecast": state.forecast.value, "forecast_reason": state.forecast.reason, "reported_by": state.reported_by, "reason": state.reason,
        "other_readings": [
            {"reading": each.name, "numerator": each.numerator, "denominator": each.denominator, "value": each.value} for each in state.other_readings
        ],
    }  # fmt: skip


def _figure(figure: OwnFigure) -> dict[str, Any]:
    return {
        "indicator": figure.indicator.name, "title": figure.indicator.title, "numerator": figure.numerator, "denominator": figure.denominator,
        "unit": figure.indicator.unit, "value": figure.value, "as_of": figure.as_of,
    }  # fmt: skip
