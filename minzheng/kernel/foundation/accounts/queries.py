"""Reading accounts, who is locked out, and the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import AuditEntry, User

SESSION_VERBS = ("session.opened", "session.refused", "session.locked")


@dataclass(frozen=True)
class Factor:
    """The second factor of a user: whether it is on, and how many recovery codes are left."""

    on: bool
    codes_left: int


def account(user_id: int, actor: Actor) -> User:
    """One account, for administrators. Raises Forbidden, User.DoesNotExist."""
    actor.require("users.view")
    return User.objects.prefetch_related("jurisdictions").get(pk=user_id)


def factor(user: User) -> Factor:
    """What second factor a user has."""
    on = TOTPDevice.objects.filter(user=user, confirmed=True).exists()
    return Factor(on, StaticToken.objects.filter(device__user=user).count())


def is_locked(user: User) -> bool:
    """Whether too many wrong passwords keep the user out for now."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    attempts = AccessAttempt.objects.filter(
        username=user.username, attempt_time__gt=since, failures_since_start__gte=settings.AXES_FAILURE_LIMIT
    )
    return bool(attempts.exists())


def sign_ins(user: User, limit: int = 10) -> list[AuditEntry]:
    """The last sign-ins of a user, those that failed among them; one's own may be read without a right."""
    own = AuditEntry.objects.filter(subject__in=[f"user:{user.pk}", f"login:{user.username}"], verb__in=SESSION_VERBS)
    return list(own.order_by("-at", "-id")[:limit])


def audit_entries(
    actor: Actor, *, by: str = "", verb: str = "", subject: str = "", first: date | None = None, last: date | None = None,
    before: int | None = None,
) -> QuerySet[AuditEntry]:
    """Entries of the audit trail, newest first, by actor, verb (or its first part), subject, business dates; `before`: an id,
    for the next page. Raises Forbidden."""
    actor.require("audit.view")
    rows = AuditEntry.objects.order_by("-id")
    if by:
        rows = rows.filter(actor=by)
    if verb:
        rows = rows.filter(verb__startswith=verb)
    if subject:
        rows = rows.filter(subject=subject)
    if first:
        rows = rows.filter(business_date__gte=first)
    if last:
        rows = rows.filter(business_date__lt=last + timedelta(days=1))
    return rows.filter(pk__lt=before) if before else rows
