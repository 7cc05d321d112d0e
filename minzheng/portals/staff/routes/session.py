"""Signing in and out, one's own account."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views import account, session

urlpatterns = [
    path("login/", session.sign_in, name="sign_in"),
    path("login/code/", session.sign_in_code, name="sign_in_code"),
    path("logout/", session.sign_out, name="sign_out"),
    path("account/", account.account, name="account"),
    path("account/second-factor/", account.second_factor, name="second_factor"),
    path("account/second-factor/off/", account.drop_second_factor, name="drop_second_factor"),
    path("account/waiting/", account.waiting, name="waiting"),
]
