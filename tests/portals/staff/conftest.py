"""The world that the portal's tests walk through, and clients signed in as each role."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from minzheng.kernel.foundation.home import Home
from tests.portals.staff.world import World, build


@pytest.fixture
def world(db: None, home: Home) -> World:
    """Three families in one village, one elsewhere, officials of each role, a delivery, a night."""
    return build()


@pytest.fixture
def as_role(world: World) -> Callable[[str], Client]:
    """A client signed in as the user of that name."""

    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(world.users[name])
        return client

    return sign_in
