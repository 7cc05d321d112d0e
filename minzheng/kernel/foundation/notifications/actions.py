"""Writing notifications and marking them read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.foundation.models import Notification, User

CHUNK = 500


@dataclass(frozen=True)
class Notice:
    """What one user is told. `subject` ('alert:12', 'batch:…', 'alerts:mine') lets a portal link to it; texts hold no
    more of a person than lists show."""

    user_id: int
    kind: str
    title: str
    text: str = ""
    subject: str = ""


def notify(*, notices: Iterable[Notice], on: date) -> int:
    """Store what is not there yet; returns how many are new. One notice of a kind about a subject a day for each user:
    a repeated night tells nobody twice. No audit entry of its own: it follows from what was recorded."""
    wanted = {(one.user_id, one.kind, one.subject): one for one in notices}
    users = sorted({user for user, _kind, _subject in wanted})
    with transaction.atomic():
        for start in range(0, len(users), CHUNK):
            rows = Notification.objects.filter(user_id__in=users[start : start + CHUNK], on=on)
            for known in rows.values_list("user_id", "kind", "subject"):
                wanted.pop(known, None)
        now = timezone.now()
        Notification.objects.bulk_create(
            (
                Notification(user_id=one.user_id, kind=one.kind, title=one.title[:128], text=one.text[:256],
                             subject=one.subject, on=on, at=now)
                for one in wanted.values()
            ),
            batch_size=CHUNK,
        )  # fmt: skip
    return len(wanted)


def notify_roles(*, capability: str, level: str | None, kind: str, title: str, text: str, subject: str, on: date) -> int:
    """Tell every active user whose role has a capability (and stands on a level)."""
    names = [name for name, role in roles().items() if capability in role.capabilities and level in (None, role.level)]
    users = User.objects.filter(is_active=True, role__in=names).values_list("pk", flat=True)
    return notify(notices=[Notice(user, kind, title, text, subject) for user in users], on=on)


def mark_read(*, by: Actor, notification_id: int | None = None) -> int:
    """Mark one's own notification read, or all of them; returns how many changed. Others' are not touched."""
    if by.user is None:
        return 0
    rows = Notification.objects.filter(user=by.user, read_at=None)
    if notification_id is not None:
        rows = rows.filter(pk=notification_id)
    return rows.update(read_at=timezone.now())
