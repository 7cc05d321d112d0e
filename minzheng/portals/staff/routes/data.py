"""数据: what departments send, and what the night made of it."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views import batches, feeds, rounds, sources, uploads

urlpatterns = [
    path("feeds/", feeds.catalogue, name="catalogue"),
    path("feeds/<slug:contract>/", feeds.contract, name="contract"),
    path("batches/", feeds.batches, name="batches"),
    path("batches/<slug:batch_id>/", batches.batch, name="batch"),
    path("batches/<slug:batch_id>/uses/", batches.batch_uses, name="batch_uses"),
    path("batches/<slug:batch_id>/quarantine.xlsx", batches.quarantine, name="quarantine"),
    path("batches/<slug:batch_id>/correction/", batches.correct_batch, name="correct_batch"),
    path("upload/", uploads.upload, name="upload"),
    path("upload/<int:job_id>/", uploads.upload_job, name="upload_job"),
    path("alerts/<int:alert_id>/sources/", sources.alert_sources, name="alert_sources"),
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/<int:run_id>/", rounds.round_run, name="round"),
]
