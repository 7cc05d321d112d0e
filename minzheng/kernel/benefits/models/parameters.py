"""Parameters that officials changed, and simulations that they kept."""

from __future__ import annotations

from django.db import models

from minzheng.kernel.benefits.models.runs import Snapshot
from minzheng.kernel.foundation.models import User


class ParameterChange(models.Model):
    """A value laid over the parameter file: counts once a second person has confirmed it. Never edited afterwards; a later
    one goes before an earlier one where both hold. `scope` is a programme, a pack (what its programmes share) or 'standards'."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "待确认"
        CONFIRMED = "confirmed", "已确认"
        REJECTED = "rejected", "未通过"

    scope = models.CharField("项目", max_length=48)
    name = models.CharField("参数", max_length=64)
    value = models.JSONField("值")
    before = models.JSONField("原值", null=True)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至(不含)", null=True)
    source = models.CharField("依据", max_length=256)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.CharField("提出人", max_length=80)
    proposed_on = models.DateField("提出日期")
    decided_by = models.CharField("确认人", max_length=80, blank=True)
    decided_on = models.DateField("确认日期", null=True)
    note = models.CharField("说明", max_length=256, blank=True)

    class Meta:
        verbose_name = "参数变更"
        indexes = [models.Index(fields=["scope", "name", "state"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")), name="parameter_change_lasts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope}.{self.name} {self.valid_from}"


class ExclusionChange(models.Model):
    """That a row of the exclusion matrix stands in a document: proposed by one person, confirmed by another. It holds for the row as
    it was then (`content`): once the file says something else, somebody has to look again."""

    State = ParameterChange.State

    row = models.CharField("规则", max_length=100)  # 'a/b', as lines of a run name it
    content = models.JSONField("内容")
    source = models.CharField("依据", max_length=256)
    before = models.CharField("原来源", max_length=256)
    state = models.CharField("状态", max_length=12, choices=ParameterChange.State.choices, default=ParameterChange.State.PROPOSED)
    proposed_by = models.CharField("提出人", max_length=80)
    proposed_on = models.DateField("提出日期")
    decided_by = models.CharField("确认人", max_length=80, blank=True)
    decided_on = models.DateField("确认日期", null=True)
    note = models.CharField("说明", max_length=256, blank=True)

    class Meta:
        verbose_name = "叠加规则核实"
        constraints = [models.UniqueConstraint(fields=["row"], condition=models.Q(state="proposed"), name="one_open_change_per_row")]
        indexes = [models.Index(fields=["row", "state"])]

    def __str__(self) -> str:
        return self.row


class Variant(models.Model):
    """A simulation that somebody kept to compare: what was changed, and what came of it."""

    name = models.CharField("名称", max_length=64)
    owner = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="benefit_variants", verbose_name="所有者")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="variants", verbose_name="快照")
    changes = models.JSONField("改动", default=dict)  # 'programme.parameter' → value
    result = models.JSONField("结果", default=dict)
    made_on = models.DateField("业务日期")
    made_at = models.DateTimeField("时间")
    made_by = models.CharField("操作人", max_length=80)

    class Meta:
        verbose_name = "政策模拟"
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="one_variant_per_name")]
        indexes = [models.Index(fields=["-made_at"])]

    def __str__(self) -> str:
        return self.name
