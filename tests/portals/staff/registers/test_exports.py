"""Exports: what is in them, what can never be, who gets them, what goes on record."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from python_calamine import CalamineWorkbook

from minzheng.kernel.foundation.jobs.actions import do_now
from minzheng.kernel.foundation.models import AuditEntry, Job, User
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
    number = client.get("/registers/exports/").context["rows"][0]["job"].pk
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
    masked = [[cell.text for cell in row.cells if cell.kind != "place"] for row in page]
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
    number = Job.objects.get(kind="register_export").pk
    assert other.get(f"/registers/exports/file/?id={number}").status_code == 404
    assert f"id={number}" not in other.get("/registers/exports/").content.decode()
    for odd in ("../../keys/django", "nothing", "..", "%00", "99999999", "-1"):
        assert client.get("/registers/exports/file/", {"id": odd}).status_code == 404


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


def waiting(world: World, as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> Job:
    """An export that is left to a worker."""
    monkeypatch.setattr(jobs, "AT_ONCE", 3)
    as_role("city_official").post(f"{base('people')}export/", {"reason": "work"})
    return Job.objects.get(kind="register_export")


def test_a_long_export_is_left_to_a_worker_and_shows_how_far_it_is(
    world: World, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, client = waiting(world, as_role, monkeypatch), as_role("city_official")
    assert job.state == "waiting" and "排队中" in client.get("/registers/exports/").content.decode()
    Job.objects.filter(pk=job.pk).update(state="running", done=5)
    page = client.get("/registers/exports/").content.decode()
    assert "41%" in page and "data-working" in page
    assert client.get(f"/registers/exports/file/?id={job.pk}").status_code == 404, "not before it is whole and on record"
    assert do_now(job).state == "done"
    assert client.get(f"/registers/exports/file/?id={job.pk}").status_code == 200
    assert "data-working" not in client.get("/registers/exports/").content.decode()


def test_an_export_that_breaks_says_so_and_leaves_nothing(
    world: World, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = waiting(world, as_role, monkeypatch)
    monkeypatch.setattr(jobs, "record_exported", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        do_now(job)
    assert "没有完成" in as_role("city_official").get("/registers/exports/").content.decode()
    assert not list(settings.HOME.exports.iterdir())


def test_a_user_who_was_deactivated_meanwhile_gets_nothing(
    world: World, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = waiting(world, as_role, monkeypatch)
    User.objects.filter(username="city_official").update(is_active=False)
    assert do_now(Job.objects.get(pk=job.pk)).state == "failed"
    assert not jobs.file_of(job).exists() and not AuditEntry.objects.filter(verb="register.export").exists()


def test_a_file_is_gone_after_a_day(world: World, as_role: AsRole) -> None:
    client = as_role("city_official")
    exported(client, f"{base('organisations')}export/")
    (first,) = settings.HOME.exports.iterdir()
    os.utime(first, (0, 0))
    client.post(f"{base('organisations')}export/", {})
    assert not first.exists() and "已过期" in client.get("/registers/exports/").content.decode()
