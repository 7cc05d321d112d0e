"""Words of different kinds: in any order, in one word or in several, half typed, with house numbers, with other readings."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.kernel.divisions.actions import load_divisions
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.identifiers import make_id
from minzheng.kernel.registry.actions import (
    HouseholdData,
    MembershipData,
    PersonData,
    upsert_households,
    upsert_memberships,
    upsert_people,
)
from minzheng.kernel.registry.models import NameReading, Person
from minzheng.kernel.registry.search.queries import condition, search
from minzheng.kernel.registry.search.readings import GIVEN, SURNAMES, readings
from minzheng.kernel.registry.search.words import parse
from tests.beginnings import begun

DAY = date(2024, 6, 3)
BY = Actor.system("测试")
HUTANG, HUTANG_OTHER, TIANNING = "320412100002", "320412100005", "320402002001"
# 王家村 and the like are villages: 王 alone must stay the beginning of a name.
PEOPLE = {
    1: ("王小兰", HUTANG), 2: ("王小蓝", HUTANG_OTHER), 3: ("王小兰", TIANNING), 4: ("章敏", HUTANG), 5: ("张敏", HUTANG), 6: ("张敏华", HUTANG),
    7: ("阿依古丽·买买提", HUTANG), 8: ("欧阳修远", TIANNING), 9: ("吕绿", HUTANG), 10: ("汪小岚", HUTANG),
}  # fmt: skip


def number(of: int) -> str:
    return make_id("320421", date(1940 + of, 1 + of, 1 + of), 100 + of)


def reader(low: str, high: str) -> Actor:
    return Actor("reader", "town_official", roles()["town_official"].capabilities, ((low, high),))


CITY, TOWN = reader("320400000000", "320500000000"), reader("320412100000", "320412101000")


def keys(text: str, who: Actor = CITY) -> list[int]:
    return [hit.person.person_key for hit in search(text, who, DAY).people]


@pytest.fixture
def town(db: None, home: Home) -> None:
    begun(ten_people, home)


def ten_people() -> None:
    """The first two live on 人民路 and 延政路."""
    load_divisions(by=BY)
    data = [
        PersonData(key, name, number(key), "", "2", date(1940 + key, 1 + key, 1 + key), place, "hukou", True)
        for key, (name, place) in PEOPLE.items()
    ]
    ids = upsert_people(people=data, as_of=DAY, because="测试", by=BY)
    roads = {1: "人民路12号3幢402室", 2: "延政路8号"}
    homes = [
        HouseholdData(key, PEOPLE[key][1], f"武进区湖塘镇星火社区{road}", True, True) for key, road in roads.items()
    ]
    houses = upsert_households(households=homes, as_of=DAY, by=BY)
    upsert_memberships(
        memberships=[MembershipData(key, key, "head") for key in roads], people=ids, households=houses, as_of=DAY, by=BY
    )


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("王 湖塘", {1, 2}), ("湖塘 王", {1, 2}), ("湖塘镇 王小兰", {1}), ("武进区湖塘镇 wxl", {1, 2, 10}), ("wxl 天宁", {3}),
        ("武进区湖塘镇王小兰", {1}), ("王小兰 天宁 武进", set()),
        ("王小 0464", set()), (f"wxl {number(2)[-4:]}", {2}), (f"{number(2)[-4:]} 王小", {2}), (f"{number(2)[-8:]} 王", {2}),
        (f"张 {number(2)[-4:]}", set()), ("王小兰 1941", {1}), ("1941 wxl", {1}), ("wxl 1999", set()),
        ("王 wxl", {1, 2, 3}), ("汪 wxl", {10}), ("张 wxl", set()),
        ("王xl", {1, 2, 3}), ("王小lan", {1, 2, 3}), ("汪xiaol", {10}), ("wangxl", {1, 2, 3, 10}), ("ouyangxy", {8}),
        ("王小兰 人民路", {1}), ("王小兰 延政路", set()), ("wxl 延政", {2}), ("人民路 王", {1}),
        ("章", {4}), ("章敏", {4}), ("张敏", {5, 6}), ("zhangmin", {4, 5, 6}), ("zm", {4, 5, 6}),
        ("阿依古丽", {7}), ("阿依古丽买买提", {7}), ("阿依古丽·买买提", {7}), ("ayglmmt", {7}), ("阿依古力", set()),
        ("欧阳", {8}), ("欧阳修远", {8}), ("lvlv", {9}), ("lulu", {9}), ("lyulyu", {9}), ("lvlu", {9}),
    ],
)  # fmt: skip
def test_words_narrow_each_other_in_any_order(typed: str, expected: set[int], town: None) -> None:
    assert set(keys(typed)) == expected
    assert set(keys(typed, TOWN)) == {key for key in expected if PEOPLE[key][1] != TIANNING}


def test_a_register_asks_the_same_condition(town: None) -> None:
    for typed in ("王 湖塘", "wxl", "王xl", "wangxl", "王小兰 人民路", "阿依古丽·买买提", "zhamgmin", f"wxl {number(2)[-4:]}"):
        for few in (0, 100):  # as a condition, and by keys
            met = set(Person.objects.filter(condition(typed, TOWN, few)).values_list("person_key", flat=True))
            assert met == set(keys(typed, TOWN)) != set()


def test_house_numbers_put_the_household_first_and_lie_nowhere(town: None) -> None:
    upsert_households(
        households=[HouseholdData(n, HUTANG, f"武进区湖塘镇星火社区人民路{n}号1幢", True, True) for n in range(20, 40)], as_of=DAY, by=BY
    )
    found = search("人民路33号", TOWN, DAY).households
    assert "人民路33号" in found[0][0].address and len(found) == 10
    assert "人民路12号" in search("湖塘 人民路12号3幢", TOWN, DAY).households[0][0].address
    assert not NameReading.objects.filter(pinyin__regex=r"\d").exists()


def test_a_village_may_have_the_name_of_an_estate(town: None) -> None:
    homes = [HouseholdData(50, HUTANG, "武进区湖塘镇星火社区花园小区3幢", True, True), HouseholdData(51, TIANNING, "花园新村9号", True, True)]
    upsert_households(households=homes, as_of=DAY, by=BY)
    found = search("花园", CITY, DAY)
    assert {road for _home, road in found.households} == {"花园小区", "花园新村"} and any("花园" in place.name for place in found.places)
    assert [road for _home, road in search("湖塘 花园", CITY, DAY).households] == ["花园小区"]
    assert search("湖塘", CITY, DAY).households == []


def test_open_alerts_come_first_among_equals(town: None) -> None:
    third = Person.objects.get(person_key=3).pk
    hits = search("王小兰", CITY, DAY, first=lambda ids: {third} & set(ids)).people
    assert [hit.person.person_key for hit in hits] == [3, 1]
    hits = search("王小", CITY, DAY, first=lambda ids: {Person.objects.get(person_key=2).pk}).people
    assert hits[0].person.person_key == 2


def test_namesakes_are_counted_only_where_the_reader_may_look(town: None) -> None:
    def crowd(place: str, start: int, count: int) -> list[PersonData]:
        return [PersonData(start + n, "李伟", "", "", "1", date(1980, 1, 1), place, "hukou", True) for n in range(count)]

    upsert_people(
        people=crowd(HUTANG, 1000, 25) + crowd(HUTANG_OTHER, 2000, 5) + crowd(TIANNING, 3000, 7), as_of=DAY, because="测试", by=BY
    )
    everywhere = search("李伟", CITY, DAY)
    assert (everywhere.namesakes, everywhere.parts) == (37, [("320412000000", 30), ("320402000000", 7)])
    assert len(everywhere.people) == 20
    here = search("liwei", TOWN, DAY)
    assert (here.namesakes, here.parts) == (30, [(HUTANG, 25), (HUTANG_OTHER, 5)])
    village = search("李伟", reader(HUTANG, f"{int(HUTANG) + 1:012d}"), DAY)
    assert (village.namesakes, village.parts) == (25, [(HUTANG, 25)])
    assert search("李伟 湖塘", CITY, DAY).namesakes == 30
    assert not search("李伟", reader("320413000000", "320414000000"), DAY).people


def test_a_typed_number_of_letters_does_not_matter_nor_what_they_are(town: None) -> None:
    for text in ("王" * 5000, "a" * 5000, "1" * 5000, "%' OR 1=1 --", "\\", "_", "*", "王%", "wang%", "🙂王小兰🙂", "\u200b", "٣٤٥٦", "ǅ"):
        search(text, CITY, DAY)
        condition(text, CITY, 100)
    assert set(keys("🙂王小兰🙂")) == {1, 3}
    assert keys("wang_") == keys("wang") != keys("w%") == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=70))
def test_any_text_can_be_searched(town: Any, text: str) -> None:
    search(text, TOWN, DAY)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(key=st.sampled_from([1, 4, 6, 8]), data=st.data())
def test_every_single_slip_in_a_pinyin_finds_its_person(town: Any, key: int, data: st.DataObject) -> None:
    said = readings(PEOPLE[key][0])[0][0]
    place = data.draw(st.integers(0, len(said) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    kind = data.draw(st.sampled_from(["left out", "added", "changed", "swapped"]))
    typed = {
        "left out": said[:place] + said[place + 1 :], "added": said[:place] + letter + said[place:],
        "changed": said[:place] + letter + said[place + 1 :], "swapped": said[:place] + said[place : place + 2][::-1] + said[place + 2 :],
    }[kind]  # fmt: skip
    assert key in keys(typed)


@pytest.mark.parametrize("character", [*SURNAMES, *GIVEN])
def test_every_reading_of_a_polyphone_is_indexed(character: str) -> None:
    table = SURNAMES if character in SURNAMES else GIVEN
    name = character + "兰" if character in SURNAMES else "李" + character
    said = [pinyin for pinyin, _initials in readings(name)]
    for syllable in table[character]:
        one = f"{syllable}lan" if character in SURNAMES else f"li{syllable}"
        assert one in said or one.replace("v", "u") in said
    assert len(said) <= 6


def test_words_of_a_search_by_kind() -> None:
    half = parse("王xl 0464")
    assert (half.name, half.letters, half.digits) == ("王", ("wangxl", "wxl"), ("0464",))
    house = parse("湖塘 人民路12号3幢402室")
    assert (house.characters, house.house) == (("湖塘", "人民路"), "12号3幢402室")
    assert parse("wxl０４６４").digits == ("0464",)
    assert parse("123x").digits == ("123x",) and parse("wang 12").digits == ()
    assert parse("a").empty and parse("12").empty and not parse("王").empty
