"""A run as rows, without reckoning one: a draft with a line, a review, a claim and a pause of each household."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from minzheng.kernel.benefits.models import (
    Entitlement,
    Override,
    Recovery,
    Review,
    Run,
    RunChange,
    RunTotal,
    Snapshot,
)
from minzheng.kernel.registry.models import Household

CAUSE = {"kind": "input", "name": "wage", "label": "工资", "before": "¥0.00", "after": "¥1,200.00", "condition": "",
         "text": "工资由 ¥0.00 变为 ¥1,200.00"}  # fmt: skip
MINIMUM, LONGEVITY = "minimum_living", "longevity_allowance"


@dataclass
class Benefits:
    """What tests ask for by name; of the lists the last one lies elsewhere."""

    run: Run
    reviews: list[Review] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)


def benefits_of(households: list[Household]) -> Benefits:
    """A draft of May 2024 about these households, over a snapshot whose files are not there."""
    now = timezone.now()
    snapshot = Snapshot.objects.create(
        month="2024-05", name="2024-05-world", sha256="9f3c" * 16, rows=12, households=4, frozen_on=date(2024, 6, 1), frozen_at=now, frozen_by="测试",
        batches={"deaths": ["deaths-20240531-0001"]},
    )  # fmt: skip
    unverified = [{"programmes": [MINIMUM], "name": "subsistence_standard", "title": "最低生活保障标准", "text": "¥1,050.00", "source": "测试"},
                  {"programmes": [MINIMUM, LONGEVITY], "name": f"{MINIMUM}/{LONGEVITY}", "title": "互斥规则", "text": "both", "source": "测试"}]  # fmt: skip
    run = Run.objects.create(
        month="2024-05", snapshot=snapshot, parameters_sha256="0" * 64, digest="1" * 64, unverified=unverified, computed_at=now, computed_by="夜间批处理"
    )
    made = Benefits(run)
    for household in households:
        about = unit(household)
        RunChange.objects.create(run=run, month="2024-05", kind="review", was_fen=186_000, is_fen=66_000, cause_kind="input", cause_name="wage", cause=CAUSE, **about)
        RunTotal.objects.create(
            run=run, programme=MINIMUM, division_code=household.division_code, before_units=1, before_fen=186_000, units=1, fen=186_000, review=1
        )
        made.reviews.append(Review.objects.create(run=run, month="2024-05", was_fen=186_000, is_fen=66_000, cause=CAUSE, opened_on=date(2024, 6, 1), **about))
        made.recoveries.append(Recovery.objects.create(run=run, month="2024-04", amount_fen=5_000, cause=CAUSE, **about))
        Entitlement.objects.create(amount_fen=186_000, valid_from=date(2024, 3, 1), **about)
        pause = {"kind": "pause", "valid_from": date(2024, 6, 1), "reason": "账户有误，核实中", "by": "benefits_clerk", "on": date(2024, 6, 2)}
        made.overrides.append(Override.objects.create(**pause, **about))
    return made


def unit(household: Household) -> dict[str, Any]:
    """A household's minimum living allowance, paid to its head."""
    head = household.memberships.order_by("person__person_key").first()
    assert head is not None
    return {
        "programme": MINIMUM, "unit_key": household.household_key, "person_key": head.person.person_key, "household_key": household.household_key,
        "division_code": household.division_code,
    }  # fmt: skip


def forget() -> None:
    """As if nothing had been reckoned yet."""
    for model in (Review, Recovery, Override, Entitlement, Run, Snapshot):
        model.objects.all().delete()
