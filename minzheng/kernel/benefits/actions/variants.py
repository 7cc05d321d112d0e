"""Keeping simulations to compare them."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Snapshot, Variant
from minzheng.kernel.benefits.simulation import Outcome
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor


@transaction.atomic
def save_variant(*, name: str, outcome: Outcome, by: Actor) -> Variant:
    """Keep a simulation under a name; the same name of the same person is replaced. Raises Forbidden, BenefitsError."""
    by.require("benefits.view")
    if not name.strip():
        raise BenefitsError("请给方案起个名称")
    if not outcome.changes:
        raise BenefitsError("没有改动任何参数，不用保存")
    fields = {
        "snapshot": Snapshot.objects.get(name=outcome.snapshot), "changes": outcome.changes, "result": outcome.as_json(),
        "made_on": clock.business_date(), "made_at": timezone.now(), "made_by": by.name,
    }  # fmt: skip
    row, _new = Variant.objects.update_or_create(name=name.strip()[:64], owner=by.user, defaults=fields)
    audit.record(by, "variant.save", f"variant:{row.pk}", changes=outcome.changes)
    return row


@transaction.atomic
def delete_variant(*, variant: Variant, by: Actor) -> None:
    """Throw one's own kept simulation away. Raises BenefitsError for somebody else's."""
    by.require("benefits.view")
    if variant.owner_id != (by.user.pk if by.user else None):
        raise BenefitsError("只能删除自己保存的方案")
    audit.record(by, "variant.delete", f"variant:{variant.pk}", variant.name)
    variant.delete()
