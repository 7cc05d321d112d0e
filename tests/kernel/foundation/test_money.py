"""Money is an integer number of 分."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.kernel.foundation.money import fen, yuan


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1050", 105_000), ("0.005", 1), ("0.004", 0), ("-0.005", -1), ("1e2", 10_000), (" 12.34 ", 1234), ("１２.5", 1250), (7, 700),
     (Decimal("1.115"), 112), ("9" * 15 + ".99", 99999999999999999)],
)  # fmt: skip
def test_yuan_to_fen(text: str | int | Decimal, amount: int) -> None:
    assert fen(text) == amount


@pytest.mark.parametrize("text", ["", "元", "1,050", "1_000", "NaN", "Infinity", "-inf", "1.2.3", "9" * 40])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="不是金额"):
        fen(text)


def test_floats_and_truth_values_are_refused() -> None:
    for wrong in (0.1, True):
        with pytest.raises(TypeError):
            fen(wrong)  # type: ignore[arg-type]


@given(st.integers(-(10**15), 10**15))
def test_what_people_read_is_exact(amount: int) -> None:
    text = yuan(amount)
    assert fen(text.replace("¥", "").replace(",", "")) == amount
    assert yuan(123_456_789) == "¥1,234,567.89"
