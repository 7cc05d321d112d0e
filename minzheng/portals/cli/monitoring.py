"""`minzheng night` and `minzheng alerts`: the night's round, and what it found."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from minzheng.kernel.divisions.queries import names
from minzheng.kernel.foundation.calendar import CalendarMissing
from minzheng.kernel.foundation.clock import business_date
from minzheng.kernel.foundation.models import RoundRun
from minzheng.kernel.foundation.packs import round_steps
from minzheng.kernel.foundation.rounds import Progress as Watch
from minzheng.kernel.foundation.rounds import RoundBusy, Step, run_round
from minzheng.kernel.monitoring import actions, queries
from minzheng.kernel.monitoring.catalogue import scenarios, title_of
from minzheng.kernel.monitoring.errors import ScenarioError
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.monitoring.outcomes import OUTCOMES
from minzheng.kernel.monitoring.readiness import check_ready
from minzheng.kernel.registry.masking import mask_name
from minzheng.kernel.rules.engines import EngineError
from minzheng.portals.cli.output import operator, parse_date, print_json, progress_bar, refuse

alerts = typer.Typer(no_args_is_help=True, help="预警:清单与各场景的精准度")
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="业务日期，如 2024-06-03；默认部署的业务日期")]


class Status(StrEnum):
    """States by which a list can be limited; `open` is all that are not closed."""

    OPEN = "open"
    NEW = "new"
    ASSIGNED = "assigned"
    CLOSED = "closed"


def night(as_of: AsOf = None, as_json: AsJson = False) -> None:
    """运行一个业务日期的夜间批处理；被中断的批处理由下一次运行接着做完。"""
    day = parse_date(as_of, "--as-of") or business_date()
    try:
        check_ready(day)
        with progress_bar() as bar:
            run = run_round("night", day, round_steps(), _watch(bar))
    except (RoundBusy, CalendarMissing, LookupError, EngineError, ScenarioError) as error:
        refuse(str(error))
    report = _report(run, day)
    if as_json:
        print_json(report)
        return
    table = Table("步骤", "读入", "产出", "用时(秒)")
    for step in report["steps"]:
        table.add_row(step["title"], f"{step['rows_in']:,}", f"{step['rows_out']:,}", f"{step['seconds']:.1f}")
    Console().print(table)
    typer.echo(f"{day} 发现预警 {report['new_alerts']:,} 条，逾期升级 {report['escalated']:,} 条，待镇街派单 {report['waiting']:,} 条")


@alerts.command("list")
def list_alerts(
    status: Annotated[Status | None, typer.Option(help="open 为全部未办结")] = None,
    scenario: Annotated[str | None, typer.Option(help="场景代码，如 unemployment")] = None,
    division: Annotated[str | None, typer.Option(help="区划代码，或板块代码，如 320412、jingkai")] = None,
    as_json: AsJson = False,
) -> None:
    """列出预警(姓名遮蔽)。"""
    if scenario and scenario not in scenarios():
        refuse(f"没有“{scenario}”这个场景，可用：{'、'.join(scenarios())}")
    actor = operator()
    try:
        rows = queries.alerts(actor, status=status, scenario=scenario, division=division)
    except (LookupError, ValueError) as error:
        refuse(str(error))
    listed = actions.list_alerts(rows=rows, by=actor)
    places = names({row.division_code for row in listed}, business_date())
    if as_json:
        print_json([_as_json(row, places) for row in listed])
        return
    table = Table("编号", "场景", "严重程度", "状态", "期限", "村社区", "人员", "摘要")
    for row in listed:
        table.add_row(
            str(row.pk), title_of(row.scenario), row.get_severity_display(), row.get_status_display(), f"{row.due_on}",
            places[row.division_code], mask_name(row.person.name), row.summary,
        )  # fmt: skip
    Console().print(table)
    typer.echo(f"共 {len(listed):,} 条")


@alerts.command()
def precision(as_of: AsOf = None, as_json: AsJson = False) -> None:
    """各场景的精准度:入户后给予救助的 ÷ 入户后有结论的(救助与无需救助)。"""
    found = queries.precision(parse_date(as_of, "--as-of") or business_date())
    if as_json:
        print_json([{**vars(row), "precision": row.value} for row in found])
        return
    table = Table("场景", "预警", "未入户", "给予救助", "无需救助", "不计(去世、搬走、未找到)", "精准度")
    for row in found:
        value = "—" if row.value is None else f"{row.value:.0%}"
        table.add_row(row.title, *(f"{n:,}" for n in (row.raised, row.unvisited, row.helped, row.not_needed, row.not_counted)), value)
    Console().print(table)


def _watch(bar: Progress) -> Any:
    def start(step: Step) -> Watch:
        task = bar.add_task(step.title, total=None)
        return lambda done, total: bar.update(task, completed=done, total=total)

    return start


def _report(run: RoundRun, day: date) -> dict[str, Any]:
    steps = [
        {"step": step.name, "title": step.title, "rows_in": step.rows_in, "rows_out": step.rows_out,
         "seconds": step.seconds, "details": step.details} for step in run.steps.all()
    ]  # fmt: skip
    out = {step["step"]: step["rows_out"] for step in steps}
    waiting = next((step["details"]["left_with_towns"] for step in steps if step["step"] == "assign_new"), 0)
    return {
        "as_of": day.isoformat(), "run": run.pk, "status": run.status, "steps": steps,
        "new_alerts": out.get("raise_alerts", 0), "assigned": out.get("assign_new", 0),
        "escalated": out.get("escalate_overdue", 0), "waiting": waiting,
    }  # fmt: skip


def _as_json(row: Alert, places: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.pk, "scenario": row.scenario, "title": title_of(row.scenario), "severity": row.severity,
        "status": row.status, "raised_on": row.raised_on, "event_date": row.event_date, "due_on": row.due_on,
        "division_code": row.division_code, "division": places[row.division_code], "rung": row.rung,
        "person": mask_name(row.person.name), "person_key": row.person.person_key,
        "assigned_to": row.assigned_to.username if row.assigned_to else None, "summary": row.summary,
        "evidence": row.evidence, "outcome": row.outcome or None,
        "outcome_title": OUTCOMES[row.outcome].title if row.outcome else None, "closed_on": row.closed_on,
    }  # fmt: skip
