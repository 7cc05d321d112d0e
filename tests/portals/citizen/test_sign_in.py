"""Signing in: codes, what must agree, what is refused, and that no official is ever known here."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from minzheng.kernel.divisions.models import Division
from minzheng.kernel.foundation.identifiers import make_id
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.registry.models import Person
from minzheng.portals.citizen import codes
from tests.portals.citizen.conftest import act_for, ask_code, signed_in
from tests.portals.staff.world import World

pytestmark = pytest.mark.django_db


def test_a_code_signs_in_and_is_on_record(people: list[Person]) -> None:
    client = signed_in(people[0])
    assert people[0].name in client.get("/citizen/my/").content.decode()
    assert AuditEntry.objects.filter(verb="citizen.sign_in", subject=f"person:{people[0].pk}").exists()
    client.post("/citizen/sign-out/")
    assert client.get("/citizen/my/").status_code == 302


def test_the_answer_is_the_same_whoever_it_is(people: list[Person]) -> None:
    """Known or not, right or wrong: until the code is given nothing differs."""
    stranger = {"name": "某人", "id_number": make_id("110101", people[0].birth_date, 77), "phone": "13911112222"}
    known = {"name": people[0].name, "id_number": people[0].id_number, "phone": "13911113333"}
    answers = [Client().post("/citizen/sign-in/", told) for told in (stranger, known)]
    assert [(each.status_code, each.headers["Location"]) for each in answers] == [(302, "/citizen/sign-in/code/")] * 2


@pytest.mark.parametrize("wrong", [{"phone": "13911113333"}, {"name": "李四"}])
def test_what_does_not_agree_is_refused_in_one_sentence(people: list[Person], wrong: dict[str, str]) -> None:
    client = Client()
    answer = client.post("/citizen/sign-in/code/", {"code": ask_code(client, people[0], **wrong)})
    assert answer.status_code == 422
    assert "登记的对不上" in answer.content.decode()
    assert people[0].phone not in answer.content.decode()
    assert client.get("/citizen/my/").status_code == 302
    assert AuditEntry.objects.filter(verb="citizen.sign_in_refused").exists()


def test_guessing_a_code_is_stopped(people: list[Person]) -> None:
    client = Client()
    right = ask_code(client, people[0])
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(codes.TRIES):
        assert client.post("/citizen/sign-in/code/", {"code": wrong}).status_code == 422
    answer = client.post("/citizen/sign-in/code/", {"code": right})
    assert answer.status_code == 422, "the right code comes too late"
    assert "试错次数太多" in answer.content.decode()


def test_a_code_is_good_once_and_for_five_minutes(people: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    sent = codes.send("13911114444", "127.0.0.1", "x")
    codes.check(sent.kept, "13911114444", sent.shown, "x")
    with pytest.raises(codes.CodeError, match="已用过"):
        codes.check(sent.kept, "13911114444", sent.shown, "x")
    with pytest.raises(codes.CodeError, match="过期"):
        codes.check({**sent.kept, "until": 0}, "13911114444", sent.shown, "x")
    with pytest.raises(codes.CodeError, match="过期"):
        codes.check(sent.kept, "13911114444", sent.shown, "another purpose")


def test_codes_and_what_was_typed_lie_nowhere_in_clear(people: list[Person]) -> None:
    client = Client()
    code = ask_code(client, people[0])
    rows = " ".join(str(each.get_decoded()) for each in Session.objects.all())
    assert code not in rows
    assert people[0].id_number not in rows
    assert people[0].phone not in rows


def test_few_codes_for_a_phone_and_for_an_address(people: list[Person]) -> None:
    told = {"name": people[0].name, "id_number": people[0].id_number, "phone": "13911115555"}
    statuses = [Client().post("/citizen/sign-in/", told).status_code for _ in range(codes.PER_PHONE + 1)]
    assert statuses == [302] * codes.PER_PHONE + [429]
    statuses = [
        Client().post("/citizen/sign-in/", {**told, "phone": f"139222{n:05d}"}, REMOTE_ADDR="10.0.0.9").status_code for n in range(codes.PER_ADDRESS + 1)
    ]
    assert statuses == [302] * codes.PER_ADDRESS + [429]


def test_without_a_channel_nobody_is_signed_in(people: list[Person], settings: object) -> None:
    settings.SYNTHETIC = False  # type: ignore[attr-defined]
    told = {"name": people[0].name, "id_number": people[0].id_number, "phone": people[0].phone}
    answer = Client().post("/citizen/sign-in/", told)
    assert answer.status_code == 429
    assert "短信通道" in answer.content.decode()


def test_somebody_unknown_says_where_they_live(people: list[Person], world: World) -> None:
    client = Client()
    number = make_id("110101", people[0].birth_date, 79)
    person = Person(name="新来的", id_number=number, phone="13911116666")
    answer = client.post("/citizen/sign-in/code/", {"code": ask_code(client, person)})
    assert answer.headers["Location"] == "/citizen/sign-in/home/"
    page = client.get("/citizen/sign-in/home/?county=320412&town=320412100000").content.decode()
    assert world.village.name in page
    before = Person.objects.count()
    assert client.post("/citizen/sign-in/home/", {"village": "110101001001"}).status_code == 422
    assert Person.objects.count() == before
    assert client.post("/citizen/sign-in/home/", {"village": world.village.code}).status_code == 302
    made = Person.objects.latest("pk")
    assert (made.name, made.id_number, made.division_code, made.known_because) == ("新来的", number, world.village.code, "群众端实名登录")
    assert Division.objects.filter(code=made.division_code).exists()
    assert "新来的" in client.get("/citizen/my/").content.decode()


def test_the_place_of_living_is_not_asked_before_the_code(people: list[Person]) -> None:
    client = Client()
    ask_code(client, people[0])
    before = Person.objects.count()
    assert client.post("/citizen/sign-in/home/", {"village": people[0].division_code}).status_code == 302
    assert Person.objects.count() == before
    assert client.get("/citizen/my/").status_code == 302


def test_an_official_is_nobody_here_and_a_citizen_nobody_there(world: World, people: list[Person]) -> None:
    official = Client()
    official.force_login(world.users["town_official"])
    assert official.get("/citizen/my/").headers["Location"].startswith("/citizen/sign-in/")
    assert official.get("/").status_code == 200, "and stays signed in at the office"
    citizen = signed_in(people[0])
    assert citizen.get("/").headers["Location"].startswith("/login/")
    cookie = citizen.cookies["citizen_session"]
    assert (cookie["path"], bool(cookie["httponly"]), cookie["samesite"]) == ("/citizen/", True, "Lax")
    assert "sessionid" not in citizen.cookies


def test_the_session_gets_a_new_key_at_sign_in(people: list[Person]) -> None:
    client = Client()
    code = ask_code(client, people[0])
    before = client.cookies["citizen_session"].value
    client.post("/citizen/sign-in/code/", {"code": code})
    assert client.cookies["citizen_session"].value != before
    planted = Client()
    planted.cookies["citizen_session"] = before
    assert planted.get("/citizen/my/").status_code == 302


def test_after_signing_in_one_goes_only_to_this_portal(people: list[Person]) -> None:
    for target, expected in [("/citizen/benefits/", "/citizen/benefits/"), ("https://else.where/citizen/", "/citizen/my/"), ("/users/", "/citizen/my/"), ("//else.where/", "/citizen/my/")]:
        client = Client()
        client.post("/citizen/sign-in/", {"name": people[0].name, "id_number": people[0].id_number, "phone": f"{people[0].phone}", "next": target})
        page = client.get("/citizen/sign-in/code/").content.decode()
        code = page.split('class="code">')[1][:6]
        assert client.post("/citizen/sign-in/code/", {"code": code}).headers["Location"] == expected


def test_parents_and_children_are_acted_for_on_record(enter: Callable[[int], Client], people: list[Person]) -> None:
    client = enter(1)
    page = client.get("/citizen/family/").content.decode()
    assert people[0].name in page
    assert people[2].name in page
    assert client.post("/citizen/family/", {"person": people[3].pk}).status_code == 404
    apply = "/citizen/apply/minimum_living/"
    client.post("/citizen/family/", {"person": people[0].pk})
    assert f'value="{people[0].pk}"' not in client.get(apply).content.decode(), "an adult was asked and has not agreed"
    wrong = client.post("/citizen/family/", {"person": people[0].pk, "code": "abcdef"})
    assert wrong.status_code == 422 and "验证码不对" in wrong.content.decode()
    assert not AuditEntry.objects.filter(verb="citizen.acts_for").exists()
    act_for(client, people[0])
    entry = AuditEntry.objects.get(verb="citizen.acts_for")
    assert (entry.subject, entry.details["agent"]) == (f"person:{people[0].pk}", people[1].pk)
    assert f'value="{people[0].pk}"' in client.get("/citizen/apply/minimum_living/").content.decode()


def test_a_child_needs_no_code_and_an_adult_without_a_phone_comes_to_the_counter(enter: Callable[[int], Client], people: list[Person]) -> None:
    client = enter(1)
    client.post("/citizen/family/", {"person": people[2].pk})
    assert AuditEntry.objects.get(verb="citizen.acts_for").subject == f"person:{people[2].pk}"
    people[0].phone = ""
    people[0].save()
    refused = client.post("/citizen/family/", {"person": people[0].pk})
    assert refused.status_code == 422 and "到窗口办委托" in refused.content.decode()
