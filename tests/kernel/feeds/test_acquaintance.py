"""From pseudonyms in the lake to people, households and facts in the registry."""

from __future__ import annotations

from datetime import date
from typing import Any

from minzheng.kernel.feeds import lake
from minzheng.kernel.feeds.acquaintance import make_known, refresh_known
from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.identifiers import make_id
from minzheng.kernel.foundation.keys import pseudonymiser
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.registry.models import Fact, Household, LifeEvent, Membership, Person

ME = Actor.system("test")
AS_OF = date(2024, 6, 3)
IDS = [make_id("320412", date(1950 + 10 * n, 5, 1), 901 + n) for n in range(5)]
VILLAGE = "320412100002"


def city(take: Any) -> list[int]:
    """A household of three, one person alone in the household register, one not in it at all."""
    people = "".join(f"{i},王{'甲乙丙丁戊'[n]}兰,户籍,{VILLAGE},湖塘镇人民路{n}号,1390000000{n},合成\n" for n, i in enumerate(IDS))
    take("population", "身份证号,姓名,人口类型,村社区代码,居住地址,电话,合成标记\n" + people, name="p.csv")
    homes = [("H1", 0, "户主"), ("H1", 1, "配偶"), ("H1", 2, "子"), ("H2", 3, "户主")]
    rows = "".join(f"{home},{IDS[n]},{relation},{VILLAGE}\n" for home, n, relation in homes)
    take("households", "户号,身份证号,与户主关系,村社区代码\n" + rows, name="h.csv")
    return [pseudonymiser().of(i) for i in IDS]


def test_an_alert_makes_the_whole_household_known(take: Any) -> None:
    keys = city(take)
    known = make_known([keys[1]], ME, "预警:大额医疗", AS_OF)
    assert set(known) == set(keys[:3])
    home = Household.objects.get()
    assert home.address == "湖塘镇人民路0号", "the head's address"
    relations = Membership.objects.order_by("person__birth_date").values_list("person__name", "relation")
    assert list(relations) == [("王甲兰", "head"), ("王乙兰", "spouse"), ("王丙兰", "child")]
    assert all(person.synthetic and person.id_number in IDS for person in Person.objects.all())
    opened = AuditEntry.objects.filter(verb="identity.open")
    assert opened.count() == 3 and {entry.reason for entry in opened} == {"预警:大额医疗"}


def test_again_changes_nothing_and_opens_nobody(take: Any) -> None:
    keys = city(take)
    first = make_known(keys, ME, "预警", AS_OF)
    before = AuditEntry.objects.count(), Person.objects.count(), Household.objects.count()
    assert make_known(keys, ME, "预警", AS_OF) == first
    assert (AuditEntry.objects.count(), Person.objects.count(), Household.objects.count()) == before
    assert before[1:] == (5, 3), "who is in no household is one alone"
    assert audit.verify() is None


def test_unknown_pseudonyms_are_left_out(take: Any) -> None:
    city(take)
    assert make_known([12345], ME, "预警", AS_OF) == {}


def test_facts_and_deaths_come_with_the_night(take: Any) -> None:
    keys = city(take)
    make_known([keys[0]], ME, "预警", AS_OF)
    take("disability_certificates", f"残疾人证号,残疾类别,残疾等级,发证日期,有效期至\n{IDS[1]}42,肢体,二级,2020-01-01,2030-01-01\n", name="d.csv")
    take("deaths", f"身份证号,死亡日期,数据来源\n{IDS[0]},2024-05-20,公安\n{IDS[0]},2024-05-19,殡葬\n", name="x.csv")
    counts = refresh_known(AS_OF, lambda _done, _total: None)
    assert counts.rows_in == 3
    fact = Fact.objects.get()
    assert (fact.kind, fact.value, fact.valid_from, fact.valid_to) == ("disability", "4-2", date(2020, 1, 1), date(2030, 1, 2))
    assert fact.source_batch == lake.batches("disability_certificates")[0].batch_id
    assert Person.objects.get(person_key=keys[0]).death_date == date(2024, 5, 19), "the earliest report counts"
    assert LifeEvent.objects.get().kind == "death"
    refresh_known(AS_OF, lambda _done, _total: None)
    assert (Fact.objects.count(), LifeEvent.objects.count()) == (1, 1)
