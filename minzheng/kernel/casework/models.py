"""Cases and what belongs to them. Actions, checks and their evidence are append-only (migration 0002); `Case` caches for lists
what its actions say, rewritten by one function (actions/base.py) in the same transaction."""

from __future__ import annotations

from django.db import models

from minzheng.kernel.casework.verbs import STATES, VERBS
from minzheng.kernel.foundation.fields import EncryptedTextField
from minzheng.kernel.foundation.models import User
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.registry.models import Document, Household, Person


class BundleCase(models.Model):
    """一件事: several cases from one form, seen as one."""

    scope_field = "division_code"
    party_fields = ("applicant__person_key",)

    number = models.CharField("编号", max_length=24, unique=True)
    bundle = models.CharField("套餐", max_length=48)
    applicant = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="bundles")
    division_code = models.CharField("办理地", max_length=12)
    opened_on = models.DateField("开办日期")
    form_token = models.CharField("表单令牌", max_length=64, unique=True)

    class Meta:
        verbose_name = "一件事办件"

    def __str__(self) -> str:
        return self.number


class Case(models.Model):
    """An application or an ex officio matter under one version of a service item. `applicant`: for whom; `applied_by`: by whom.

    `number` cannot be guessed. From `state` on everything is a cache of `queries.standing`.
    """

    scope_field = "division_code"
    party_fields = ("applicant__person_key", "agent__person_key")

    class Channel(models.TextChoices):
        CITIZEN = "citizen", "群众网上申请"
        COUNTER = "counter", "窗口"
        ALERT = "alert", "预警转办"
        VISIT = "visit", "走访转办"
        REVIEW = "review", "复核发起"

    number = models.CharField("办件编号", max_length=24, unique=True)
    item = models.CharField("事项", max_length=48)
    item_version = models.CharField("事项版本", max_length=10)
    applicant = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cases", verbose_name="申请人")
    household = models.ForeignKey(Household, null=True, on_delete=models.PROTECT, related_name="cases", verbose_name="家庭")
    agent = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="cases_as_agent", verbose_name="代办人")
    applied_by = models.CharField("申请方式", max_length=12)
    channel = models.CharField("来源", max_length=12, choices=Channel.choices)
    division_code = models.CharField("办理地", max_length=12)
    bundle = models.ForeignKey(BundleCase, null=True, on_delete=models.PROTECT, related_name="cases")
    alert = models.ForeignKey(Alert, null=True, on_delete=models.PROTECT, related_name="cases")
    follows = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="followed_by")
    opened_on = models.DateField("开办日期")
    form_token = models.CharField("表单令牌", max_length=64, unique=True)

    state = models.CharField("状态", max_length=12, choices=list(STATES.items()), default="draft")
    step = models.CharField("环节", max_length=32, blank=True)
    waiting_for = models.CharField("等待", max_length=12, blank=True)
    due_on = models.DateField("期限", null=True)
    stopped_since = models.DateField("停钟", null=True)
    role = models.CharField("经办角色", max_length=32, blank=True)
    rung = models.PositiveSmallIntegerField("督办层级", default=4)
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="cases", verbose_name="经办人")
    urgent = models.BooleanField("急办", default=False)
    decision = models.CharField("决定", max_length=12, blank=True)
    decided_on = models.DateField("决定日期", null=True)
    recheck_on = models.DateField("复核日期", null=True)
    submitted_on = models.DateField("提交日期", null=True)
    papers_due_on = models.DateField("容缺材料期限", null=True)
    remind_on = models.DateField("复核提醒日期", null=True)
    near_relatives = models.BooleanField("近亲属备案", default=False)
    promises_open = models.PositiveSmallIntegerField("未抽查的承诺", default=0)
    version = models.PositiveIntegerField("版本", default=0)

    class Meta:
        verbose_name = "办件"
        indexes = [
            models.Index(fields=["division_code", "state", "due_on"]),
            models.Index(fields=["state", "waiting_for", "due_on"]),
            models.Index(fields=["item", "state"]),
            models.Index(fields=["owner", "state"]),
            models.Index(fields=["recheck_on"]),
            models.Index(fields=["waiting_for", "due_on"]),
            models.Index(fields=["papers_due_on"]),
            models.Index(fields=["remind_on"]),
        ]

    def __str__(self) -> str:
        return self.number


class CaseAction(models.Model):
    """One thing that was done. `details` holds no personal data; answers, findings, statements lie in `sealed` (JSON, encrypted)."""

    scope_field = "case__division_code"
    party_fields = ("case__applicant__person_key", "case__agent__person_key")
    data_classes = {"sealed": "L3"}

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="actions")
    seq = models.PositiveIntegerField("序号")
    verb = models.CharField("动作", max_length=12, choices=list(VERBS.items()))
    on = models.DateField("业务日期")
    at = models.DateTimeField("时间")
    by = models.CharField("操作人", max_length=80)
    by_title = models.CharField("操作人称谓", max_length=80)
    note = models.CharField("说明", max_length=512, blank=True)
    details = models.JSONField("详情", default=dict)
    sealed = EncryptedTextField("内容", blank=True)
    form_token = models.CharField("表单令牌", max_length=64, null=True, unique=True)  # noqa: DJ001 - unique where there is one

    class Meta:
        verbose_name = "办件经过"
        ordering = ["case", "seq"]
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="one_action_per_place")]
        indexes = [models.Index(fields=["on", "verb"])]

    def __str__(self) -> str:
        return f"{self.case} {self.seq} {self.verb}"


class Authorisation(models.Model):
    """核对授权 of one adult: for which feeds, until when (its last day), how it was signed; revoked by whoever gave it."""

    scope_field = "person__division_code"
    party_fields = ("person__person_key", "case__applicant__person_key", "case__agent__person_key")
    data_classes = {"signature": "L3"}

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="authorisations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="authorisations")
    feeds = models.JSONField("范围", default=list)
    signed_on = models.DateField("签署日期")
    valid_until = models.DateField("有效期至")
    signature = EncryptedTextField("签名", blank=True)
    signed_how = models.CharField("签署方式", max_length=12)
    recorded_by = models.CharField("登记人", max_length=80)
    evidence = models.JSONField("签署证据", default=dict)  # {'phone': masked, 'proved_at': time} where a code to the adult's phone was proved
    revoked_on = models.DateField("撤回日期", null=True)
    revoked_because = models.CharField("撤回原因", max_length=128, blank=True)

    class Meta:
        verbose_name = "核对授权"
        indexes = [models.Index(fields=["person", "valid_until"])]

    def __str__(self) -> str:
        return f"授权 {self.pk}"


class Check(models.Model):
    """One 核对: for which case and purpose, over which feeds, by whom; what it found with the date of each delivery, or why it was
    refused. Evidence: append-only."""

    scope_field = "case__division_code"
    data_classes = {"result": "L3"}

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="checks")
    purpose = models.CharField("目的", max_length=256)
    feeds = models.JSONField("范围", default=list)
    people = models.JSONField("人员", default=list)  # ids of the registry
    run_on = models.DateField("核对日期")
    run_at = models.DateTimeField("时间")
    run_by = models.CharField("操作人", max_length=80)
    refused_because = models.CharField("拒绝原因", max_length=512, blank=True)
    as_of = models.JSONField("数据截至", default=dict)  # feed → [batch, date]
    result = EncryptedTextField("结果", blank=True)  # JSON: people → input → value

    class Meta:
        verbose_name = "信息核对"

    def __str__(self) -> str:
        return f"核对 {self.pk}"


class CasePaper(models.Model):
    """A paper of a case: one that somebody handed in for a material, or one that the office issued (`kind`), which anybody can
    verify by its code. The file lies in the household's file (registry.documents)."""

    scope_field = "case__division_code"
    party_fields = ("case__applicant__person_key", "case__agent__person_key")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="papers")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="case_papers")
    material = models.CharField("材料", max_length=48, blank=True)
    kind = models.CharField("文书", max_length=24, blank=True)
    title = models.CharField("名称", max_length=128)
    code = models.CharField("验证码", max_length=24, null=True, unique=True)  # noqa: DJ001 - unique where there is one
    seq = models.PositiveIntegerField("所属动作", default=0)
    added_on = models.DateField("日期")
    added_by = models.CharField("经办", max_length=80)

    class Meta:
        verbose_name = "办件材料"
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "seq"], condition=~models.Q(kind=""), name="one_paper_per_action"),
            models.UniqueConstraint(fields=["case", "material", "document"], condition=models.Q(kind=""), name="one_copy_per_material"),
        ]

    def __str__(self) -> str:
        return self.title


class Publication(models.Model):
    """A notice as the public sees it: `shown` is masked already. Hangs up to and including `until`."""

    scope_field = "case__division_code"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="publications")
    kind = models.CharField("种类", max_length=12)
    step = models.CharField("环节", max_length=32)
    title = models.CharField("标题", max_length=128)
    division_code = models.CharField("张榜地", max_length=12)
    shown = models.JSONField("内容", default=list)  # [[label, text], …]
    posted_on = models.DateField("张榜日期")
    until = models.DateField("至")
    taken_down_on = models.DateField("撤榜日期", null=True)

    class Meta:
        verbose_name = "公示公布"
        indexes = [models.Index(fields=["taken_down_on", "until"]), models.Index(fields=["division_code"])]

    def __str__(self) -> str:
        return self.title


class Draft(models.Model):
    """A form that a citizen has begun: kept under a token, so that a lost connection loses nothing; deleted when it is sent, and
    `expires_on` the latest."""

    scope_field = "person__division_code"
    party_fields = ("person__person_key", "written_for__person_key")
    data_classes = {"answers": "L3"}

    token = models.CharField("令牌", max_length=64, unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="drafts")  # who writes
    written_for = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="drafts_for_me")
    item = models.CharField("事项", max_length=48)
    answers = EncryptedTextField("内容", blank=True)
    saved_at = models.DateTimeField("保存时间")
    saved_count = models.PositiveIntegerField("次数", default=0)
    expires_on = models.DateField("保留至")

    class Meta:
        verbose_name = "草稿"

    def __str__(self) -> str:
        return f"草稿 {self.pk}"


class Rating(models.Model):
    """How the service was, said once a case by whoever applied."""

    scope_field = "case__division_code"
    party_fields = ("case__applicant__person_key", "case__agent__person_key")
    data_classes = {"comment": "L3"}

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="rating")
    score = models.PositiveSmallIntegerField("评分")
    comment = EncryptedTextField("意见", blank=True)
    rated_on = models.DateField("日期")

    class Meta:
        verbose_name = "评价"
        constraints = [models.CheckConstraint(condition=models.Q(score__gte=1, score__lte=5), name="score_from_1_to_5")]

    def __str__(self) -> str:
        return f"{self.score} 分"


class PromiseDraw(models.Model):
    """A random check of promises: which cases could be drawn, the seed, and which were; anybody can draw again with the seed."""

    scope_field = "division_code"

    division_code = models.CharField("范围", max_length=12)
    seed = models.CharField("种子", max_length=64)
    among = models.JSONField("名单", default=list)  # case numbers in order
    drawn = models.JSONField("抽中", default=list)
    drawn_on = models.DateField("抽查日期")
    drawn_by = models.CharField("抽查人", max_length=80)

    class Meta:
        verbose_name = "承诺抽查"

    def __str__(self) -> str:
        return f"抽查 {self.drawn_on}"
