"""待遇发放: runs and their approval, why an amount is what it is, reviews, claims, pauses, the matrix."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views.benefits import (
    exclusions,
    lines,
    overrides,
    recoveries,
    reviews,
    run,
    runs,
    why,
)

urlpatterns = [
    path("benefits/runs/", runs.benefit_runs, name="benefit_runs"),
    path("benefits/runs/compute/", runs.compute_benefit_run, name="compute_benefit_run"),
    path("benefits/runs/jobs/<int:job_id>/", runs.benefit_run_job, name="benefit_run_job"),
    path("benefits/runs/opening/", runs.take_benefit_opening, name="take_benefit_opening"),
    path("benefits/runs/<int:benefit_run_id>/", run.benefit_run, name="benefit_run"),
    path("benefits/runs/<int:benefit_run_id>/submit/", run.submit_benefit_run, name="submit_benefit_run"),
    path("benefits/runs/<int:benefit_run_id>/decide/", run.decide_benefit_run, name="decide_benefit_run"),
    path("benefits/runs/<int:benefit_run_id>/places/", lines.benefit_run_places, name="benefit_run_places"),
    path("benefits/runs/<int:benefit_run_id>/lines/", lines.benefit_run_lines, name="benefit_run_lines"),
    path("benefits/runs/<int:benefit_run_id>/exceptions/", lines.benefit_run_exceptions, name="benefit_run_exceptions"),
    path("households/<int:household_id>/benefits/", why.why, name="why"),
    path("households/<int:household_id>/benefits/paper/", why.why_paper, name="why_paper"),
    path("people/<int:person_id>/benefits/", why.why_person, name="why_person"),
    path("households/<int:household_id>/benefits/override/", overrides.add_override, name="add_override"),
    path("benefits/overrides/", overrides.benefit_overrides, name="benefit_overrides"),
    path("benefits/overrides/<int:override_id>/", overrides.lift_benefit_override, name="lift_benefit_override"),
    path("benefits/reviews/", reviews.benefit_reviews, name="benefit_reviews"),
    path("benefits/reviews/<int:review_id>/", reviews.benefit_review, name="benefit_review"),
    path("benefits/reviews/<int:review_id>/hear/", reviews.hear_review, name="hear_review"),
    path("benefits/reviews/<int:review_id>/decide/", reviews.decide_benefit_review, name="decide_benefit_review"),
    path("benefits/recoveries/", recoveries.benefit_recoveries, name="benefit_recoveries"),
    path("benefits/recoveries/<int:recovery_id>/", recoveries.benefit_recovery, name="benefit_recovery"),
    path("benefits/recoveries/<int:recovery_id>/decide/", recoveries.decide_benefit_recovery, name="decide_benefit_recovery"),
    path("benefits/recoveries/<int:recovery_id>/book/", recoveries.book_benefit_recovery, name="book_benefit_recovery"),
    path("benefits/exclusions/", exclusions.exclusion_matrix, name="exclusion_matrix"),
    path("benefits/exclusions/row/", exclusions.exclusion_row, name="exclusion_row"),
    path("benefits/exclusions/row/propose/", exclusions.propose_exclusion_row, name="propose_exclusion_row"),
    path("benefits/exclusions/row/decide/", exclusions.decide_exclusion_row, name="decide_exclusion_row"),
]
