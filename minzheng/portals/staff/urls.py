"""Routes of the staff portal. Each view says through `@page` which capability it needs."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views import alerts, desk, feeds, handling, households, rounds, session

app_name = "staff"
urlpatterns = [
    path("login/", session.sign_in, name="sign_in"),
    path("logout/", session.sign_out, name="sign_out"),
    path("", desk.home, name="desk"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/<int:alert_id>/", alerts.alert, name="alert"),
    path("alerts/<int:alert_id>/assign/", handling.assign, name="assign"),
    path("alerts/<int:alert_id>/visit/", handling.visit, name="visit"),
    path("alerts/<int:alert_id>/close/", handling.close, name="close"),
    path("alerts/<int:alert_id>/reopen/", handling.reopen, name="reopen"),
    path("households/", households.find, name="households"),
    path("households/<int:household_id>/", households.household, name="household"),
    path("people/<int:person_id>/household/", households.household_of, name="household_of"),
    path("people/<int:person_id>/reveal/", households.reveal, name="reveal"),
    path("feeds/", feeds.catalogue, name="catalogue"),
    path("feeds/<slug:name>/", feeds.contract, name="contract"),
    path("batches/", feeds.batches, name="batches"),
    path("batches/<slug:batch_id>/", feeds.batch, name="batch"),
    path("batches/<slug:batch_id>/quarantine.xlsx", feeds.quarantine, name="quarantine"),
    path("upload/", feeds.upload, name="upload"),
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/<int:run_id>/", rounds.round_run, name="round"),
]
