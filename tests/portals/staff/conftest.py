"""Clients signed in as each role of the world that the portal's tests walk through."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tests.portals.staff.world import World


@pytest.fixture
def as_role(world: World) -> Callable[[str], Client]:
    """A client signed in as the user of that name."""

    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(world.users[name])
        return client

    return sign_in
