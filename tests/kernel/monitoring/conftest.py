"""A city of two villages with officials, and a lake in which four people come to notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from minzheng.kernel.divisions.actions import load_divisions
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.actions import create_user, load_calendar
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.models import User
from tests.beginnings import begun
from tests.domains.assistance.scenarios.casefile import VILLAGE, rows_of
from tests.kernel.monitoring.small_lake import put_all

OTHER_VILLAGE = 320412100201


@dataclass
class Town:
    """Who works here."""

    worker: User
    second_worker: User
    outside_worker: User
    town: User
    county: User
    city: User

    def actor(self, name: str) -> Actor:
        return Actor.of(getattr(self, name))


@pytest.fixture
def town(db: None) -> Town:
    return begun(two_villages)


def two_villages() -> Town:
    """The calendar, the divisions and an official of each level."""
    operator = Actor.system("测试")
    load_calendar(by=operator)
    load_divisions(by=operator)
    village = (f"{VILLAGE}", f"{VILLAGE + 1}", "村")
    other = (f"{OTHER_VILLAGE}", f"{OTHER_VILLAGE + 1}", "邻村")
    street = ("320402001000", "320402002000", "街道")
    county, city = ("320402000000", "320403000000", "天宁区"), ("320400000000", "320500000000", "常州市")
    plan = {
        "worker": ("grid_worker", village), "second_worker": ("grid_worker", village),
        "outside_worker": ("grid_worker", other), "town": ("town_official", street),
        "county": ("district_official", county), "city": ("city_official", city),
    }  # fmt: skip
    made = {
        name: create_user(username=name, full_name=name, role=role, jurisdictions=[area], password_hash="!", by=operator)
        for name, (role, area) in plan.items()
    }
    return Town(**made)


@pytest.fixture
def lake(town: Town, home: Home) -> Home:
    """Four households with something to notice; one lives in a village without a grid worker."""
    feeds = rows_of(
        [{"id": 11, "home": 901}, {"id": 12, "home": 901, "relation": "child", "born": date(2015, 1, 1)},
         {"id": 21, "home": 902}, {"id": 31, "home": 903}, {"id": 41, "home": 904},
         {"id": 51, "home": 905, "wage": 8000}],
        {
            "unemployment": [{"person_key": 11, "registered_on": date(2024, 3, 5), "status": "none"}],
            "traffic_accidents": [{"person_key": 21, "occurred_on": date(2024, 5, 20), "injury": "serious",
                                   "responsibility": "none", "accident_no": "A1"}],
            "disability_certificates": [{"person_key": 31, "category": "4", "level": "1", "status": "valid",
                                         "issued_on": date(2024, 5, 20)}],
            "legal_aid": [{"person_key": 41, "accepted_on": date(2024, 5, 8), "matter": "labour", "case_no": "B1",
                           "income_checked": "hardship"}],
        },
    )  # fmt: skip
    for row in feeds["population"] + feeds["households"]:
        if row["person_key"] == 41:
            row["village_code"] = 320402001002
    put_all(feeds)
    return home
