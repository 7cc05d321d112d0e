"""Alerts and what came of them. An alert's state is changed only by the verbs in actions.py."""

from __future__ import annotations

from django.db import models

from minzheng.kernel.foundation.models import User
from minzheng.kernel.registry.models import Person

FILTERED = ("status", "division_code", "severity", "scenario", "assigned_to")  # what lists of alerts are narrowed by


class Alert(models.Model):
    """The data say that this person may need help: the evidence, who has it, and by when."""

    scope_field = "division_code"
    data_classes = {"evidence": "L3"}

    class Status(models.TextChoices):
        NEW = "new", "待派单"
        ASSIGNED = "assigned", "待入户"
        CLOSED = "closed", "已办结"

    class Severity(models.TextChoices):
        HIGH = "high", "高"
        MEDIUM = "medium", "中"
        LOW = "low", "低"

    class Rung(models.IntegerChoices):
        """Whose clock it is: escalation climbs one rung at a time."""

        VILLAGE = 5, "村社区"
        TOWN = 4, "镇街"
        COUNTY = 3, "区县"
        CITY = 2, "市"

    scenario = models.CharField("场景", max_length=48)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="alerts", verbose_name="人员")
    division_code = models.CharField("村社区代码", max_length=12)
    severity = models.CharField("严重程度", max_length=8, choices=Severity.choices)
    severity_rank = models.PositiveSmallIntegerField("严重程度序", default=2)  # 1 high, 2 medium, 3 low: for sorting
    status = models.CharField("状态", max_length=12, choices=Status.choices, default=Status.NEW)
    raised_on = models.DateField("发现日期")
    event_date = models.DateField("事件日期")
    due_on = models.DateField("办理期限")
    rung = models.PositiveSmallIntegerField("督办层级", choices=Rung.choices, default=Rung.VILLAGE)
    assigned_to = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="alerts", verbose_name="经办人")
    evidence = models.JSONField("证据", default=list)
    summary = models.CharField("摘要", max_length=256)
    outcome = models.CharField("结果", max_length=32, blank=True)
    closed_on = models.DateField("办结日期", null=True)
    reopened = models.PositiveSmallIntegerField("重开次数", default=0)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = "预警"
        constraints = [
            models.UniqueConstraint(fields=["scenario", "person", "event_date"], name="one_alert_per_event"),
        ]
        indexes = [
            # The two orders of lists, an area and a state, each with all that filters ask: evidence lies in the rows, so
            # they are long, and 100,000 are walked or counted without reading one. No short index beside them: SQLite,
            # which knows nothing of how much fits, would take it and read rows.
            models.Index(fields=["due_on", "severity_rank", "id", *FILTERED], name="monitoring_by_urgency"),
            models.Index(fields=["closed_on", "id", *FILTERED], name="monitoring_by_closing"),
            models.Index(
                fields=["division_code", "status", "due_on", "severity_rank", "severity", "scenario", "assigned_to", "closed_on"],
                name="monitoring_by_place",
            ),
            models.Index(
                fields=["status", "due_on", "division_code", "severity_rank", "severity", "scenario", "assigned_to", "closed_on",
                        "raised_on", "rung"],
                name="monitoring_by_state",
            ),
            models.Index(
                fields=["scenario", "status", "due_on", "division_code", "severity_rank", "severity", "assigned_to", "closed_on"],
                name="monitoring_by_scenario",
            ),
            models.Index(fields=["assigned_to", "status", "due_on"]),
            models.Index(fields=["raised_on"]),
            models.Index(fields=["division_code", "outcome"]),  # boards: what closed alerts came to, by place
        ]

    def __str__(self) -> str:
        return f"预警 {self.pk}"


class AlertStep(models.Model):
    """One thing that happened to an alert: raised, assigned, pooled (no grid worker), visited, closed, re-opened,
    escalated. `details.version` is the version of the alert that the step made."""

    scope_field = "alert__division_code"

    class Verb(models.TextChoices):
        RAISED = "raised", "系统发现"
        ASSIGNED = "assigned", "派单"
        VISITED = "visited", "入户"
        CLOSED = "closed", "办结"
        REOPENED = "reopened", "重开"
        ESCALATED = "escalated", "逾期升级"
        POOLED = "pooled", "转镇街派单"
        ATTEMPTED = "attempted", "上门未遇"

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="steps")
    verb = models.CharField("动作", max_length=12, choices=Verb.choices)
    on = models.DateField("业务日期")
    at = models.DateTimeField("时间")
    by = models.CharField("操作人", max_length=80)
    note = models.CharField("说明", max_length=512, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        verbose_name = "预警经过"
        ordering = ["alert", "id"]
        indexes = [models.Index(fields=["on", "verb"])]

    def __str__(self) -> str:
        return f"{self.alert} {self.verb}"


class Visit(models.Model):
    """A grid worker's visit to the person of an alert and what was found."""

    scope_field = "alert__division_code"
    data_classes = {"findings": "L3"}

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="visits")
    visited_on = models.DateField("入户日期")
    visitor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="visits", verbose_name="入户人")
    met = models.CharField("见到谁", max_length=16)
    situation = models.JSONField("家庭情况", default=list)
    needs = models.JSONField("需要", default=list)
    outcome = models.CharField("结果", max_length=32)
    findings = models.TextField("情况说明", blank=True)
    form_token = models.CharField("表单令牌", max_length=64, unique=True)
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "入户"

    def __str__(self) -> str:
        return f"入户 {self.visited_on}"
