"""What people received before the first run, as the bureau's own rosters tell it."""

from __future__ import annotations

from django.db import models


class Opening(models.Model):
    """A roster that was taken over as entitlements in force before the first month that is reckoned here. One a roster; until that
    month is approved a newer delivery replaces it. Holds no personal data: the entitlements do."""

    contract = models.CharField("名册", max_length=48, unique=True)
    title = models.CharField("名称", max_length=64)
    month = models.CharField("首次核算的月份", max_length=7)
    as_of = models.DateField("名册截至")
    batches = models.JSONField("数据批次", default=list)
    totals = models.JSONField("合计", default=dict)  # programme → units, fen
    left_out = models.JSONField("未接收", default=dict)  # repeated, no_amount → how many; unknown: taken, but in no register
    taken_on = models.DateField("业务日期")
    taken_at = models.DateTimeField("时间")
    taken_by = models.CharField("操作人", max_length=80)

    class Meta:
        verbose_name = "期初在享"

    def __str__(self) -> str:
        return f"{self.title} {self.month}"
