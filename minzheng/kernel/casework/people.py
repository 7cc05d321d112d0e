"""Citizens as actors: they see and move only cases to which they are a party, or for whom they act."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from minzheng.kernel.foundation.access import Actor, scoped

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Citizen(Actor):
    """A signed-in citizen. Without any jurisdiction: what access.scoped gives is nothing; `own` gives what is theirs.

    person_key: who it is; acts_for: the others whose agent this citizen is (parents, children), shown by the portal.
    """

    person_key: int = 0
    acts_for: frozenset[int] = field(default_factory=frozenset)

    @classmethod
    def signed_in(cls, person_key: int, acts_for: Iterable[int] = ()) -> Citizen:
        """The citizen with that pseudonym."""
        return cls(f"citizen:{person_key & 0xFFFFFFFFFFFFFFFF:016x}", "citizen", frozenset(), (), None, person_key, frozenset(acts_for))

    @property
    def people(self) -> frozenset[int]:
        """Everybody whose cases this citizen may move."""
        return self.acts_for | {self.person_key}


def own(rows: QuerySet[M], actor: Actor) -> QuerySet[M]:
    """The rows that an actor may see: a citizen's own, an official's by jurisdiction. The model names in `party_fields` the paths
    to the pseudonyms of its parties. Raises TypeError for a model without them."""
    if not isinstance(actor, Citizen):
        return scoped(rows, actor)
    model: Any = rows.model
    paths: tuple[str, ...] | None = getattr(model, "party_fields", None)
    if paths is None:
        raise TypeError(f"{model.__name__} has no party_fields: citizens cannot read it")
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(**{f"{path}__in": actor.people})
    return rows.filter(condition)
