"""What a snapshot learns from assessments, care homes and the list of special families."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from minzheng.kernel.benefits.snapshot.build import build_people
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.rules.language import Month
from tests.kernel.monitoring.small_lake import put

pytestmark = pytest.mark.django_db
MAY = date(2024, 5, 1)


def inputs_of(*names: str) -> dict[int, tuple[int, ...]]:
    frame = build_people(Month.of("2024-05")).frame.sort("person_key")
    return {row[0]: row[1:] for row in frame.select("person_key", *names).iter_rows()}


@pytest.fixture(autouse=True)
def elders(home: Home) -> None:
    put("population", [{"person_key": n, "village_code": 320402001001} for n in range(1, 5)])


def test_the_last_assessment_that_holds(home: Home) -> None:
    def assessed(key: int, grade: str, on: date, until: date | None) -> dict[str, Any]:
        return {"person_key": key, "grade": grade, "assessed_on": on, "valid_until": until}

    put("ability_assessments", [
        assessed(1, "severe", date(2023, 6, 1), date(2024, 5, 31)), assessed(1, "mild", date(2024, 4, 2), date(2025, 4, 1)),
        assessed(2, "complete", date(2023, 4, 30), date(2024, 4, 30)), assessed(3, "intact", MAY, None),
        assessed(4, "moderate", date(2024, 5, 2), None),
    ])  # fmt: skip
    assert inputs_of("ability", "assessed_on") == {1: (2, 20240402), 2: (0, 0), 3: (1, 20240501), 4: (0, 0)}


def test_care_homes_and_special_families(home: Home) -> None:
    put("care_home_residents", [
        {"person_key": 1, "moved_in_on": MAY, "moved_out_on": None}, {"person_key": 2, "moved_in_on": date(2020, 1, 1), "moved_out_on": MAY},
        {"person_key": 3, "moved_in_on": date(2020, 1, 1), "moved_out_on": date(2024, 4, 30)},
    ])  # fmt: skip
    put("special_families", [{"person_key": 4, "kind": "bereaved", "since": date(2020, 1, 1), "until": None},
                             {"person_key": 1, "kind": "bereaved", "since": date(2024, 5, 2), "until": None}])  # fmt: skip
    assert inputs_of("care_home", "special_family") == {1: (1, 0), 2: (1, 0), 3: (0, 0), 4: (0, 1)}
