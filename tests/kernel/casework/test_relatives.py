"""Near relatives of staff (facts 2.2): filed, and the district goes to the house, before anything is decided."""

from __future__ import annotations

from pathlib import Path

import pytest

from minzheng.kernel.casework import actions, catalogue, queries
from minzheng.kernel.casework.errors import CaseError, NotAllowed
from minzheng.kernel.casework.items import read_item
from minzheng.kernel.casework.models import Case
from minzheng.kernel.casework.reading import unsealed
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.declared import DeclarationError
from tests.kernel.casework.conftest import TODAY, Town, authorised, living, ready_to_propose, submitted, token

SERVICES = Path("minzheng/domains/assistance/services")


def visited(case: Case, town: Town, who: str, words: str = "家中陈设简单") -> Case:
    return actions.record_visit(case=case, by=town.by(who), visited_on=TODAY, met="本人", findings=words, with_whom=["同事"], form_token=token())


def test_nothing_is_decided_before_the_filing_and_the_districts_visit(town: Town) -> None:
    case = submitted(town, relative_of_staff=True)
    assert queries.standing(case, town.by("town")).near
    case.refresh_from_db()
    assert case.near_relatives
    actions.accept_case(case=case, by=town.by("town"))
    authorised(case, town)
    actions.run_check(case=case, by=town.by("town"), purpose="低保审核核对")
    visited(case, town, "worker")
    actions.propose(case=case, by=town.by("town"), kind="grant", opinion="同意", class_="B")
    notice = actions.publish(case=case, by=town.by("town"))
    with clock.use(notice.until.replace(day=notice.until.day + 1)):
        actions.take_down(case=case, by=town.by("town"))
        with pytest.raises(NotAllowed, match="近亲属备案"):
            actions.decide(case=case, by=town.by("county"), kind="grant", class_="B")
        standing = queries.standing(case, town.by("county"))
        assert standing.steps == ("near_filing", "near_visit") and [step.title for step in standing.road if step.name in standing.steps] == ["近亲属备案", "近亲属办件入户核查"]
        with pytest.raises(NotAllowed, match="区级经办"):
            visited(case, town, "worker", "镇里已经去过")
        with pytest.raises(NotAllowed, match="区级经办"):
            visited(case, town, "town", "镇里已经去过")
        with pytest.raises(CaseError, match="姓名和职务"):
            actions.file_relative(case=case, by=town.by("town"), relative=" ", relation="兄弟")
        same = token()
        for _ in range(2):
            actions.file_relative(case=case, by=town.by("town"), relative="村委会主任王某", relation="兄弟", form_token=same)
        with pytest.raises(NotAllowed, match="入户核查"):
            actions.decide(case=case, by=town.by("county"), kind="grant", class_="B")
        visited(case, town, "county", "与申报一致")
        actions.decide(case=case, by=town.by("county"), kind="grant", class_="B")
    filed = case.actions.get(verb="file")
    assert "村委会主任" not in str(filed.details) + filed.note and unsealed(filed.sealed)["relative"] == "村委会主任王某"
    assert [row.details["step"] for row in case.actions.filter(verb="visit").order_by("seq")] == ["visit", "near_visit"]


def test_others_go_the_ordinary_road(town: Town) -> None:
    case = ready_to_propose(town, relative_of_staff=False)
    assert not queries.standing(case, town.by("town")).near
    with pytest.raises(NotAllowed):
        actions.file_relative(case=case, by=town.by("town"), relative="村委会主任王某", relation="兄弟")


def test_what_is_said_when_completing_counts(town: Town) -> None:
    case = submitted(town)
    actions.return_for_completion(case=case, by=town.by("town"), missing={"relative_of_staff": "请如实填写是否近亲属"})
    actions.supplement_case(case=case, by=town.citizen, answers=living(town, relative_of_staff=True))
    assert queries.standing(case, town.by("town")).near


def test_the_items_of_low_income_all_ask(town: Town) -> None:
    asking = {name for name, item in catalogue.items().items() if all(version.near_relatives for version in item.versions)}
    assert asking == {"minimum_living", "single_person_living", "borderline_status", "rigid_spending_status", "destitute_support", "temporary_assistance"}
    assert catalogue.bundles()["hardship_in_one"].form.fields["relative_of_staff"]["type"] == "boolean"


def test_a_field_that_is_no_yes_or_no_is_refused(tmp_path: Path) -> None:
    text = (SERVICES / "minimum_living.yaml").read_text(encoding="utf-8")
    for old, new, words in (("field: relative_of_staff", "field: statement", "是或否"), ("visit_role: district_official", "visit_role: mayor", "mayor")):
        file = tmp_path / "wrong.yaml"
        file.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(DeclarationError, match=words):
            read_item(file)
