"""The tree of 常州 against the table of facts §1.3, and the two geographies."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from minzheng.kernel.divisions import queries
from minzheng.kernel.divisions.actions import load_divisions, unit_ranges
from minzheng.kernel.divisions.codes import code_range, merged, prefix_of, without
from minzheng.kernel.divisions.models import Division, ManagementUnitRange
from minzheng.kernel.foundation.access import Actor

DAY = date(2024, 6, 3)
# county: streets, towns, pseudo-towns, communities, villages, pseudo-villages (facts §1.3)
FACTS = {
    "320402": (6, 1, 0, 79, 45, 1),
    "320404": (7, 1, 0, 89, 15, 1),
    "320411": (5, 5, 0, 83, 57, 7),
    "320412": (3, 11, 4, 139, 155, 3),
    "320413": (1, 6, 3, 35, 96, 0),
    "320481": (3, 9, 2, 69, 173, 2),
}


@pytest.fixture
def loaded(db: None) -> None:
    load_divisions(by=Actor.system("test"))


@pytest.mark.usefixtures("loaded")
def test_the_tree_has_the_counts_of_the_statistics() -> None:
    kinds = ("street", "town", "pseudo_town", "community", "village", "pseudo_village")
    counted = Counter((d.code[:6], d.kind) for d in queries.in_force(DAY))
    assert {c: tuple(counted[c, kind] for kind in kinds) for c in FACTS} == FACTS


@pytest.mark.usefixtures("loaded")
def test_pseudo_units_never_count_as_towns_or_villages() -> None:
    assert queries.towns(DAY).count() == 25 + 33
    assert queries.villages(DAY).count() == 494 + 541
    assert not any(unit.is_pseudo for unit in [*queries.towns(DAY), *queries.villages(DAY)])
    assert Division.objects.get(code="320481400000").is_pseudo  # a prison


@pytest.mark.usefixtures("loaded")
def test_every_unit_has_its_parent() -> None:
    codes = set(queries.in_force(DAY).values_list("code", flat=True))
    assert all(d.parent_code in codes for d in queries.in_force(DAY) if d.level > 2)


@pytest.mark.usefixtures("loaded")
def test_seven_boards_cover_each_village_once() -> None:
    boards = {u.slug: queries.ranges_of_unit(u.slug, DAY) for u in queries.management_units(DAY)}
    assert len(boards) == 7
    for village in queries.villages(DAY):
        owners = [slug for slug, ranges in boards.items() if any(lo <= village.code < hi for lo, hi in ranges)]
        assert len(owners) == 1, village
    jingkai = [d for d in queries.villages(DAY) if any(lo <= d.code < hi for lo, hi in boards["jingkai"])]
    assert len(jingkai) == 83  # 40 communities and 43 villages (facts §1.3)
    assert queries.unit_of("320412104201", DAY).name == "常州经开区"
    assert queries.unit_of("320412100201", DAY).name == "武进区"
    assert queries.unit_of("110101001001", DAY) is None


@pytest.mark.usefixtures("loaded")
def test_abolished_counties_resolve_for_their_time() -> None:
    assert queries.path_name("320405000000", DAY) == "戚墅堰区"
    assert not queries.in_force(DAY).filter(code="320405000000").exists()
    assert queries.in_force(date(2010, 1, 1)).filter(code="320405000000").exists()


@pytest.mark.usefixtures("loaded")
def test_names_of_many_codes_cost_one_query() -> None:
    codes = list(queries.villages(DAY).values_list("code", flat=True)[:300])
    with CaptureQueriesContext(connection) as seen:
        found = queries.names([*codes, "999999999999"], DAY)
    assert len(seen) == 1
    assert queries.path_name("320412100000", DAY) == "武进区湖塘镇"
    assert found["999999999999"] == "999999999999"


@pytest.mark.usefixtures("loaded")
def test_search_stays_inside_the_jurisdiction() -> None:
    low, high = code_range("320412100000")
    actor = Actor("town", "town_official", frozenset(), ((low, high),))
    assert [d.name for d in queries.search("湖塘镇", actor, DAY)] == ["湖塘镇"]
    assert queries.search("溧城", actor, DAY) == []
    assert all(low <= d.code < high for d in queries.search("", actor, DAY, limit=500))


@pytest.mark.usefixtures("loaded")
def test_loading_again_changes_nothing() -> None:
    before = list(Division.objects.values_list("code", "valid_from", "name")), ManagementUnitRange.objects.count()
    load_divisions(by=Actor.system("test"))
    assert (list(Division.objects.values_list("code", "valid_from", "name")), ManagementUnitRange.objects.count()) == before


def test_overlapping_boards_are_refused() -> None:
    units = [{"slug": "a", "prefixes": ["320412"]}, {"slug": "b", "prefixes": ["320412001"]}]
    with pytest.raises(ValueError, match="重叠"):
        unit_ranges(units)


def test_a_range_holds_exactly_what_lies_below() -> None:
    assert code_range("320412100000") == ("320412100000", "320412101000")
    assert code_range("3204") == ("320400000000", "320500000000")
    assert prefix_of("320412000000") == "320412"
    with pytest.raises(ValueError, match="不是区划代码"):
        code_range("32041")


bounds = st.integers(0, 60).map(lambda n: f"{n:012d}")
ranges = st.lists(st.tuples(bounds, bounds).filter(lambda r: r[0] < r[1]), max_size=5)


def inside(code: str, where: list[tuple[str, str]]) -> bool:
    return any(low <= code < high for low, high in where)


@given(ranges, ranges)
def test_without_is_set_difference(outer: list[tuple[str, str]], inner: list[tuple[str, str]]) -> None:
    result = without(outer, inner)
    for n in range(61):
        code = f"{n:012d}"
        assert inside(code, result) == (inside(code, outer) and not inside(code, inner))
        assert inside(code, merged(outer)) == inside(code, outer)
