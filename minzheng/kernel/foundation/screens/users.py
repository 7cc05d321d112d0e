"""用户台账: the accounts whose jurisdiction touches the reader's, for whoever looks after accounts."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.foundation.models import Jurisdiction, User
from minzheng.kernel.foundation.registers import Column, Fields, Filter, Register, Related

STATES = {"active": "在用", "closed": "已停用"}
TONES = {"active": "green", "closed": ""}


def role_titles() -> dict[str, str]:
    """Titles of all roles."""
    return {name: role.title for name, role in roles().items()}


def _rows(actor: Actor, _on: date) -> QuerySet[User]:
    touched = Q(pk__in=[])
    for low, high in actor.ranges:
        touched |= Q(low__lt=high, high__gt=low)
    here = Jurisdiction.objects.filter(touched).values("user_id")
    nowhere = ~Q(pk__in=Jurisdiction.objects.values("user_id"))
    return User.objects.filter(Q(pk__in=here) | nowhere).prefetch_related("jurisdictions")


def _named(text: str, _actor: Actor, _on: date) -> Q:
    return Q(full_name__contains=text) | Q(username__istartswith=text)


def _active(value: str, _actor: Actor, _on: date) -> Q:
    return Q(is_active=value == "active")


def _ranges(user: User, _actor: Actor, _on: date) -> list[Jurisdiction]:
    return list(user.jurisdictions.order_by("low"))


def _opens(user: User, _actor: Actor, _on: date) -> list[tuple[str, str]]:
    return [("账号管理", f"user:{user.pk}")]


def _areas(user: User) -> str:
    labels = list(dict.fromkeys(area.label for area in user.jurisdictions.all()))
    return "、".join(labels[:2]) + (f"等 {len(labels)} 处" if len(labels) > 2 else "") or "未设"


REGISTER = Register(
    slug="users", title="用户", note="能登录本系统的账号、角色和辖区", model=User, record="user_id", capability="users.view",
    export="users.view", icon="user-shield", rank=80, order="username", rows=_rows, search=_named, search_hint="姓名或登录名",
    opens=_opens,
    columns=(
        Column("full_name", "姓名", data_class="L1"),
        Column("username", "登录名", order=("username",)),
        Column("role", "角色", lambda user: role_titles().get(user.role, user.role), "text"),
        Column("areas", "辖区", _areas),
        Column("state", "状态", lambda user: "active" if user.is_active else "closed", "choice", choices=STATES, tones=TONES),
        Column("last_login", "最近登录", kind="date"),
    ),
    filters=(
        Filter("role", "角色", "choice", "role", role_titles),
        Filter("state", "状态", "choice", choices=STATES, condition=_active),
    ),
    panels=(
        Fields("账号", ("full_name", "username", "role", "state", "last_login")),
        Related("辖区", _ranges, (Column("label", "辖区"), Column("low", "起始代码"), Column("high", "终止代码（不含）")), empty="未设辖区"),
    ),
)  # fmt: skip
