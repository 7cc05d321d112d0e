"""Papers that come later (容缺) and promises in place of papers, by the citizen: at sending, and afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minzheng.kernel.casework import queries
from minzheng.kernel.casework.models import Case
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.actions import set_calendar_days
from minzheng.kernel.registry.models import Person
from tests.portals.citizen.application import ITEM, PNG, filled, token_of

pytestmark = pytest.mark.django_db
Enter = Callable[[int], Client]
NIGHT = Actor.system("夜间批处理")
ILL = {"serious_illness": "1", "care_costs_fen": "600", "reasons": "illness"}


def begun(client: Client, person: Person, **changes: str) -> Case:
    answer = client.post(ITEM, filled(person, token_of(client), **changes))
    assert answer.status_code == 302, answer.content.decode()
    return Case.objects.get(applicant=person)


def send(client: Client, case: Case, **told: str) -> int:
    address = f"/citizen/cases/{case.number}/finish/"
    return client.post(address, {"form_token": token_of(client, address), "true": "1", "signature": case.applicant.name, **told}).status_code


def mode(case: Case, name: str) -> str:
    return next(each.mode for each in queries.standing(case, NIGHT).materials if each.name == name)


def test_a_paper_is_put_off_with_its_day(enter: Enter, people: list[Person]) -> None:
    client = enter(0)
    case = begun(client, people[0], **ILL)
    page = client.get(f"/citizen/cases/{case.number}/finish/").content.decode()
    assert 'name="later" value="illness"' in page and "2024 年 6 月 18 日" in page, "ten working days, 端午 in between"
    assert send(client, case, later="illness") == 302
    assert mode(case, "illness") == "later"
    assert "最晚 06月18日" in client.get(f"/citizen/cases/{case.number}/").content.decode()
    assert "还有材料没交，最晚 06月18日" in client.get("/citizen/my/").content.decode()
    done = client.get(f"/citizen/cases/{case.number}/done/").content.decode()
    assert "还有材料没交" in done and "还要签核对授权" in done
    sent = client.post(f"/citizen/cases/{case.number}/attach/", {"material": "illness", "file": SimpleUploadedFile("病历.png", PNG)})
    assert sent.status_code == 302
    assert "还有材料没交" not in client.get("/citizen/my/").content.decode()


def test_what_may_not_come_later_is_refused_and_what_was_ticked_stays(enter: Enter, people: list[Person]) -> None:
    client = enter(0)
    case = begun(client, people[0], **ILL)
    assert send(client, case, later="identity") == 422
    address = f"/citizen/cases/{case.number}/finish/"
    page = client.post(address, {"later": "illness", "signature": "别人"}).content.decode()
    assert 'value="illness" checked' in page
    case.refresh_from_db()
    assert case.state == "draft"


def test_after_sending_a_paper_is_put_off_once(enter: Enter, people: list[Person]) -> None:
    client = enter(0)
    case = begun(client, people[0], **ILL)
    assert send(client, case) == 302
    page = client.get(f"/citizen/cases/{case.number}/").content.decode()
    assert "晚点交（最晚 2024 年 6 月 18 日）" in page
    address = f"/citizen/cases/{case.number}/instead/"
    assert enter(3).post(address, {"material": "illness"}).status_code == 404
    assert client.post(address, {"material": "identity"}).status_code == 422
    assert client.post(address, {"material": "illness", "form_token": "a" * 32}).status_code == 302
    assert mode(case, "illness") == "later"
    assert "晚点交（" not in client.get(f"/citizen/cases/{case.number}/").content.decode()


def test_after_sending_a_word_is_given_under_one_s_name(enter: Enter, people: list[Person]) -> None:
    client = enter(0)
    case = begun(client, people[0])
    assert send(client, case) == 302
    address = f"/citizen/cases/{case.number}/instead/"
    assert "我承诺" in client.get(f"/citizen/cases/{case.number}/").content.decode()
    assert client.post(address, {"material": "unemployed", "promise": "1", "signature": "别人"}).status_code == 422
    assert mode(case, "unemployed") == "missing"
    assert client.post(address, {"material": "unemployed", "promise": "1", "signature": people[0].name}).status_code == 302
    assert mode(case, "unemployed") == "promised"


def test_in_a_year_without_a_calendar_nothing_is_promised_and_nothing_lost(enter: Enter, people: list[Person]) -> None:
    with clock.use(date(2024, 12, 31)):
        client = enter(0)
        case = begun(client, people[0], **ILL)
        page = client.get(f"/citizen/cases/{case.number}/finish/").content.decode()
        assert 'name="later"' not in page
        address = f"/citizen/cases/{case.number}/finish/"
        answer = client.post(address, {"form_token": token_of(client, address), "true": "1", "signature": people[0].name})
        assert answer.status_code == 422
        assert "明年的放假安排还没有公布" in answer.content.decode() and "12345" in answer.content.decode()
        case.refresh_from_db()
        assert case.state == "draft"
        days = [date(2025, 1, 1) + timedelta(days=n) for n in range(365)]
        set_calendar_days(days={day: (day.weekday() < 5, "") for day in days}, by=NIGHT, source="测试")
        assert send(client, case, later="illness") == 302, "once the days can be counted it goes on"
