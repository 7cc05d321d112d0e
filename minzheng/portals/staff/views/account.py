"""我的账号: one's own password, second factor and last sign-ins."""

from __future__ import annotations

import segno
from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render

from minzheng.kernel.foundation.access import roles
from minzheng.kernel.foundation.accounts import actions, queries
from minzheng.kernel.foundation.models import User
from minzheng.portals.staff.links import posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import ANYBODY, page

WORDS = {"session.opened": ("登录", "green"), "session.refused": ("密码或验证码不对", "amber"), "session.locked": ("账号锁定", "red")}


class PasswordForm(forms.Form):
    """Old and new password."""

    old = forms.CharField(label="原密码", max_length=128, strip=False, error_messages={"required": "请填写原密码"})
    new = forms.CharField(label="新密码", max_length=128, strip=False, error_messages={"required": "请填写新密码"})
    again = forms.CharField(label="再输一次新密码", max_length=128, strip=False, error_messages={"required": "请再输一次新密码"})

    def clean(self) -> dict[str, object]:
        """Both entries of the new one must be the same."""
        data: dict[str, object] = super().clean() or {}
        if data.get("new") and data.get("again") and data["new"] != data["again"]:
            self.add_error("again", "两次输入的新密码不一样")
        return data


class CodeForm(forms.Form):
    """A code that shows that the authenticator was set up."""

    code = forms.CharField(label="应用里显示的 6 位数字", max_length=8, error_messages={"required": "请输入 6 位数字"})


class DropForm(forms.Form):
    """The password, to switch the second factor off."""

    password = forms.CharField(label="密码", max_length=128, strip=False, error_messages={"required": "请输入密码"})


@page(ANYBODY, "GET", "POST")
def account(request: StaffRequest) -> HttpResponse:
    """Password, second factor and sign-ins; a first password must be changed here before anything else."""
    user = _user(request)
    form = PasswordForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_password(user=user, old=form.cleaned_data["old"], new=form.cleaned_data["new"])
        except ValidationError as refused:
            for field, texts in refused.message_dict.items():
                form.add_error(field, texts)
        else:
            update_session_auth_hash(request, user)  # this session goes on, all others end
            messages.success(request, "密码已修改；其他地方的登录已退出")
            return redirect("staff:account")
    role = roles().get(user.role)
    context = {
        "form": form, "factor": queries.factor(user), "must": user.must_change_password,
        "required": bool(role and role.second_factor),
        "sign_ins": [(entry, *WORDS[entry.verb]) for entry in queries.sign_ins(user)],
    }  # fmt: skip
    return render(request, "staff/account/account.html", context, status=422 if form.errors else 200)


@page(ANYBODY, "GET", "POST")
def second_factor(request: StaffRequest) -> HttpResponse:
    """Set the second factor up: scan, enter a code, keep the recovery codes, which are shown this once."""
    user = _user(request)
    form = CodeForm(posted(request))
    if request.method == "POST":
        if form.is_valid():
            try:
                codes = actions.finish_second_factor(user=user, code=form.cleaned_data["code"].replace(" ", ""))
            except ValidationError as refused:
                form.add_error("code", refused.messages)
            else:
                return render(request, "staff/account/recovery.html", {"codes": codes})
        device = actions.unfinished_device(user=user)
    else:
        device = actions.begin_second_factor(user=user)
    context = {"form": form, "picture": segno.make(device.config_url).svg_data_uri(scale=5, border=2), "key": actions.key_in_words(device)}
    return render(request, "staff/account/second_factor.html", context, status=422 if form.errors else 200)


@page(ANYBODY, "POST")
def drop_second_factor(request: StaffRequest) -> HttpResponse:
    """Switch the second factor off, with the password."""
    form = DropForm(request.POST)
    if form.is_valid():
        try:
            actions.drop_second_factor(user=_user(request), password=form.cleaned_data["password"])
        except ValidationError as refused:
            messages.warning(request, "；".join(refused.messages))
        else:
            messages.success(request, "第二因素已关闭")
    else:
        messages.warning(request, "请输入密码")
    return redirect("staff:account")


@page(ANYBODY)
def waiting(request: StaffRequest) -> HttpResponse:
    """What somebody sees whose account was granted nothing yet."""
    return render(request, "staff/account/waiting.html")


def _user(request: StaffRequest) -> User:
    assert request.actor.user is not None  # pages are behind a sign-in
    return request.actor.user
