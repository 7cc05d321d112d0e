"""What a reader is told of small numbers: nobody can be reckoned out of what remains."""

from __future__ import annotations

from datetime import date

import pytest

from minzheng.kernel.foundation.access import EVERYWHERE, Actor
from minzheng.portals.staff.views.city_map import steps
from minzheng.portals.staff.views.city_map.steps import HELD_BACK, Geography, guarded, rolled

DAY = date(2024, 6, 3)
TOWN, OTHER, FAR = "320412100000", "320412101000", "320402001000"
NAMES = {
    "town": {TOWN: "甲镇", OTHER: "乙镇", FAR: "丙街道"},
    "village": {
        f"{town[:9]}{number:03d}": f"{number}村" for town in (TOWN, OTHER, FAR) for number in (201, 202, 203)
    },
}
LAY = Geography(NAMES, lambda village: "")


def village(town: str, number: int) -> str:
    return f"{town[:9]}{200 + number}"


def told(counts: dict[str, int], exact: frozenset[str] = frozenset({"town"})) -> dict[str, dict[str, int]]:
    every = rolled({place: [count] for place, count in counts.items()}, LAY, 1)
    return {
        step: {place: row[0] for place, row in rows.items()}
        for step, rows in guarded(every, LAY, exact, DAY).items()
    }


def test_sums_go_up_the_steps() -> None:
    every = rolled({village(TOWN, 1): [3, 1], village(TOWN, 2): [4, 0], village(FAR, 3): [5, 5]}, LAY, 2)
    assert every["town"] == {TOWN: [7, 1], OTHER: [0, 0], FAR: [5, 5]}


def test_a_small_number_is_held_back_with_the_zeros_beside_it() -> None:
    found = told({village(TOWN, 1): 2, village(TOWN, 2): 8, village(OTHER, 1): 4})
    assert found["town"] == {TOWN: 10, OTHER: 4, FAR: 0}, "the steps of those who deal with it stay exact"
    assert [found["village"][village(TOWN, n)] for n in (1, 2, 3)] == [HELD_BACK, 8, HELD_BACK]
    assert [found["village"][village(OTHER, n)] for n in (1, 2, 3)] == [4, 0, 0], (
        "nothing small, nothing to hide"
    )


def test_one_alone_takes_the_smallest_beside_it_along() -> None:
    found = told({village(TOWN, 1): 1, village(TOWN, 2): 8, village(TOWN, 3): 5})
    assert [found["village"][village(TOWN, n)] for n in (1, 2, 3)] == [HELD_BACK, 8, HELD_BACK]


def test_what_is_held_back_above_is_not_told_below() -> None:
    found = told({village(TOWN, 1): 1, village(OTHER, 2): 9}, frozenset())
    assert found["town"][TOWN] == HELD_BACK and found["town"][OTHER] == HELD_BACK, (
        "the county's sum would give it away"
    )
    assert {found["village"][village(town, n)] for town in (TOWN, OTHER) for n in (1, 2, 3)} == {HELD_BACK}


@pytest.mark.parametrize(
    ("role", "exact"),
    [("city_official", {"county", "board", "town"}), ("town_official", {"town", "village"})],
)
def test_exact_numbers_are_those_of_the_level_that_deals(role: str, exact: set[str]) -> None:
    actor = Actor("x", role, frozenset({"alerts.view"}), EVERYWHERE)
    assert steps.exact_for(actor, deals=True) == exact
    assert steps.exact_for(actor, deals=False) == frozenset()
    assert "village" not in steps.steps_for(actor, deals=False)
