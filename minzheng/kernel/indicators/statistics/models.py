"""Tables of a month with their rows, what a revision changed, and what rows say since. No personal data; reads are limited by place.

Revision 1 is what was prepared from rows. Once a second person has confirmed it the database refuses every change (migration): a
correction is revision 2, with each figure's was and is, the reason and again two people.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class StatisticTable(models.Model):
    """A month's table in one revision."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        PREPARED = "prepared", "待确认"
        LOCKED = "locked", "已锁定"

    month = models.DateField("月份")
    revision = models.PositiveSmallIntegerField("版次", default=1)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.DRAFT)
    reason = models.CharField("更正原因", max_length=256, blank=True)
    counted_on = models.DateField("取数日期")
    fingerprint = models.CharField("指纹", max_length=64)
    prepared_by = models.CharField("编制人", max_length=80, blank=True)
    prepared_on = models.DateField("编制日期", null=True)
    confirmed_by = models.CharField("确认人", max_length=80, blank=True)
    confirmed_on = models.DateField("确认日期", null=True)
    returned_because = models.CharField("退回原因", max_length=256, blank=True)
    note = models.CharField("确认说明", max_length=256, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = "统计月报"
        ordering = ["-month", "-revision"]
        constraints = [
            models.UniqueConstraint(fields=["month", "revision"], name="one_table_per_revision"),
            models.UniqueConstraint(fields=["month"], condition=~Q(state="locked"), name="one_open_table_per_month"),
            models.CheckConstraint(condition=~Q(state="locked") | ~Q(prepared_by=F("confirmed_by")) & ~Q(confirmed_by=""), name="locked_by_two"),
            models.CheckConstraint(condition=Q(revision=1) | ~Q(reason=""), name="a_revision_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} 第 {self.revision} 版"

    @property
    def is_locked(self) -> bool:
        """Whether nothing of it can change any more."""
        return self.state == self.State.LOCKED


class StatisticRow(models.Model):
    """One programme at one place for one population. `programme` "" is the row over all programmes."""

    table = models.ForeignKey(StatisticTable, on_delete=models.CASCADE, related_name="rows")
    programme = models.CharField("项目", max_length=48, blank=True)
    population = models.CharField("人口口径", max_length=8)
    place = models.CharField("地方", max_length=32)
    units_start = models.BigIntegerField("月初对象", default=0)
    taken_over = models.BigIntegerField("期初接收", default=0)
    begun = models.BigIntegerField("新增", default=0)
    moved_in = models.BigIntegerField("转入", default=0)
    ended = models.BigIntegerField("退出", default=0)
    moved_out = models.BigIntegerField("转出", default=0)
    units_end = models.BigIntegerField("月末对象", default=0)
    persons = models.BigIntegerField("覆盖人数", default=0)
    households = models.BigIntegerField("户数", default=0)
    due_fen = models.BigIntegerField("应发标准(分)", default=0)
    paid_lines = models.BigIntegerField("付讫笔数", default=0)
    paid_fen = models.BigIntegerField("付讫金额(分)", default=0)
    refused_fen = models.BigIntegerField("退回未到账(分)", default=0)
    sent_back_fen = models.BigIntegerField("到账后退汇(分)", default=0)

    class Meta:
        verbose_name = "统计数"
        constraints = [models.UniqueConstraint(fields=["table", "population", "place", "programme"], name="one_row_per_programme_and_place")]

    def __str__(self) -> str:
        return f"{self.table} {self.programme} {self.place}"


class StatisticChange(models.Model):
    """One figure that a revision says otherwise."""

    table = models.ForeignKey(StatisticTable, on_delete=models.CASCADE, related_name="changes")
    programme = models.CharField("项目", max_length=48, blank=True)
    population = models.CharField("人口口径", max_length=8)
    place = models.CharField("地方", max_length=32)
    figure = models.CharField("指标", max_length=24)
    was = models.BigIntegerField("原为")
    now = models.BigIntegerField("现为")

    class Meta:
        verbose_name = "更正内容"
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~Q(was=F("now")), name="a_change_changes")]

    def __str__(self) -> str:
        return f"{self.table} {self.figure} {self.was}→{self.now}"


class StatisticDrift(models.Model):
    """What rows say of a locked month on a later night, where it differs from what was locked: for the whole city, by programme."""

    table = models.OneToOneField(StatisticTable, on_delete=models.CASCADE, related_name="drift")
    as_of = models.DateField("核对日期")
    differences = models.JSONField("差异", default=list)  # [programme, population, figure, locked, now]

    class Meta:
        verbose_name = "锁定后变化"

    def __str__(self) -> str:
        return f"{self.table} {self.as_of}"
