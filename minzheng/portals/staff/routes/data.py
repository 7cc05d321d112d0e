"""数据: what departments send, and what the night made of it."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views import feeds, rounds

urlpatterns = [
    path("feeds/", feeds.catalogue, name="catalogue"),
    path("feeds/<slug:contract>/", feeds.contract, name="contract"),
    path("batches/", feeds.batches, name="batches"),
    path("batches/<slug:batch_id>/", feeds.batch, name="batch"),
    path("batches/<slug:batch_id>/quarantine.xlsx", feeds.quarantine, name="quarantine"),
    path("upload/", feeds.upload, name="upload"),
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/<int:run_id>/", rounds.round_run, name="round"),
]
