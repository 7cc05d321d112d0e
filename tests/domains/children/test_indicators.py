"""Figures of 儿童福利 (items 12–14) equal a plain count over the rows, for every place."""

from __future__ import annotations

from datetime import date

import pytest

from minzheng.domains.children.indicators import INDICATORS
from tests.kernel.indicators.conftest import city  # noqa: F401 - fixture
from tests.kernel.indicators.counting import assert_equal_to_plain
from tests.kernel.indicators.rows import Officials

NAMES = {"one_standard_for_children", "children_supported"}


@pytest.mark.parametrize("on", [date(2024, 6, 30), date(2024, 9, 5)], ids=str)
def test_figures_equal_a_plain_count(city: Officials, on: date) -> None:  # noqa: F811
    assert {each.name for each in INDICATORS} == NAMES
    assert assert_equal_to_plain(on, NAMES) > 15
