"""Who may do what, and where. Every read of personal data goes through `scoped`.

A role is a set of capabilities (roles.yaml); a jurisdiction is a set of ranges of division codes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from pydantic import BaseModel, ConfigDict, model_validator

from minzheng.kernel.foundation.declared import read_yaml
from minzheng.kernel.foundation.models import User

M = TypeVar("M", bound=Model)
EVERYWHERE = (("000000000000", "999999999999~"),)


class Role(BaseModel):
    """One role of roles.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    level: str
    capabilities: frozenset[str]
    second_factor: bool = False  # whether a second factor must be set up before anything else


class _Catalogue(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    capabilities: dict[str, str]
    roles: dict[str, Role]

    @model_validator(mode="after")
    def _capabilities_are_known(self) -> _Catalogue:
        for name, role in self.roles.items():
            if unknown := role.capabilities - set(self.capabilities):
                raise ValueError(f"角色 {name} 有未登记的权限:{'、'.join(sorted(unknown))}")
        return self


class Forbidden(PermissionDenied):
    """The actor lacks a capability; the message says which, in Chinese."""


@cache
def _catalogue() -> _Catalogue:
    return read_yaml(Path(__file__).parent / "roles.yaml", _Catalogue)


def roles() -> dict[str, Role]:
    """All roles by name, read from roles.yaml once; raises DeclarationError when the file is wrong."""
    return _catalogue().roles


def capabilities() -> dict[str, str]:
    """Every capability that a role may have, with its title."""
    return _catalogue().capabilities


@dataclass(frozen=True)
class Actor:
    """Somebody who reads or writes: a signed-in user, a command's operator, or the system itself."""

    name: str
    role: str
    capabilities: frozenset[str]
    ranges: tuple[tuple[str, str], ...]
    user: User | None = None

    @classmethod
    def of(cls, user: User) -> Actor:
        """The actor behind a signed-in user, with the jurisdictions stored for that user.

        Raises Forbidden for a user who was deactivated or whose role is no longer in roles.yaml.
        """
        role = roles().get(user.role)
        if role is None or not user.is_active:
            raise Forbidden("账号已停用或角色已取消,请联系系统管理员")
        ranges = tuple(user.jurisdictions.values_list("low", "high"))
        return cls(user.username, user.role, role.capabilities, ranges, user)

    @classmethod
    def system(cls, name: str) -> Actor:
        """A process without a person before it (a night's round, a command of the operator)."""
        return cls(name, "system", frozenset(_catalogue().capabilities), EVERYWHERE)

    def may(self, capability: str) -> bool:
        """Whether the actor's role has `capability`."""
        return capability in self.capabilities

    def require(self, capability: str) -> None:
        """Raise Forbidden unless the actor's role has `capability`."""
        if not self.may(capability):
            title = _catalogue().capabilities.get(capability, capability)
            raise Forbidden(f"您的角色没有“{title}”权限,请联系系统管理员")

    def covers(self, division_code: str) -> bool:
        """Whether a 12-digit code lies in the actor's jurisdiction."""
        return any(low <= division_code < high for low, high in self.ranges)


def scope_filter(actor: Actor, field: str) -> Q:
    """The condition that `field` (a division code) lies in the actor's jurisdiction; never true without one."""
    return in_ranges(actor.ranges, field)


def in_ranges(ranges: Iterable[tuple[str, str]], field: str = "division_code") -> Q:
    """The condition that a code lies in one of the ranges [low, high). Of several it says as well between which ends all lie, so that a
    database begins and ends there: it cannot see so from an OR."""
    condition, known = Q(pk__in=[]), list(ranges)
    for low, high in known:
        condition |= Q(**{f"{field}__gte": low, f"{field}__lt": high})
    if len(known) > 1:
        condition &= Q(**{f"{field}__gte": min(low for low, _high in known), f"{field}__lt": max(high for _low, high in known)})
    return condition


def scoped(queryset: QuerySet[M], actor: Actor) -> QuerySet[M]:
    """The rows of `queryset` that `actor` may see. The model names its division code in `scope_field`.

    The path in `scope_field` must not pass through many-valued relations: it would repeat rows. Rows without a
    code are seen by the system only. Raises TypeError for a model without `scope_field`.
    """
    model: Any = queryset.model
    field = getattr(model, "scope_field", None)
    if field is None:
        raise TypeError(f"{model.__name__} has no scope_field: it cannot be read through scoped()")
    if actor.ranges == EVERYWHERE:
        return queryset
    return queryset.filter(scope_filter(actor, field))
