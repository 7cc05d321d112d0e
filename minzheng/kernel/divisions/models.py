"""Two geographies: the statistical tree (12-digit codes) and the management units laid over it."""

from __future__ import annotations

from django.db import models


class Division(models.Model):
    """A unit of the statistical tree. `code` is always 12 digits, so 'everything below' is a range."""

    class Level(models.IntegerChoices):
        CITY = 2, "市"
        COUNTY = 3, "区县"
        TOWN = 4, "镇街"
        VILLAGE = 5, "村社区"

    class Kind(models.TextChoices):
        CITY = "city", "地级市"
        DISTRICT = "district", "区"
        COUNTY_CITY = "county_city", "县级市"
        STREET = "street", "街道"
        TOWN = "town", "镇"
        TOWNSHIP = "township", "乡"
        PSEUDO_TOWN = "pseudo_town", "类似乡级(统计用)"
        COMMUNITY = "community", "居委会"
        VILLAGE = "village", "村委会"
        PSEUDO_VILLAGE = "pseudo_village", "类似村级(统计用)"

    code = models.CharField("代码", max_length=12)
    name = models.CharField("名称", max_length=64)
    level = models.PositiveSmallIntegerField("层级", choices=Level.choices)
    kind = models.CharField("类别", max_length=16, choices=Kind.choices)
    parent_code = models.CharField("上级代码", max_length=12, blank=True)
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("停用日期(不含)", null=True, blank=True)
    source = models.CharField("来源", max_length=128)

    class Meta:
        verbose_name = "行政区划"
        ordering = ["code", "valid_from"]
        constraints = [models.UniqueConstraint(fields=["code", "valid_from"], name="one_division_per_code_and_date")]
        indexes = [models.Index(fields=["parent_code"]), models.Index(fields=["level", "code"])]

    def __str__(self) -> str:
        return self.name

    @property
    def is_pseudo(self) -> bool:
        """True for units that exist in statistics only and never count as a town or a village."""
        return self.kind in {self.Kind.PSEUDO_TOWN, self.Kind.PSEUDO_VILLAGE}


class ManagementUnit(models.Model):
    """One of the seven boards (板块) through which the bureau manages; need not have a GB code of its own."""

    slug = models.SlugField("标识", max_length=32)
    name = models.CharField("名称", max_length=64)
    authority = models.CharField("主管部门", max_length=64)
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("停用日期(不含)", null=True, blank=True)
    source = models.CharField("来源", max_length=128)

    class Meta:
        verbose_name = "管理板块"
        constraints = [models.UniqueConstraint(fields=["slug", "valid_from"], name="one_unit_per_slug_and_date")]

    def __str__(self) -> str:
        return self.name


class ManagementUnitRange(models.Model):
    """A range of division codes [low, high) that a management unit manages; no two units overlap on a date."""

    unit = models.ForeignKey(ManagementUnit, on_delete=models.CASCADE, related_name="ranges")
    low = models.CharField(max_length=12)
    high = models.CharField(max_length=13)

    class Meta:
        verbose_name = "板块范围"
        constraints = [models.CheckConstraint(condition=models.Q(low__lt=models.F("high")), name="unit_range_not_empty")]

    def __str__(self) -> str:
        return f"{self.unit} {self.low}–{self.high}"


class DivisionPoint(models.Model):
    """Where a unit is drawn on a map. Schematic ones are spread inside their county; a city loads surveyed ones."""

    class Status(models.TextChoices):
        SCHEMATIC = "schematic", "示意"
        SURVEYED = "surveyed", "实测"

    code = models.CharField("代码", max_length=12, unique=True)
    longitude = models.FloatField("经度")
    latitude = models.FloatField("纬度")
    status = models.CharField("性质", max_length=12, choices=Status.choices)
    source = models.CharField("来源", max_length=128)

    class Meta:
        verbose_name = "区划位置"

    def __str__(self) -> str:
        return f"{self.code} {self.longitude:.4f},{self.latitude:.4f}"
