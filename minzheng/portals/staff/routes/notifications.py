"""Notifications."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views import notifications

urlpatterns = [
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/read/", notifications.read_notifications, name="read_notifications"),
    path("notifications/<int:notification_id>/", notifications.open_notification, name="open_notification"),
]
