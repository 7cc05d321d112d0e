"""管理: accounts and the audit trail."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views import accounts, audit

urlpatterns = [
    path("accounts/new/", accounts.new_account, name="new_account"),
    path("accounts/<int:user_id>/", accounts.account_of, name="account_of"),
    path("accounts/<int:user_id>/password/", accounts.reset_password, name="reset_password"),
    path("accounts/<int:user_id>/active/", accounts.set_active, name="set_active"),
    path("accounts/<int:user_id>/grant/", accounts.grant, name="grant"),
    path("accounts/<int:user_id>/unlock/", accounts.unlock, name="unlock"),
    path("accounts/<int:user_id>/second-factor/", accounts.reset_factor, name="reset_factor"),
    path("audit/", audit.audit_trail, name="audit"),
    path("audit/verify/", audit.verify_chain, name="verify_chain"),
    path("audit/export.csv", audit.export_audit, name="export_audit"),
]
