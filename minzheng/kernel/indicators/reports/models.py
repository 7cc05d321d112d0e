"""A report that was made: every figure and word that stands in it, frozen. The database refuses to change or delete it (migration)."""

from __future__ import annotations

from django.db import models


class Report(models.Model):
    """`frozen`: {'figures': …, 'blocks': […]} as reports/gathering.py and composing.py make them; rendering reads nothing else."""

    class Kind(models.TextChoices):
        MONTHLY = "monthly", "月度进展报告"
        YEARLY = "yearly", "年度进展报告"
        DISTRICT = "district", "板块情况简报"

    kind = models.CharField("种类", max_length=12, choices=Kind.choices)
    title = models.CharField("标题", max_length=128)
    number = models.CharField("发文字号", max_length=64, blank=True)
    first = models.DateField("期间起")
    as_of = models.DateField("截至")
    place = models.CharField("地方", max_length=32)
    place_title = models.CharField("地方名称", max_length=64)
    frozen = models.JSONField("固化内容")
    fingerprint = models.CharField("指纹", max_length=64)
    words = models.CharField("文字模板指纹", max_length=64)
    made_on = models.DateField("生成日期")
    made_by = models.CharField("生成人", max_length=80)
    seconds = models.FloatField("用时(秒)", default=0)

    class Meta:
        verbose_name = "进展报告"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["place", "-id"], name="reports_of_a_place")]

    def __str__(self) -> str:
        return self.title
