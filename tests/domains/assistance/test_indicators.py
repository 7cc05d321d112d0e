"""Figures of 社会救助 (items 4–7) equal a plain count over the rows, for every place."""

from __future__ import annotations

from datetime import date

import pytest

from minzheng.domains.assistance.indicators import INDICATORS
from minzheng.domains.assistance.pack import SCENARIOS
from tests.kernel.indicators.conftest import city  # noqa: F401 - fixture
from tests.kernel.indicators.counting import assert_equal_to_plain
from tests.kernel.indicators.rows import Officials

NAMES = {"nonlocal_household_files", *(f"alerts_in_time_{name}" for name in SCENARIOS), "minimum_living_persons", "minimum_living_households", "temporary_and_charity", "electricity_gifts", "electricity_gift_money"}


@pytest.mark.parametrize("on", [date(2024, 6, 30), date(2024, 9, 5)], ids=str)
def test_figures_equal_a_plain_count(city: Officials, on: date) -> None:  # noqa: F811
    assert {each.name for each in INDICATORS} == NAMES
    assert assert_equal_to_plain(on, NAMES) > 60
