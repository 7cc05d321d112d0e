"""统计月报 and reports of the plan."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views.reports import pages as reports
from minzheng.portals.staff.views.statistics import acts, pages

urlpatterns = [
    path("statistics/", pages.statistics, name="statistics"),
    path("statistics/<slug:statistics_month>/", pages.statistics_month, name="statistics_month"),
    path("statistics/<slug:statistics_month>/places/", pages.statistics_places, name="statistics_places"),
    path("statistics/<slug:statistics_month>/checks/", pages.statistics_checks, name="statistics_checks"),
    path("statistics/<slug:statistics_month>/rows/", pages.statistics_rows, name="statistics_rows"),
    path("statistics/<slug:statistics_month>/prepare/", acts.statistics_prepare, name="statistics_prepare"),
    path("statistics/<slug:statistics_month>/decide/", acts.statistics_decide, name="statistics_decide"),
    path("statistics/<slug:statistics_month>/correct/", acts.statistics_correct, name="statistics_correct"),
    path("reports/", reports.plan_reports, name="plan_reports"),
    path("reports/<int:report_id>/", reports.plan_report, name="plan_report"),
    path("reports/<int:report_id>/file/", reports.plan_report_file, name="plan_report_file"),
]
