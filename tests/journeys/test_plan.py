"""要点督办 in a real browser: a leader goes from the board into a figure and down to what she may know; an official records a milestone
with its evidence and another person confirms it; the wall renews itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from minzheng.kernel.indicators.models import MilestoneRecord
from tests.journeys.conftest import SignIn, looked_at
from tests.portals.staff.plan_world import PDF
from tests.portals.staff.world import World

pytestmark = pytest.mark.journey


def test_from_the_board_down_to_rows_and_no_further_than_the_rights(world: World, sign_in: SignIn) -> None:
    leader = sign_in("bureau_leader")
    leader.get_by_role("link", name="要点督办").first.click()
    expect(leader.locator(".plan-card")).to_have_count(34)
    looked_at(leader)
    leader.locator(".plan-card", has_text="持续完善动态监测预警体系").click()
    looked_at(leader)
    leader.get_by_role("row", name="预警上门核实").get_by_role("link").first.click()
    expect(leader.get_by_text("只能看数字", exact=True)).to_be_visible()
    assert world.alerts[0].person.name[0] + "*" not in leader.content()

    district = sign_in("district_official", "phone")
    district.goto("/plan/figures/alerts_visited/rows/?part=denominator")
    expect(district.locator("[data-row]")).to_have_count(len(world.alerts))
    assert world.other_village.name not in district.content()
    looked_at(district)
    district.locator("[data-row] a").first.click()
    expect(district).to_have_url(f"{district.url.split('/alerts/')[0]}/alerts/{world.alerts[0].pk}/")


def test_one_records_with_evidence_and_another_confirms(world: World, sign_in: SignIn, tmp_path: Path) -> None:
    assert world.plan
    milestone = world.plan.item.milestones.all()[1]
    scan = tmp_path / "现场.pdf"
    scan.write_bytes(PDF + b"journey")
    official = sign_in("city_official")
    official.goto(f"/plan/items/{world.plan.item.number}/")
    row = official.locator(f"#milestone-{milestone.pk}")
    row.get_by_text("登记完成").click()
    row.get_by_label("完成日期").fill("2024-06-01")
    row.get_by_label("完成情况").fill("已在全市推开")
    row.get_by_label("佐证", exact=False).first.select_option("file")
    row.locator("input[type=file]").set_input_files(scan)
    row.get_by_role("button", name="登记").click()
    expect(official.get_by_role("status").first).to_contain_text("等另一人确认")
    expect(official.locator(f"#milestone-{milestone.pk}").get_by_role("button", name="确认完成")).to_have_count(0)
    looked_at(official)

    leader = sign_in("bureau_leader")
    leader.get_by_role("link", name=milestone.title).click()
    box = leader.locator(f"#milestone-{milestone.pk}")
    with leader.expect_download() as sent:
        box.get_by_role("link", name="现场.pdf").click()
    assert Path(sent.value.path()).read_bytes() == PDF + b"journey"
    box.get_by_role("button", name="确认完成").click()
    expect(leader.locator(f"#milestone-{milestone.pk}").get_by_text("已完成", exact=True)).to_be_visible()
    assert MilestoneRecord.objects.get(milestone=milestone).confirmed_by == "bureau_leader"


def test_the_wall_renews_itself(world: World, sign_in: SignIn) -> None:
    assert world.plan
    page = sign_in("bureau_leader")
    page.goto("/plan/wall/")
    page.evaluate("document.getElementById('wall').dataset.mark = 'same page'")
    before = page.locator(".wall-foot").inner_text()
    with page.expect_response("**/plan/wall/figures/"):
        page.evaluate("htmx.trigger('#wall', 'renew'); htmx.ajax('GET', '/plan/wall/figures/', '#wall')")
    expect(page.locator(".wall-strip rect")).to_have_count(34)
    assert page.locator(".wall-foot").inner_text() == before and page.locator("#wall").get_attribute("data-mark") == "same page"
    looked_at(page)


def test_promises_for_anybody(world: World, sign_in: SignIn) -> None:
    page = sign_in("bureau_leader", "phone")
    page.context.clear_cookies()
    page.goto("/citizen/promises/")
    expect(page.locator(".promise").first).to_be_visible()
    looked_at(page)
