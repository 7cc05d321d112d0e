"""Citizens of the portals' test world, and how they sign in."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from minzheng.kernel.registry.models import Person
from tests.portals.staff.world import World

CODE = re.compile(r'class="code">(\d{6})<')


def ask_code(client: Client, person: Person, phone: str = "", name: str = "") -> str:
    """Fill in the sign-in; the code as the demonstration shows it."""
    client.post("/citizen/sign-in/", {"name": name or person.name, "id_number": person.id_number, "phone": phone or person.phone})
    found = CODE.search(client.get("/citizen/sign-in/code/").content.decode())
    assert found
    return found[1]


def signed_in(person: Person) -> Client:
    """A client of somebody who went through the sign-in."""
    client = Client()
    answer = client.post("/citizen/sign-in/code/", {"code": ask_code(client, person)})
    assert answer.status_code == 302, answer.content.decode()
    return client


def act_for(client: Client, other: Person) -> None:
    """Begin to act for an adult, who agrees by the code that goes to the own phone."""
    client.post("/citizen/family/", {"person": other.pk})
    found = CODE.search(client.get("/citizen/family/").content.decode())
    assert found, "an adult is asked"
    assert client.post("/citizen/family/", {"person": other.pk, "code": found[1]}).status_code == 302


@pytest.fixture
def people(world: World, settings: object) -> list[Person]:
    """Head, child and grandchild of a household without a case, then the head of another."""
    settings.SYNTHETIC = True  # type: ignore[attr-defined]
    mine = [place.person for place in world.households[1].memberships.order_by("person__birth_date").select_related("person")]
    return [*mine, world.households[2].memberships.order_by("person__birth_date")[0].person]


@pytest.fixture
def enter(people: list[Person]) -> Callable[[int], Client]:
    """A client signed in as one of `people`."""
    return lambda number: signed_in(people[number])
