"""What every test begins with is whole and its own, whichever test came before (tests/beginnings.py)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction

from minzheng.kernel.divisions.models import Division
from minzheng.kernel.foundation import audit, calendar
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.models import CalendarDay
from minzheng.kernel.registry.models import Household, Person
from tests.beginnings import DAY, begun
from tests.portals.staff.world import World, build

pytestmark = pytest.mark.django_db


def first_world() -> World:
    """A beginning of this file alone, so that it is seen being built."""
    return build(families=1)


@contextmanager
def deployment(folder: Path, settings: Any) -> Iterator[Home]:
    """A folder of its own, and nothing stays in the database."""
    settings.HOME = home = Home(folder)
    home.ensure()
    with transaction.atomic():
        yield home
        transaction.set_rollback(True)


def everything(home: Home) -> tuple[Any, ...]:
    """All rows as the program reads them (opened with the keys of the folder), and all files."""
    rows = {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in apps.get_models(include_auto_created=True)}
    return rows, {str(path.relative_to(home.root)): path.read_bytes() for path in home.root.rglob("*") if path.is_file()}


def test_what_is_put_back_is_what_was_built(tmp_path: Path, settings: Any) -> None:
    found = []
    for number in range(3):
        with deployment(tmp_path / str(number), settings) as home:
            world = begun(first_world, home)
            assert [person.name for person in Person.objects.filter(pk=world.alerts[0].person_id)] == [world.alerts[0].person.name]
            assert audit.verify() is None
            found.append(everything(home))
            Person.objects.update(name="别人")
            world.households.clear()
            (home.keys / "field").unlink()
    assert found[0] == found[1] == found[2]
    assert found[0][0]["registry.Person"] and len(found[0][1]) > 5


def test_without_asking_the_database_is_empty() -> None:
    assert not Person.objects.exists() and not Division.objects.exists()


def test_new_rows_come_behind_those_put_back(tmp_path: Path, settings: Any) -> None:
    for number in range(2):
        with deployment(tmp_path / str(number), settings) as home:
            world = begun(first_world, home)
            made = Household.objects.create(household_key=77, division_code=world.village.code, address="x", updated_as_of=DAY)
            assert made.pk > max(household.pk for household in world.households)


def test_the_kept_calendar_of_another_test_is_forgotten(tmp_path: Path, settings: Any) -> None:
    for number in range(2):
        with deployment(tmp_path / str(number), settings) as home:
            begun(first_world, home)
            assert calendar.is_working(DAY)
            CalendarDay.objects.update(working=False)
            calendar.forget()
            assert not calendar.is_working(DAY)


def test_a_beginning_starts_from_an_empty_database(home: Home) -> None:
    def another() -> None:
        build(families=1)

    CalendarDay.objects.create(day=DAY, working=True)
    with pytest.raises(AssertionError, match="as the migrations leave them"):
        begun(another, home)
