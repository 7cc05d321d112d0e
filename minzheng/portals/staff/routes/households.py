"""家庭档案."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views import documents, households

urlpatterns = [
    path("households/", households.find, name="households"),
    path("households/<int:household_id>/", households.household, name="household"),
    path("people/<int:person_id>/household/", households.household_of, name="household_of"),
    path("people/<int:person_id>/reveal/", households.reveal, name="reveal"),
    path("households/<int:household_id>/documents/", documents.add_document, name="add_document"),
    path("documents/<int:document_id>/", documents.document, name="document"),
    path("documents/<int:document_id>/withdraw/", documents.withdraw_document, name="withdraw_document"),
]
