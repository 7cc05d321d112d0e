"""Places for drop-downs."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views import places

urlpatterns = [
    path("places/", places.places, name="places"),
]
