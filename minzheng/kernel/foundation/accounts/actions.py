"""What the administrators do to accounts, and what users do to their own. Opening and granting are different hands.

Each verb checks the version that the administrator saw: of two who change one account the second is told.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from typing import Any

from axes.utils import reset as forget_failures
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import Actor, Forbidden, roles
from minzheng.kernel.foundation.actions import Range, in_words, store_jurisdictions
from minzheng.kernel.foundation.models import User

RECOVERY_CODES = 8
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without letters and digits that look alike


class StaleAccount(Exception):
    """Somebody else changed the account meanwhile."""


def open_account(*, username: str, full_name: str, by: Actor) -> tuple[User, str]:
    """A new account without role or jurisdiction, and its one-time password, which is kept nowhere.

    Raises Forbidden without `users.manage`, and ValidationError for a login name that is taken or nothing.
    """
    by.require("users.manage")
    username, full_name = username.strip(), full_name.strip()
    if not username or not full_name:
        raise ValidationError("请填写登录名和姓名")
    password = _one_time_password()
    with transaction.atomic():
        if User.objects.filter(username=username).exists():
            raise ValidationError(f"登录名“{username}”已被使用")
        user = User.objects.create(
            username=username, full_name=full_name, role="", password=make_password(password), must_change_password=True
        )
        audit.record(by, "user.open", f"user:{user.pk}", username=username)
    return user, password


def reset_password(*, user: User, by: Actor, reason: str, expected_version: int) -> str:
    """A new one-time password; open sessions of the user end. Raises Forbidden, StaleAccount."""
    by.require("users.manage")
    password = _one_time_password()
    _change(user, expected_version, by, "user.reset_password", reason, password=make_password(password), must_change_password=True)
    forget_failures(username=user.username)
    return password


def set_active(*, user: User, active: bool, by: Actor, reason: str, expected_version: int) -> None:
    """Close an account or open it again; nobody closes one's own. Raises Forbidden, StaleAccount, ValidationError."""
    by.require("users.manage")
    _not_oneself(user, by, "停用或启用")
    if not reason.strip():
        raise ValidationError("请写明理由")
    _change(user, expected_version, by, "user.activate" if active else "user.deactivate", reason, is_active=active)


def grant(*, user: User, role: str, jurisdictions: Iterable[Range], by: Actor, reason: str, expected_version: int) -> None:
    """Give role and jurisdictions, in place of those before. Nobody grants to oneself.

    Raises Forbidden without `access.grant`, StaleAccount, ValidationError (unknown role, no reason, empty range).
    """
    by.require("access.grant")
    _not_oneself(user, by, "授权")
    if role not in roles():
        raise ValidationError("请选择角色")
    if not reason.strip():
        raise ValidationError("请写明授权理由")
    with transaction.atomic():
        before = {"role": user.role, "jurisdictions": [in_words(row) for row in user.jurisdictions.order_by("pk")]}
        _change(user, expected_version, by, "", reason, role=role)
        user.jurisdictions.all().delete()
        after = store_jurisdictions(user, jurisdictions)
        audit.record(by, "user.grant", f"user:{user.pk}", reason, before=before, role=role, jurisdictions=after)


def unlock(*, user: User, by: Actor, reason: str) -> None:
    """Let somebody who is locked out try again. Raises Forbidden."""
    by.require("access.grant")
    _not_oneself(user, by, "解除锁定")
    forget_failures(username=user.username)
    TOTPDevice.objects.filter(user=user).update(throttling_failure_count=0, throttling_failure_timestamp=None)
    audit.record(by, "user.unlock", f"user:{user.pk}", reason)


def reset_second_factor(*, user: User, by: Actor, reason: str) -> None:
    """Take the second factor away, for a lost telephone; the user sets it up again. Raises Forbidden."""
    by.require("access.grant")
    _not_oneself(user, by, "重置第二因素")
    with transaction.atomic():
        _forget_devices(user)
        audit.record(by, "user.reset_second_factor", f"user:{user.pk}", reason)


def change_password(*, user: User, old: str, new: str) -> None:
    """One's own password. Raises ValidationError (in Chinese) for a wrong old or a weak new one."""
    if not user.check_password(old):
        raise ValidationError({"old": "原密码不对"})
    if old == new:
        raise ValidationError({"new": "新密码不能与原密码相同"})
    try:
        validate_password(new, user)
    except ValidationError as weak:
        raise ValidationError({"new": weak.messages}) from weak
    with transaction.atomic():
        user.set_password(new)
        user.must_change_password = False
        User.objects.filter(pk=user.pk).update(password=user.password, must_change_password=False)
        audit.record(Actor.of(user), "account.change_password", f"user:{user.pk}")


def begin_second_factor(*, user: User) -> TOTPDevice:
    """A device that counts only when a first code of it was entered; an unfinished one is begun anew."""
    TOTPDevice.objects.filter(user=user, confirmed=False).delete()
    device: TOTPDevice = TOTPDevice.objects.create(user=user, name="身份验证器", confirmed=False)
    return device


def unfinished_device(*, user: User) -> TOTPDevice:
    """The device that was begun and not confirmed; a new one when there is none."""
    found: TOTPDevice | None = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    return found or begin_second_factor(user=user)


def key_in_words(device: TOTPDevice) -> str:
    """The device's secret as an authenticator takes it by hand: base 32 in groups of four."""
    text = base64.b32encode(device.bin_key).decode("ascii").rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def finish_second_factor(*, user: User, code: str) -> list[str]:
    """Confirm the device with a code; returns recovery codes, shown this once. Raises ValidationError for a wrong code."""
    device = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    if device is None or not device.verify_token(code):
        raise ValidationError("验证码不对或已过期：请输入应用里现在显示的 6 位数字")
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user, confirmed=True).delete()
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
        StaticDevice.objects.filter(user=user).delete()
        box = StaticDevice.objects.create(user=user, name="恢复码")
        codes = [_random(10) for _ in range(RECOVERY_CODES)]
        StaticToken.objects.bulk_create(StaticToken(device=box, token=code) for code in codes)
        audit.record(Actor.of(user), "account.second_factor_on", f"user:{user.pk}")
    return codes


def drop_second_factor(*, user: User, password: str) -> None:
    """Switch one's own second factor off; asks for the password. Raises ValidationError, also where the role demands it."""
    if not user.check_password(password):
        raise ValidationError("密码不对")
    role = roles().get(user.role)
    if role is not None and role.second_factor:
        raise ValidationError("您的角色必须使用第二因素，不能关闭")
    with transaction.atomic():
        _forget_devices(user)
        audit.record(Actor.of(user), "account.second_factor_off", f"user:{user.pk}")


def _change(user: User, expected_version: int, by: Actor, verb: str, reason: str, **fields: Any) -> None:
    with transaction.atomic():
        changed = User.objects.filter(pk=user.pk, version=expected_version).update(version=expected_version + 1, **fields)
        if not changed:
            raise StaleAccount
        if verb:
            audit.record(by, verb, f"user:{user.pk}", reason, at=timezone.now().isoformat(timespec="seconds"))
    user.refresh_from_db()


def _not_oneself(user: User, by: Actor, what: str) -> None:
    if by.user is not None and by.user.pk == user.pk:
        raise Forbidden(f"不能给自己{what}：请由另一名管理员办理")


def _forget_devices(user: User) -> None:
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def _one_time_password() -> str:
    return "-".join(_random(5) for _ in range(3))


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
