"""What people decided: awards, pauses and fixed amounts, reviews, recoveries."""

from __future__ import annotations

from django.db import models

from minzheng.kernel.benefits.models.runs import Run
from minzheng.kernel.foundation.fields import EncryptedTextField


class Award(models.Model):
    """Somebody was found to be in need: a decision that lasts until another ends it. `until` is the first day after."""

    scope_field = "division_code"

    class Mode(models.TextChoices):
        HOUSEHOLD = "household", "家庭认定"
        SINGLE = "single", "个人单独认定"

    programme = models.CharField("项目", max_length=48)
    mode = models.CharField("方式", max_length=12, choices=Mode.choices)
    person_key = models.BigIntegerField("人员标识")
    household_key = models.BigIntegerField("户标识")
    division_code = models.CharField("村社区代码", max_length=12)
    since = models.DateField("自")
    until = models.DateField("至(不含)", null=True)
    ended_because = models.CharField("终止原因", max_length=128, blank=True)
    source = models.CharField("来源", max_length=128)
    terms = models.JSONField("认定时确定的事项", default=dict)  # inputs of rules that stand with the award: {'exit_amount': 50000}
    recorded_on = models.DateField("登记日期")

    class Meta:
        verbose_name = "认定"
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "person_key"], condition=models.Q(until__isnull=True), name="one_open_award_per_person"
            ),
            models.CheckConstraint(condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")), name="award_in_order"),
        ]
        indexes = [models.Index(fields=["household_key"]), models.Index(fields=["programme", "until"])]

    def __str__(self) -> str:
        return f"{self.programme} {self.person_key} {self.since}"


class Override(models.Model):
    """A person's word that stands above the reckoning, for as long as it lasts: a pause, or a fixed amount."""

    scope_field = "division_code"
    data_classes = {"reason": "L3"}

    class Kind(models.TextChoices):
        PAUSE = "pause", "暂停发放"
        FIX = "fix", "固定金额"

    kind = models.CharField("种类", max_length=8, choices=Kind.choices)
    programme = models.CharField("项目", max_length=48)
    unit_key = models.BigIntegerField("对象标识")
    person_key = models.BigIntegerField("领款人标识")
    household_key = models.BigIntegerField("户标识")
    division_code = models.CharField("村社区代码", max_length=12)
    amount_fen = models.BigIntegerField("金额(分)", null=True)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至(不含)", null=True)
    reason = models.TextField("理由")
    by = models.CharField("操作人", max_length=80)
    on = models.DateField("业务日期")
    lifted_on = models.DateField("解除日期", null=True)
    lifted_by = models.CharField("解除人", max_length=80, blank=True)
    lifted_because = models.CharField("解除理由", max_length=256, blank=True)

    class Meta:
        verbose_name = "人工处置"
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "unit_key"], condition=models.Q(lifted_on__isnull=True), name="one_standing_override_per_unit"
            ),
            models.CheckConstraint(condition=models.Q(kind="pause") | models.Q(amount_fen__gte=0), name="fix_has_an_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.unit_key} {self.kind}"


class Review(models.Model):
    """The data say less, or nothing, is due: somebody must be heard and a person must decide before anything is cut."""

    scope_field = "division_code"
    data_classes = {"cause": "L3", "statement": "L3", "reasons": "L3"}

    class State(models.TextChoices):
        OPEN = "open", "待听取意见"
        HEARD = "heard", "待决定"
        DECIDED = "decided", "已决定"
        MOOT = "moot", "原因已消失"

    class Decision(models.TextChoices):
        APPLY = "apply", "按核算调整"
        GRADUAL = "gradual", "给予渐退期"
        KEEP = "keep", "维持原待遇"

    programme = models.CharField("项目", max_length=48)
    unit_key = models.BigIntegerField("对象标识")
    person_key = models.BigIntegerField("领款人标识")
    household_key = models.BigIntegerField("户标识")
    division_code = models.CharField("村社区代码", max_length=12)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="reviews", verbose_name="批次")
    month = models.CharField("所属月份", max_length=7)
    was_fen = models.BigIntegerField("现发金额(分)")
    is_fen = models.BigIntegerField("核算金额(分)")
    ends = models.BooleanField("核算为不再符合", default=False)
    cause = models.JSONField("原因", default=dict)
    opened_on = models.DateField("提出日期")
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.OPEN)
    heard_on = models.DateField("听取意见日期", null=True)
    heard_by = models.CharField("听取人", max_length=80, blank=True)
    statement = EncryptedTextField("当事人意见", blank=True)
    decision = models.CharField("决定", max_length=8, choices=Decision.choices, blank=True)
    decided_fen = models.BigIntegerField("决定金额(分)", null=True)
    decided_on = models.DateField("决定日期", null=True)
    decided_by = models.CharField("决定人", max_length=80, blank=True)
    reasons = models.TextField("理由", blank=True)
    effective_from = models.DateField("生效月份", null=True)
    until = models.DateField("维持至(不含)", null=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = "待遇复核"
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "unit_key"], condition=models.Q(state__in=["open", "heard"]), name="one_open_review_per_unit"
            ),
        ]
        indexes = [models.Index(fields=["state", "division_code"]), models.Index(fields=["person_key"])]

    def __str__(self) -> str:
        return f"复核 {self.pk}"


class Recovery(models.Model):
    """Money that was paid for a month and, as known now, was not due. A proposal: a person decides."""

    scope_field = "division_code"
    data_classes = {"cause": "L3"}

    class State(models.TextChoices):
        PROPOSED = "proposed", "待决定"
        CONFIRMED = "confirmed", "决定追回"
        WAIVED = "waived", "不予追回"

    programme = models.CharField("项目", max_length=48)
    unit_key = models.BigIntegerField("对象标识")
    person_key = models.BigIntegerField("领款人标识")
    household_key = models.BigIntegerField("户标识")
    division_code = models.CharField("村社区代码", max_length=12)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="recoveries", verbose_name="批次")
    month = models.CharField("所属月份", max_length=7)
    amount_fen = models.BigIntegerField("金额(分)")
    cause = models.JSONField("原因", default=dict)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.PROPOSED)
    decided_on = models.DateField("决定日期", null=True)
    decided_by = models.CharField("决定人", max_length=80, blank=True)
    reasons = models.CharField("理由", max_length=512, blank=True)

    class Meta:
        verbose_name = "追回建议"
        constraints = [
            models.UniqueConstraint(fields=["run", "programme", "unit_key", "month"], name="one_recovery_per_month_and_run"),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="recovery_is_positive"),
        ]
        indexes = [models.Index(fields=["state", "division_code"]), models.Index(fields=["person_key"])]

    def __str__(self) -> str:
        return f"追回 {self.pk}"
