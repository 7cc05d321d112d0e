"""Reading saved views: everybody's own only."""

from __future__ import annotations

from django.db.models import QuerySet

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import SavedView


def saved_views(register: str, actor: Actor) -> QuerySet[SavedView]:
    """The actor's own views of a register, by name."""
    return SavedView.objects.filter(user=actor.user, register=register).order_by("name")
