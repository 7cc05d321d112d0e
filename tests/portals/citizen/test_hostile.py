"""Bad input and hostile use, one test for each way that the bureau named: refused with a clear message, and on record.

What is tested elsewhere: double submission (test_cases, test_later), codes and their hours (test_sign_in, test_store, test_signing),
another's case by its number (test_cases), text that stays text on pages (test_cases) and in papers (staff/test_cases_papers).
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minzheng.kernel.casework import actions, queries
from minzheng.kernel.casework.models import Authorisation, Case, CaseAction, CasePaper
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.identifiers import make_id
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.registry.documents import formats
from minzheng.kernel.registry.models import Person
from minzheng.portals.citizen.views import apply, cases, front
from tests.portals.citizen.application import ITEM, PNG, begun, filled, sent, token_of
from tests.portals.citizen.conftest import CODE, ask_code
from tests.portals.staff.registers.test_exports import exported
from tests.portals.staff.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[int], Client]


def limited(kind: str) -> int:
    return AuditEntry.objects.filter(verb="citizen.limited", subject=f"limit:{kind}").count()


# --- double submission and stale tabs --------------------------------------------------------------------------------------


def test_an_old_tab_says_that_nothing_was_saved(enter: Enter, people: list[Person], world: World) -> None:
    client = enter(0)
    case = begun(client, people[0])
    base = f"/citizen/cases/{case.number}/"
    old = filled(people[0], token_of(client, f"{base}edit/"), statement="另一个页面里写的")
    finish = {"form_token": token_of(client, f"{base}finish/"), "true": "1", "signature": people[0].name}
    assert client.post(f"{base}finish/", finish).status_code == 302
    assert client.post(f"{base}edit/", old).status_code == 302
    assert "刚才改的没有保存" in client.get(base).content.decode()
    assert "另一个页面" not in str(queries.answers(case, Actor.system("测试")))
    actions.decline_case(case=case, by=Actor.of(world.users["town_official"]), reason_code="not_this", explanation="不属于这个事项")
    withdrawn = client.post(f"{base}withdraw/", {"form_token": "ab" * 16})
    assert withdrawn.status_code == 422 and "不予受理" in withdrawn.content.decode()
    assert AuditEntry.objects.filter(verb="case.refused.withdraw", subject=f"case:{case.pk}").exists()


def test_a_rating_and_an_objection_come_once(enter: Enter, people: list[Person], world: World) -> None:
    client = enter(0)
    case = sent(client, people[0])
    actions.decline_case(case=case, by=Actor.of(world.users["town_official"]), reason_code="not_this", explanation="不属于这个事项")
    told = {"form_token": "cd" * 16, "statement": "我家只有一套住房"}
    assert [client.post(f"/citizen/cases/{case.number}/object/", told).status_code for _ in range(2)] == [302, 302]
    assert CaseAction.objects.filter(case=case, verb="object").count() == 1


# --- uploads ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"<html><script>alert(1)</script>", "病历.jpg", "只收 PDF、JPG、PNG"), (b'<svg xmlns="http://www.w3.org/2000/svg"><foreignObject><body onload="alert(1)"/></foreignObject></svg>', "照片.svg", "只收"),
        (b'<?xml version="1.0"?><svg><script>1</script></svg>', "照片.png", "只收"), (b"MZ\x90\x00", "invoice.pdf.exe", "只收"), (b"PK\x03\x04", "证明.docm", "只收"),
        (b"#!/bin/sh\nrm -rf /", "../../../etc/cron.d/x", "只收"), (b"%PDF-1.7 half", "断了.pdf", "PDF 不完整"), (b"", "空.png", "空文件"), (b"GIF89a<script>", "a.gif", "只收"),
    ],
)  # fmt: skip
def test_what_is_no_paper_is_refused_whatever_it_is_called(content: bytes, name: str, words: str, enter: Enter, people: list[Person]) -> None:
    client = enter(0)
    case = begun(client, people[0])
    answer = client.post(f"/citizen/cases/{case.number}/attach/", {"material": "unemployed", "file": SimpleUploadedFile(name, content, "image/png")})
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not CasePaper.objects.filter(case=case).exists()
    assert AuditEntry.objects.filter(verb="case.refused.attach", subject=f"case:{case.pk}").exists()


@pytest.mark.parametrize("name", ["../../evil.exe", "证明.pdf.scr", "con.png", "a\u202egnp.exe", "=cmd|'/c calc'!A1.png", "<img src=x>.png"])
def test_the_name_of_a_file_is_worth_nothing(name: str, enter: Enter, people: list[Person]) -> None:
    """A photograph under a name like malware is a photograph; the name goes nowhere."""
    client = enter(0)
    case = begun(client, people[0])
    assert client.post(f"/citizen/cases/{case.number}/attach/", {"material": "unemployed", "file": SimpleUploadedFile(name, PNG)}).status_code == 302
    paper = CasePaper.objects.get(case=case)
    assert paper.title == "没有工作的说明" and paper.document.title == "没有工作的说明"
    got = client.get(f"/citizen/cases/{case.number}/papers/{paper.pk}/")
    assert got["Content-Disposition"].startswith("attachment") and ".exe" not in got["Content-Disposition"]
    assert got["X-Content-Type-Options"] == "nosniff"


def test_too_much_is_refused_before_it_is_read_and_on_record_once(enter: Enter, people: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    client = enter(0)
    case = begun(client, people[0])
    address = f"/citizen/cases/{case.number}/attach/"
    for _ in range(3):
        answer = client.post(address, {"material": "unemployed"}, CONTENT_LENGTH=str(100 * 1024 * 1024))
        assert answer.status_code == 413 and "20 MB" in answer.content.decode()
    assert limited("large") == 1
    monkeypatch.setattr(cases, "LARGEST", 50)
    monkeypatch.setattr(formats, "LARGEST", 50)
    answer = client.post(address, {"material": "unemployed", "file": SimpleUploadedFile("a.png", PNG)})
    assert answer.status_code == 422 and "超过 20 MB" in answer.content.decode()


# --- numbers, codes, masses ------------------------------------------------------------------------------------------------


def test_reading_by_guessed_numbers_is_on_record_and_tells_nothing(enter: Enter, people: list[Person]) -> None:
    case = sent(enter(0), people[0])
    other = enter(3)
    pages = [other.get(f"/citizen/cases/{number}/") for number in (case.number, "20240603-ZZZZZZZZ", "1")]
    assert {page.status_code for page in pages} == {404}
    assert len({page.content.decode().replace(case.number, "").split("<main")[1].split("</main>")[0] for page in pages}) == 1, "another's and none look alike"
    assert AuditEntry.objects.filter(verb="case.read_refused").count() == 3


def test_codes_of_papers_are_not_guessed_by_the_thousand(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "CHECKS", 3)
    statuses = [Client().get(f"/citizen/verify/AAAABBBBCCCC{n:04d}/").status_code for n in range(5)]
    assert statuses == [404, 404, 404, 429, 429]
    assert limited("verify") == 1


def test_guessed_codes_are_on_record(people: list[Person]) -> None:
    client = Client()
    right = ask_code(client, people[0])
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(7):
        client.post("/citizen/sign-in/code/", {"code": wrong})
    assert limited("tries") == 1
    entry = AuditEntry.objects.get(verb="citizen.limited")
    assert entry.details["who"] == f"{people[0].phone[:3]}****{people[0].phone[-4:]}", "masked"


def test_many_applications_from_one_phone_are_stopped(enter: Enter, people: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    """One phone stands behind several people: what counts is the phone, whoever applies and from wherever."""
    monkeypatch.setattr(apply, "PER_PHONE", 1)
    people[3].phone = people[0].phone
    people[3].save()
    first, second = enter(0), enter(3)
    form = filled(people[0], token_of(first))
    assert [first.post(ITEM, form).status_code for _ in range(3)] == [302, 302, 302], "one form that comes three times is one application"
    answer = second.post(ITEM, filled(people[3], token_of(second)), REMOTE_ADDR="10.1.2.3")
    page = answer.content.decode()
    assert answer.status_code == 429 and "这个手机号一天内提交的申请太多了" in page and "草稿已保存" in page and "12345" in page
    assert not Case.objects.filter(applicant=people[3]).exists()
    assert limited("applicant") == 1
    assert "接着写" in second.get("/citizen/my/").content.decode()


# --- text that lands elsewhere ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+1+1", "@SUM(A1)", "<script>", "{{ 7 }}", "#eval(1)", "张三|cmd", "1234", "\t=1"])
def test_a_name_is_a_name(name: str, people: list[Person]) -> None:
    told = {"name": name, "id_number": make_id("110101", people[0].birth_date, 81), "phone": "13911117777"}
    answer = Client().post("/citizen/sign-in/", told)
    assert answer.status_code == 422 and "请填写姓名" in answer.content.decode()


@pytest.mark.parametrize("name", ["欧阳娜娜", "阿依古丽·买买提", "Anna Maria", "𠮷田"])
def test_rare_names_are_names_too(name: str, people: list[Person]) -> None:
    told = {"name": name, "id_number": make_id("110101", people[0].birth_date, 83), "phone": "13911118888"}
    assert Client().post("/citizen/sign-in/", told).status_code == 302


def test_what_a_citizen_wrote_is_no_formula_in_the_office_s_table(world: World, people: list[Person]) -> None:
    """Should one ever get in by another way: the register's workbook holds text and no formula."""
    Person.objects.filter(pk=people[0].pk).update(name='=1+1,HYPERLINK("http://x")')
    official = Client()
    official.force_login(world.users["district_official"])
    rows = exported(official, "/registers/people/export/?col=name&col=place")
    assert any(str(cell).startswith("=") for row in rows for cell in row), "it is there, as text"
    with zipfile.ZipFile(Path(settings.HOME.work) / "export.xlsx") as book:
        sheets = b"".join(book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/"))
    assert b"<f" not in sheets and b"<hyperlink" not in sheets


# --- dates -----------------------------------------------------------------------------------------------------------------


def test_on_the_29_of_february_days_are_counted_and_a_year_ends_on_the_28(enter: Enter, people: list[Person]) -> None:
    with clock.use(date(2024, 2, 29)):
        client = enter(0)
        case = sent(client, people[0])
        page = client.get(f"/citizen/cases/{case.number}/").content.decode()
        assert "最晚 2024 年 3 月 5 日（还有 3 个工作日）" in page
        address = f"/citizen/cases/{case.number}/sign/{people[0].pk}/"
        assert "有效到 2025 年 2 月 28 日" in client.get(address).content.decode()
        code = CODE.findall(client.post(address, {"send": "1"}).content.decode())[0]
        assert client.post(address, {"name": people[0].name, "code": code}).status_code == 302
        assert Authorisation.objects.get(case=case).valid_until == date(2025, 2, 28)


@pytest.mark.parametrize("day", ["2023-02-29", "2024-02-30", "2024-13-01", "0000-00-00", "明天", "9999-99-99"])
def test_a_day_that_there_is_not_is_said_at_the_field(day: str, enter: Enter, people: list[Person]) -> None:
    client, address = enter(0), "/citizen/apply/temporary_assistance/"
    told: dict[str, Any] = {"form_token": token_of(client, address), "for": str(people[0].pk), "name": people[0].name, "happened_on": day,
                            "place": people[0].division_code}  # fmt: skip
    answer = client.post(address, told)
    page = answer.content.decode()
    assert answer.status_code == 422 and 'href="#f-happened_on"' in page and "日期" in page
    assert not Case.objects.filter(applicant=people[0]).exists()


def test_a_case_in_a_year_without_a_calendar_is_read_and_nothing_is_counted_wrong(enter: Enter, people: list[Person], world: World) -> None:
    with clock.use(date(2024, 12, 30)):
        client = enter(0)
        case = begun(client, people[0])
        with clock.use(date(2025, 3, 3)):
            again = enter(0)
            assert again.get("/citizen/my/").status_code == 200
            assert again.get(f"/citizen/cases/{case.number}/").status_code == 200
            address = f"/citizen/cases/{case.number}/finish/"
            answer = again.post(address, {"form_token": token_of(again, address), "true": "1", "signature": people[0].name})
            assert answer.status_code == 422 and "明年的放假安排还没有公布" in answer.content.decode()
            assert AuditEntry.objects.filter(verb="case.refused.submit", subject=f"case:{case.pk}").exists()
    case.refresh_from_db()
    assert case.state == "draft"
