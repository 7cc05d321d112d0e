"""`minzheng demo`: a synthetic city from files to closed visits, in a folder that is marked as such."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from django.conf import settings
from django.contrib.auth.hashers import make_password
from rich.console import Console
from rich.table import Table

from minzheng.kernel.divisions import queries as divisions
from minzheng.kernel.divisions.codes import code_range
from minzheng.kernel.feeds.actions import import_file
from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.queries import batches
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.actions import Range, create_user
from minzheng.kernel.foundation.packs import round_steps
from minzheng.kernel.foundation.queries import user_named
from minzheng.kernel.foundation.rounds import run_round
from minzheng.kernel.monitoring import queries as monitoring
from minzheng.portals.cli.demo_cases import work_on_cases
from minzheng.portals.cli.demo_money import USERS as MONEY_USERS
from minzheng.portals.cli.demo_money import open_books, pay_month
from minzheng.portals.cli.demo_plan import USERS as PLAN_USERS
from minzheng.portals.cli.demo_plan import begin_plan, close_month, work_on_plan
from minzheng.portals.cli.output import operator, progress_bar, refuse
from minzheng.synthetic_city.city import CityError, make_city
from minzheng.synthetic_city.field_work import work_off
from minzheng.synthetic_city.services import deliver_services

SEED = 2024
PASSWORD = "Minzheng-demo-2024"
NIGHTS = (
    date(2024, 6, 5), date(2024, 7, 5), date(2024, 8, 5), date(2024, 9, 2), date(2024, 9, 3), date(2024, 9, 4), date(2024, 9, 5),
)  # fmt: skip
TODAY = date(2024, 9, 6)
# Nights after which the month before is paid; the last one waits for its approval.
PAYDAYS = (date(2024, 6, 5), date(2024, 7, 5), date(2024, 8, 5), date(2024, 9, 5))
CITY_RANGE = ("320400000000", "320500000000")


def demo(residents: Annotated[int, typer.Option(help="合成城市的常住人口数")] = 60_000) -> None:
    """生成合成城市,导入各部门文件,运行 2024 年的几个夜间批处理,并让网格员办理其中一部分。

    中途被打断后重新运行,会接着做完;已做的不会重做。
    """
    home = settings.HOME
    if not home.is_synthetic() and batches(operator()).exists():
        refuse(f"{home.root} 里已有非演示数据。演示只能装进空目录:请另设 MINZHENG_HOME")
    home.mark_synthetic()
    settings.SYNTHETIC = True
    folder = home.root / "demo-city"
    _make_city(folder, residents)
    _make_users()
    deliveries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    _import_services(folder)
    imported = [_import_samples(settings.BASE_DIR / "tests" / "data" / "samples")]
    begin_plan(NIGHTS[0])
    for night in NIGHTS:
        imported.append(_import_due(folder, deliveries, night))
        if night == PAYDAYS[0]:
            open_books(night)
        _run_night(night)
        with clock.use(night):
            typer.echo(f"  网格员办结 {work_off(folder, night):,} 件")
        work_on_cases(night)
        if night in PAYDAYS:
            pay_month(night, only_submit=night == PAYDAYS[-1])
    work_on_plan(TODAY)
    close_month(TODAY)
    home.business_date.write_text(TODAY.isoformat(), encoding="utf-8")
    _say_what_is_there()


def _make_city(folder: Path, residents: int) -> None:
    if (folder / "manifest.json").exists():
        return
    with progress_bar() as bar:
        task = bar.add_task(f"生成 {residents:,} 人的合成城市", total=residents)
        try:
            make_city(
                residents=residents, seed=SEED, out=folder,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )  # fmt: skip
        except CityError as error:
            refuse(str(error))


def _make_users() -> None:
    """One official for the city, each board and each town, one grid worker for each village; one password for all."""
    by, hashed = operator(), make_password(PASSWORD)
    wanted: list[tuple[str, str, str, list[Range]]] = [
        ("shiju", "市局 周敏", "city_official", [(*CITY_RANGE, "常州市")]),
        ("shuju", "数据 吴昊", "data_steward", [(*CITY_RANGE, "常州市")]),
        ("shenji", "审计 郑洁", "auditor", [(*CITY_RANGE, "常州市")]),
        ("xitong", "系统 冯凯", "administrator", [(*CITY_RANGE, "常州市")]),
        ("anquan", "安全 卫宁", "security_administrator", [(*CITY_RANGE, "常州市")]),
        *((login, name, role, [(*CITY_RANGE, "常州市")]) for login, name, role in (*MONEY_USERS, *PLAN_USERS)),
    ]
    for unit in divisions.management_units(TODAY):
        ranges = [(low, high, unit.name) for low, high in divisions.ranges_of_unit(unit.slug, TODAY)]
        wanted.append((unit.slug, f"{unit.name} 经办", "district_official", ranges))
    for town in divisions.towns(TODAY):
        wanted.append((f"z{town.code[:9]}", f"{town.name} 经办", "town_official", [(*code_range(town.code), town.name)]))
    for village in divisions.villages(TODAY):
        wanted.append((f"g{village.code}", f"{village.name} 网格员", "grid_worker", [(*code_range(village.code), village.name)]))
    with progress_bar() as bar:
        for username, full_name, role, ranges in bar.track(wanted, description="建立各级用户"):
            if user_named(username) is None:
                create_user(username=username, full_name=full_name, role=role, jurisdictions=ranges, by=by, password_hash=hashed)


def _import_due(folder: Path, deliveries: list[dict[str, Any]], night: date) -> int:
    due = [item for item in deliveries if date.fromisoformat(item["as_of"]) <= night]
    rows = 0
    with progress_bar() as bar:
        for item in bar.track(due, description=f"导入 {night} 前送到的文件"):
            done = import_file(
                contract=item["contract"], path=folder / item["file"], as_of=date.fromisoformat(item["as_of"]), by=operator()
            )
            rows += 0 if done.already else done.batch.read
    return rows


def _import_samples(folder: Path) -> int:
    """The files of tests/data/samples, as departments really send them; the hopeless ones are refused and say why."""
    rows = 0
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    for name, expected in truth.items():
        try:
            done = import_file(contract=expected["contract"], path=folder / name, as_of=date(2024, 5, 31), by=operator())
            rows += 0 if done.already else done.batch.read
        except IntakeError as error:
            typer.echo(f"  拒收 {error}")
    return rows


def _import_services(folder: Path) -> None:
    """Care homes, canteens, social organisations …, for the registers and the map."""
    for delivered in deliver_services(out=folder, seed=SEED):
        import_file(contract=delivered.contract, path=delivered.path, as_of=delivered.as_of, by=operator())


def _run_night(night: date) -> None:
    with progress_bar() as bar:
        task = bar.add_task(f"夜间批处理 {night}", total=None)
        run = run_round("night", night, round_steps(), lambda step: lambda done, total: bar.update(
            task, description=f"{night} {step.title}", completed=done, total=total))  # fmt: skip
    seconds = sum(step.seconds for step in run.steps.all())
    typer.echo(f"夜间批处理 {night}:{run.steps.count()} 步,{seconds:.1f} 秒")


def _say_what_is_there() -> None:
    with clock.use(TODAY):
        actor = Actor.system("演示")
        figures = monitoring.counts(actor, TODAY)
        busiest = monitoring.alerts(actor, status="open").filter(assigned_to__role="grid_worker").first()
    worker = busiest.assigned_to.username if busiest and busiest.assigned_to else "g320412100002"
    town = f"z{worker[1:10]}"
    table = Table("角色", "登录名", "看到什么")
    table.add_row("市级经办", "shiju", "全市预警、精准度、数据批次")
    table.add_row("区级经办", "wujin", "武进区(不含经开区)的预警;经开区用 jingkai")
    table.add_row("镇街经办", town, "本镇街的预警与派单")
    table.add_row("网格员", worker, "今天要入户的家庭(手机上看)")
    table.add_row("待遇经办、审批", "daiyu shenpi", "发放批次、为什么是这个金额、复核、支付、参数、政策模拟")
    table.add_row("数据管理员", "shuju", "数据目录、批次、隔离退回")
    table.add_row("局领导、督办专员", "lingdao duban", "要点督办：34 项、27 个目标，确认节点和填报数，口径和责任处室")
    table.add_row("三员", "xitong anquan shenji", "开立账号 / 授权和解锁 / 审计")
    console = Console()
    typer.echo(f"\n预警 {figures['total']:,} 条:待派单 {figures['new']:,},待入户 {figures['assigned']:,},已办结 {figures['closed']:,},逾期 {figures['overdue']:,}")
    console.print(table)
    typer.echo(f"密码都是 {PASSWORD}    业务日期 {TODAY}    演示数据 · 全部人员均为合成")
