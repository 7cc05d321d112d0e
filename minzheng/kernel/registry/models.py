"""People, households, organisations and facilities known to the bureau; everything is dated.

Only those whom an alert, a benefit or an application made known are here; the whole population is
in the lake, by pseudonym. `scope_field` names the division code by which the access layer limits
every read; `data_classes` gives the class (L1–L4, facts §10) of each field that is not L2.
"""

from __future__ import annotations

from django.db import models

from minzheng.kernel.foundation.fields import EncryptedTextField

# What lists of people are filtered and sorted by.
FILTERED = ("division_code", "sex", "residence_type", "death_date", "birth_date", "known_since", "updated_as_of", "fact_marks")


class Household(models.Model):
    """A household as the police's register knows it, identified by its pseudonym."""

    scope_field = "division_code"
    data_classes = {"address": "L3"}

    household_key = models.BigIntegerField("户标识", unique=True)
    division_code = models.CharField("村社区代码", max_length=12)
    address = EncryptedTextField("住址", blank=True)
    hukou_local = models.BooleanField("本地户籍", default=True)
    synthetic = models.BooleanField("合成数据", default=False)
    updated_as_of = models.DateField("资料截至")
    fact_marks = models.BigIntegerField("成员事实标记", default=0)  # marks.py

    class Meta:
        verbose_name = "家庭"
        # The orders of the register, each with what its filters ask, so that going along one reads no rows.
        indexes = [
            models.Index(fields=["division_code", "id", "updated_as_of", "hukou_local", "fact_marks"]),
            models.Index(fields=["updated_as_of", "id", "division_code", "hukou_local", "fact_marks"]),
        ]

    def __str__(self) -> str:
        return f"家庭 {self.pk}"


class Person(models.Model):
    """Somebody known to the bureau. `person_key` is the pseudonym of the ID number; people without an
    ID number (abandoned babies, unidentified adults) have a surrogate and no `id_number`."""

    scope_field = "division_code"
    data_classes = {"name": "L3", "id_number": "L3", "phone": "L3", "birth_date": "L3"}

    class Sex(models.TextChoices):
        MALE = "1", "男"
        FEMALE = "2", "女"
        UNKNOWN = "9", "未说明"

    person_key = models.BigIntegerField("人员标识", unique=True)
    name = EncryptedTextField("姓名")
    id_number = EncryptedTextField("公民身份号码", blank=True)
    id_number_index = models.CharField("证件盲索引", max_length=32, blank=True, db_index=True)
    phone = EncryptedTextField("联系电话", blank=True)
    sex = models.CharField("性别", max_length=1, choices=Sex.choices)
    birth_date = models.DateField("出生日期", null=True)
    death_date = models.DateField("死亡日期", null=True)
    division_code = models.CharField("村社区代码", max_length=12)
    residence_type = models.CharField("人口类型", max_length=16, default="hukou")
    known_since = models.DateField("知悉日期")
    known_because = models.CharField("知悉缘由", max_length=128)
    synthetic = models.BooleanField("合成数据", default=False)
    updated_as_of = models.DateField("资料截至")
    fact_marks = models.BigIntegerField("事实标记", default=0)  # marks.py

    class Meta:
        verbose_name = "人员"
        # The orders of the register, each with what its filters ask, so that going along one reads no rows; and the
        # few who are dead or of a rare kind.
        indexes = [
            *(
                models.Index(fields=[order, "id", *(name for name in FILTERED if name != order)])
                for order in ("division_code", "birth_date", "known_since", "updated_as_of")
            ),
            models.Index(fields=["residence_type", "division_code"]),
            models.Index(
                fields=["death_date", "id", *(name for name in FILTERED if name != "death_date")],
                condition=models.Q(death_date__isnull=False), name="registry_dead",
            ),
        ]

    def __str__(self) -> str:
        return f"人员 {self.pk}"


class Membership(models.Model):
    """A person's place in a household from one date to another (exclusive)."""

    scope_field = "household__division_code"

    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="memberships", db_index=False)  # the index below
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    relation = models.CharField("与户主关系", max_length=16)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至(不含)", null=True)

    class Meta:
        verbose_name = "家庭成员"
        # Who lives in a household today, from an index alone: asked of thousands of households for one filter.
        indexes = [models.Index(fields=["household", "valid_to", "person"])]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(valid_to__isnull=True), name="one_current_household_per_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} ∈ {self.household}"


class Organisation(models.Model):
    """A body with a unified social credit code, or one that the bureau keeps under its own number."""

    scope_field = "division_code"

    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True, db_index=True)
    name = models.CharField("名称", max_length=128)
    kind = models.CharField("类别", max_length=32)
    division_code = models.CharField("所在区划", max_length=12, db_index=True)
    contact_phone = models.CharField("联系电话", max_length=32, blank=True)
    valid_from = models.DateField("成立日期")
    valid_to = models.DateField("注销日期(不含)", null=True, blank=True)
    synthetic = models.BooleanField("合成数据", default=False)
    source_batch = models.CharField("来源批次", max_length=80, blank=True)
    updated_as_of = models.DateField("资料截至", null=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = "组织"
        indexes = [models.Index(fields=["name"]), models.Index(fields=["kind"]), models.Index(fields=["valid_from"])]
        constraints = [
            models.UniqueConstraint(
                fields=["uscc"],
                condition=models.Q(valid_to__isnull=True) & ~models.Q(uscc=""),
                name="one_live_organisation_per_uscc",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Facility(models.Model):
    """A place where a service is given, run by an organisation."""

    scope_field = "division_code"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="facilities")
    name = models.CharField("名称", max_length=128)
    kind = models.CharField("类别", max_length=32)
    division_code = models.CharField("所在区划", max_length=12, db_index=True)
    address = models.CharField("地址", max_length=256, blank=True)
    capacity = models.PositiveIntegerField("床位或席位", null=True, blank=True)
    longitude = models.FloatField("经度", null=True, blank=True)
    latitude = models.FloatField("纬度", null=True, blank=True)
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("停用日期(不含)", null=True, blank=True)
    synthetic = models.BooleanField("合成数据", default=False)
    source_batch = models.CharField("来源批次", max_length=80, blank=True)
    updated_as_of = models.DateField("资料截至", null=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = "设施"
        indexes = [models.Index(fields=["name"]), models.Index(fields=["kind"]), models.Index(fields=["capacity"])]

    def __str__(self) -> str:
        return self.name


class DeliveredChange(models.Model):
    """What a delivery changed of an organisation or facility. The audit has one entry for the whole batch; the history of
    a record is told from here."""

    scope_field = "division_code"

    record = models.CharField("记录", max_length=32, db_index=True)  # as the audit names it: 'organisation:12'
    division_code = models.CharField("所在区划", max_length=12)
    source_batch = models.CharField("来源批次", max_length=80)
    on = models.DateField("业务日期")
    at = models.DateTimeField("时间")
    by = models.CharField("操作人", max_length=80)
    before = models.JSONField("原为", default=dict)  # empty for a new record
    after = models.JSONField("现为", default=dict)

    class Meta:
        verbose_name = "导入的变更"

    def __str__(self) -> str:
        return f"{self.record} {self.source_batch}"


class Fact(models.Model):
    """Something known about a person from one date to another: 低保 status, disability grade, pension…

    Packs meet only here: one writes the fact, others read it.
    """

    scope_field = "person__division_code"
    data_classes = {"value": "L3"}

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="facts", db_index=False)  # the indexes below
    kind = models.CharField("种类", max_length=32)
    value = models.CharField("值", max_length=64)
    amount_fen = models.BigIntegerField("金额(分)", null=True)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至(不含)", null=True)
    source = models.CharField("来源", max_length=64)
    source_batch = models.CharField("来源批次", max_length=80, blank=True)
    recorded_as_of = models.DateField("记录日期")

    class Meta:
        verbose_name = "事实"
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "value", "valid_from"], name="one_fact_per_start"),
        ]
        indexes = [
            models.Index(fields=["kind", "value"]),
            # Who holds it today, and what somebody holds today, from an index alone. SQLite needs both: given the first
            # only, it goes through all holders to ask whether one person is among them.
            models.Index(fields=["kind", "valid_to", "valid_from", "person"]),
            models.Index(fields=["person", "kind", "valid_to", "valid_from"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind}={self.value}"


class LifeEvent(models.Model):
    """Something that happened to a known person: death, turning 80, move, accident, bill…"""

    scope_field = "person__division_code"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="life_events")
    kind = models.CharField("事件", max_length=32)
    occurred_on = models.DateField("发生日期")
    source = models.CharField("来源", max_length=64)
    source_batch = models.CharField("来源批次", max_length=80, blank=True)
    recorded_as_of = models.DateField("记录日期")

    class Meta:
        verbose_name = "人生事件"
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "occurred_on"], name="one_life_event_per_day"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.occurred_on}"


class Document(models.Model):
    """A paper in a household's file: a scan or photograph. The file itself lies sealed in the deployment's folder,
    under `sha256` of its plain content."""

    scope_field = "household__division_code"
    data_classes = {"title": "L3"}

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="documents")
    title = models.CharField("名称", max_length=128)
    kind = models.CharField("种类", max_length=32)
    media_type = models.CharField("格式", max_length=64)
    size = models.PositiveIntegerField("字节数")
    sha256 = models.CharField("指纹", max_length=64)
    added_on = models.DateField("业务日期")
    added_at = models.DateTimeField("上传时间")
    added_by = models.CharField("上传人", max_length=80)
    withdrawn_at = models.DateTimeField("撤下时间", null=True)
    withdrawn_because = models.CharField("撤下原因", max_length=128, blank=True)

    class Meta:
        verbose_name = "材料"
        constraints = [
            models.UniqueConstraint(
                fields=["household", "sha256"], condition=models.Q(withdrawn_at__isnull=True), name="one_live_copy_per_household"
            ),
        ]

    def __str__(self) -> str:
        return f"材料 {self.pk}"


from minzheng.kernel.registry.search.tables import (  # noqa: E402 - Django looks for a room's tables here
    HouseholdRoad,
    NameReading,
    Pinyin,
    PinyinDeletion,
)

__all__ = [
    "DeliveredChange", "Document", "Fact", "Facility", "Household", "HouseholdRoad", "LifeEvent", "Membership", "NameReading", "Organisation",
    "Person", "Pinyin", "PinyinDeletion",
]  # fmt: skip
