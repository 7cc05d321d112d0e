"""Snapshots, runs, their lines, and entitlements."""

from __future__ import annotations

from django.db import models

from minzheng.kernel.benefits.models.opening import Opening


class Snapshot(models.Model):
    """What was known of everybody for one month, frozen: the files lie in `HOME/snapshots/<name>`."""

    month = models.CharField("月份", max_length=7)
    name = models.CharField("名称", max_length=32, unique=True)  # its folder's
    sha256 = models.CharField("指纹", max_length=64)
    rows = models.BigIntegerField("人数")
    households = models.BigIntegerField("户数", default=0)
    batches = models.JSONField("数据批次", default=dict)  # contract → batch ids
    preview = models.BooleanField("试算", default=False)  # of a month that is not closed: never paid from
    frozen_on = models.DateField("业务日期")
    frozen_at = models.DateTimeField("冻结时间")
    frozen_by = models.CharField("操作人", max_length=80)

    class Meta:
        verbose_name = "待遇快照"
        indexes = [models.Index(fields=["month", "sha256"])]

    def __str__(self) -> str:
        return self.name


class Run(models.Model):
    """One reckoning of a month: the month's own (regular), or a later look at a month that was paid (correction)."""

    class Kind(models.TextChoices):
        REGULAR = "regular", "月度发放"
        CORRECTION = "correction", "更正以前月份"

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待审批"
        APPROVED = "approved", "已审批"
        REJECTED = "rejected", "已退回"

    month = models.CharField("月份", max_length=7)
    kind = models.CharField("种类", max_length=12, choices=Kind.choices, default=Kind.REGULAR)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.DRAFT)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="runs", verbose_name="快照")
    previous = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", verbose_name="上月批次")
    totals = models.JSONField("合计", default=dict)  # programme → counts and 分
    parameters_sha256 = models.CharField("参数指纹", max_length=64)
    values = models.JSONField("参数值", default=dict)  # programme → parameter → value, as they were
    unverified = models.JSONField("未核定的参数", default=list)
    digest = models.CharField("结果指纹", max_length=64)
    standing_sha256 = models.CharField("核算时的待遇和人工处置", max_length=64, default="")
    computed_at = models.DateTimeField("计算时间")
    computed_by = models.CharField("计算人", max_length=80)
    seconds = models.FloatField("用时(秒)", default=0)
    submitted_at = models.DateTimeField("提交时间", null=True)
    submitted_by = models.CharField("提交人", max_length=80, blank=True)
    decided_at = models.DateTimeField("审批时间", null=True)
    decided_by = models.CharField("审批人", max_length=80, blank=True)
    decided_on = models.DateField("审批日期", null=True)
    note = models.CharField("说明", max_length=512, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = "发放批次"
        constraints = [
            models.UniqueConstraint(
                fields=["month"], condition=models.Q(kind="regular") & ~models.Q(state="rejected"), name="one_regular_run_per_month"
            ),
            models.UniqueConstraint(
                fields=["month"], condition=models.Q(kind="correction", state__in=["draft", "submitted"]),
                name="one_open_correction_per_month",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["-month", "-id"])]

    def __str__(self) -> str:
        return f"{self.month} {self.get_kind_display()}"

    @property
    def is_open(self) -> bool:
        """Whether something may still change."""
        return self.state in (self.State.DRAFT, self.State.SUBMITTED)


class RunChange(models.Model):
    """One line of a run: what changes for a unit, and why. Units that keep what they have are counted, not listed.

    `cause` says kind, name, label, before, after and a sentence; `exclusion` the row of the matrix that cut the amount."""

    scope_field = "division_code"
    data_classes = {"cause": "L3"}

    class Kind(models.TextChoices):
        START = "start", "新增"
        STOP = "stop", "停发"
        CHANGE = "change", "变更"
        REVIEW = "review", "待复核"
        HOLD = "hold", "暂停"
        BACKPAY = "backpay", "补发"
        RECOVERY = "recovery", "追回建议"

    # Lines are stored and deleted with their run alone; checking 300,000 references costs seconds.
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="changes", db_constraint=False, db_index=False)
    programme = models.CharField("项目", max_length=48)
    unit_key = models.BigIntegerField("对象标识")
    person_key = models.BigIntegerField("领款人标识")
    household_key = models.BigIntegerField("户标识")
    division_code = models.CharField("村社区代码", max_length=12)
    kind = models.CharField("种类", max_length=12, choices=Kind.choices)
    month = models.CharField("所属月份", max_length=7)  # of back-pay and recovery an earlier one
    was_fen = models.BigIntegerField("原金额(分)")
    is_fen = models.BigIntegerField("现金额(分)")
    cause_kind = models.CharField("原因类别", max_length=16)
    cause_name = models.CharField("原因代码", max_length=64)
    cause = models.JSONField("原因", default=dict)
    exclusion = models.CharField("互斥规则", max_length=96, blank=True)

    class Meta:
        verbose_name = "发放变动"
        constraints = [models.UniqueConstraint(fields=["run", "programme", "unit_key", "kind", "month"], name="one_line_per_unit_and_kind")]
        indexes = [models.Index(fields=["run", "division_code"]), models.Index(fields=["person_key"]), models.Index(fields=["household_key"])]

    def __str__(self) -> str:
        return f"{self.run} {self.programme} {self.kind}"


class RunTotal(models.Model):
    """What a run comes to in one village and programme; adds up to any jurisdiction."""

    scope_field = "division_code"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="village_totals")
    programme = models.CharField("项目", max_length=48)
    division_code = models.CharField("村社区代码", max_length=12)
    before_units = models.BigIntegerField("上月对象数", default=0)
    before_fen = models.BigIntegerField("上月金额(分)", default=0)
    units = models.BigIntegerField("对象数", default=0)
    fen = models.BigIntegerField("金额(分)", default=0)
    keep = models.BigIntegerField("不变", default=0)
    start = models.BigIntegerField("新增", default=0)
    stop = models.BigIntegerField("停发", default=0)
    change = models.BigIntegerField("变更", default=0)
    review = models.BigIntegerField("待复核", default=0)
    hold = models.BigIntegerField("暂停", default=0)
    backpay_fen = models.BigIntegerField("补发(分)", default=0)
    recovery_fen = models.BigIntegerField("追回建议(分)", default=0)

    class Meta:
        verbose_name = "发放合计"
        constraints = [models.UniqueConstraint(fields=["run", "programme", "division_code"], name="one_total_per_place")]

    def __str__(self) -> str:
        return f"{self.run} {self.programme} {self.division_code}"


class Entitlement(models.Model):
    """What a unit is entitled to from one month to another (exclusive). A status without money has 0."""

    scope_field = "division_code"
    data_classes = {"basis": "L3"}

    programme = models.CharField("项目", max_length=48)
    unit_key = models.BigIntegerField("对象标识")
    person_key = models.BigIntegerField("领款人标识")
    household_key = models.BigIntegerField("户标识")
    division_code = models.CharField("村社区代码", max_length=12)
    amount_fen = models.BigIntegerField("每月金额(分)")
    valid_from = models.DateField("自")
    valid_to = models.DateField("至(不含)", null=True)
    basis = models.JSONField("依据", default=dict)
    run = models.ForeignKey(
        Run, null=True, on_delete=models.PROTECT, related_name="begun", verbose_name="批次", db_constraint=False, db_index=False
    )
    opening = models.ForeignKey(
        Opening, null=True, on_delete=models.PROTECT, related_name="begun", verbose_name="期初", db_constraint=False, db_index=False
    )

    class Meta:
        verbose_name = "待遇"
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "unit_key"], condition=models.Q(valid_to__isnull=True), name="one_open_entitlement_per_unit"
            ),
            models.CheckConstraint(condition=models.Q(amount_fen__gte=0), name="entitlement_not_negative"),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")), name="entitlement_lasts"
            ),
        ]
        indexes = [
            models.Index(fields=["person_key"]), models.Index(fields=["household_key"]),
            models.Index(fields=["division_code", "programme"]),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.programme} {self.unit_key} {self.valid_from}"


class MonthLock(models.Model):
    """A month whose regular run was approved: from now on it is corrected, never reckoned again."""

    month = models.CharField("月份", max_length=7, unique=True)
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="lock")
    at = models.DateTimeField("时间")
    by = models.CharField("操作人", max_length=80)

    class Meta:
        verbose_name = "月份锁定"

    def __str__(self) -> str:
        return self.month
