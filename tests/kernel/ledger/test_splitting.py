"""Amounts are divided exactly, and fairly to the 分."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.kernel.ledger.splitting import LEVELS, WHOLE, shares_of, split


@st.composite
def shares(draw: st.DrawFn) -> dict[str, int]:
    cuts = sorted(draw(st.lists(st.integers(0, WHOLE), min_size=3, max_size=3)))
    return dict(zip(LEVELS, (b - a for a, b in zip([0, *cuts], [*cuts, WHOLE], strict=True)), strict=True))


@given(st.integers(0, 10**15), shares())
def test_parts_sum_to_the_amount_and_none_is_off_by_a_whole_fen(amount: int, given_shares: dict[str, int]) -> None:
    parts = split(amount, given_shares)
    assert sum(parts.values()) == amount
    assert all(abs(parts[level] * WHOLE - amount * share) < WHOLE for level, share in given_shares.items())


def test_the_left_over_fen_go_to_the_largest_remainders() -> None:
    assert split(101, shares_of({"centre": 40, "city": 35, "district": 25})) == {"centre": 41, "city": 35, "district": 25}
    assert split(1, shares_of({"province": 50, "district": 50})) == {"province": 1, "district": 0}  # a tie: the higher level
    assert split(3, shares_of({"centre": 10, "province": 20, "city": 30, "district": 40})) == {
        "centre": 0, "province": 1, "city": 1, "district": 1,
    }  # fmt: skip


def test_shares_are_hundredths_of_a_percent() -> None:
    assert shares_of({"province": Decimal("33.34"), "district": Decimal("66.66")}) == {"province": 3334, "district": 6666}


@pytest.mark.parametrize(
    ("percents", "says"),
    [
        ({"centre": 60, "district": 30}, "90%"), ({"town": 100}, "town"), ({"centre": 110, "district": -10}, "区级"),
        ({"centre": Decimal("33.333"), "district": Decimal("66.667")}, "两位小数"), ({"centre": 0.5, "district": 99.5}, "浮点数"),
    ],
)  # fmt: skip
def test_wrong_shares_are_refused_in_words(percents: dict[str, int], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        shares_of(percents)


def test_negative_amounts_are_refused() -> None:
    with pytest.raises(ValueError, match="不能为负"):
        split(-1, {"district": WHOLE})
