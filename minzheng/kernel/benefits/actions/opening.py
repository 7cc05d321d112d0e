"""Looking at what somebody gets and why, on record like the opening of a household's file."""

from __future__ import annotations

from minzheng.kernel.benefits.models import Review, Run
from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry.models import Household


def record_why_opened(*, household: Household, run: Run | None, by: Actor, printed: bool = False) -> None:
    """Note that somebody opened, or printed, why a household gets what it gets."""
    by.require("benefits.view")
    audit.record(by, "benefits.print" if printed else "benefits.open", f"household:{household.pk}", run=run.pk if run else 0)


def record_review_opened(*, review: Review, by: Actor) -> None:
    """Note that somebody opened a review, which tells what the data say of a household."""
    by.require("benefits.view")
    audit.record(by, "review.open", f"review:{review.pk}")
