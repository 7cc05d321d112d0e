"""Sign-in in one step or two, sign-out, and going on with a form whose session had ended."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from minzheng.portals.staff import session
from minzheng.portals.staff.links import local, posted
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import ANYBODY, KEPT, NOBODY_YET, page


class SignInForm(forms.Form):
    """Login name and password."""

    username = forms.CharField(label="登录名", max_length=64)
    password = forms.CharField(label="密码", max_length=128, strip=False)


class CodeForm(forms.Form):
    """A code of the authenticator, or a recovery code."""

    code = forms.CharField(label="验证码", max_length=16, error_messages={"required": "请输入验证码"})


@page(NOBODY_YET, "GET", "POST")
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; also takes a sign-in from the page of an expired session and goes on with its form."""
    target = local(request, request.POST.get("next") or request.GET.get("next"))
    form = SignInForm(posted(request))
    attempt = None
    if request.method == "POST" and form.is_valid():
        attempt = session.sign_in(request, form.cleaned_data["username"], form.cleaned_data["password"])
        if attempt.needs_code:
            return _ask_for_code(request, CodeForm(), target)
        if attempt.signed_in:
            return _go_on(request, target)
    context = {
        "form": form, "next": target, "refused": attempt is not None, "locked": bool(attempt and attempt.locked),
        "minutes": int(settings.AXES_COOLOFF_TIME.total_seconds() // 60), "expired": "expired" in request.GET,
        "kept": [(f"{KEPT}{name}", value) for name, value in _kept(request)],
    }  # fmt: skip
    return render(request, "staff/sign_in.html", context, status=403 if attempt else 200)


@page(NOBODY_YET, "GET", "POST")
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The second step for whoever has a second factor; five minutes after the password at most."""
    target = local(request, request.POST.get("next"))
    user = session.pending_user(request)
    if user is None:
        return redirect("staff:sign_in")
    form = CodeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        attempt = session.sign_in_with_code(request, user, form.cleaned_data["code"])
        if attempt.signed_in:
            return _go_on(request, target)
        minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
        wrong = f"错误次数太多，账号已锁定 {minutes} 分钟" if attempt.locked else "验证码不对或已用过：请输入应用里现在显示的 6 位数字"
        form.add_error("code", wrong)
    return _ask_for_code(request, form, target)


@page(ANYBODY, "POST")
def sign_out(request: StaffRequest) -> HttpResponse:
    """End the session and go back to the sign-in."""
    session.sign_out(request)
    return redirect("staff:sign_in")


def _ask_for_code(request: HttpRequest, form: CodeForm, target: str) -> HttpResponse:
    context = {"form": form, "next": target, "kept": [(f"{KEPT}{name}", value) for name, value in _kept(request)]}
    return render(request, "staff/sign_in_code.html", context, status=403 if form.errors else 200)


def _go_on(request: HttpRequest, target: str) -> HttpResponse:
    kept = _kept(request)
    return render(request, "staff/resume.html", {"kept": kept, "target": target}) if kept else redirect(target)


def _kept(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (name.removeprefix(KEPT), str(value))
        for name, values in request.POST.lists()
        if name.startswith(KEPT)
        for value in values
    ]
