"""The history of a record: what the audit chain holds of its changes, as differences in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.foundation.queries import full_names
from minzheng.kernel.foundation.registers import Change, EditField

MOST = 200  # changes shown of one record; older ones are in the audit


def recorded(
    subject: str, fields: Iterable[EditField], words: Callable[[EditField, Any], str], verbs: dict[str, str]
) -> list[Change]:
    """Changes of one record, newest first, from audit entries with `before` and `after` in their details.

    Whoever may see the record may see who changed it: the caller has checked that. `verbs`: verb → words.
    """
    listed = list(fields)
    entries = list(AuditEntry.objects.filter(subject=subject, verb__in=list(verbs)).order_by("-id")[:MOST])
    names = full_names(entry.actor for entry in entries)
    return [
        Change(
            entry.business_date, names.get(entry.actor, entry.actor), verbs[entry.verb],
            differences(listed, entry.details.get("before", {}), entry.details.get("after", {}), words),
            entry.reason, entry.at,
        )
        for entry in entries
    ]  # fmt: skip


def differences(
    fields: Iterable[EditField], before: dict[str, Any], after: dict[str, Any], words: Callable[[EditField, Any], str]
) -> tuple[tuple[str, str, str], ...]:
    """(title, was, is) in words of the fields in which two states differ."""
    return tuple(
        (item.title, words(item, before.get(item.name)), words(item, after.get(item.name)))
        for item in fields
        if (item.name in before or item.name in after) and before.get(item.name) != after.get(item.name)
    )
