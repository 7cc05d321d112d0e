"""What cannot be right is refused with place and reason, and nothing half done is left."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from minzheng.kernel.benefits import actions
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Award, Entitlement, Override
from tests.kernel.benefits.conftest import CLERK, HOME_VILLAGE, City

GIVEN: dict[str, Any] = {"programme": "minimum_living", "people": [11, 12], "household_key": 900, "division_code": f"{HOME_VILLAGE}",
                         "mode": "household", "since": date(2024, 1, 1), "source": "某决定第 1 号"}  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"people": []}, "至少要有一名成员"), ({"terms": {"exit_amount": -1}}, "“exit_amount”应为不小于 0 的整数"),
        ({"terms": {"exit_amount": 10.5}}, "收到的是 10.5"), ({"mode": "street"}, "认定方式只能是"), ({"source": " "}, "写明依据"),
    ],
)  # fmt: skip
def test_an_award_that_cannot_be_right_is_refused_whole(city: City, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(BenefitsError, match=said):
        actions.grant_award(**{**GIVEN, **wrong}, by=CLERK)
    assert not Award.objects.exists()


def test_nobody_is_awarded_with_two_households(city: City) -> None:
    actions.grant_award(**GIVEN, by=CLERK)
    with pytest.raises(BenefitsError, match="第 2 人（…000012）已随另一户认定（2024-01-01 起，某决定第 1 号）"):
        actions.grant_award(**{**GIVEN, "people": [7, 12], "household_key": 901}, by=CLERK)
    assert sorted(Award.objects.values_list("person_key", "household_key")) == [(11, 900), (12, 900)], "not the first of them either"


@pytest.mark.parametrize(("amount", "said"), [(86_050.5, "整数分"), (True, "整数分"), (-1, "不能为负")])
def test_an_amount_is_a_whole_number_of_fen(city: City, amount: Any, said: str) -> None:
    city.put(1, birth=19400101)
    city.month("2024-01")
    with pytest.raises(BenefitsError, match=said):
        actions.fix_amount(entitlement=Entitlement.objects.get(), amount_fen=amount, reason="法院裁定", by=CLERK)
    assert not Override.objects.exists()
