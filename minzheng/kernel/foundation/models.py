"""What every room stands on: users and their jurisdiction, the audit chain, the calendar, runs of rounds."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class UserManager(BaseUserManager["User"]):
    """Finds users by login name; users are made by `actions.create_user`."""

    use_in_migrations = True


class User(AbstractBaseUser):
    """An official, grid worker or administrator. What one may do is the role's (roles.yaml);
    where one may do it are the jurisdictions."""

    username = models.CharField("登录名", max_length=64, unique=True)
    full_name = models.CharField("姓名", max_length=64)
    role = models.CharField("角色", max_length=32)
    is_active = models.BooleanField("在用", default=True)
    must_change_password = models.BooleanField("须修改初始密码", default=False)
    version = models.PositiveIntegerField("版本", default=1)

    objects = UserManager()
    USERNAME_FIELD = "username"

    class Meta:
        verbose_name = "用户"

    def __str__(self) -> str:
        return f"{self.full_name}({self.username})"


class Jurisdiction(models.Model):
    """One range of 12-digit division codes [low, high) in which a user may act."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="jurisdictions")
    low = models.CharField("起始代码", max_length=12)
    high = models.CharField("终止代码(不含)", max_length=13)
    label = models.CharField("辖区", max_length=64)

    class Meta:
        verbose_name = "辖区"
        constraints = [
            models.CheckConstraint(condition=models.Q(low__lt=models.F("high")), name="jurisdiction_not_empty"),
        ]

    def __str__(self) -> str:
        return self.label


class AuditEntry(models.Model):
    """One act or one reading of a personal file. Append-only; each entry carries the hash of the one before."""

    at = models.DateTimeField("时间")
    business_date = models.DateField("业务日期")
    actor = models.CharField("操作人", max_length=80)
    verb = models.CharField("动作", max_length=64)
    subject = models.CharField("对象", max_length=128)
    reason = models.TextField("事由", blank=True)
    details = models.JSONField("详情", default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = "审计记录"
        indexes = [models.Index(fields=["subject", "-at"]), models.Index(fields=["actor", "-at"])]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.actor} {self.verb} {self.subject}"


class CalendarDay(models.Model):
    """One day of the official calendar: whether it is worked, and the holiday or make-up day it belongs to."""

    day = models.DateField("日期", primary_key=True)
    working = models.BooleanField("工作日")
    note = models.CharField("说明", max_length=32, blank=True)

    class Meta:
        verbose_name = "工作日历"

    def __str__(self) -> str:
        return f"{self.day} {'工作日' if self.working else '休息日'}"


class RoundRun(models.Model):
    """One night's round for one business date; restarted after a kill, never twice at once."""

    class Status(models.TextChoices):
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "失败"

    round_name = models.CharField(max_length=32)
    as_of = models.DateField("业务日期")
    status = models.CharField("状态", max_length=16, choices=Status.choices, default=Status.RUNNING)
    started_at = models.DateTimeField("开始")
    finished_at = models.DateTimeField("结束", null=True)
    # Of a failed run: the step and the reason, without anything about people.
    error = models.CharField("失败原因", max_length=512, blank=True)

    class Meta:
        verbose_name = "批处理"
        indexes = [models.Index(fields=["round_name", "-as_of"])]

    def __str__(self) -> str:
        return f"{self.round_name} {self.as_of}"


class RoundStep(models.Model):
    """One finished step of a round: what went in, what came out, how long it took."""

    run = models.ForeignKey(RoundRun, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    name = models.CharField("步骤", max_length=64)
    title = models.CharField("名称", max_length=64)
    rows_in = models.BigIntegerField("读入行数")
    rows_out = models.BigIntegerField("产出行数")
    seconds = models.FloatField("用时(秒)")
    details = models.JSONField(default=dict)
    finished_at = models.DateTimeField()

    class Meta:
        verbose_name = "批处理步骤"
        ordering = ["run", "position"]
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="one_record_per_step")]

    def __str__(self) -> str:
        return f"{self.run} {self.name}"


class Notification(models.Model):
    """Something that a user should hear of: work handed over, a delivery that is late, a round that failed.

    `subject` ('alert:12') lets a portal link to it; title and text hold no personal data beyond what lists show.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField("种类", max_length=32)
    title = models.CharField("标题", max_length=128)
    text = models.CharField("内容", max_length=256, blank=True)
    subject = models.CharField("对象", max_length=128, blank=True)
    on = models.DateField("业务日期")
    at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读时间", null=True)

    class Meta:
        verbose_name = "通知"
        indexes = [models.Index(fields=["user", "read_at", "-id"])]

    def __str__(self) -> str:
        return self.title


class SavedView(models.Model):
    """How a user likes to see a register: filters, order and columns under a name. Never holds rows."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    register = models.CharField("台账", max_length=48)
    name = models.CharField("名称", max_length=32)
    query = models.CharField("条件", max_length=1024, blank=True)
    columns = models.JSONField("列", default=list)

    class Meta:
        verbose_name = "常用视图"
        constraints = [models.UniqueConstraint(fields=["user", "register", "name"], name="one_view_per_name")]

    def __str__(self) -> str:
        return self.name


class Job(models.Model):
    """A piece of long work that somebody asked for: a file to take in, a register to write out. Kept, so that whoever
    asked may leave the page and find it again; `subject` ('batch:…') is what came of it, `message` what is to be said."""

    class State(models.TextChoices):
        WAITING = "waiting", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="jobs", verbose_name="申请人")
    kind = models.CharField("种类", max_length=48)
    title = models.CharField("标题", max_length=255)
    on = models.DateField("业务日期")
    parameters = models.JSONField(default=dict)
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.WAITING)
    done = models.BigIntegerField("已做", default=0)
    total = models.BigIntegerField("共", null=True)
    message = models.TextField("说明", blank=True)
    subject = models.CharField("结果", max_length=128, blank=True)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    asked_at = models.DateTimeField("申请时间")
    started_at = models.DateTimeField("开始", null=True)
    finished_at = models.DateTimeField("结束", null=True)

    class Meta:
        verbose_name = "任务"
        indexes = [
            models.Index(fields=["owner", "-id"]),
            models.Index(fields=["id"], condition=models.Q(state__in=["waiting", "running"]), name="jobs_open"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether something is still to come."""
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def share(self) -> int | None:
        """Percent done; None while nobody knows how much there is."""
        if self.state == self.State.DONE:
            return 100
        return min(99, 100 * self.done // self.total) if self.total else None
