"""Accounts, transfers, closed months; batches of payments, their lines, and the files that went out and came back.

A transfer is one row: an amount that leaves one account (credit) and reaches another (debit). So both sides are equal
by construction, and the books sum to zero whatever is done. Accounts hold no balance: it is the sum of transfers, and
writers never wait for each other. The database refuses to change or delete what is booked (migration 0002).
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from minzheng.kernel.foundation.fields import EncryptedTextField


class Account(models.Model):
    """Where money can stand. Money flows 财政拨入 → 资金 → 应付 → 渠道在途 → 已付, and back; `code` names kind and parts."""

    scope_field = "division_code"

    class Kind(models.TextChoices):
        APPROPRIATION = "appropriation", "财政拨入"
        FUND = "fund", "专项资金"
        PAYABLE = "payable", "应付待遇"
        CLEARING = "clearing", "渠道在途"
        PAID = "paid", "已付待遇"
        RECEIVABLE = "receivable", "应追回"
        WRITTEN_OFF = "written_off", "已核销"

    code = models.CharField("科目", max_length=200, unique=True)
    kind = models.CharField("种类", max_length=16, choices=Kind.choices)
    level = models.CharField("财政级次", max_length=16, blank=True)
    purse = models.CharField("资金科目", max_length=64, blank=True)
    programme = models.CharField("待遇", max_length=48, blank=True)
    channel = models.CharField("渠道", max_length=32, blank=True)
    district = models.CharField("板块", max_length=32)
    division_code = models.CharField("板块代码", max_length=12)

    class Meta:
        verbose_name = "账户"

    def __str__(self) -> str:
        return self.code


class PaymentBatch(models.Model):
    """The payments of one programme for one month, prepared by one person and approved by another."""

    scope_field = "division_code"

    class State(models.TextChoices):
        DRAFT = "draft", "待复核"
        APPROVED = "approved", "已复核"
        SENT = "sent", "已发出"
        CANCELLED = "cancelled", "已撤销"

    key = models.CharField("幂等键", max_length=96, unique=True)
    title = models.CharField("名称", max_length=128)
    programme = models.CharField("待遇", max_length=48)
    purse = models.CharField("资金科目", max_length=64)
    month = models.DateField("所属月份")
    division_code = models.CharField("范围", max_length=12)
    shares = models.JSONField("各级负担比例")  # district ('' = all others) → level → hundredths of a percent
    lines = models.PositiveIntegerField("笔数")
    amount_fen = models.BigIntegerField("金额(分)")
    content_sha256 = models.CharField("明细指纹", max_length=64)
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField("版本", default=1)
    created_on = models.DateField("编制日期")
    created_by = models.CharField("编制人", max_length=80)
    approved_on = models.DateField("复核日期", null=True)
    approved_by = models.CharField("复核人", max_length=80, blank=True)

    class Meta:
        verbose_name = "发放批次"
        indexes = [models.Index(fields=["-month", "programme"])]

    def __str__(self) -> str:
        return self.title


class ChannelFile(models.Model):
    """A file that went out to a channel: written once, sealed, under the fingerprint of its plain content."""

    scope_field = "batch__division_code"

    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, related_name="files")
    channel = models.CharField("渠道", max_length=32)
    number = models.CharField("文件号", max_length=32, unique=True)
    file_name = models.CharField("文件名", max_length=96)
    sha256 = models.CharField("指纹", max_length=64, unique=True)
    size = models.PositiveIntegerField("字节数")
    lines = models.PositiveIntegerField("笔数")
    amount_fen = models.BigIntegerField("金额(分)")
    sent_on = models.DateField("发出日期")
    sent_by = models.CharField("发出人", max_length=80)

    class Meta:
        verbose_name = "渠道文件"

    def __str__(self) -> str:
        return self.file_name


class ReturnFile(models.Model):
    """A file in which a channel said what became of lines; taken in as a whole or not at all."""

    scope_field = "file__batch__division_code"

    file = models.ForeignKey(ChannelFile, on_delete=models.PROTECT, related_name="returns")
    file_name = models.CharField("文件名", max_length=96)
    sha256 = models.CharField("指纹", max_length=64, unique=True)
    lines = models.PositiveIntegerField("笔数")
    paid = models.PositiveIntegerField("成功")
    returned = models.PositiveIntegerField("退回")
    taken_on = models.DateField("入账日期")
    taken_by = models.CharField("操作人", max_length=80)

    class Meta:
        verbose_name = "回盘文件"

    def __str__(self) -> str:
        return self.file_name


class PaymentLine(models.Model):
    """One payment to one person. `attempt` counts how often it was sent; `file` is the last it went out with."""

    scope_field = "division_code"
    data_classes = {"payee_name": "L3", "account": "L3"}

    class State(models.TextChoices):
        PLANNED = "planned", "待发"
        SENT = "sent", "在途"
        PAID = "paid", "已付"
        RETURNED = "returned", "退回"
        RETRIED = "retried", "待重发"
        PARKED = "parked", "暂缓"
        CANCELLED = "cancelled", "撤销"

    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, related_name="payments", db_index=False)
    person_key = models.BigIntegerField("人员标识")
    division_code = models.CharField("村社区代码", max_length=12)
    district = models.CharField("板块", max_length=32)
    programme = models.CharField("待遇", max_length=48)
    month = models.DateField("所属月份")
    purpose = models.CharField("事项", max_length=48, default="regular")
    amount_fen = models.BigIntegerField("金额(分)")
    channel = models.CharField("渠道", max_length=32)
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.PLANNED)
    reason = models.CharField("原因", max_length=24, blank=True)
    attempt = models.PositiveSmallIntegerField("发送次数", default=0)
    payee_name = EncryptedTextField("收款人", blank=True)
    account = EncryptedTextField("收款账户", blank=True)
    file = models.ForeignKey(ChannelFile, on_delete=models.PROTECT, null=True, related_name="payments", db_index=False)
    changed_on = models.DateField("变动日期")

    class Meta:
        verbose_name = "发放明细"
        constraints = [
            # Nobody is paid twice for the same thing and month, whatever batch it stands in.
            models.UniqueConstraint(
                fields=["person_key", "programme", "month", "purpose"], condition=~Q(state="cancelled"), name="paid_once"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="line_is_positive"),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "sent", "paid", "returned", "retried", "parked", "cancelled"]),
                name="line_state_is_lawful",
            ),
        ]
        indexes = [models.Index(fields=["batch", "state", "division_code"])]

    def __str__(self) -> str:
        return f"发放明细 {self.pk}"


class Transfer(models.Model):
    """An amount from one account (credit) to another (debit) on a day. Append-only; `key` makes a repetition harmless."""

    scope_field = "debit__division_code"

    class Kind(models.TextChoices):
        FUNDING = "funding", "拨入"
        ACCRUAL = "accrual", "计提"
        RELEASE = "release", "退还计提"
        SENDING = "sending", "发出"
        PAYMENT = "payment", "付讫"
        RETURN = "return", "退回"
        RECOVERY = "recovery", "立追回"
        REPAYMENT = "repayment", "退缴"
        WRITE_OFF = "write_off", "核销"

    key = models.CharField("幂等键", max_length=96, unique=True)
    kind = models.CharField("种类", max_length=16, choices=Kind.choices)
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="debits", db_index=False)
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="credits", db_index=False)
    amount_fen = models.BigIntegerField("金额(分)")
    on = models.DateField("记账日期")
    # Without a constraint in the database: a batch and its lines are never deleted, and checking 300,000 rows costs seconds.
    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, null=True, db_constraint=False, db_index=False)
    line = models.ForeignKey(PaymentLine, on_delete=models.PROTECT, null=True, db_constraint=False, db_index=False)
    memo = models.CharField("摘要", max_length=128, blank=True)

    class Meta:
        verbose_name = "转账"
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="transfer_is_positive"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_has_two_sides"),
        ]
        indexes = [
            models.Index(fields=["on"]),
            models.Index(fields=["line"], condition=Q(line__isnull=False), name="transfers_of_a_line"),
            models.Index(fields=["batch"], condition=Q(kind__in=["accrual", "release"]), name="funding_of_a_batch"),
        ]

    def __str__(self) -> str:
        return self.key


class WriteOff(models.Model):
    """A claim that somebody proposes to give up, and what another decided about it."""

    scope_field = "line__division_code"

    class State(models.TextChoices):
        PROPOSED = "proposed", "待决定"
        CONFIRMED = "confirmed", "已核销"
        REJECTED = "rejected", "不同意"

    line = models.ForeignKey(PaymentLine, on_delete=models.PROTECT, related_name="write_offs")
    amount_fen = models.BigIntegerField("金额(分)")
    reason = models.CharField("原因", max_length=256)
    state = models.CharField("状态", max_length=16, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.CharField("提出人", max_length=80)
    proposed_on = models.DateField("提出日期")
    decided_by = models.CharField("决定人", max_length=80, blank=True)
    decided_on = models.DateField("决定日期", null=True)
    note = models.CharField("意见", max_length=256, blank=True)

    class Meta:
        verbose_name = "追回核销"
        constraints = [
            models.UniqueConstraint(fields=["line"], condition=Q(state="proposed"), name="one_open_write_off_per_line"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="write_off_is_positive"),
        ]

    def __str__(self) -> str:
        return f"核销 {self.pk}"


class MonthClose(models.Model):
    """A month whose books are closed: nothing more is booked in it, its statement stands."""

    month = models.DateField("月份", unique=True)
    statement = models.JSONField("月结表")
    sha256 = models.CharField("指纹", max_length=64)
    closed_on = models.DateField("结账日期")
    closed_by = models.CharField("结账人", max_length=80)

    class Meta:
        verbose_name = "月结"

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class ClosingBalance(models.Model):
    """What stood on an account at the end of a closed month: from there later balances are reckoned."""

    scope_field = "account__division_code"

    month = models.ForeignKey(MonthClose, on_delete=models.PROTECT, related_name="balances")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="closings")
    balance_fen = models.BigIntegerField("余额(分)")

    class Meta:
        verbose_name = "月末余额"
        constraints = [models.UniqueConstraint(fields=["month", "account"], name="one_closing_per_account")]

    def __str__(self) -> str:
        return f"{self.account} {self.month}"
