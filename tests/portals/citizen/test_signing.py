"""核对授权 by phone: others of the household, each with the own phone, in the own session or in the applicant's."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from minzheng.kernel.casework.models import Authorisation, BundleCase, Case
from minzheng.kernel.registry.models import Person
from minzheng.portals.citizen import codes
from tests.portals.citizen.application import begun, filled, sent, token_of
from tests.portals.citizen.conftest import CODE
from tests.portals.staff.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[int], Client]


@pytest.fixture
def family(people: list[Person]) -> list[Person]:
    """Grown-ups of one household, each with a phone of their own."""
    for number, person in enumerate(people[:2]):
        person.phone = f"1390000111{number}"
        person.save()
    return people


def code_of(client: Client, address: str) -> str:
    client.post(address, {"send": "1"})
    found = CODE.search(client.get(address).content.decode())
    assert found
    return found[1]


def test_an_adult_of_the_household_signs_at_home(enter: Enter, family: list[Person], world: World) -> None:
    applicant, other = enter(0), enter(1)
    draft = begun(applicant, family[0])
    assert "请您签核对授权" not in other.get("/citizen/").content.decode(), "of a form that nobody sent the others hear nothing"
    applicant.post(f"/citizen/cases/{draft.number}/withdraw/")
    case = sent_again(applicant, family[0])
    address = f"/citizen/signatures/{case.number}/{family[1].pk}/"
    for page in ("/citizen/", "/citizen/my/", "/citizen/signatures/"):
        html = other.get(page).content.decode()
        assert address in html and "请您签核对授权" in html and case.number in html, page
        assert family[0].name not in html and family[0].id_number not in html, "the applicant is masked"
    paper = other.get(address).content.decode()
    assert "社会保险缴费" in paper and "最低生活保障" in paper and "孙女还在上学" not in paper
    assert other.get(f"/citizen/cases/{case.number}/").status_code == 404, "the case itself stays closed"
    code = code_of(other, address)
    assert other.post(address, {"name": "别人", "code": code}).status_code == 422
    assert other.post(address, {"name": family[1].name, "code": code}).status_code == 302
    signed = Authorisation.objects.get(case=case)
    assert (signed.person, signed.evidence) == (family[1], {})
    assert "请您签核对授权" not in other.get("/citizen/").content.decode()
    assert other.get(address).status_code == 404
    mine = other.get("/citizen/signatures/").content.decode()
    assert "撤回授权" in mine and family[0].name not in mine
    assert applicant.post(f"/citizen/signatures/{signed.pk}/revoke/").status_code == 404, "who signed takes it back, nobody else"
    assert other.post(f"/citizen/signatures/{signed.pk}/revoke/").status_code == 302
    signed.refresh_from_db()
    assert signed.revoked_on is not None
    assert "请您签核对授权" in other.get("/citizen/").content.decode()


def sent_again(client: Client, person: Person) -> Case:
    """A case that was sent, whatever was withdrawn before."""
    answer = client.post("/citizen/apply/minimum_living/", filled(person, token_of(client)))
    number = answer.headers["Location"].split("/")[-3]
    address = f"/citizen/cases/{number}/finish/"
    assert client.post(address, {"form_token": token_of(client, address), "true": "1", "signature": person.name, "promise": "unemployed"}).status_code == 302
    return Case.objects.get(number=number)


def test_nobody_else_is_asked(enter: Enter, family: list[Person]) -> None:
    case = sent(enter(0), family[0])
    stranger = enter(3)
    assert "请您签核对授权" not in stranger.get("/citizen/").content.decode()
    assert stranger.get(f"/citizen/signatures/{case.number}/{family[1].pk}/").status_code == 404
    assert stranger.post(f"/citizen/signatures/{case.number}/{family[1].pk}/", {"send": "1"}).status_code == 404
    assert stranger.get(f"/citizen/cases/{case.number}/sign/{family[1].pk}/").status_code == 404


def test_another_adult_signs_in_the_applicant_s_session_by_a_code_to_the_own_phone(enter: Enter, family: list[Person]) -> None:
    client = enter(0)
    case = sent(client, family[0])
    address = f"/citizen/cases/{case.number}/sign/{family[1].pk}/"
    assert address in client.get(f"/citizen/cases/{case.number}/").content.decode()
    page = client.get(address).content.decode()
    assert "本人看" in page and "139****1111" in page
    own = code_of(client, f"/citizen/cases/{case.number}/sign/{family[0].pk}/")
    assert client.post(address, {"name": family[1].name, "code": own}).status_code == 422, "a code to the applicant's phone signs for nobody else"
    code = code_of(client, address)
    assert client.post(address, {"name": family[0].name, "code": code}).status_code == 422
    assert not Authorisation.objects.exists()
    assert client.post(address, {"name": family[1].name, "code": code}).status_code == 302
    signed = Authorisation.objects.get(case=case)
    assert signed.person == family[1] and signed.evidence["phone"] == "139****1111"


def test_an_adult_without_a_phone_is_sent_to_the_counter(enter: Enter, family: list[Person]) -> None:
    family[1].phone = ""
    family[1].save()
    client = enter(0)
    case = sent(client, family[0])
    assert "没有登记手机，请到窗口签" in client.get(f"/citizen/cases/{case.number}/").content.decode()
    refused = client.post(f"/citizen/cases/{case.number}/sign/{family[1].pk}/", {"send": "1"})
    assert refused.status_code == 422 and "到窗口签" in refused.content.decode()


def test_the_code_of_a_signature_is_guessed_five_times(enter: Enter, family: list[Person]) -> None:
    client = enter(0)
    case = sent(client, family[0])
    address = f"/citizen/cases/{case.number}/sign/{family[1].pk}/"
    code = code_of(client, address)
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(codes.TRIES):
        assert client.post(address, {"name": family[1].name, "code": wrong}).status_code == 422
    late = client.post(address, {"name": family[1].name, "code": code})
    assert late.status_code == 422 and "试错次数太多" in late.content.decode()
    assert not Authorisation.objects.exists()


def test_one_signature_for_all_of_a_bundle(enter: Enter, family: list[Person]) -> None:
    client, address = enter(0), "/citizen/together/hardship_in_one/"
    form = {**filled(family[0], token_of(client, address)), "want_living": "minimum_living", "want_temporary": "1", "grant_kind": "1",
            "happened_on": "2024-06-01", "what_happened": "家里着了火，东西都烧了。", "place": family[0].division_code}  # fmt: skip
    assert client.post(address, form).status_code == 302
    bundle = BundleCase.objects.get(applicant=family[0])
    page = client.get(f"/citizen/together/case/{bundle.number}/").content.decode()
    assert "2 件一起办" in page and "签一次，几件一起管用" in page
    other = enter(1)
    theirs = re.findall(r"/citizen/signatures/([^/]+)/", other.get("/citizen/").content.decode())
    assert theirs == [bundle.number], "asked once, not for each case"
    for who, at in ((client, f"/citizen/together/case/{bundle.number}/sign/{family[0].pk}/"), (other, f"/citizen/signatures/{bundle.number}/{family[1].pk}/")):
        person = family[0] if who is client else family[1]
        assert who.post(at, {"name": person.name, "code": code_of(who, at)}).status_code == 302
    assert Authorisation.objects.count() == 2
    assert "签一次" not in client.get(f"/citizen/together/case/{bundle.number}/").content.decode()
    assert enter(3).get(f"/citizen/together/case/{bundle.number}/slip/").status_code == 404
    assert client.get(f"/citizen/together/case/{bundle.number}/slip/").status_code == 404, "not before it was accepted"
