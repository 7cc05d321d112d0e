"""办件: lists and boards, one case and what is done to it, beginning one, visits that work off-line."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views.cases import (
    acts,
    bundles,
    case,
    draws,
    lists,
    opening,
    papers,
    rounds,
    visiting,
)

urlpatterns = [
    path("cases/", lists.cases, name="cases"),
    path("cases/new/", opening.case_new, name="case_new"),
    path("cases/publicity/", lists.case_publicity, name="case_publicity"),
    path("cases/rechecks/", lists.case_rechecks, name="case_rechecks"),
    path("cases/draws/", draws.case_draws, name="case_draws"),
    path("cases/bundles/", bundles.case_bundles, name="case_bundles"),
    path("cases/bundles/<slug:bundle_number>/", bundles.case_bundle, name="case_bundle"),
    path("cases/bundles/<slug:bundle_number>/sign/", bundles.case_bundle_sign, name="case_bundle_sign"),
    path("cases/bundles/<slug:bundle_number>/slip/", bundles.case_bundle_slip, name="case_bundle_slip"),
    path("people/<int:person_id>/case/", opening.case_start, name="case_start"),
    path("alerts/<int:alert_id>/case/", opening.case_from_alert, name="case_from_alert"),
    path("cases/<int:case_id>/", case.case, name="case"),
    path("cases/<int:case_id>/form/", opening.case_form, name="case_form"),
    path("cases/<int:case_id>/do/<slug:verb>/", acts.case_act, name="case_act"),
    path("cases/<int:case_id>/check/", acts.case_check, name="case_check"),
    path("cases/<int:case_id>/decide/", acts.case_decide, name="case_decide"),
    path("cases/<int:case_id>/review/", acts.case_review, name="case_review"),
    path("cases/<int:case_id>/visit/", visiting.case_visit, name="case_visit"),
    path("cases/<int:case_id>/issue/<slug:paper_kind>/", papers.issue_case_paper, name="case_issue"),
    path("cases/<int:case_id>/papers/<int:case_paper_id>/", papers.case_paper, name="case_paper"),
    path("visits/", rounds.case_visits, name="case_visits"),
    path("visits/<int:case_id>/send/", rounds.case_visit_send, name="case_visit_send"),
    path("visits/<int:case_id>/photo/", rounds.case_visit_photo, name="case_visit_photo"),
    path("visits/alerts/<int:alert_id>/send/", rounds.visit_send, name="visit_send"),
    path("visits/alerts/<int:alert_id>/attempt/", rounds.attempt_send, name="attempt_send"),
    path("visits/alerts/<int:alert_id>/photo/", rounds.visit_photo, name="visit_photo"),
    path("visits/worker.js", rounds.case_visits_script, name="case_visits_script"),
    path("visits/manifest.webmanifest", rounds.case_visits_manifest, name="case_visits_manifest"),
]
