"""Every model that holds personal data says where it belongs and how sensitive it is."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from minzheng.kernel.foundation.access import Actor, roles, scoped
from minzheng.kernel.foundation.fields import EncryptedTextField

OURS = [model for model in apps.get_models() if model.__module__.startswith("minzheng.")]
# Models without personal data, read only by their owner, or by roles that see the whole city (audit, data office).
WITHOUT_SCOPE = {
    "User", "Jurisdiction", "AuditEntry", "CalendarDay", "RoundRun", "RoundStep",
    "Division", "DivisionPoint", "ManagementUnit", "ManagementUnitRange", "Batch", "Notification", "SavedView", "Job",
    "Pinyin", "PinyinDeletion", "MonthClose", "Opening", "Snapshot", "Run", "MonthLock", "ExclusionChange", "ParameterChange", "Variant",
    # The yearly plan: no personal data; its figures are limited by place in queries (tests/kernel/indicators).
    "Office", "OfficeMember", "Plan", "PlanVersion", "PlanItem", "Target", "Milestone", "PlanChange", "Measurement", "IndicatorValue", "MilestoneRecord",
    "ReportedFigure", "Evidence", "SubTask", "Remark", "TargetSetting", "Reminder",
    "StatisticTable", "StatisticRow", "StatisticChange", "StatisticDrift", "Report",  # tests/kernel/indicators/statistics, reports
}  # fmt: skip


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_model_declares_its_scope(model: type[models.Model]) -> None:
    assert (model.__name__ in WITHOUT_SCOPE) != hasattr(model, "scope_field")


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_encrypted_fields_have_a_class(model: type[models.Model]) -> None:
    classes = getattr(model, "data_classes", {})
    encrypted = {field.name for field in model._meta.fields if isinstance(field, EncryptedTextField)}
    assert encrypted <= set(classes)
    assert set(classes.values()) <= {"L1", "L2", "L3", "L4"}


@pytest.mark.django_db
@pytest.mark.parametrize("model", [m for m in OURS if hasattr(m, "scope_field")], ids=lambda m: m.__name__)
def test_an_actor_without_jurisdiction_sees_nothing(model: type[models.Model]) -> None:
    nobody = Actor("nobody", "grid_worker", roles()["grid_worker"].capabilities, ())
    queryset = scoped(model._default_manager.all(), nobody)
    assert queryset.query.is_empty() or not queryset.exists()
    with pytest.raises(TypeError):
        scoped(apps.get_model("foundation", "AuditEntry").objects.all(), nobody)


def test_roles_are_known_and_separate() -> None:
    administrators = roles()["auditor"].capabilities
    assert administrators == {"audit.view"}, "the auditor reads the audit and nothing else"
    known = frozenset().union(*(role.capabilities for role in roles().values()))
    assert all("." in capability for capability in known)
