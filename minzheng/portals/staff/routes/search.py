"""Global search."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views import search

urlpatterns = [
    path("search/", search.search, name="search"),
]
