"""文书: each is issued once, opened for a reason, verified by the address in its QR code, and is not there for others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from minzheng.kernel.casework import actions, printing, queries
from minzheng.kernel.casework.models import Case, CasePaper
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry.models import Person
from tests.portals.staff.cases_world import WHO, accepted, sent
from tests.portals.staff.test_cases import AsRole, url
from tests.portals.staff.world import World

pytestmark = pytest.mark.django_db
OTHER = Actor.system("另一人")
NASTY = '=HYPERLINK("http://x","y") #eval("1") <script>alert(1)</script> $ \\ @import "/etc/passwd" {{ settings }} +1+1'


def returned(person: Person) -> Case:
    return actions.return_for_completion(case=sent(person, "ret"), by=WHO, missing={"phone": NASTY})


def declined(person: Person) -> Case:
    return actions.decline_case(case=sent(person, "dec"), by=WHO, reason_code="not_here", explanation=NASTY)


def decided(person: Person) -> Case:
    case = accepted(person, "way")
    for each in queries.consents(case, WHO):
        actions.authorise(case=case, person=each.person, by=WHO, signed_how="paper")
    actions.run_check(case=case, by=WHO, purpose="审核低保申请")
    actions.record_visit(case=case, by=WHO, visited_on=date(2024, 6, 3), met="本人", findings="家里两间平房", with_whom=["老钱"], form_token="v")
    actions.propose(case=case, by=WHO, kind="refuse", opinion="收入高于标准，不建议同意")
    actions.publish(case=case, by=WHO)
    with clock.use(date(2024, 6, 11)):
        actions.take_down(case=case, by=WHO)
        return actions.decide(case=case, by=WHO, kind="refuse", reason_codes=["above_line"], explanation=NASTY)


def reviewed(person: Person) -> Case:
    case = decided(person)
    with clock.use(date(2024, 6, 12)):
        actions.object_to(case=case, by=WHO, who="applicant", statement=NASTY)
        return actions.review_objection(case=case, by=OTHER, founded=False, explanation=NASTY)


def signed(person: Person) -> Case:
    case = accepted(person, "sig")
    actions.authorise(case=case, person=person, by=WHO, signed_how="paper", signature=NASTY)
    return case


WAYS: dict[str, Callable[[Person], Case]] = {
    "acceptance": lambda person: accepted(person, "acc"), "completion": returned, "decline": declined, "decision": decided, "review": reviewed,
    "authorisation": signed,
}  # fmt: skip


def test_every_kind_of_paper_is_looked_at_here() -> None:
    assert set(WAYS) == set(printing.PAPERS), "一件事's slip is looked at in test_cases_bundles"


@pytest.mark.parametrize("kind", WAYS)
def test_it_opens_verifies_and_is_nobody_else_s(kind: str, world: World, as_role: AsRole) -> None:
    person = world.alerts[1].person
    case = WAYS[kind](person)
    with clock.use(date(2024, 6, 12)):
        district = as_role("district_official")
        row = next((each.authorisation.pk for each in queries.consents(case, WHO) if each.authorisation), None)
        issue = {"authorisation": row} if kind == "authorisation" else {}
        made = district.post(url(case, "case_issue", kind), issue)
        paper = CasePaper.objects.get(case=case, kind=kind)
        where = reverse("staff:case_paper", args=[case.pk, paper.pk])
        assert made["Location"] == where
        assert where in district.get(url(case)).content.decode()
        assert district.post(where, {"reason": ""}).status_code == 422, "no paper without a reason"
        opened = district.post(where, {"reason": "case", "note": ""})
        assert opened.content.startswith(b"%PDF-") and opened["Content-Disposition"].startswith("attachment")
        assert district.post(url(case, "case_issue", kind), issue)["Location"] == where and CasePaper.objects.filter(case=case, kind=kind).count() == 1

        outside = as_role("outside_worker")
        assert [outside.get(where).status_code, outside.post(where, {"reason": "case"}).status_code] == [404, 404]
        assert outside.post(url(case, "case_issue", kind), issue).status_code == 404

        assert paper.code
        address = urlsplit(printing.verify_address(paper.code))
        verified = Client().get(address.path)
        page = verified.content.decode()
        assert verified.status_code == 200 and "是真的" in page and paper.title in page and case.number in page and paper.document.sha256 in page
        assert person.name not in page and person.id_number not in page
        changed = ("B" if paper.code[0] == "A" else "A") + paper.code[1:]
        forged = Client().get(address.path.replace(paper.code, changed))
        assert forged.status_code == 404 and "没有这份文书" in forged.content.decode()


def test_a_paper_of_another_case_is_not_opened_through_one_s_own(world: World, as_role: AsRole) -> None:
    paper = CasePaper.objects.filter(case=world.cases[-1])[0]
    assert as_role("town_official").get(reverse("staff:case_paper", args=[world.cases[0].pk, paper.pk])).status_code == 404
