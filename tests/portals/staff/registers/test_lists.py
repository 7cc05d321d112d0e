"""Lists of registers, generated per register × role: rows, counts, filters, columns, saved views, bad values."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from minzheng.kernel.foundation import register_rows
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import SavedView
from minzheng.kernel.foundation.registers import registers
from tests.portals.staff.registers.places import PARAMS, ROLES, base, everything, expected
from tests.portals.staff.world import COUNTY, OTHER_TOWN, World

AsRole = Callable[[str], Client]
SLUGS = list(registers())


def shown(client: Client, address: str) -> set[int]:
    """Keys of all records that a list leads to, over all its pages."""
    found: set[int] = set()
    address += f"{'&' if '?' in address else '?'}size=200"
    for page in range(1, 20):
        response = client.get(f"{address}&page={page}")
        assert response.status_code == 200, address
        keys = {int(key) for key in re.findall(r'<a class="main" href="/registers/[\w-]+/(\d+)/', response.content.decode())}
        found |= keys
        if not response.context["pager"]["next"]:
            return found
    raise AssertionError("no end of pages")


@pytest.mark.parametrize(("slug", "role"), PARAMS)
def test_a_list_and_its_count_end_at_the_jurisdiction(slug: str, role: str, world: World, as_role: AsRole) -> None:
    client, wanted = as_role(role), expected(slug, world, role)
    assert shown(client, base(slug)) == wanted
    assert client.get(base(slug)).context["found"].total == len(wanted)
    cards = {card["register"].slug: card["found"].total for card in client.get("/registers/").context["cards"]}
    assert cards[slug] == len(wanted)
    assert wanted < everything(slug) or role == "city_official"


@pytest.mark.parametrize(("slug", "role"), PARAMS)
def test_no_filter_leads_out_of_the_jurisdiction(slug: str, role: str, world: World, as_role: AsRole) -> None:
    client, wanted = as_role(role), expected(slug, world, role)
    register = registers()[slug]
    for known in register.filters:
        for value in [*known.options(), COUNTY, OTHER_TOWN, "tianning"] if known.kind in ("choice", "place") else []:
            if known.kind == "choice" and value not in known.options():
                continue
            assert shown(client, f"{base(slug)}?{known.name}={value}") <= wanted
    for word in ("中", "社区", world.other_village.name[:2]):
        assert shown(client, f"{base(slug)}?q={word}") <= wanted


@pytest.mark.parametrize("role", ROLES)
def test_choices_of_places_end_at_the_jurisdiction(role: str, world: World, as_role: AsRole) -> None:
    actor = Actor.of(world.users[role])
    html = as_role(role).get(base("people")).content.decode()
    picker = re.search(r'<select[^>]*name="place".*?</select>', html)
    codes = re.findall(r'value="(\d{12})"', picker[0]) if picker else []
    assert codes or role in ("city_official", "grid_worker", "outside_worker")  # boards, and one village that needs no choice
    assert all(actor.covers(code) for code in codes)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_filter_narrows_and_every_order_sorts(slug: str, world: World, as_role: AsRole) -> None:
    register = registers()[slug]
    client = as_role("administrator" if register.capability == "users.view" else "city_official")
    whole = shown(client, base(slug))
    for known in register.filters:
        parts = [shown(client, f"{base(slug)}?{known.name}={value}") for value in known.options()]
        assert all(part <= whole for part in parts)
    for column in register.columns:
        if column.order:
            up, down = (shown(client, f"{base(slug)}?sort={sign}{column.name}") for sign in ("", "-"))
            assert up == down == whole


@pytest.mark.parametrize("slug", SLUGS)
def test_the_form_shows_every_filter_and_keeps_what_was_asked(slug: str, world: World, as_role: AsRole) -> None:
    register = registers()[slug]
    client = as_role("administrator" if register.capability == "users.view" else "city_official")
    html = client.get(f"{base(slug)}?q=zhang").content.decode() if register.search else client.get(base(slug)).content.decode()
    assert ('name="q" type="search" value="zhang"' in html) == bool(register.search)
    for known in register.filters:
        ends = ("_from", "_to") if known.kind in ("dates", "numbers") else ("",)
        assert all(f'name="{known.name}{end}"' in html for end in ends)


def test_filters_find_what_they_say(world: World, as_role: AsRole) -> None:
    client = as_role("city_official")
    people = base("people")
    heads = {household.memberships.get(relation="head").person_id for household in world.households}
    assert shown(client, f"{people}?age_from=60") == heads
    assert shown(client, f"{people}?fact=pension") == heads
    assert shown(client, f"{people}?fact=unemployed") == set(), "the fact has ended"
    assert shown(client, f"{people}?age_to=12&place=wujin&sex=2") == {
        household.memberships.get(relation="grandchild").person_id for household in world.households[:-1]
    }
    assert shown(client, f"{base('households')}?fact=pension&place=tianning") == {world.households[-1].pk}
    assert shown(client, f"{base('organisations')}?q=颐养") == {one.pk for one in world.organisations}
    assert shown(client, f"{base('facilities')}?capacity_from=121") == set()


def test_people_are_searched_by_name_pinyin_and_last_digits(world: World, as_role: AsRole) -> None:
    from minzheng.kernel.registry.models import Person
    from minzheng.kernel.registry.search.actions import index_people
    from minzheng.kernel.registry.search.readings import readings

    people = list(Person.objects.all())
    index_people(people)
    inside = world.alerts[0].person
    outside = next(person for person in people if not Actor.of(world.users["town_official"]).covers(person.division_code))
    client = as_role("town_official")
    for text in (inside.name, readings(inside.name)[0][0], readings(inside.name)[0][1], inside.id_number[-4:].lower()):
        assert inside.pk in shown(client, f"{base('people')}?q={text}")
        assert world.households[0].pk in shown(client, f"{base('households')}?q={text}")
    for text in (outside.name, outside.id_number[-4:]):
        assert outside.pk not in shown(client, f"{base('people')}?q={text}")
    response = client.get(f"{base('people')}?q={inside.id_number}")
    assert response.status_code == 422 and "查找会留审计记录" in response.content.decode()


def test_a_fact_that_few_hold_and_one_that_many_hold_find_alike(
    world: World, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    from minzheng.kernel.registry.screens import facts

    addresses = [f"{base(slug)}?fact=pension" for slug in ("people", "households")]
    rare = [shown(as_role("city_official"), address) for address in addresses]
    monkeypatch.setattr(facts, "FEW", 0)
    assert [shown(as_role("city_official"), address) for address in addresses] == rare and all(rare)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("sex=x", "“x”不在可选的范围里"), ("age_from=old", "“old”不是可用的整数"), ("known_from=yesterday", "不是日期"),
        ("known_from=2024-06-02&known_to=2024-06-01", "请对调"), ("age_from=9999", "不是合理的年龄"), ("place=atlantis", "没有“atlantis”"),
        ("place=1234567", "不是区划代码"), ("sort=address", "不能按“address”排序"), ("fact=custody", "不在可选的范围里"),
        (f"q={'长' * 70}", "最多 64 个字"), ("age_from=-1", "不是可用的整数"), ("age_from=٣", "不是可用的整数"),
        ("q=%00", "不能用的字符"), ("q=a%0Ab", "不能用的字符"), ("place=%00", "不能用的字符"), ("age_from=00000000000009999999999999", "不是可用的整数"),
    ],
)  # fmt: skip
def test_bad_values_are_answered_in_words(query: str, said: str, world: World, as_role: AsRole) -> None:
    response = as_role("city_official").get(f"{base('people')}?{query}")
    html = response.content.decode()
    assert response.status_code == 422 and said in html and "没有列出数据" in html
    assert not response.context["rows"]


@pytest.mark.parametrize("query", ["page=0", "page=-3", "page=zwei", "page=99999999999", "size=7", "size=all", "col=nothing", "at=-1", "view=0"])
def test_odd_pages_and_sizes_do_no_harm(query: str, world: World, as_role: AsRole) -> None:
    assert as_role("city_official").get(f"{base('people')}?{query}").status_code == 200


def test_columns_are_chosen_and_stay_masked(world: World, as_role: AsRole) -> None:
    html = as_role("town_official").get(f"{base('people')}?col=name&col=id_number&col=phone").content.decode()
    person = world.alerts[0].person
    assert re.findall(r"<th scope=\"col\"[^>]*>(?:<a[^>]*>)?([^<]+)", html) == ["姓名", "证件号码", "联系电话"]
    assert person.name not in html and person.id_number not in html and person.phone not in html
    assert f"{person.id_number[:4]}**********{person.id_number[-4:]}" in html


def test_counts_say_when_they_stopped(world: World, as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_rows, "BOUND", 5)
    html = as_role("city_official").get(base("people")).content.decode()
    assert "5+" in html


def test_views_are_saved_renamed_deleted_and_ones_own(world: World, as_role: AsRole) -> None:
    mine, other = as_role("town_official"), as_role("district_official")
    views = f"{base('people')}views/"
    query = "fact=pension&sort=-age&page=3&col=name&col=age"
    saved = mine.post(views, {"do": "save", "name": "老人", "query": query})
    view = SavedView.objects.get()
    assert (view.user, view.query, view.columns) == (world.users["town_official"], "fact=pension&sort=-age", ["name", "age"])
    response = mine.get(saved["Location"])
    assert [column.name for column in response.context["asking"].columns] == ["name", "age"] and "老人" in response.content.decode()
    assert "老人" not in other.get(base("people")).content.decode()
    for do in ("rename", "delete"):
        assert other.post(views, {"do": do, "view": view.pk, "name": "偷来的"}).status_code == 404
    assert mine.post(views, {"do": "rename", "view": view.pk, "name": "高龄老人"}).status_code == 302
    for odd in (" ", "a\0b", "长" * 33):
        assert mine.post(views, {"do": "rename", "view": view.pk, "name": odd}).status_code == 422
    assert "高龄老人" in mine.get("/registers/").content.decode()
    assert mine.post(views, {"do": "delete", "view": view.pk}).status_code == 302
    assert not SavedView.objects.exists()


def test_a_view_holds_no_rows_and_opens_within_the_readers_jurisdiction(world: World, as_role: AsRole) -> None:
    worker = as_role("outside_worker")
    worker.post(f"{base('people')}views/", {"do": "save", "name": "全部", "query": "place=wujin"})
    view = SavedView.objects.get()
    assert shown(worker, f"{base('people')}?{view.query}") == set()


def test_no_queries_per_row(world: World, as_role: AsRole, django_assert_max_num_queries: Callable[[int], object]) -> None:
    client = as_role("city_official")
    for slug in ("people", "households", "facilities"):
        client.get(base(slug))
        with django_assert_max_num_queries(22):  # type: ignore[attr-defined]
            client.get(base(slug))
