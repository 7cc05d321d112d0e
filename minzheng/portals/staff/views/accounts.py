"""Accounts, by the two administrators who share them: one opens and closes, the other grants and unlocks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.divisions import queries as divisions
from minzheng.kernel.divisions.codes import code_range
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import roles
from minzheng.kernel.foundation.accounts import actions, queries
from minzheng.kernel.foundation.models import User
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page

SHOWN_ONCE = "one_time_password"  # in the session until the next page has shown it


class OpenForm(forms.Form):
    """A new account: who, under which login name."""

    username = forms.RegexField(
        r"^[A-Za-z0-9_.-]{2,64}$", label="登录名",
        error_messages={"required": "请填写登录名", "invalid": "登录名用 2–64 位字母、数字、点、横线"},
    )  # fmt: skip
    full_name = forms.CharField(label="姓名", max_length=64, error_messages={"required": "请填写姓名"})


class ChangeForm(forms.Form):
    """Why an account is changed, and the version that the administrator saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label="理由", max_length=200, error_messages={"required": "请写明理由"})


class GrantForm(ChangeForm):
    """Role and places. A place is a division code, its beginning, or a board's name, one a line."""

    role = forms.ChoiceField(label="角色", error_messages={"required": "请选择角色"})
    places = forms.CharField(label="辖区", widget=forms.Textarea, error_messages={"required": "请填写辖区"}, max_length=2000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", "请选择"), *((name, role.title) for name, role in roles().items())]  # type: ignore[attr-defined]

    def clean_places(self) -> list[tuple[str, str, str]]:
        """Ranges with their names; says which line is not a place."""
        today, found = clock.business_date(), []
        for number, line in enumerate(self.cleaned_data["places"].splitlines(), start=1):
            text = line.strip()
            if not text:
                continue
            try:
                found += _ranges(text, today)
            except (ValueError, LookupError) as unknown:
                raise forms.ValidationError(f"第 {number} 行“{text}”不是区划代码、地名或管理板块") from unknown
        return found


@page("users.manage", "GET", "POST")
def new_account(request: StaffRequest) -> HttpResponse:
    """Open an account; it can do nothing until the security administrator grants it something."""
    form = OpenForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            user, password = actions.open_account(by=request.actor, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error("username", refused.messages)
        else:
            request.session[SHOWN_ONCE] = password
            return redirect("staff:account_of", user_id=user.pk)
    return render(request, "staff/account/new.html", {"form": form}, status=422 if form.errors else 200)


@page("users.view")
def account_of(request: StaffRequest, user_id: int) -> HttpResponse:
    """One account with what this administrator may do to it."""
    return _show(request, _found(request, user_id))


@page("users.manage", "POST")
def reset_password(request: StaffRequest, user_id: int) -> HttpResponse:
    """A new one-time password."""
    def do(user: User, data: dict[str, Any]) -> str:
        request.session[SHOWN_ONCE] = actions.reset_password(
            user=user, by=request.actor, reason=data["reason"], expected_version=data["version"]
        )
        return "密码已重置，新的一次性密码只在这里显示一次"

    return _change(request, user_id, ChangeForm(request.POST), do)


@page("users.manage", "POST")
def set_active(request: StaffRequest, user_id: int) -> HttpResponse:
    """Close an account, or open a closed one again."""
    def do(user: User, data: dict[str, Any]) -> str:
        active = not user.is_active
        actions.set_active(user=user, active=active, by=request.actor, reason=data["reason"], expected_version=data["version"])
        return "账号已启用" if active else "账号已停用，已登录的地方随即退出"

    return _change(request, user_id, ChangeForm(request.POST), do)


@page("access.grant", "POST")
def grant(request: StaffRequest, user_id: int) -> HttpResponse:
    """Role and jurisdictions."""
    def do(user: User, data: dict[str, Any]) -> str:
        actions.grant(
            user=user, role=data["role"], jurisdictions=data["places"], by=request.actor, reason=data["reason"],
            expected_version=data["version"],
        )  # fmt: skip
        return "已授权，下一次打开页面起生效"

    return _change(request, user_id, GrantForm(request.POST), do)


@page("access.grant", "POST")
def unlock(request: StaffRequest, user_id: int) -> HttpResponse:
    """Let somebody who is locked out try again."""
    def do(user: User, data: dict[str, Any]) -> str:
        actions.unlock(user=user, by=request.actor, reason=data["reason"])
        return "已解除锁定"

    return _change(request, user_id, ChangeForm(request.POST), do)


@page("access.grant", "POST")
def reset_factor(request: StaffRequest, user_id: int) -> HttpResponse:
    """Take the second factor away, for a lost telephone."""
    def do(user: User, data: dict[str, Any]) -> str:
        actions.reset_second_factor(user=user, by=request.actor, reason=data["reason"])
        return "第二因素已重置"

    return _change(request, user_id, ChangeForm(request.POST), do)


def _change(request: StaffRequest, user_id: int, form: Any, do: Any) -> HttpResponse:
    """Do one verb to an account; whoever comes second is told, and what was typed is still there."""
    user = _found(request, user_id)
    if form.is_valid():
        try:
            messages.success(request, do(user, form.cleaned_data))
            return redirect("staff:account_of", user_id=user.pk)
        except actions.StaleAccount:
            form.add_error(None, "您填写期间，另一名管理员改动了这个账号。下面是现在的情况；您填的内容还在，看过后可再提交")
        except ValidationError as refused:
            form.add_error(None, refused.messages)
    return _show(request, _found(request, user_id), form, status=422)


def _show(request: StaffRequest, user: User, form: Any = None, status: int = 200) -> HttpResponse:
    actor = request.actor
    codes = "\n".join(row.low if code_range(row.low) == (row.low, row.high) else f"{row.low}-{row.high}" for row in user.jurisdictions.all())
    context = {
        "account": user, "role": roles().get(user.role), "factor": queries.factor(user), "locked": queries.is_locked(user),
        "errors": form.errors if form is not None else {}, "typed": form.data if form is not None else {},
        "grant_form": GrantForm(initial={"role": user.role, "places": codes}), "own": actor.user is not None and actor.user.pk == user.pk,
        "may_manage": actor.may("users.manage"), "may_grant": actor.may("access.grant"),
        "password": request.session.pop(SHOWN_ONCE, ""),
    }  # fmt: skip
    return render(request, "staff/account/of.html", context, status=status)


def _found(request: StaffRequest, user_id: int) -> User:
    try:
        return queries.account(user_id, request.actor)
    except User.DoesNotExist as missing:
        raise Http404 from missing


def _ranges(text: str, today: Any) -> list[tuple[str, str, str]]:
    low, dash, high = text.partition("-")
    if dash and low.isdigit() and high.isdigit() and len(low) == len(high) == 12 and low < high:
        return [(low, high, divisions.path_name(low, today))]
    if text.isdigit():
        return [(*code_range(text), divisions.path_name(text.ljust(12, "0"), today) if len(text) > 4 else "常州市")]
    units = [unit for unit in divisions.management_units(today) if text in (unit.slug, unit.name)]
    if units:
        return [(low, high, units[0].name) for low, high in divisions.ranges_of_unit(units[0].slug, today)]
    named = list(divisions.in_force(today).filter(name=text)[:2])
    if len(named) != 1:
        raise LookupError(text)
    return [(*code_range(named[0].code), named[0].name)]
