"""预警."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views import alerts, handling

urlpatterns = [
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/<int:alert_id>/", alerts.alert, name="alert"),
    path("alerts/<int:alert_id>/assign/", handling.assign, name="assign"),
    path("alerts/<int:alert_id>/visit/", handling.visit, name="visit"),
    path("alerts/<int:alert_id>/close/", handling.close, name="close"),
    path("alerts/<int:alert_id>/reopen/", handling.reopen, name="reopen"),
]
