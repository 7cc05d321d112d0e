"""The plan as it was loaded, what is measured of it, and what people record. No personal data: a figure's rows lie in their own rooms.

`place` is a division code (city, county, town) or the slug of a board; reads are limited to places inside the reader's jurisdiction
(queries/places.py). What came from the plan's file is withdrawn, never deleted. What two may edit has a `version`.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from minzheng.kernel.foundation.models import User


class Office(models.Model):
    """A division of the bureau that carries items of the plan."""

    code = models.CharField("代码", max_length=32, unique=True)
    title = models.CharField("名称", max_length=64)
    status = models.CharField("核实", max_length=12, default="unverified")

    class Meta:
        verbose_name = "责任处室"

    def __str__(self) -> str:
        return self.title


class OfficeMember(models.Model):
    """An official who works for an office: hears its reminders and may record what it has done."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="offices")

    class Meta:
        verbose_name = "处室人员"
        constraints = [models.UniqueConstraint(fields=["office", "user"], name="one_membership_per_office")]

    def __str__(self) -> str:
        return f"{self.office} {self.user}"


class Plan(models.Model):
    """The yearly plan (工作要点) as its newest file says."""

    year = models.PositiveSmallIntegerField("年度", unique=True)
    title = models.CharField("标题", max_length=128)
    document = models.CharField("文号", max_length=64, blank=True)
    issuer = models.CharField("印发机关", max_length=64)
    issued_on = models.DateField("印发日期")
    first = models.DateField("起")
    last = models.DateField("止")
    preamble = models.TextField("前言", blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = "工作要点"
        ordering = ["-year"]

    def __str__(self) -> str:
        return self.title


class PlanVersion(models.Model):
    """A file that was loaded, whole, so that what it said can be read again."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField("版本")
    fingerprint = models.CharField("指纹", max_length=64)
    file_name = models.CharField("文件名", max_length=255)
    text = models.TextField("内容")
    loaded_on = models.DateField("业务日期")
    loaded_by = models.CharField("操作人", max_length=80)

    class Meta:
        verbose_name = "要点版本"
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="one_text_per_version")]

    def __str__(self) -> str:
        return f"{self.plan} v{self.number}"


class PlanItem(models.Model):
    """One numbered item with its text as it was published."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="items")
    number = models.PositiveSmallIntegerField("序号")
    chapter = models.PositiveSmallIntegerField("章")
    chapter_title = models.CharField("章名", max_length=64)
    title = models.CharField("标题", max_length=64)
    text = models.TextField("原文")
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="items", verbose_name="责任处室")
    systems = models.JSONField("所列制度、平台和机制", default=list)
    figures = models.JSONField("本项监测数", default=list)
    withdrawn_on = models.DateField("撤下日期", null=True)

    class Meta:
        verbose_name = "要点事项"
        ordering = ["plan", "number"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="one_item_per_number")]

    def __str__(self) -> str:
        return f"第 {self.number} 项 {self.title}"


class Target(models.Model):
    """A promise with a figure. `per`: what `figure` is in (count, percent, fen); `definitions`: every reading in words, also those that
    nothing measures yet."""

    item = models.ForeignKey(PlanItem, on_delete=models.CASCADE, related_name="targets")
    code = models.CharField("编号", max_length=16)
    verbatim = models.CharField("原文", max_length=128)
    figure = models.BigIntegerField("目标数")
    per = models.CharField("计量", max_length=8)
    compare = models.CharField("比较", max_length=8)
    unit = models.CharField("单位", max_length=16)
    period = models.CharField("周期", max_length=8)
    begins = models.DateField("开始", null=True)
    indicator = models.CharField("指标", max_length=64, blank=True)
    reading = models.CharField("口径", max_length=32, blank=True)
    milestone = models.CharField("以节点为准", max_length=48, blank=True)
    definitions = models.JSONField("各口径定义", default=list)
    note = models.TextField("说明", blank=True)
    publish = models.BooleanField("可公布", default=False)
    withdrawn_on = models.DateField("撤下日期", null=True)

    class Meta:
        verbose_name = "量化目标"
        ordering = ["item", "code"]
        constraints = [models.UniqueConstraint(fields=["item", "code"], name="one_target_per_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.verbatim}"


class Milestone(models.Model):
    """Something that is to stand by a date, for work that leaves no rows. `due_status`: whether the plan itself names the date."""

    item = models.ForeignKey(PlanItem, on_delete=models.CASCADE, related_name="milestones")
    name = models.CharField("代码", max_length=48)
    title = models.CharField("节点", max_length=128)
    system = models.CharField("所属制度", max_length=64, blank=True)
    due = models.DateField("期限")
    due_status = models.CharField("期限核实", max_length=12, default="unverified")
    evidence = models.CharField("所需依据", max_length=128)
    withdrawn_on = models.DateField("撤下日期", null=True)

    class Meta:
        verbose_name = "工作节点"
        ordering = ["item", "due", "name"]
        constraints = [models.UniqueConstraint(fields=["item", "name"], name="one_milestone_per_name")]

    def __str__(self) -> str:
        return self.title


class PlanChange(models.Model):
    """One thing that a later file, or an official's setting, says otherwise: was → is. `subject`: 'item:4', 'target:T06', 'milestone:4/x'."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="changes")
    item = models.ForeignKey(PlanItem, null=True, on_delete=models.CASCADE, related_name="changes")
    version = models.PositiveIntegerField("版本")
    subject = models.CharField("对象", max_length=80)
    what = models.CharField("内容", max_length=64)
    was = models.TextField("原为", blank=True)
    now = models.TextField("现为", blank=True)
    reason = models.CharField("事由", max_length=256, blank=True)
    on = models.DateField("业务日期")
    by = models.CharField("操作人", max_length=80)

    class Meta:
        verbose_name = "要点变更"
        ordering = ["-id"]
        indexes = [models.Index(fields=["item", "-id"])]

    def __str__(self) -> str:
        return f"{self.subject} {self.what}"


class Measurement(models.Model):
    """A night's measure that is whole: the commit mark of its values."""

    as_of = models.DateField("截至", unique=True)
    computed_at = models.DateTimeField("时间")
    values_count = models.PositiveIntegerField("数值个数")
    seconds = models.FloatField("用时(秒)")

    class Meta:
        verbose_name = "指标测算"

    def __str__(self) -> str:
        return f"{self.as_of}"


class IndicatorValue(models.Model):
    """Numerator and denominator of one reading for one place on one day, with what was asked in words. `unplaced`: rows that lie in no
    place of the city; they are not in the city's figure either, and are told."""

    indicator = models.CharField("指标", max_length=64)
    reading = models.CharField("口径", max_length=32)
    as_of = models.DateField("截至")
    place = models.CharField("地方", max_length=32)
    numerator = models.BigIntegerField("分子")
    denominator = models.BigIntegerField("分母", null=True)
    unit = models.CharField("单位", max_length=16)
    filter = models.CharField("口径和期间", max_length=256)
    unplaced = models.BigIntegerField("未落地", default=0)
    computed_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "指标值"
        constraints = [models.UniqueConstraint(fields=["as_of", "place", "indicator", "reading"], name="one_value_per_place_and_day")]
        indexes = [models.Index(fields=["place", "indicator", "reading", "as_of"], name="indicators_by_place")]

    def __str__(self) -> str:
        return f"{self.indicator} {self.place} {self.as_of}"


class Recorded(models.Model):
    """What one person records and another confirms or returns."""

    class State(models.TextChoices):
        RECORDED = "recorded", "待确认"
        CONFIRMED = "confirmed", "已确认"
        RETURNED = "returned", "已退回"

    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.RECORDED)
    note = models.CharField("说明", max_length=512, blank=True)
    by = models.CharField("登记人", max_length=80)
    recorded_on = models.DateField("登记日期")
    confirmed_by = models.CharField("确认人", max_length=80, blank=True)
    confirmed_on = models.DateField("确认日期", null=True)
    returned_because = models.CharField("退回原因", max_length=256, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        abstract = True


class MilestoneRecord(Recorded):
    """That a milestone was reached: by whom recorded, by whom confirmed, or why it was returned."""

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="records")
    done_on = models.DateField("完成日期")

    class Meta:
        verbose_name = "节点登记"
        constraints = [
            models.UniqueConstraint(fields=["milestone"], condition=~Q(state="returned"), name="one_standing_record_per_milestone"),
        ]

    def __str__(self) -> str:
        return f"{self.milestone} {self.done_on}"


class ReportedFigure(Recorded):
    """A figure that an official typed, of a target that nothing measures. It says so wherever it is shown."""

    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="reported")
    as_of = models.DateField("截至")
    place = models.CharField("地方", max_length=32)
    numerator = models.BigIntegerField("分子")
    denominator = models.BigIntegerField("分母", null=True)

    class Meta:
        verbose_name = "填报数"
        constraints = [
            models.UniqueConstraint(fields=["target", "place", "as_of"], condition=~Q(state="returned"), name="one_standing_figure_per_day"),
        ]
        indexes = [models.Index(fields=["target", "place", "-as_of"])]

    def __str__(self) -> str:
        return f"{self.target} {self.as_of}"


class Evidence(models.Model):
    """What shows that a milestone was reached or a figure is right: a sealed file, or the name of something that can be looked up."""

    class Kind(models.TextChoices):
        FILE = "file", "文件"
        CASE = "case", "办件"
        ALERT = "alert", "预警"
        BATCH = "batch", "数据批次"
        LINK = "link", "网页"

    milestone = models.ForeignKey(MilestoneRecord, null=True, on_delete=models.PROTECT, related_name="evidence")
    figure = models.ForeignKey(ReportedFigure, null=True, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField("种类", max_length=8, choices=Kind.choices)
    title = models.CharField("名称", max_length=128)
    reference = models.CharField("编号或网址", max_length=512, blank=True)
    media_type = models.CharField("格式", max_length=64, blank=True)
    size = models.PositiveIntegerField("字节数", default=0)
    sha256 = models.CharField("指纹", max_length=64, blank=True)
    added_on = models.DateField("业务日期")
    added_by = models.CharField("上传人", max_length=80)

    class Meta:
        verbose_name = "佐证"
        constraints = [
            models.CheckConstraint(
                condition=Q(milestone__isnull=True, figure__isnull=False) | Q(milestone__isnull=False, figure__isnull=True),
                name="evidence_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class SubTask(models.Model):
    """A piece of an item's work, given to an office or a person."""

    item = models.ForeignKey(PlanItem, on_delete=models.PROTECT, related_name="tasks")
    title = models.CharField("任务", max_length=128)
    office = models.ForeignKey(Office, null=True, on_delete=models.PROTECT, related_name="tasks", verbose_name="责任处室")
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="plan_tasks", verbose_name="责任人")
    due_on = models.DateField("期限")
    done_on = models.DateField("完成日期", null=True)
    created_on = models.DateField("布置日期")
    created_by = models.CharField("布置人", max_length=80)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = "子任务"
        ordering = ["done_on", "due_on", "id"]

    def __str__(self) -> str:
        return self.title


class Remark(models.Model):
    """A word in an item's discussion. Never changed."""

    item = models.ForeignKey(PlanItem, on_delete=models.PROTECT, related_name="remarks")
    text = models.TextField("内容")
    by = models.CharField("发言人", max_length=80)
    on = models.DateField("业务日期")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "讨论"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.by} {self.on}"


class TargetSetting(models.Model):
    """Which reading of a target holds from a day on, and why."""

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="settings")
    reading = models.CharField("口径", max_length=32)
    valid_from = models.DateField("自")
    reason = models.CharField("理由", max_length=256)
    by = models.CharField("操作人", max_length=80)
    on = models.DateField("业务日期")

    class Meta:
        verbose_name = "口径选择"
        ordering = ["valid_from", "id"]

    def __str__(self) -> str:
        return f"{self.target.code} {self.reading} {self.valid_from}"


class Reminder(models.Model):
    """That an owner was told of something late, or due soon: once for each date."""

    class Kind(models.TextChoices):
        SOON = "soon", "即将到期"
        LATE = "late", "已逾期"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="plan_reminders")
    item = models.ForeignKey(PlanItem, on_delete=models.CASCADE, related_name="reminders")
    subject = models.CharField("对象", max_length=80)  # 'milestone:12', 'task:3'
    title = models.CharField("内容", max_length=128)
    kind = models.CharField("种类", max_length=8, choices=Kind.choices)
    due_on = models.DateField("期限")
    told_on = models.DateField("提醒日期")

    class Meta:
        verbose_name = "督办提醒"
        constraints = [models.UniqueConstraint(fields=["user", "subject", "kind", "due_on"], name="told_once")]

    def __str__(self) -> str:
        return f"{self.title} {self.due_on}"


# The rooms inside this one keep their models beside their verbs.
from minzheng.kernel.indicators.reports.models import Report as Report  # noqa: E402
from minzheng.kernel.indicators.statistics.models import StatisticTable as StatisticTable  # noqa: E402
