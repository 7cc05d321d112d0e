"""Saved views of registers, and the entries in the audit for opening a record and for taking rows out."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction

from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import SavedView
from minzheng.kernel.foundation.registers import Register

MOST_VIEWS = 30  # of one user for one register
LONGEST_NAME, LONGEST_QUERY = 32, 1024


def save_view(*, register: Register, name: str, query: str, columns: Sequence[str], by: Actor) -> SavedView:
    """Keep filters, order and columns under a name; a view of that name is replaced.

    Raises Forbidden, and ValidationError for a name or a query that cannot be kept.
    """
    by.require(register.capability)
    if by.user is None:
        raise ValidationError("只有登录用户可以保存视图")
    name = _name(name)
    if len(query) > LONGEST_QUERY:
        raise ValidationError("筛选条件太长，存不下：请减少条件")
    with transaction.atomic():
        own = SavedView.objects.filter(user=by.user, register=register.slug)
        if not own.filter(name=name).exists() and own.count() >= MOST_VIEWS:
            raise ValidationError(f"每个台账最多存 {MOST_VIEWS} 个视图，请先删除不用的")
        view, _ = SavedView.objects.update_or_create(
            user=by.user, register=register.slug, name=name, defaults={"query": query, "columns": list(columns)}
        )
        audit.record(by, "view.save", f"saved_view:{view.pk}", register=register.slug)
    return view


def rename_view(*, view_id: int, name: str, by: Actor) -> SavedView:
    """Give one's own view another name. Raises SavedView.DoesNotExist for anybody else's, ValidationError."""
    name = _name(name)
    with transaction.atomic():
        view = _own(view_id, by)
        if SavedView.objects.filter(user=by.user, register=view.register, name=name).exclude(pk=view.pk).exists():
            raise ValidationError(f"已经有一个叫“{name}”的视图")
        SavedView.objects.filter(pk=view.pk).update(name=name)
        audit.record(by, "view.rename", f"saved_view:{view.pk}", register=view.register)
    view.name = name
    return view


def delete_view(*, view_id: int, by: Actor) -> str:
    """Take one's own view away; returns its name. Raises SavedView.DoesNotExist for anybody else's."""
    with transaction.atomic():
        view = _own(view_id, by)
        audit.record(by, "view.delete", f"saved_view:{view.pk}", register=view.register)
        view.delete()
    return view.name


def record_opened(*, register: Register, pk: int, by: Actor) -> None:
    """Note that somebody opened a record with data of a person."""
    by.require(register.capability)
    audit.record(by, "register.open", f"{register.kind}:{pk}", register=register.slug)


def record_exported(
    *, register: Register, query: str, columns: Sequence[str], rows: int, reason: str, by: Actor
) -> None:
    """Note that rows left the system: which register, under which filter, how many, which columns, and why."""
    by.require(register.export)
    audit.record(
        by, "register.export", f"register:{register.slug}", reason, query=query, columns=list(columns), rows=rows
    )


def _own(view_id: int, by: Actor) -> SavedView:
    return SavedView.objects.get(pk=view_id, user=by.user)


def _name(name: str) -> str:
    name = name.strip()
    if not name or not name.isprintable():
        raise ValidationError("请给视图起个名称")
    if len(name) > LONGEST_NAME:
        raise ValidationError(f"名称最多 {LONGEST_NAME} 个字")
    return name
