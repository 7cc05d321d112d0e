"""Reading one's own notifications; nobody reads another's."""

from __future__ import annotations

from django.db.models import QuerySet

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import Notification


def mine(actor: Actor) -> QuerySet[Notification]:
    """The actor's notifications, newest first."""
    if actor.user is None:
        return Notification.objects.none()
    return Notification.objects.filter(user=actor.user).order_by("-id")


def unread_count(actor: Actor, up_to: int = 100) -> int:
    """How many are unread, counted no further than `up_to`."""
    return len(mine(actor).filter(read_at=None).values_list("pk")[:up_to])


def one(notification_id: int, actor: Actor) -> Notification:
    """One of the actor's own; raises Notification.DoesNotExist for another's."""
    return mine(actor).get(pk=notification_id)
