"""Which papers a household's file holds."""

from __future__ import annotations

from django.db.models import QuerySet

from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.registry.models import Document, Household


def documents(of: Household, actor: Actor) -> QuerySet[Document]:
    """The papers of a household that were not withdrawn, newest first."""
    actor.require("households.view")
    return scoped(Document.objects.filter(household=of, withdrawn_at=None), actor).order_by("-id")


def document(document_id: int, actor: Actor) -> Document:
    """One paper; raises Document.DoesNotExist outside the jurisdiction."""
    actor.require("households.view")
    return scoped(Document.objects.all(), actor).get(pk=document_id)
