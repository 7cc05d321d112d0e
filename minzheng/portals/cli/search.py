"""Commands of the search index."""

from __future__ import annotations

import typer

from minzheng.kernel.registry.search.actions import rebuild as rebuild_index
from minzheng.portals.cli.output import operator, progress_bar

app = typer.Typer(no_args_is_help=True, help="检索")


@app.command()
def rebuild() -> None:
    """重建姓名、拼音、住址的检索索引；中断后重新运行即可，期间检索照常可用。"""
    with progress_bar() as bar:
        task = bar.add_task("重建检索索引", total=None)
        done = rebuild_index(by=operator(), progress=lambda at, total: bar.update(task, completed=at, total=total))
    typer.echo(f"已索引 {done:,} 条（人员和家庭）")


@app.command()
def status() -> None:
    """说明索引是否齐全。"""
    from minzheng.kernel.registry.search.queries import missing

    found = missing()
    typer.echo("索引齐全" if not found else f"有 {found:,} 人还没有索引：请运行 minzheng search rebuild")
