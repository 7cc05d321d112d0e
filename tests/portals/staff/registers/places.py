"""What belongs to each register in the test world, by village: generated from the registers themselves."""

from __future__ import annotations

from typing import Any

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.registers import Register, registers
from tests.portals.staff.world import World

ROLES = ("city_official", "district_official", "town_official", "grid_worker", "outside_worker")
PLACED = ("people", "households", "organisations", "facilities", "divisions")  # registers whose records lie somewhere
PARAMS = [(slug, role) for slug in PLACED for role in ROLES]


def expected(slug: str, world: World, role: str) -> set[int]:
    """Keys of the records that a role may see, found without the access layer."""
    register = registers()[slug]
    field = getattr(register.model, "scope_field", "code")
    actor = Actor.of(world.users[role])
    rows: Any = register.model._default_manager.all()
    return {row.pk for row in rows if actor.covers(getattr(row, field))}


def everything(slug: str) -> set[int]:
    """Keys of all records."""
    rows: Any = registers()[slug].model._default_manager.all()
    return set(rows.values_list("pk", flat=True))


def base(register: Register | str) -> str:
    """The address of a list."""
    return f"/registers/{register if isinstance(register, str) else register.slug}/"
