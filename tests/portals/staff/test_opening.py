"""期初在享 on the pages where a run is begun and read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from minzheng.kernel.benefits.models import Entitlement, MonthLock, Opening
from minzheng.kernel.benefits.roster_rows import rosters
from tests.kernel.monitoring.small_lake import put
from tests.portals.staff.benefits_world import forget
from tests.portals.staff.world import World

AsRole = Callable[[str], Client]


@pytest.fixture
def roster(world: World) -> list[int]:
    """Two people of the first family on the roster of the end of May."""
    assert world.benefits
    forget()
    home = world.households[0]
    keys = sorted(home.memberships.values_list("person__person_key", flat=True))
    row = {"programme": "low_income", "household_key": home.household_key, "since": date(2023, 1, 1), "village_code": int(world.village.code)}
    put("assistance_recipients", [{**row, "person_key": key, "monthly_fen": 40_000} for key in keys])
    return keys


def test_rosters_are_taken_over_where_a_run_is_begun(roster: list[int], world: World, as_role: AsRole) -> None:
    clerk = as_role("benefits_clerk")
    html = clerk.get("/benefits/runs/").content.decode()
    assert "接收期初在享" in html and "存量救助对象名册" in html
    assert "接收期初在享" not in as_role("city_official").get("/benefits/runs/").content.decode()
    assert as_role("city_official").post("/benefits/runs/opening/", {"month": "2024-05"}).status_code == 403
    early = clerk.post("/benefits/runs/opening/", {"month": "2024-06"})
    assert early.status_code == 422 and "还没有结束" in early.content.decode() and not Opening.objects.exists()
    assert "月份请写成" in clerk.post("/benefits/runs/opening/", {"month": "x"}).content.decode()
    done = clerk.post("/benefits/runs/opening/", {"month": "2024-05"}, follow=True)
    assert done.redirect_chain and "已接收 1 项在享待遇" in done.content.decode() and "再接收" in done.content.decode()
    assert Opening.objects.get().totals["minimum_living"] == {"units": 1, "fen": 40_000 * len(roster)}
    assert Entitlement.objects.get().opening_id == Opening.objects.get().pk
    assert rosters()[0].contract == Opening.objects.get().contract


def test_a_first_run_says_what_it_is_compared_with(roster: list[int], world: World, as_role: AsRole) -> None:
    from tests.portals.staff.benefits_world import benefits_of

    run = benefits_of(world.households[:1]).run
    Entitlement.objects.all().delete()
    clerk, address = as_role("benefits_clerk"), f"/benefits/runs/{run.pk}/"
    bare = clerk.get(address).content.decode()
    assert "没有接收期初在享" in bare and "/benefits/runs/#opening" in bare
    assert "先接收期初" not in as_role("city_official").get(address).content.decode()
    clerk.post("/benefits/runs/opening/", {"month": "2024-05"})
    html = clerk.get(address).content.decode()
    assert "与期初在享比较：存量救助对象名册" in html and "没有接收期初在享" not in html and "与期初" in html
    MonthLock.objects.create(month="2024-05", run=run, at=run.computed_at, by="审批")
    after = clerk.get("/benefits/runs/").content.decode()
    assert "再接收" not in after and "期初在享：存量救助对象名册" in after
