"""Search: what can be typed, who is found, in which order, and never from outside the jurisdiction."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minzheng.kernel.divisions.actions import load_divisions
from minzheng.kernel.foundation.access import Actor, Forbidden, roles
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.identifiers import make_id
from minzheng.kernel.registry.actions import (
    HouseholdData,
    PersonData,
    register_without_id,
    upsert_households,
    upsert_people,
)
from minzheng.kernel.registry.models import NameReading, Person
from minzheng.kernel.registry.search.actions import rebuild
from minzheng.kernel.registry.search.addresses import road_of
from minzheng.kernel.registry.search.queries import condition, search, similar
from minzheng.kernel.registry.search.readings import readings
from minzheng.kernel.registry.search.spelling import deletions, one_edit_apart
from minzheng.kernel.registry.search.words import parse
from tests.beginnings import begun

DAY = date(2024, 6, 3)
BY = Actor.system("测试")
HUTANG, ELSEWHERE = "320412100002", "320402002001"
NAMES = ["王小兰", "王小蓝", "张三", "单田芳", "欧阳修", "吕布", "汪洋", "王洋", "曾国", "章敏"]


def actor(low: str, high: str) -> Actor:
    return Actor("reader", "town_official", roles()["town_official"].capabilities, ((low, high),))


TOWN, CITY = actor("320412100000", "320412101000"), actor("320400000000", "320500000000")


def person(number: int, name: str, place: str = HUTANG) -> PersonData:
    birth = date(1950 + number % 40, 1 + number % 12, 1 + number % 28)
    return PersonData(number, name, make_id("320421", birth, number), "", "2", birth, place, "hukou", True)


@pytest.fixture
def people(db: None, home: Home) -> dict[str, Person]:
    return begun(eleven_people, home)


def eleven_people() -> dict[str, Person]:
    """Ten people in 湖塘镇 and a 王小兰 elsewhere, found by name."""
    load_divisions(by=BY)
    data = [person(n + 1, name) for n, name in enumerate(NAMES)] + [person(99, "王小兰", ELSEWHERE)]
    upsert_people(people=data, as_of=DAY, because="测试", by=BY)
    return {row.name: row for row in Person.objects.filter(division_code=HUTANG)}


def found(text: str, who: Actor = TOWN) -> list[str]:
    return [hit.person.name for hit in search(text, who, DAY).people]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("王小兰", ["王小兰"]), ("王小", ["王小兰", "王小蓝"]), ("章", ["章敏"]), ("汪", ["汪洋"]),
        ("wangxiaolan", ["王小兰", "王小蓝"]), ("wang xiao lan", ["王小兰", "王小蓝"]), ("WangXiaoL", ["王小兰", "王小蓝"]),
        ("wxl", ["王小兰", "王小蓝"]), ("ｗｘｌ", ["王小兰", "王小蓝"]), ("oyx", ["欧阳修"]),
        ("shantianfang", ["单田芳"]), ("dantianfang", ["单田芳"]), ("zengguo", ["曾国"]), ("lvbu", ["吕布"]), ("lubu", ["吕布"]),
        ("wangxiolan", ["王小兰", "王小蓝"]), ("wangxaiolan", ["王小兰", "王小蓝"]), ("wamgyang", ["汪洋", "王洋"]),
        ("不存在", []), ("xyzxyz", []), ("a", []), ("", []), ("%", []), ("_", []), ("'; drop", []), ("🙂", []), ("王" * 5000, []),
    ],
)  # fmt: skip
def test_what_is_typed_finds_whom(typed: str, expected: list[str], people: dict[str, Person]) -> None:
    assert sorted(found(typed)) == sorted(expected)


def test_digits_narrow_and_stand_alone(people: dict[str, Person]) -> None:
    number = people["王小蓝"].id_number
    assert found(number[-4:]) == ["王小蓝"]
    assert found(number[-6:]) == ["王小蓝"]
    assert found(number[-8:]) == ["王小蓝"]
    assert found(number[-5:]) == ["王小蓝"]
    assert found(f"wxl {number[-4:]}") == ["王小蓝"]
    assert found(f"王小 {number[-4:]}") == ["王小蓝"]
    assert found(f"wxl {people['王小蓝'].birth_date.year}") == ["王小蓝"]  # type: ignore[union-attr]
    other = people["张三"].id_number
    assert found(f"9{other[-4:]}") == []
    assert found(f"wxl {other[-4:]}") == []


def test_a_place_narrows_a_name(people: dict[str, Person]) -> None:
    assert len(found("王小兰", CITY)) == 2
    assert len(found("湖塘 王小兰", CITY)) == 1
    assert len(found("wxl 湖塘", CITY)) == 2


def test_the_whole_name_comes_before_its_beginning(people: dict[str, Person]) -> None:
    upsert_people(people=[person(50, "王小")], as_of=DAY, because="测试", by=BY)
    assert found("王小")[0] == "王小"
    assert found("wangxiao")[0] == "王小"


def test_nobody_from_elsewhere_and_nobody_without_the_capability(people: dict[str, Person]) -> None:
    village = actor(HUTANG, f"{int(HUTANG) + 1:012d}")
    assert sorted(found("wxl", village)) == ["王小兰", "王小蓝"]
    assert found("wxl", actor("320413100000", "320413101000")) == []
    assert [hit.person.division_code for hit in search("王小兰", actor("320402000000", "320403000000"), DAY).people] == [ELSEWHERE]
    assert found("wxl", Actor("nobody", "town_official", roles()["town_official"].capabilities, ())) == []
    with pytest.raises(Forbidden):
        search("wxl", Actor("steward", "data_steward", roles()["data_steward"].capabilities, CITY.ranges), DAY)


def test_the_index_keeps_step(people: dict[str, Person]) -> None:
    changed = PersonData(1, "赵小兰", people["王小兰"].id_number, "", "2", people["王小兰"].birth_date, ELSEWHERE, "hukou", True)
    upsert_people(people=[changed], as_of=DAY, because="改名迁出", by=BY)
    assert found("wxl") == ["王小蓝"]
    assert found("赵小兰") == [] and found("赵小兰", CITY) == ["赵小兰"]
    register_without_id(name="湖生", sex="1", division_code=HUTANG, because="弃婴", by=BY)
    assert found("hs") == ["湖生"]


def test_a_register_asks_the_same(people: dict[str, Person]) -> None:
    def names(text: str) -> list[str]:
        return sorted(row.name for row in Person.objects.filter(condition(text, TOWN, 100)))

    assert names("wxl") == names("王小") == names("wangxiolan") == ["王小兰", "王小蓝"]
    assert names("") == [] and names("a") == []


def test_households_are_found_by_road(people: dict[str, Person]) -> None:
    rows = [HouseholdData(n, HUTANG, f"武进区湖塘镇星火社区{road}{n}号", True, True) for n, road in ((1, "人民路"), (2, "延政西路"))]
    upsert_households(households=rows, as_of=DAY, by=BY)
    assert [road for _household, road in search("人民", TOWN, DAY).households] == ["人民路"]
    assert len(search("湖塘 人民路", TOWN, DAY).households) == 1
    assert search("人民路", actor("320413100000", "320413101000"), DAY).households == []


def test_a_rebuild_gives_the_same_index(people: dict[str, Person]) -> None:
    def rows() -> set[tuple[object, ...]]:
        return set(NameReading.objects.values_list("person_id", "pinyin", "initials", "tail", "town"))

    before = rows()
    NameReading.objects.filter(person=people["张三"]).delete()
    assert found("张三") == []
    rebuild(by=BY)
    assert rows() == before


@pytest.mark.parametrize(
    ("address", "road"),
    [
        ("武进区嘉泽镇满墩村4组6号", ""), ("天宁区兰陵街道上城社区新堂家园44幢2单元602室", "新堂家园"),
        ("溧阳市上兴镇万家边12组71号", "万家边"), ("武进区湖塘镇星火社区人民路12号", "人民路"), ("", ""),
    ],
)  # fmt: skip
def test_roads_hold_no_numbers(address: str, road: str) -> None:
    assert road_of(address) == road


PINYIN = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=16)


@given(text=PINYIN, data=st.data())
def test_every_single_edit_shares_a_deletion(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("abcxyz"))
    swapped = text[:place] + text[place + 1 : place + 2] + text[place] + text[place + 2 :]
    for edited in (text[:place] + text[place + 1 :], text[:place] + letter + text[place:], text[:place] + letter + text[place + 1 :], swapped):
        assert one_edit_apart(text, edited) and one_edit_apart(edited, text)
        assert deletions(text) & deletions(edited)


@settings(max_examples=200)
@given(st.text(max_size=80))
def test_anything_can_be_typed(text: str) -> None:
    parse(text)


def test_similar_are_known_pinyins_one_edit_away(people: dict[str, Person]) -> None:
    assert similar("wangxiolan") == ["wangxiaolan"]
    assert similar("wangxiaolan") == []


def test_readings_are_few_and_plain() -> None:
    for name in [*NAMES, "尉迟恭", "乐乐", "阿依古丽·买买提", "A Smith", "㐂田"]:
        found_readings = readings(name)
        assert 0 < len(found_readings) <= 6
        assert all(pinyin.isascii() and pinyin.isalpha() for pinyin, _initials in found_readings), name
    assert readings("") == ()
