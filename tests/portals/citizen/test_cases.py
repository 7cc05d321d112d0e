"""Applying, following, supplementing: from the citizen's side, and against it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minzheng.kernel.casework import actions, queries
from minzheng.kernel.casework.models import Authorisation, BundleCase, Case, CaseAction, CasePaper, Draft
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.registry.models import Person
from minzheng.portals.citizen.views import apply
from tests.portals.citizen.application import ITEM, PNG, begun, filled, sent, token_of
from tests.portals.citizen.conftest import act_for
from tests.portals.staff.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[int], Client]
HTML, SVG = b"<html><script>alert(1)</script>", b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'


def clerk(world: World) -> Actor:
    return Actor.of(world.users["town_official"])


def test_the_form_comes_prefilled_and_says_what_is_wrong_at_the_field(enter: Enter, people: list[Person]) -> None:
    client, token = enter(0), ""
    page = client.get(ITEM).content.decode()
    assert people[0].id_number in page
    assert people[2].name in page, "the household is filled in"
    token = token_of(client)
    answer = client.post(ITEM, filled(people[0], token, business_income_fen="一千", members__0__id_number="320421195003080000", statement=""))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#f-business_income_fen"' in page
    assert "不是金额" in page
    assert 'id="f-members-0-id_number-error"' in page
    assert 'value="一千"' in page, "what was typed stays"
    assert not Case.objects.filter(applicant=people[0]).exists()
    assert Draft.objects.get().person == people[0]


def test_apply_follow_supplement(enter: Enter, people: list[Person], world: World) -> None:
    client = enter(0)
    case = sent(client, people[0])
    assert [promise.material for promise in queries.standing(case, clerk(world)).promises] == ["unemployed"]
    page = client.get(f"/citizen/cases/{case.number}/").content.decode()
    assert "待受理" in page
    assert "镇街民政工作人员" in page
    assert "2024 年 6 月 6 日" in page, "three working days from the third"
    actions.return_for_completion(case=case, by=clerk(world), missing={"statement": "请写明何时开始没有工作"})
    page = client.get(f"/citizen/cases/{case.number}/").content.decode()
    assert "请写明何时开始没有工作" in page
    assert client.get("/citizen/my/").content.decode().index("等您补材料") > 0
    assert "补正" in client.get("/citizen/messages/").content.decode()
    address = f"/citizen/cases/{case.number}/edit/"
    answer = client.post(address, filled(people[0], token_of(client, address), statement="今年三月起没有工作，孙女还在上学。"))
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.state == "submitted"
    assert queries.answers(case, clerk(world))["statement"].startswith("今年三月")
    assert queries.answers(case, clerk(world))["transfer_income_fen"] == 30_050


def test_two_sendings_are_one_case(enter: Enter, people: list[Person]) -> None:
    client = enter(0)
    form = filled(people[0], token_of(client))
    places = {client.post(ITEM, form).headers["Location"] for _ in range(2)}
    assert len(places) == 1
    case = Case.objects.get(applicant=people[0])
    address = f"/citizen/cases/{case.number}/finish/"
    told = {"form_token": token_of(client, address), "true": "1", "signature": people[0].name}
    assert [client.post(address, told).status_code for _ in range(2)] == [302, 302]
    assert CaseAction.objects.filter(case=case, verb="submit").count() == 1
    assert "没有重复办理" in client.get(f"/citizen/cases/{case.number}/").content.decode()
    assert "正在办理" in client.post(ITEM, filled(people[0], token_of(client))).content.decode(), "nor a second one beside it"
    assert Case.objects.filter(applicant=people[0]).count() == 1


def test_without_a_name_under_it_nothing_is_sent(enter: Enter, people: list[Person]) -> None:
    client = enter(0)
    case = begun(client, people[0])
    for told in ({"true": "1", "signature": "别人"}, {"signature": people[0].name}):
        assert client.post(f"/citizen/cases/{case.number}/finish/", told).status_code == 422
    case.refresh_from_db()
    assert case.state == "draft"


def test_another_s_case_is_not_there_and_the_attempt_is_on_record(enter: Enter, people: list[Person]) -> None:
    case = sent(enter(0), people[0])
    other, base = enter(3), f"/citizen/cases/{case.number}/"
    for tail in ("", "finish/", "done/", "edit/", "withdraw/", "object/", "documents/acceptance/", "papers/1/", f"sign/{people[0].pk}/"):
        assert other.get(base + tail).status_code == 404, tail
    for tail in ("attach/", "withdraw/", "rate/", "object/", "edit/"):
        assert other.post(base + tail, {"score": "5"}).status_code == 404, tail
    assert AuditEntry.objects.filter(verb="case.read_refused").exists()
    case.refresh_from_db()
    assert case.state == "submitted"
    assert case.number not in other.get("/citizen/my/").content.decode()


def test_nobody_applies_for_a_stranger(enter: Enter, people: list[Person]) -> None:
    client = enter(3)
    assert client.post(ITEM, filled(people[0], token_of(client))).status_code == 404
    assert not Case.objects.filter(applicant=people[0]).exists()


def test_an_agent_applies_for_a_parent(enter: Enter, people: list[Person]) -> None:
    client = enter(1)
    act_for(client, people[0])
    case = begun(client, people[0])
    assert (case.applied_by, case.agent) == ("agent", people[1])


def test_many_applications_from_one_address_are_stopped(enter: Enter, people: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "PER_ADDRESS", 1)
    first, second = enter(0), enter(3)
    begun(first, people[0])
    answer = second.post(ITEM, filled(people[3], token_of(second)))
    assert answer.status_code == 429
    assert not Case.objects.filter(applicant=people[3]).exists()


@pytest.mark.parametrize(("content", "name"), [(HTML, "病历.jpg"), (SVG, "病历.svg"), (SVG, "病历.png"), (b"", "空.png"), (b"MZ\x90", "../../证明.pdf.exe")])
def test_only_papers_are_taken(enter: Enter, people: list[Person], content: bytes, name: str) -> None:
    client = enter(0)
    case = begun(client, people[0])
    answer = client.post(f"/citizen/cases/{case.number}/attach/", {"material": "illness", "file": SimpleUploadedFile(name, content, "image/png")})
    assert answer.status_code == 422
    assert not CasePaper.objects.filter(case=case).exists()


def test_a_photograph_is_taken_and_comes_back_as_it_is(enter: Enter, people: list[Person]) -> None:
    client = enter(0)
    case = begun(client, people[0])
    address = f"/citizen/cases/{case.number}/attach/"
    assert client.post(address, {"material": "unemployed", "file": SimpleUploadedFile("照片.html", PNG, "text/html")}).status_code == 302
    paper = CasePaper.objects.get(case=case)
    answer = client.get(f"/citizen/cases/{case.number}/papers/{paper.pk}/")
    assert (answer.content, answer.headers["Content-Type"]) == (PNG, "image/png")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert client.post(address, {"material": "nothing", "file": SimpleUploadedFile("a.png", PNG)}).status_code == 422


def test_100_megabytes_are_refused_before_they_are_read(enter: Enter, people: list[Person]) -> None:
    client = enter(0)
    case = begun(client, people[0])
    answer = client.post(f"/citizen/cases/{case.number}/attach/", {"material": "illness"}, CONTENT_LENGTH=str(100 * 1024 * 1024))
    assert answer.status_code == 413
    assert "20 MB" in answer.content.decode()


def test_a_signature_needs_the_code_of_the_signer_and_the_name(enter: Enter, people: list[Person]) -> None:
    client = enter(0)
    case = begun(client, people[0])
    address = f"/citizen/cases/{case.number}/sign/{people[0].pk}/"
    page = client.post(address, {"send": "1"}).content.decode()
    code = re.findall(r'class="code">(\d{6})<', page)[0]
    assert client.post(address, {"name": "别人", "code": code}).status_code == 422
    assert client.post(address, {"name": people[0].name, "code": "000000" if code != "000000" else "111111"}).status_code == 422
    assert not Authorisation.objects.filter(case=case).exists()
    assert client.post(address, {"name": people[0].name, "code": code}).status_code == 302
    signed = Authorisation.objects.get(case=case)
    assert (signed.person, signed.signed_how) == (people[0], "phone")
    assert client.get(f"/citizen/cases/{case.number}/sign/{people[2].pk}/").status_code == 404, "a child signs nothing"
    assert client.get(f"/citizen/cases/{case.number}/sign/{people[3].pk}/").status_code == 404, "nor a stranger"
    assert "撤回授权" in client.get(f"/citizen/cases/{case.number}/").content.decode()
    revoke = f"/citizen/signatures/{signed.pk}/revoke/"
    assert enter(3).post(revoke).status_code == 404
    assert client.post(revoke).status_code == 302
    signed.refresh_from_db()
    assert signed.revoked_on is not None
    assert client.post(revoke).status_code == 404


def test_drafts_live_on_the_server_and_belong_to_whoever_writes(enter: Enter, people: list[Person]) -> None:
    client, token = enter(0), "ab" * 16
    told = {"item": "minimum_living", "for": str(people[0].pk), "statement": "草稿里的一句话", "members.0.name": "王"}
    assert client.post(f"/citizen/drafts/{token}/", told).status_code == 200
    assert "草稿里的一句话" in client.get(f"{ITEM}?draft={token}").content.decode()
    assert "接着写" in client.get("/citizen/my/").content.decode()
    other = enter(3)
    refused = other.post(f"/citizen/drafts/{token}/", {**told, "for": str(people[3].pk), "statement": "改掉"})
    assert (refused.status_code, bool(json.loads(refused.content)["problem"])) == (409, True)
    assert "草稿里的一句话" not in other.get(f"{ITEM}?draft={token}").content.decode()
    other.post(f"/citizen/drafts/{token}/discard/")
    assert Draft.objects.get().saved_count == 1
    client.post(ITEM, filled(people[0], token))
    assert not Draft.objects.exists(), "sent, it is gone"


def test_withdrawing_asks_first(enter: Enter, people: list[Person]) -> None:
    client = enter(0)
    case = sent(client, people[0])
    client.get(f"/citizen/cases/{case.number}/withdraw/")
    case.refresh_from_db()
    assert case.state == "submitted"
    client.post(f"/citizen/cases/{case.number}/withdraw/")
    case.refresh_from_db()
    assert case.state == "withdrawn"
    assert client.post(f"/citizen/cases/{case.number}/object/", {"statement": "我不同意这个"}).status_code == 422


def test_a_paper_is_had_as_pdf_and_verified_without_a_name(enter: Enter, people: list[Person], world: World) -> None:
    client = enter(0)
    case = sent(client, people[0])
    actions.accept_case(case=case, by=clerk(world))
    assert "受理通知书" in client.get(f"/citizen/cases/{case.number}/").content.decode()
    answer = client.get(f"/citizen/cases/{case.number}/documents/acceptance/")
    assert answer.content.startswith(b"%PDF")
    assert client.get(f"/citizen/cases/{case.number}/documents/decision/").status_code == 404
    code = CasePaper.objects.get(case=case, kind="acceptance").code
    page = Client().get(f"/citizen/verify/{code.lower()}/").content.decode()
    assert "是真的" in page
    assert case.number in page
    assert people[0].name not in page
    assert Client().get("/citizen/verify/ABCDEFGH23456789/").status_code == 404


def test_what_somebody_writes_stays_text(enter: Enter, people: list[Person]) -> None:
    client = enter(0)
    nasty = '=HYPERLINK("x") <script>alert(1)</script> {{ settings }}'
    answer = client.post(ITEM, filled(people[0], token_of(client), statement=nasty))
    page = client.get(answer.headers["Location"]).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "{{ settings }}" in page


def test_one_form_for_several_items(enter: Enter, people: list[Person]) -> None:
    client, address = enter(0), "/citizen/together/hardship_in_one/"
    page = client.get(address).content.decode()
    assert "临时救助" in page
    form = {**filled(people[0], token_of(client, address)), "want_living": "minimum_living", "want_temporary": "1", "grant_kind": "1",
            "happened_on": "2024-06-01", "what_happened": "家里着了火，东西都烧了。"}  # fmt: skip
    assert "请选到村（社区）" in client.post(address, form).content.decode(), "help in an emergency is given where it happened"
    form["place"] = people[0].division_code
    places = {client.post(address, form).headers["Location"] for _ in range(2)}
    assert len(places) == 1
    bundle = BundleCase.objects.get(applicant=people[0])
    assert sorted(case.item for case in bundle.cases.all()) == ["minimum_living", "temporary_assistance"]
    assert client.get(places.pop()).content.decode().count('<span class="chip">待受理<') == 2
    assert bundle.number in client.get("/citizen/my/").content.decode()
    assert enter(3).get(f"/citizen/together/case/{bundle.number}/").status_code == 404


def test_a_refusal_is_objected_to_and_the_service_is_rated(enter: Enter, people: list[Person], world: World) -> None:
    client = enter(0)
    case = sent(client, people[0])
    actions.decline_case(case=case, by=clerk(world), reason_code="not_this", explanation="家里有两套住房")
    page = client.get(f"/citizen/cases/{case.number}/").content.decode()
    assert "我有异议" in page
    assert "不予受理通知书" in page
    assert client.post(f"/citizen/cases/{case.number}/object/", {"statement": "不"}).status_code == 422
    assert client.post(f"/citizen/cases/{case.number}/object/", {"statement": "我家只有一套住房"}).status_code == 302
    case.refresh_from_db()
    assert case.state == "objected"
    assert client.post(f"/citizen/cases/{case.number}/rate/", {"score": "9"}).status_code == 422
