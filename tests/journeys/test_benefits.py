"""A month's benefits from reckoning to the bank card, by two people who watch each other; and why somebody gets what she gets."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from minzheng.kernel.benefits.actions import compute_run
from minzheng.kernel.benefits.models import Entitlement, Run
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.ledger.models import PaymentLine
from tests.journeys.conftest import SignIn
from tests.portals.staff.benefits_world import forget
from tests.portals.staff.money import MONTH, lake_of
from tests.portals.staff.world import World

pytestmark = pytest.mark.journey


@pytest.fixture
def draft(world: World, monkeypatch: pytest.MonkeyPatch) -> Run:
    """May is reckoned: the grandmother of the first family is 84."""
    forget()
    place = int(world.village.code)
    lake_of([{"person_key": 1, "household_key": 1000, "birth": 19400308, "village": place}], monkeypatch)
    return compute_run(month=MONTH, by=Actor.system("夜间批处理"))


def test_a_month_from_draft_to_payment(sign_in: SignIn, draft: Run, world: World) -> None:
    clerk = sign_in("benefits_clerk")
    clerk.get_by_role("link", name="发放批次").first.click()
    clerk.get_by_role("link", name=str(MONTH)).first.click()
    expect(clerk.get_by_role("heading", level=1)).to_contain_text(str(MONTH))
    expect(clerk.locator("main")).to_contain_text("未核实")
    clerk.get_by_role("button", name=re.compile("提交")).click()
    expect(clerk.locator("main")).to_contain_text("待审批")

    approver = sign_in("benefits_approver")
    approver.goto(f"/benefits/runs/{draft.pk}/")
    approver.get_by_role("button", name=re.compile("审批通过")).click()
    expect(approver.locator("main")).to_contain_text("已审批")
    held = Entitlement.objects.get(programme="longevity_allowance")
    assert (held.person_key, held.amount_fen) == (1, 5000)

    line = PaymentLine.objects.get(person_key=1)
    approver.goto(f"/benefits/payments/{line.batch_id}/")
    approver.get_by_role("button", name=re.compile("复核")).first.click()
    clerk.goto(f"/benefits/payments/{line.batch_id}/")
    clerk.get_by_role("button", name=re.compile("发出")).first.click()
    expect(clerk.locator("main")).to_contain_text("已发出")
    line.refresh_from_db()
    assert line.state == "sent"

    clerk.goto(f"/households/{world.households[0].pk}/benefits/")
    expect(clerk.locator("main")).to_contain_text("尊老金")
    expect(clerk.locator("main")).to_contain_text("¥50.00")
    paper = clerk.request.get(clerk.get_by_role("link", name=re.compile("打印")).first.get_attribute("href") or "")
    assert paper.ok and paper.body().startswith(b"%PDF-")


def test_a_figure_is_confirmed_by_two_and_tried_out_before(sign_in: SignIn, draft: Run) -> None:
    clerk = sign_in("benefits_clerk", "phone")
    clerk.goto("/benefits/parameters/longevity_allowance/bands/")
    clerk.get_by_label("80–89 周岁").fill("60.00")
    clerk.get_by_label("依据").fill("常民发〔2024〕99号 第二条")
    clerk.get_by_role("button", name=re.compile("提出")).click()
    expect(clerk.locator("main")).to_contain_text("待确认")

    approver = sign_in("benefits_approver")
    approver.goto("/benefits/simulator/?p=longevity_allowance.bands")
    approver.get_by_label("80–89 周岁").fill("60.00")
    approver.get_by_role("button", name=re.compile("重算")).click()
    expect(approver.locator("main")).to_contain_text("+¥10.00")
    approver.goto("/benefits/parameters/")
    approver.locator("tr[data-row] a.main", has_text="尊老金标准").first.click()
    approver.get_by_role("button", name=re.compile("确认生效")).click()
    approver.goto("/benefits/parameters/longevity_allowance/bands/")
    expect(approver.locator("main")).to_contain_text("常民发〔2024〕99号")
