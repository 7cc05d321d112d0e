"""The page of a review: a 渐退期 is offered with its months and sums, the clock is a parameter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from minzheng.kernel.benefits.actions import confirm_parameter, propose_parameter
from minzheng.kernel.benefits.actions.awards import grant_award
from minzheng.kernel.benefits.models import Award, Review
from minzheng.kernel.foundation.access import EVERYWHERE, Actor, roles
from tests.portals.staff.money import freeze
from tests.portals.staff.world import World

AsRole = Callable[[str], Client]


def official(name: str, role: str) -> Actor:
    return Actor(name, role, roles()[role].capabilities, EVERYWHERE)


@pytest.fixture
def ending(world: World, monkeypatch: pytest.MonkeyPatch) -> Review:
    """A review of a household of two that earns a little too much, heard already, over a frozen month."""
    assert world.benefits
    review = world.benefits.reviews[0]
    people = [{"person_key": key, "household_key": review.household_key, "village": int(world.village.code), "award_low_income": 1, "wage": wage,
               "rank": place, "birth": 19850101} for place, (key, wage) in enumerate(((review.person_key, 330_000), (7, 0)))]  # fmt: skip
    snapshot = freeze(people, monkeypatch)
    review.run.snapshot = snapshot
    review.run.save()
    grant_award(programme="minimum_living", people=[review.person_key, 7], household_key=review.household_key, division_code=world.village.code,
                mode="household", since=date(2024, 1, 1), source="名册", by=official("casework", "benefits_clerk"))  # fmt: skip
    Review.objects.filter(pk=review.pk).update(ends=True, is_fen=0, state="heard", heard_on=date(2024, 6, 2), statement="刚找到工作")
    return Review.objects.get(pk=review.pk)


def test_a_gradual_end_is_offered_with_what_it_would_be(ending: Review, as_role: AsRole) -> None:
    client, address = as_role("benefits_clerk"), f"/benefits/reviews/{ending.pk}/"
    html = client.get(address).content.decode()
    assert "（12 个月）每月 <b class=\"num\">¥930.00</b>" in html and "渐退期计发比例（占渐退前低保金）" in html and 'value="gradual"' in html
    assert html.count("title=\"未核实\"") >= 3, "its months and shares are not confirmed"
    assert client.post(f"{address}decide/", {"decision": "gradual", "reasons": "就业，给予渐退期"}).status_code == 302
    done = Review.objects.get(pk=ending.pk)
    assert (done.decision, done.decided_fen) == ("gradual", 93_000) and done.until == date(done.effective_from.year + 1, done.effective_from.month, 1)  # type: ignore[union-attr]
    terms = [award.terms for award in Award.objects.order_by("person_key")]
    assert sum(each["exit_amount"] for each in terms) == 186_000 and all(each["exit_since"] for each in terms)
    assert "每月 ¥930.00，至" in client.get(address).content.decode()


def test_what_the_rule_does_not_give_is_not_offered(ending: Review, as_role: AsRole) -> None:
    Award.objects.all().delete()
    Review.objects.filter(pk=ending.pk).update(was_fen=1)
    html = as_role("benefits_clerk").get(f"/benefits/reviews/{ending.pk}/").content.decode()
    assert 'value="keep"' in html
    Review.objects.filter(pk=ending.pk).update(ends=False)
    assert 'value="gradual"' not in as_role("benefits_clerk").get(f"/benefits/reviews/{ending.pk}/").content.decode()


def test_the_clock_of_a_review_is_a_parameter_with_a_source(world: World, as_role: AsRole) -> None:
    assert world.benefits
    client = as_role("benefits_clerk")
    page = client.get("/benefits/reviews/")
    assert "15 个工作日" in page.content.decode() and "（未核实）" in page.content.decode()
    before = {row["review"].pk: row["due_on"] for row, _subject in page.context["rows"]}
    assert "不影响金额" in client.get("/benefits/parameters/practice/review_days/").content.decode()
    change = propose_parameter(name="practice.review_days", value=20, valid_from=date(2024, 6, 1), source="常民发〔2024〕9号 第三条",
                               by=official("one", "benefits_clerk"))  # fmt: skip
    confirm_parameter(change=change, by=official("two", "benefits_approver"))
    page = client.get("/benefits/reviews/")
    assert "20 个工作日" in page.content.decode() and "（未核实）" not in page.content.decode()
    after = {row["review"].pk: row["due_on"] for row, _subject in page.context["rows"]}
    assert all(after[key] > day for key, day in before.items() if day)
