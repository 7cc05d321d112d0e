"""The portal's world with as many divisions as two pages of a register hold."""

from __future__ import annotations

import pytest

from minzheng.kernel.divisions.models import Division
from minzheng.kernel.foundation.home import Home
from tests.beginnings import begun
from tests.portals.staff.world import World, build

TWO_PAGES = 400  # at 200 rows, the most that a page holds


@pytest.fixture
def world(db: None, home: Home) -> World:
    return begun(of_two_pages, home)


def of_two_pages() -> World:
    """All towns, but villages of the world's own town and of one county only: what lists, filters and exports promise of
    every row they promise of these, and each row is drawn dozens of times."""
    made = build()
    kept = Division.objects.filter(level__lt=Division.Level.VILLAGE) | Division.objects.filter(
        code__regex=f"^({made.village.parent_code[:9]}|{made.other_village.code[:6]})"
    )
    Division.objects.exclude(pk__in=kept.values("pk")).delete()
    assert 200 < Division.objects.count() < TWO_PAGES
    return made
