"""Commands for whoever runs a deployment: its clock, its users, its server, its demo."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from django.conf import settings

from minzheng.kernel.foundation import audit
from minzheng.portals.cli.output import operator, parse_date, refuse

clock = typer.Typer(no_args_is_help=True, help="业务日期")


def mount(app: typer.Typer) -> None:
    """Add these commands to the tree."""
    app.add_typer(clock, name="clock")
    app.command("serve")(serve)
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
) -> None:
    """启动办公端服务(默认只在本机)。"""
    from granian import Granian
    from granian.constants import Interfaces

    typer.echo(f"办公端:http://{host}:{port}/  (Ctrl+C 停止)", err=True)
    sys.stderr.flush()
    Granian(
        "minzheng.project.wsgi:application", address=host, port=port, interface=Interfaces.WSGI,
        workers=1, blocking_threads=8,
    ).serve()
