"""Exports: what is in them, what can never be, who gets them, what goes on record."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from python_calamine import CalamineWorkbook

from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.foundation.registers import Column
from minzheng.portals.staff.registers import jobs
from minzheng.portals.staff.registers.cells import Cell
from minzheng.portals.staff.registers.workbook import Book, Mark
from tests.portals.staff.registers.places import PARAMS, base, expected
from tests.portals.staff.world import World

AsRole = Callable[[str], Client]
MARK = Mark("人员台账", "赵", "2024-06-03 09:00:00", "条件 全部", "abc")


def exported(client: Client, address: str, reason: str = "work") -> list[list[Any]]:
    """The rows of the first sheet of an export, mark and heads included."""
    assert client.post(address, {"reason": reason, "note": ""}).status_code == 302
    number = client.get("/registers/exports/").context["rows"][0]["job"].number
    response = client.get(f"/registers/exports/file/?id={number}")
    assert response.status_code == 200
    path = Path(settings.HOME.work) / "export.xlsx"
    path.write_bytes(b"".join(response.streaming_content))  # type: ignore[attr-defined]
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()  # type: ignore[no-any-return]


@pytest.mark.parametrize(("slug", "role"), [(slug, role) for slug, role in PARAMS if not role.endswith("worker")])
def test_an_export_ends_at_the_jurisdiction(slug: str, role: str, world: World, as_role: AsRole) -> None:
    rows = exported(as_role(role), f"{base(slug)}export/")
    assert len(rows) - 2 == len(expected(slug, world, role))
    if role != "city_official":
        assert world.other_village.name not in str(rows)


@pytest.mark.parametrize("role", ["grid_worker", "outside_worker", "data_steward", "auditor"])
def test_who_may_not_export(role: str, world: World, as_role: AsRole) -> None:
    assert as_role(role).post(f"{base('people')}export/", {"reason": "work"}).status_code == 403
    assert "导出 Excel" not in as_role(role).get(base("people")).content.decode()


def test_personal_data_need_a_reason_and_stay_masked(world: World, as_role: AsRole) -> None:
    client = as_role("town_official")
    address = f"{base('people')}export/?col=name&col=id_number&col=phone&col=place&sort=-age"
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"reason": "other", "note": ""}).status_code == 422
    rows = exported(client, address)
    page = client.get(address.replace("export/", "")).context["rows"]
    masked = [[cell.text for cell in row["cells"] if cell.kind != "place"] for row in page]
    assert [[row[0], *row[2:]] for row in rows[2:]] == masked
    for person in (alert.person for alert in world.alerts):
        assert person.name not in str(rows) and person.id_number not in str(rows)
    assert "湖塘镇" in rows[2][1], "a place is named in full in what leaves the screen"


def test_organisations_need_no_reason(world: World, as_role: AsRole) -> None:
    assert as_role("town_official").post(f"{base('organisations')}export/", {}).status_code == 302


def test_the_mark_and_the_record(world: World, as_role: AsRole) -> None:
    rows = exported(as_role("district_official"), f"{base('people')}export/?fact=pension&place=wujin&col=name", "report")
    for said in ("周区办（district_official）", "业务日期 2024-06-03", "事实：养老待遇", "所在地：武进区"):
        assert said in rows[0][0]
    entry = AuditEntry.objects.get(verb="register.export")
    assert (entry.actor, entry.subject, entry.reason) == ("district_official", "register:people", "上级要求的统计报送")
    assert entry.details == {"query": "fact=pension&place=wujin", "columns": ["name"], "rows": len(rows) - 2}
    with zipfile.ZipFile(Path(settings.HOME.work) / "export.xlsx") as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        assert "周区办" in sheet and "<oddFooter>" in sheet and "<picture " in sheet
        assert "周区办" in parts.read("docProps/core.xml").decode()


def test_nobody_else_gets_the_file(world: World, as_role: AsRole) -> None:
    client, other = as_role("district_official"), as_role("city_official")
    exported(client, f"{base('organisations')}export/")
    number = jobs.mine(replace_actor(world, "district_official"))[0].number
    assert other.get(f"/registers/exports/file/?id={number}").status_code == 404
    assert number not in other.get("/registers/exports/").content.decode()
    for odd in ("../../keys/django", "nothing", "..", "%00"):
        assert client.get("/registers/exports/file/", {"id": odd}).status_code == 404


def replace_actor(world: World, role: str) -> Any:
    from minzheng.kernel.foundation.access import Actor

    return Actor.of(world.users[role])


def test_a_wrong_filter_exports_nothing(world: World, as_role: AsRole) -> None:
    response = as_role("city_official").post(f"{base('people')}export/?sex=x", {"reason": "work"})
    assert response.status_code == 302 and response["Location"].startswith("/registers/people/?")
    assert not AuditEntry.objects.filter(verb="register.export").exists()


@pytest.mark.parametrize("text", ["=1+1", "+8613770000", "-5", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "https://a.b/", "007", "a\x00b\x0b", "\ud800"])
def test_no_text_becomes_a_formula_a_link_or_a_number(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with Book(path, [Column("a", "列")], MARK) as book:
        book.write([[Cell(text, "text")]])
    with zipfile.ZipFile(path) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "<hyperlink" not in sheet
    value = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()[2][0]
    assert isinstance(value, str) and value


def test_a_full_sheet_is_followed_by_another(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with Book(path, [Column("a", "列")], MARK, sheet_rows=12) as book:
        book.write([[Cell(str(number), "text")] for number in range(25)])
    workbook = CalamineWorkbook.from_path(str(path))
    sheets = [workbook.get_sheet_by_index(at).to_python() for at in range(len(workbook.sheet_names))]
    assert [len(sheet) for sheet in sheets] == [12, 12, 7]
    assert all("导出人 赵" in sheet[0][0] and sheet[1] == ["列"] for sheet in sheets)
    assert [row[0] for sheet in sheets for row in sheet[2:]] == [str(number) for number in range(25)]


def test_a_long_export_is_handed_to_a_process_and_shows_how_far_it_is(
    world: World, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(jobs, "AT_ONCE", 3)
    monkeypatch.setattr(jobs.subprocess, "Popen", lambda command, **_: started.append(command))
    client = as_role("city_official")
    client.post(f"{base('people')}export/", {"reason": "work"})
    (job,) = jobs.mine(replace_actor(world, "city_official"))
    assert started[0][-4:-2] == ["make_export", job.number] and job.status == "waiting"
    assert "data-working" in client.get("/registers/exports/").content.decode()
    replace(job, status="running", written=5).keep()
    assert "41%" in client.get("/registers/exports/").content.decode()
    assert client.get(f"/registers/exports/file/?id={job.number}").status_code == 404, "not before it is whole and on record"
    call_command("make_export", job.number)
    assert client.get(f"/registers/exports/file/?id={job.number}").status_code == 200


def test_nobody_starts_more_than_two_at_once(world: World, as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 0)
    monkeypatch.setattr(jobs.subprocess, "Popen", lambda command, **_: None)
    for _ in range(4):
        page = as_role("city_official").post(f"{base('organisations')}export/", {}, follow=True)
    assert len(jobs.mine(replace_actor(world, "city_official"))) == 2 and "您已有导出在进行" in page.content.decode()


def test_a_failed_or_killed_export_says_so(world: World, as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 0)
    monkeypatch.setattr(jobs.subprocess, "Popen", lambda command, **_: None)
    client = as_role("city_official")
    client.post(f"{base('organisations')}export/", {})
    (job,) = jobs.mine(replace_actor(world, "city_official"))
    monkeypatch.setattr(jobs, "SILENT_SECONDS", -1)
    assert "中途被打断" in client.get("/registers/exports/").content.decode()
    jobs.fail(job, "写文件时出错")
    assert "写文件时出错" in client.get("/registers/exports/").content.decode()


def test_a_user_who_was_deactivated_meanwhile_gets_nothing(world: World, as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    from minzheng.kernel.foundation.access import Forbidden

    monkeypatch.setattr(jobs, "AT_ONCE", 0)
    monkeypatch.setattr(jobs.subprocess, "Popen", lambda command, **_: None)
    as_role("city_official").post(f"{base('organisations')}export/", {})
    (job,) = jobs.mine(replace_actor(world, "city_official"))
    world.users["city_official"].is_active = False
    world.users["city_official"].save()
    with pytest.raises(Forbidden):
        jobs.make(job)
    assert not job.file.exists()
