"""Signing in and out."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views import session

urlpatterns = [
    path("login/", session.sign_in, name="sign_in"),
    path("logout/", session.sign_out, name="sign_out"),
]
