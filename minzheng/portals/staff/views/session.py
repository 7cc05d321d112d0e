"""Sign-in, sign-out, and going on with a form whose session had ended."""

from __future__ import annotations

from django import forms
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


@page(NOBODY_YET, "GET", "POST")
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; also takes a sign-in from the page of an expired session and goes on with its form."""
    target = local(request, request.POST.get("next") or request.GET.get("next"))
    form = SignInForm(posted(request))
    refused = False
    if request.method == "POST" and form.is_valid():
        if session.sign_in(request, form.cleaned_data["username"], form.cleaned_data["password"]):
            kept = _kept(request)
            if kept:
                return render(request, "staff/resume.html", {"kept": kept, "target": target})
            return redirect(target)
        refused = True
    context = {
        "form": form, "next": target, "refused": refused, "expired": "expired" in request.GET,
        "kept": [(f"{KEPT}{name}", value) for name, value in _kept(request)],
    }  # fmt: skip
    return render(request, "staff/sign_in.html", context, status=403 if refused else 200)


@page(ANYBODY, "POST")
def sign_out(request: StaffRequest) -> HttpResponse:
    """End the session and go back to the sign-in."""
    session.sign_out(request)
    return redirect("staff:sign_in")


def _kept(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (name.removeprefix(KEPT), str(value))
        for name, values in request.POST.lists()
        if name.startswith(KEPT)
        for value in values
    ]
