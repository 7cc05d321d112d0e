"""What is kept to find people. Names in plain are not among it: docs/adr/0004-search.md says what is, and why."""

from __future__ import annotations

from django.db import models


class NameReading(models.Model):
    """One reading of a known person's name, with what else narrows a search. County and town stand apart from the
    division code, so that a scope and a beginning of a name lie in one index. Texts compare by their bytes on every
    database (migration 0007), so that a beginning is a range."""

    scope_field = "division_code"
    data_classes = {"pinyin": "L3", "initials": "L2"}

    person = models.ForeignKey("registry.Person", on_delete=models.CASCADE, related_name="readings")
    division_code = models.CharField("村社区代码", max_length=12)
    county = models.CharField("区县", max_length=6)
    town = models.CharField("镇街", max_length=9)
    pinyin = models.CharField("拼音", max_length=48)
    initials = models.CharField("首字母", max_length=16)
    name_index = models.CharField("姓名盲索引", max_length=32)  # of every beginning of the name: blind.beginnings
    tail = models.CharField("证件后四位", max_length=4, blank=True)
    long_tail_index = models.CharField("证件后六位盲索引", max_length=32, blank=True)
    birth_year = models.PositiveSmallIntegerField("出生年", null=True)

    class Meta:
        verbose_name = "姓名检索"
        indexes = [
            models.Index(fields=["county", "pinyin", "birth_year"]),
            models.Index(fields=["town", "pinyin", "birth_year"]),
            models.Index(fields=["county", "initials", "birth_year"]),
            models.Index(fields=["town", "initials", "birth_year"]),
            models.Index(fields=["county", "name_index", "birth_year"]),
            models.Index(fields=["town", "name_index", "birth_year"]),
            models.Index(fields=["tail", "county", "town"]),
            models.Index(fields=["long_tail_index"]),
        ]

    def __str__(self) -> str:
        return f"读音 {self.pk}"


class Pinyin(models.Model):
    """A pinyin that some known person's name has. Never removed: it names nobody."""

    text = models.CharField("拼音", max_length=48, unique=True)

    class Meta:
        verbose_name = "拼音"

    def __str__(self) -> str:
        return self.text


class PinyinDeletion(models.Model):
    """A pinyin with at most one letter left out, as a number: two pinyins one edit apart share one of these."""

    mark = models.BigIntegerField("散列")
    pinyin = models.ForeignKey(Pinyin, on_delete=models.CASCADE, related_name="deletions")

    class Meta:
        verbose_name = "拼音纠错"
        indexes = [models.Index(fields=["mark", "pinyin"])]

    def __str__(self) -> str:
        return f"{self.mark}"


class HouseholdRoad(models.Model):
    """The road, estate or group of a household's address, without house numbers."""

    scope_field = "division_code"
    data_classes = {"road": "L2"}

    household = models.OneToOneField("registry.Household", on_delete=models.CASCADE, related_name="road")
    division_code = models.CharField("村社区代码", max_length=12)
    county = models.CharField("区县", max_length=6)
    town = models.CharField("镇街", max_length=9)
    road = models.CharField("路名或小区", max_length=32)

    class Meta:
        verbose_name = "住址检索"
        indexes = [models.Index(fields=["county", "road"]), models.Index(fields=["town", "road"])]

    def __str__(self) -> str:
        return f"住址 {self.pk}"
