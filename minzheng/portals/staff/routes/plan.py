"""要点督办: the board, an item, places side by side, down to rows, the wall, and what is set."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views.plan import board, item, manage, places, rows, wall

urlpatterns = [
    path("plan/", board.plan, name="plan"),
    path("plan/places/", places.plan_places, name="plan_places"),
    path("plan/wall/", wall.plan_wall, name="plan_wall"),
    path("plan/wall/figures/", wall.plan_wall_part, name="plan_wall_part"),
    path("plan/manage/", manage.plan_manage, name="plan_manage"),
    path("plan/manage/load/", manage.plan_load, name="plan_load"),
    path("plan/manage/reading/", manage.plan_reading, name="plan_reading"),
    path("plan/manage/member/", manage.plan_member, name="plan_member"),
    path("plan/items/<int:item_number>/", item.plan_item, name="plan_item"),
    path("plan/items/<int:item_number>/do/<slug:plan_verb>/", item.plan_act, name="plan_act"),
    path("plan/items/<int:item_number>/decide/<slug:plan_decision>/", item.plan_decide, name="plan_decide"),
    path(
        "plan/items/<int:item_number>/evidence/<int:evidence_id>/", item.plan_evidence, name="plan_evidence"
    ),
    path("plan/figures/<slug:plan_figure>/rows/", rows.plan_rows, name="plan_rows"),
    path("plan/figures/<slug:plan_figure>/export/", rows.plan_rows_export, name="plan_rows_export"),
]
