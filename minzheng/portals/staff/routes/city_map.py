"""一张图."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views.city_map import view

urlpatterns = [
    path("map/", view.city_map, name="city_map"),
    path("map/points.geojson", view.city_map_points, name="city_map_points"),
]
