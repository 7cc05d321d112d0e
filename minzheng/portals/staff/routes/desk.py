"""工作台."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views import desk

urlpatterns = [
    path("", desk.home, name="desk"),
]
