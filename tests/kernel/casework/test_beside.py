"""What the matrix says beside a case: who loses what, by which clause."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from minzheng.kernel.benefits.models import Entitlement
from minzheng.kernel.casework import actions, queries
from minzheng.kernel.casework.models import Case
from minzheng.kernel.foundation.access import Forbidden
from tests.kernel.casework.conftest import VILLAGE, Town, submitted, token


def paid(programme: str, person: int, fen: int) -> None:
    Entitlement.objects.create(programme=programme, unit_key=person, person_key=person, household_key=901, division_code=VILLAGE,
                               amount_fen=fen, valid_from=date(2024, 1, 1))  # fmt: skip


def destitute(town: Town) -> Case:
    case = actions.open_case(item="destitute_support", applicant=town.mother, by=town.by("town"), form_token=token())
    answers: dict[str, Any] = {
        **queries.answers(case, town.by("town")), "grounds": "disabled", "placement_wish": "home", "able_obligor": False, "statement": "无人供养",
        "address": "兰陵街道 1 号", "phone": "13900001234",
    }  # fmt: skip
    return actions.submit_case(case=case, answers=answers, by=town.by("town"), promises=["no_obligor"], later=["care_assessment"])


def test_what_would_be_taken_away_is_shown_with_its_clause(town: Town) -> None:
    paid("living_subsidy", 11, 50_000)
    paid("nursing_subsidy", 11, 12_000)
    paid("living_subsidy", 12, 50_000)  # another's: no matter of hers
    found = queries.beside(destitute(town), town.by("town"))
    taken = {each.other: each for each in found if each.loses}
    assert set(taken) == {"living_subsidy", "nursing_subsidy"}
    living = taken["living_subsidy"]
    assert (living.person, living.other_fen, living.paid, living.loses, living.loses_mine) == (town.mother, 50_000, True, "living_subsidy", False)
    assert living.source == "国发〔2015〕52号 二（三）" and living.status == "confirmed" and "不享受" in living.words
    assert "因此不发困难残疾人生活补贴" in living.text and living.source in living.text
    assert [each.loses for each in found[:2]] == ["living_subsidy", "nursing_subsidy"] or {each.loses for each in found[:2]} == set(taken)


def test_what_goes_together_and_what_stands_in_the_way(town: Town) -> None:
    case = submitted(town)
    paid("nursing_subsidy", 11, 12_000)
    (both,) = [each for each in queries.beside(case, town.by("town")) if each.other == "nursing_subsidy"]
    assert (both.rule, both.loses, both.paid) == ("both", "", True) and both.text.startswith("最低生活保障与")
    other = destitute(town)
    paid("orphan_living", 11, 200_000)
    blocked = next(each for each in queries.beside(other, town.by("town")) if each.other == "orphan_living")
    assert blocked.loses_mine and blocked.loses_title == "特困人员救助供养" or blocked.loses == "destitute_support"
    assert blocked.status == "unverified" and "待核定" in blocked.text


def test_only_officials_of_the_place_see_it(town: Town) -> None:
    case = submitted(town)
    assert queries.beside(case, town.by("county")) == []
    with pytest.raises(Case.DoesNotExist):
        queries.beside(case, town.by("outside"))
    with pytest.raises(Forbidden):
        queries.beside(case, town.citizen)
    gift = actions.open_case(item="leaving", applicant=town.stranger, by=town.by("town"), form_token=token())
    assert isinstance(queries.beside(gift, town.by("town")), list)
