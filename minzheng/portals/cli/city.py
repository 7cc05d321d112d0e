"""`minzheng city`: a synthetic city for the demo, tests and benchmarks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from minzheng.portals.cli.output import parse_date, print_json, progress_bar, refuse
from minzheng.synthetic_city.city import CityError, make_city
from minzheng.synthetic_city.dates import LAST

app = typer.Typer(no_args_is_help=True, help="合成城市:虚构居民的各部门数据")


@app.callback()
def city() -> None:
    """合成城市:虚构居民的各部门数据。"""


@app.command()
def make(
    residents: Annotated[int, typer.Option(help="常住人口数,100 至 6000000")],
    seed: Annotated[int, typer.Option(help="随机种子:相同种子得到逐字节相同的文件")],
    out: Annotated[Path, typer.Option(help="输出文件夹(新的或空的)")],
    as_of: Annotated[str | None, typer.Option("--as-of", help=f"数据截止日期,默认 {LAST}")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """生成各部门会报送的文件,附清单 manifest.json;真实情况另存 truth/。"""
    until = parse_date(as_of, "--as-of") or LAST
    with progress_bar() as bar:
        task = bar.add_task("生成合成城市", total=residents)
        try:
            made = make_city(
                residents=residents, seed=seed, out=out, until=until,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )  # fmt: skip
        except CityError as error:
            refuse(str(error))
    if as_json:
        print_json({"residents": made.residents, "files": made.files, "rows": made.rows, "manifest": str(made.manifest)})
    else:
        typer.echo(f"已生成 {made.residents} 名虚构居民:{made.files} 个文件,{made.rows} 行。清单:{made.manifest}")
