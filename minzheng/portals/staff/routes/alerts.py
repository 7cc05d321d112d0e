"""预警."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views import alerts, charts, handling, handover, maps, trial

urlpatterns = [
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/board/", alerts.board, name="alert_board"),
    path("alerts/map/", maps.alert_map, name="alert_map"),
    path("alerts/map.geojson", maps.alert_map_data, name="alert_map_data"),
    path("alerts/charts/", charts.alert_charts, name="alert_charts"),
    path("map/outlines.geojson", maps.outlines, name="outlines"),
    path("alerts/hand-over/", handover.hand_over, name="hand_over"),
    path("alerts/<int:alert_id>/", alerts.alert, name="alert"),
    path("alerts/<int:alert_id>/trial/", trial.alert_trial, name="alert_trial"),
    path("alerts/<int:alert_id>/assign/", handling.assign, name="assign"),
    path("alerts/<int:alert_id>/attempt/", handling.attempt, name="attempt"),
    path("alerts/<int:alert_id>/moved/", handling.moved, name="moved"),
    path("alerts/<int:alert_id>/visit/", handling.visit, name="visit"),
    path("alerts/<int:alert_id>/close/", handling.close, name="close"),
    path("alerts/<int:alert_id>/reopen/", handling.reopen, name="reopen"),
]
