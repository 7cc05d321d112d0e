"""Changes of organisations and facilities in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from minzheng.kernel.divisions.queries import path_name
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.queries import full_names
from minzheng.kernel.foundation.register_history import MOST, differences, recorded
from minzheng.kernel.foundation.registers import Change, EditField
from minzheng.kernel.registry.models import DeliveredChange

BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)
VERBS = {"create": "新建", "update": "修改"}


def in_words(item: EditField, value: Any) -> str:
    """A field's value as people read it; nothing is the empty text."""
    if value is None or value == "":
        return ""
    if item.kind == "choice":
        return item.options().get(str(value), str(value))
    return path_name(str(value), clock.business_date()) if item.kind == "place" else str(value)


def changes(record: Any, fields: tuple[EditField, ...]) -> list[Change]:
    """Who changed what of an organisation or facility, newest first."""
    kind = str(record._meta.model_name)
    subject = f"{kind}:{record.pk}"
    by_hand = recorded(subject, fields, in_words, {f"{kind}.{verb}": words for verb, words in VERBS.items()})
    return sorted([*by_hand, *_delivered(subject, fields)], key=lambda change: change.at or BEFORE_ALL, reverse=True)


def _delivered(subject: str, fields: tuple[EditField, ...]) -> list[Change]:
    """What deliveries changed; whoever may see the record may see that."""
    rows = list(DeliveredChange.objects.filter(record=subject).order_by("-id")[:MOST])
    names = full_names(row.by for row in rows)
    return [
        Change(row.on, names.get(row.by, row.by), "导入", differences(fields, row.before, row.after, in_words), f"批次 {row.source_batch}", row.at)
        for row in rows
    ]
