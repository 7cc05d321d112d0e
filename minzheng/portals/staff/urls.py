"""Routes of the staff portal. Each view says through `@page` which capability it needs."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views import rounds, session

app_name = "staff"
urlpatterns = [
    path("login/", session.sign_in, name="sign_in"),
    path("logout/", session.sign_out, name="sign_out"),
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/<int:run_id>/", rounds.round_run, name="round"),
]
