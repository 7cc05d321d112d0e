"""How the commands speak: results on stdout (JSON when asked), progress and refusals on stderr."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from minzheng.kernel.foundation.access import Actor

stderr = Console(stderr=True)


def refuse(reason: str) -> NoReturn:
    """Say in Chinese why nothing was done, and exit with 2."""
    typer.echo(reason, err=True)
    raise typer.Exit(2)


def print_json(value: Any) -> None:
    """One JSON value on stdout and nothing else; Chinese stays readable, dates are ISO."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def operator() -> Actor:
    """The person at the command line, for the audit: the operating system's user name."""
    return Actor.system(f"命令行:{getpass.getuser()}")


def parse_date(text: str | None, option: str) -> date | None:
    """ISO date of an option, None when it was not given; refuses anything else."""
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        refuse(f"{option} 应为 2024-05-01 这样的日期,收到的是“{text}”")
    if not 1990 <= day.year <= 2099:
        refuse(f"{option} 超出可用范围(1990 年至 2099 年):{text}")
    return day


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A progress display on stderr; silent when stderr is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=stderr, transient=True) as bar:
        yield bar
