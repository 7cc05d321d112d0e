"""What an approved month left out of a benefit that is paid once comes afterwards, by a decision, and never twice."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Entitlement, MonthLock
from minzheng.kernel.benefits.programmes import programme
from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.rules.language import Month


@transaction.atomic
def make_up(
    *, name: str, month: Month, person_key: int, household_key: int, division_code: str, amount_fen: int, source: str, by: Actor
) -> Entitlement:
    """Enter what a household (or person) should have had of a one-off programme that begins by itself, for a month that was approved
    without it; later corrections of the month see it as had. The same source again gives what is there. Two at once come one after
    the other. Raises Forbidden, BenefitsError: the month is still to be approved, or it was given already."""
    by.require("benefits.review")
    given = programme(name)
    if given.pays != "once" or given.start != "automatic":
        raise BenefitsError(f"“{given.title}”不是自动发放的一次性待遇，不能补办")
    if not by.covers(division_code):
        raise BenefitsError("不在您的辖区内")
    if MonthLock.objects.select_for_update().filter(month=str(month)).first() is None:
        raise BenefitsError(f"{month} 的“{given.title}”还没有统一发放：符合条件的会自动发给，请等统一发放以后再补办")
    unit = household_key if given.rule.entity == "household" else person_key
    basis: dict[str, Any] = {"kind": "made_up", "text": source}
    had = Entitlement.objects.filter(programme=name, unit_key=unit, valid_from=month.first).first()
    if had is not None:
        if had.basis == basis:
            return had
        raise BenefitsError(f"这一户 {month} 的“{given.title}”已经给过，一户一次，不能再给；没有到账的，请联系发放经办重发")
    row = Entitlement.objects.create(
        programme=name, unit_key=unit, person_key=person_key, household_key=household_key, division_code=division_code,
        amount_fen=amount_fen, valid_from=month.first, valid_to=month.after.first, basis=basis,
    )  # fmt: skip
    audit.record(by, "entitlement.make_up", f"entitlement:{row.pk}", source, programme=name, month=str(month), amount_fen=amount_fen)
    return row
