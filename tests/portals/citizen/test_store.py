"""Counters against guessing: any hour counts, not the hour on the clock."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from minzheng.kernel.registry.models import Person
from minzheng.portals.citizen import codes, store

pytestmark = pytest.mark.django_db
HOUR = 3600
TURN = 1_717_400_000 // HOUR * HOUR + HOUR  # the full hour on the clock
Clock = Callable[[float], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Set the clock on the wall."""
    return lambda seconds: monkeypatch.setattr(store, "time", SimpleNamespace(time=lambda: float(seconds)))


def taken(most: int, tries: int = 1, who: str = "x") -> int:
    return sum(store.take("test", who, most, HOUR) for _ in range(tries))


def test_the_turn_of_the_hour_opens_nothing(at: Clock) -> None:
    at(TURN - 1)
    assert taken(5, 7) == 5
    at(TURN)
    assert taken(5, 7) == 0, "a second later it is still the same hour's number"
    at(TURN + HOUR - 2)
    assert taken(5, 7) == 0
    at(TURN + HOUR - 1)
    assert taken(5, 7) == 5, "an hour after they were taken the places are free"


def test_each_place_comes_free_by_itself(at: Clock) -> None:
    for minute in (-30, -20, -10):
        at(TURN + 60 * minute)
        assert taken(4) == 1
    at(TURN + 60)
    assert taken(4, 3) == 1, "three of the last hour count"
    at(TURN + 60 * 31)
    assert taken(4, 3) == 1, "the one of half past is an hour old"
    at(TURN + 60 * 45)
    assert taken(4, 3) == 1
    at(TURN + 60 * 51)
    assert taken(4, 3) == 1


def test_never_more_than_allowed_in_any_hour(at: Clock) -> None:
    """Somebody who tries every minute for five hours."""
    got = []
    for minute in range(300):
        at(TURN + 60 * minute)
        got += [minute] * taken(7)
    assert all(sum(start <= minute < start + 60 for minute in got) <= 7 for start in range(300))
    assert len(got) == 35


def test_numbers_do_not_share_places(at: Clock) -> None:
    at(TURN)
    assert (taken(1, 2, "a"), taken(1, 2, "b")) == (1, 1)


def test_codes_do_not_begin_anew_at_the_full_hour(at: Clock, people: list[Person]) -> None:
    told = {"name": people[0].name, "id_number": people[0].id_number, "phone": "13911115555"}
    at(TURN - 60)
    assert [Client().post("/citizen/sign-in/", told).status_code for _ in range(codes.PER_PHONE)] == [302] * codes.PER_PHONE
    at(TURN + 60)
    refused = Client().post("/citizen/sign-in/", told)
    assert refused.status_code == 429 and "太多" in refused.content.decode()
