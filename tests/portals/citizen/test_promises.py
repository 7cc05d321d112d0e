"""The year's promises for anybody: only what may be published, with where the figure comes from, and nothing of anybody."""

from __future__ import annotations

import pytest
from django.test import Client

from minzheng.kernel.indicators.models import Plan, Target
from tests.portals.staff.world import World

pytestmark = pytest.mark.django_db


def test_anybody_reads_what_may_be_published_and_nothing_else(world: World) -> None:
    assert world.plan
    hidden = Target.objects.filter(item__plan=world.plan.plan, publish=True)[0]
    Target.objects.filter(pk=hidden.pk).update(publish=False)
    page = Client().get("/citizen/promises/")
    shown = {promise.figure.code for chapter in page.context["chapters"] for promise in chapter["promises"]}
    assert shown == set(Target.objects.filter(publish=True, withdrawn_on=None).values_list("code", flat=True)) and hidden.code not in shown
    text = page.content.decode()
    assert hidden.verbatim not in text and "还没有数字" in text
    assert not any(user.full_name in text or user.username in text for user in world.users.values())
    assert world.plan.item.office.title not in text, "offices are unverified and nobody's business here"


def test_a_typed_figure_says_that_it_was_typed_and_waits_for_its_second_person(world: World) -> None:
    assert world.plan
    figure = world.plan.figure
    Target.objects.filter(pk=figure.target_id).update(publish=True)
    before = Client().get("/citizen/promises/").content.decode()
    assert "由工作人员填报" not in before
    figure.state, figure.confirmed_by, figure.confirmed_on = "confirmed", "bureau_leader", figure.recorded_on
    figure.save()
    after = Client().get("/citizen/promises/").content.decode()
    assert "由工作人员填报、另一人确认" in after


def test_before_there_is_a_plan(world: World) -> None:
    assert world.plan
    Plan.objects.update(first="2023-01-01", last="2023-12-31")
    assert "还没有公布" in Client().get("/citizen/promises/").content.decode()
