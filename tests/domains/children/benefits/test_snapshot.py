"""What a snapshot learns from the register of children in difficulty."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from minzheng.domains.children.benefits import inputs
from minzheng.domains.children.benefits.snapshot import KINDS, SCHOOLS, STATES
from minzheng.kernel.benefits.snapshot.build import build_people
from minzheng.kernel.feeds import lake
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.rules.language import Month
from tests.kernel.monitoring.small_lake import put

NAMES = [each.name for each in inputs.ALL if each.source == "children_register"]


@pytest.mark.django_db
def test_children_in_the_register_on_the_first_day(home: Home) -> None:
    def child(key: int, **columns: Any) -> dict[str, Any]:
        return {"person_key": key, "kind": "unsupported", "registered_on": date(2023, 6, 1)} | columns

    put("population", [{"person_key": n, "village_code": 320402001001} for n in range(1, 6)])
    put("children_register", [
        child(1, placement="institution", school="senior", adopted="0", hiv="1", father_state="prison", father_since=date(2022, 5, 1),
              father_term=24.0, mother_state="disabled", mother_disability_category="6", mother_disability_level="2"),
        child(2, kind="orphan", removed_on=date(2024, 4, 30)), child(3, kind="orphan", removed_on=date(2024, 5, 1)),
        child(4, registered_on=date(2024, 5, 2)),
    ])  # fmt: skip
    frame = build_people(Month.of("2024-05")).frame

    def of(key: int) -> dict[str, int]:
        return frame.filter(pl.col("person_key") == key).select(NAMES).row(0, named=True)

    assert {name: value for name, value in of(1).items() if value} == {
        "child_kind": 2, "child_placement": 1, "schooling": 2, "child_hiv": 1, "father_state": inputs.PRISON, "father_since": 20220501,
        "father_term": 24, "mother_state": inputs.DISABLED, "mother_disability_category": 6, "mother_disability_level": 2,
    }  # fmt: skip
    assert [of(n)["child_kind"] for n in (2, 3, 4, 5)] == [0, 1, 0, 0]


def test_every_code_of_the_contract_is_known() -> None:
    columns = lake.contract("children_register").columns
    assert set(columns["kind"].values) == set(KINDS) and set(KINDS.values()) == set(inputs.KINDS) - {0}
    assert set(columns["school"].values) == {*SCHOOLS, "none"} and set(SCHOOLS.values()) == set(inputs.SCHOOLS) - {0}
    for parent in ("father", "mother"):
        assert set(columns[f"{parent}_state"].values) == set(STATES)
    assert set(STATES.values()) == set(inputs.PARENTS)
