"""One delivery of one feed: counts that add up, and where its rows lie."""

from __future__ import annotations

from django.db import models


class Batch(models.Model):
    """A file that was taken in whole. A row here is the commit mark: the lake serves only files of
    batches that stand in this table, so a kill leaves the whole batch or nothing."""

    batch_id = models.CharField("批次号", max_length=80, unique=True)
    contract = models.CharField("数据目录", max_length=48, db_index=True)
    as_of = models.DateField("数据截至")
    file_name = models.CharField("文件名", max_length=255)
    file_sha256 = models.CharField("文件指纹", max_length=64)
    file_bytes = models.BigIntegerField("文件大小(字节)")
    read = models.BigIntegerField("读入")
    accepted = models.BigIntegerField("采纳")
    quarantined = models.BigIntegerField("隔离")
    duplicates = models.BigIntegerField("重复")
    superseding = models.BigIntegerField("更正旧行", default=0)
    warnings = models.JSONField("提醒", default=dict)
    reasons = models.JSONField("隔离原因", default=dict)
    layout = models.JSONField("识别出的格式", default=dict)
    imported_at = models.DateTimeField("入库时间")
    imported_by = models.CharField("操作人", max_length=80)
    seconds = models.FloatField("用时(秒)")
    synthetic = models.BooleanField("合成数据", default=False)
    # The batch whose quarantined rows came back mended in this one.
    corrects = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="corrections", verbose_name="更正的批次"
    )

    # Of a feed that fills a register: what became of its rows there; null until they are carried.
    carried = models.JSONField("登入台账", null=True)

    class Meta:
        verbose_name = "数据批次"
        constraints = [
            models.UniqueConstraint(fields=["contract", "file_sha256"], name="a_file_is_taken_in_once"),
            models.CheckConstraint(
                condition=models.Q(read=models.F("accepted") + models.F("quarantined") + models.F("duplicates")),
                name="batch_counts_add_up",
            ),
        ]
        indexes = [models.Index(fields=["contract", "as_of"])]

    def __str__(self) -> str:
        return self.batch_id
