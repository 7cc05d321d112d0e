"""The index in step with the people: whoever writes them writes it, a rebuild goes on after a kill, the night heals."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from minzheng.kernel.foundation.access import Actor, Forbidden, roles
from minzheng.kernel.foundation.encryption import decrypt
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.registry.actions import HouseholdData, PersonData, upsert_households, upsert_people
from minzheng.kernel.registry.models import HouseholdRoad, NameReading, Person, Pinyin
from minzheng.kernel.registry.room import ROOM
from minzheng.kernel.registry.search import actions
from minzheng.kernel.registry.search.actions import heal, index_people, rebuild
from minzheng.kernel.registry.search.blind import beginnings, long_tail
from minzheng.kernel.registry.search.queries import missing, search
from minzheng.kernel.registry.search.rows import similar

DAY = date(2024, 6, 3)
BY = Actor.system("测试")
HERE, THERE = "320412100002", "320402002001"


def person(key: int, name: str, place: str = HERE, number: str = "") -> PersonData:
    return PersonData(key, name, number, "", "2", date(1950, 3, 8), place, "hukou", True)


def put(*people: PersonData) -> None:
    upsert_people(people=list(people), as_of=DAY, because="测试", by=BY)


def rows() -> list[tuple[Any, ...]]:
    fields = ("person__person_key", "pinyin", "initials", "name_index", "tail", "long_tail_index", "birth_year", "county", "town", "division_code")
    return sorted(NameReading.objects.values_list(*fields))


def found(text: str) -> list[str]:
    return [hit.person.name for hit in search(text, BY, DAY).people]


@pytest.fixture
def crowd(db: None, home: Home) -> list[tuple[Any, ...]]:
    """Forty people of four names, three households with roads; the rows of their index."""
    put(*(person(n, "王单李吕"[n % 4] + "小兰", number=f"32042119500308{n:04d}") for n in range(1, 41)))
    homes = [HouseholdData(n, HERE, f"武进区湖塘镇星火社区人民路{n}号", True, True) for n in range(1, 4)]
    upsert_households(households=homes, as_of=DAY, by=BY)
    return rows()


def test_a_new_name_and_a_new_place_are_found_and_the_old_no_more(db: None) -> None:
    put(person(1, "王小兰", number="320421195003080026"))
    put(person(1, "赵小兰", THERE, "320421195003081239"))
    assert found("wxl") == found("王小兰") == found("0026") == []
    assert found("zhaoxiaolan") == found("赵小") == found("1239") == found("081239") == ["赵小兰"]
    assert {row[-1] for row in rows()} == {THERE}


def test_who_leaves_the_registry_leaves_the_index(crowd: list[Any]) -> None:
    Person.objects.filter(person_key__gt=2).delete()
    assert {row[0] for row in rows()} == {1, 2}


def test_a_rebuild_gives_the_same_rows_and_is_on_record(crowd: list[Any]) -> None:
    before, roads = rows(), sorted(HouseholdRoad.objects.values_list("household_id", "road"))
    NameReading.objects.filter(person__person_key__lt=20).update(pinyin="x", town="1")
    HouseholdRoad.objects.all().delete()
    progress: list[tuple[int, int]] = []
    assert rebuild(by=BY, progress=lambda done, total: progress.append((done, total))) == 43
    assert rows() == before and sorted(HouseholdRoad.objects.values_list("household_id", "road")) == roads
    assert progress[-1] == (43, 43)
    assert AuditEntry.objects.get(verb="search.rebuild").details["rows"] == 43


@pytest.mark.parametrize("killed_after", [1, 2, 4, 5])
def test_a_rebuild_goes_on_where_it_was_killed(killed_after: int, crowd: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "BATCH", 10)
    NameReading.objects.all().delete()
    seen: list[tuple[int, int]] = []

    def dying(done: int, total: int) -> None:
        seen.append((done, total))
        if len(seen) == killed_after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(by=BY, progress=dying)
    assert len({row[0] for row in rows()}) == min(40, 10 * killed_after)
    rest: list[tuple[int, int]] = []
    assert rebuild(by=BY, progress=lambda done, total: rest.append((done, total))) == 43 - min(43, 10 * killed_after)
    assert rows() == crowd and missing() == 0
    assert [done for done, _total in [*seen, *rest]] == sorted(done for done, _total in [*seen, *rest])
    assert not (settings.HOME.work / "search-rebuild.json").exists()
    assert rebuild(by=BY) == 43, "the next one begins anew"


def test_a_kill_between_rows_and_note_repeats_a_batch(crowd: list[Any]) -> None:
    (settings.HOME.work / "search-rebuild.json").write_text(json.dumps({"people": 0}), encoding="utf-8")
    rebuild(by=BY)
    assert rows() == crowd


def test_not_everybody_may_rebuild(db: None) -> None:
    official = Actor("official", "city_official", roles()["city_official"].capabilities, (("320400000000", "320500000000"),))
    with pytest.raises(Forbidden):
        rebuild(by=official)


def test_the_night_heals_gaps_and_strays(crowd: list[Any]) -> None:
    assert [step.name for step in ROOM.steps] == ["heal_search"]
    NameReading.objects.filter(person__person_key__in=[3, 5]).delete()
    NameReading.objects.filter(person__person_key=7).update(division_code=THERE, town=THERE[:9])
    assert missing() == 2
    done = heal(DAY, lambda _done, _total: None)
    assert (done.rows_in, done.rows_out) == (40, 3)
    assert rows() == crowd
    assert heal(DAY, lambda _done, _total: None).rows_out == 0


def test_people_without_a_name_are_no_gap(db: None) -> None:
    put(person(1, ""))
    assert missing() == 0
    assert found("wang") == []


def test_nothing_in_the_index_can_be_read_as_a_name_or_a_number(crowd: list[Any]) -> None:
    with connection.cursor() as cursor:
        for table in (NameReading, HouseholdRoad):
            cursor.execute(f"SELECT * FROM {table._meta.db_table}")
            text = str(cursor.fetchall())
            assert not any(secret in text for secret in ("王", "兰", "19500308", "080001", "号"))
    assert all(row[3] not in ("", "王小兰") for row in rows())


def test_beginnings_are_keyed_and_do_not_tell_characters() -> None:
    whole = beginnings("王小兰")
    assert whole.startswith(beginnings("王小")) and beginnings("王小").startswith(beginnings("王"))
    assert beginnings("李小兰")[5:] != whole[5:], "the same characters in another name look different"
    assert len(beginnings("阿依古丽买买提")) == 30 and beginnings("") == ""
    assert beginnings("阿依古丽·买买提") == beginnings("阿依古丽买买提")
    assert long_tail("081239") == long_tail("320421195003081239") != "" == long_tail("1239")
    with pytest.raises(ValueError):
        decrypt(whole)


def test_pinyins_are_remembered_once(crowd: list[Any]) -> None:
    before = Pinyin.objects.count()
    index_people(list(Person.objects.all()))
    assert Pinyin.objects.count() == before == 7  # wang, shan, dan, li, and lv, lu, lyu
    assert similar("shanxiaolang") == ["shanxiaolan"]
