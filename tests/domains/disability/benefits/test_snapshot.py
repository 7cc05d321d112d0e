"""What a snapshot learns of care after an injury at work, and of those whom old parents keep."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from minzheng.kernel.benefits.snapshot.build import build_people
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.rules.language import Month
from tests.kernel.monitoring.small_lake import put


@pytest.mark.django_db
def test_care_that_is_paid_on_the_first_day_and_dependants(home: Home) -> None:
    def care(key: int, fen: int, ended: date | None = None, status: str | None = None, started: date = date(2020, 1, 1)) -> dict[str, Any]:
        return {"person_key": key, "monthly_fen": fen, "started_on": started, "ended_on": ended, "status": status}

    put("population", [{"person_key": n, "village_code": 320402001001} for n in range(1, 5)])
    put("work_injury_benefits", [
        care(1, 320_000), care(2, 320_000, ended=date(2024, 4, 30)), care(3, 320_000, status="stopped"),
        care(4, 210_000, started=date(2024, 5, 2)), care(4, 100, ended=date(2024, 5, 1)),
    ])  # fmt: skip
    put("household_economy", [{"person_key": 2, "declared_on": date(2024, 1, 1), "dependent_on_elders": "1"},
                              {"person_key": 3, "declared_on": date(2024, 1, 1), "dependent_on_elders": "1"},
                              {"person_key": 3, "declared_on": date(2024, 2, 1), "dependent_on_elders": "0"}])  # fmt: skip
    frame = build_people(Month.of("2024-05")).frame.sort("person_key")
    assert frame["work_injury_care"].to_list() == [320_000, 0, 0, 100]
    assert frame["dependent_on_elders"].to_list() == [0, 1, 0, 0]
