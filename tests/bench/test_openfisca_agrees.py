"""The rules that the benchmark states for OpenFisca pay everybody what ours pay, to the 分."""

from __future__ import annotations

import polars as pl
import pytest

from bench.openfisca_run import NAMES, city, inputs, ours, rules, theirs
from minzheng.kernel.rules.language import Month
from tests.domains import random_city

MONTHS = ("2024-02", "2024-06", "2024-07", "2026-07")


def agree(people: pl.DataFrame, month: Month) -> dict[str, int]:
    """Compare person by person and household by household; how many are paid something, by programme."""
    found, (amounts, _building) = ours(people, month), theirs(people, month)
    homes = people["household_key"].unique().sort()
    for name in NAMES:
        unit, keys = ("household_key", homes) if name == "minimum_living" else ("person_key", people["person_key"])
        expected = pl.DataFrame({unit: keys, "amount_fen": amounts[name]}).cast(pl.Int64).filter(pl.col("amount_fen") > 0).sort(unit)
        assert found[name].select(unit, "amount_fen").sort(unit).equals(expected), name
    return {name: found[name].height for name in NAMES}


@pytest.mark.parametrize("month", MONTHS)
def test_a_plain_city(month: str) -> None:
    paid = agree(city(4_000, Month.of(month), seed=7), Month.of(month))
    assert all(paid.values()), paid


@pytest.mark.parametrize("month", MONTHS)
def test_an_odd_city(month: str) -> None:
    """With the inputs that rules find hardest: awards everywhere, births on 29 February, homes without anybody present."""
    people = random_city.people(1_500, inputs(rules()).values(), Month.of(month), seed=11).sort("household_key")
    paid = agree(people, Month.of(month))
    assert all(paid.values()), paid
