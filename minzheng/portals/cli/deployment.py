"""Commands for whoever runs a deployment: its clock, its users, its server, its demo."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.core.exceptions import ValidationError

from minzheng.kernel.divisions.actions import load_points
from minzheng.kernel.divisions.codes import code_range
from minzheng.kernel.divisions.maps import PointsError
from minzheng.kernel.divisions.queries import path_name, ranges_of_unit
from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import roles
from minzheng.kernel.foundation.actions import Range, create_user, set_calendar_days
from minzheng.kernel.foundation.calendar import days_of_year
from minzheng.kernel.foundation.clock import business_date
from minzheng.portals.cli.output import operator, parse_date, refuse
from minzheng.portals.cli.worker import Workers, worker

clock = typer.Typer(no_args_is_help=True, help="业务日期")
users = typer.Typer(no_args_is_help=True, help="用户")
divisions = typer.Typer(no_args_is_help=True, help="区划")
calendar = typer.Typer(no_args_is_help=True, help="工作日历")


def mount(app: typer.Typer) -> None:
    """Add these commands to the tree."""
    app.add_typer(clock, name="clock")
    app.add_typer(users, name="users")
    app.add_typer(calendar, name="calendar")
    app.add_typer(divisions, name="divisions")
    app.command("serve")(serve)
    app.command("worker")(worker)
    app.command("verify-audit")(verify_audit)


@clock.command("set")
def set_clock(day: Annotated[str, typer.Argument(help="如 2024-10-31")]) -> None:
    """Let the deployment take DAY for today (demo and rehearsal)."""
    parsed = parse_date(day, "业务日期")
    if parsed is None:
        refuse("请给出业务日期")
    audit.record(operator(), "clock.set", "deployment:clock", day=parsed.isoformat())
    settings.HOME.business_date.write_text(parsed.isoformat(), encoding="utf-8")
    typer.echo(f"业务日期已设为 {parsed}")


@clock.command("follow")
def follow_calendar() -> None:
    """Let the deployment follow the calendar again."""
    audit.record(operator(), "clock.follow", "deployment:clock")
    settings.HOME.business_date.unlink(missing_ok=True)
    typer.echo("业务日期改为跟随日历")


@users.command("add")
def add_user(
    username: str,
    full_name: Annotated[str, typer.Option("--name", help="姓名")],
    role: Annotated[str, typer.Option(help="角色代码")],
    area: Annotated[list[str], typer.Option(help="区划代码(可省略末尾的 0)或管理板块标识,可重复")],
) -> None:
    """新建用户:密码从键盘输入,不留在命令行里。"""
    password = typer.prompt("密码(至少 10 位)", hide_input=True, confirmation_prompt=True)
    try:
        ranges = [found for place in area for found in _ranges(place)]
        create_user(username=username, full_name=full_name, role=role, jurisdictions=ranges, by=operator(), password=password)
    except ValidationError as error:
        refuse(";".join(error.messages))
    except (LookupError, ValueError) as error:
        refuse(str(error))
    typer.echo(f"已建立用户 {username}({roles()[role].title})")


def _ranges(place: str) -> list[Range]:
    if place.isdigit():
        return [(*code_range(place), path_name(place.ljust(12, "0"), business_date()))]
    return [(low, high, place) for low, high in ranges_of_unit(place, business_date())]


@divisions.command("load-points")
def load_surveyed_points(
    file: Annotated[Path, typer.Argument(help="CSV：code,longitude,latitude（度，CGCS2000）")],
    source: Annotated[str, typer.Option(help="坐标从哪里来，如“市自然资源局 2024 年地名库”")],
) -> None:
    """用实测坐标替换示意位置：整份检查，有一行不对就全部不动。"""
    if not file.exists():
        refuse(f"没有这个文件：{file.name}")
    try:
        typer.echo(f"已载入 {load_points(by=operator(), path=file, source=source):,} 个实测位置")
    except PointsError as error:
        refuse(f"{file.name} {error}")


@calendar.command("add-year")
def add_year(
    year: int,
    holiday: Annotated[list[str], typer.Option(help="放假日,如 2027-01-01,可重复")],
    workday: Annotated[list[str] | None, typer.Option(help="调休上班的周末,可重复")] = None,
) -> None:
    """按国务院办公厅公布的放假安排补录一年的工作日历。"""
    free = [day for text in holiday if (day := parse_date(text, "--holiday"))]
    made_up = [day for text in workday or [] if (day := parse_date(text, "--workday"))]
    try:
        days = days_of_year(year, dict.fromkeys(free, "放假"), dict.fromkeys(made_up, "调休"))
    except ValueError as error:
        refuse(str(error))
    count = set_calendar_days(days=days, by=operator(), source=f"{year} 年放假安排(人工录入)")
    typer.echo(f"已录入 {year} 年工作日历 {count} 天")


def verify_audit() -> None:
    """审计链校验:逐条核对,发现篡改时退出码为 1。"""
    broken = audit.verify()
    if broken is not None:
        typer.echo(f"审计链在第 {broken} 条处断裂:记录被改动或删除,请立即保全现场并报告", err=True)
        raise typer.Exit(1)
    typer.echo("审计链完整")


def serve(
    host: Annotated[str, typer.Option(help="监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口")] = 8000,
    workers: Annotated[int, typer.Option(help="处理后台任务(导入、导出)的进程数")] = 2,
) -> None:
    """启动办公端服务(默认只在本机)和处理后台任务的进程。"""
    from granian import Granian
    from granian.constants import Interfaces

    typer.echo(f"办公端:http://{host}:{port}/  (Ctrl+C 停止)", err=True)
    sys.stderr.flush()
    with Workers(workers):
        Granian(
            "minzheng.project.wsgi:application", address=host, port=port, interface=Interfaces.WSGI,
            workers=1, blocking_threads=8,
        ).serve()
