"""ID numbers: worked examples of facts.md §1.1, dirt of real files, and what must hold for all of them."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minzheng.kernel.foundation.identifiers import (
    check_character,
    check_id,
    check_ids,
    digits_of,
    make_id,
    make_ids,
    normalise_id,
)

GOOD = "11010519491231002X"
births = st.dates(date(1880, 1, 1), date(2100, 12, 31))
regions = st.sampled_from(["320402", "320412", "320421", "110105", "810000", "659001"])
ids = st.builds(make_id, regions, births, st.integers(0, 999))


def test_the_standards_own_example() -> None:
    assert check_character(GOOD[:17]) == "X"
    check = check_id(GOOD)
    assert (check.id_number, check.birth_date, check.sex) == (GOOD, date(1949, 12, 31), "2")
    assert (check.problem, check.warnings) == (None, ())


@pytest.mark.parametrize(("region", "year"), [("320402", 1960), ("320412", 1990), ("320421", 1950)])
def test_genuine_residents_whose_county_came_or_went(region: str, year: int) -> None:
    check = check_id(make_id(region, date(year, 5, 4), 17))
    assert check.problem is None
    assert check.warnings == ()


@pytest.mark.parametrize(
    "text",
    ["11010519491231002x", " 1101051949 1231002X", "'11010519491231002X", "\t11010519491231002X\t", '"11010519491231002X"',
     "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002ｘ", "11010519491231002Х", "“11010519491231002X”",
     "\ufeff11010519491231002X\r\n", "11010519491231002X\u3000", "＇11010519491231002X", "110105194912310\u200b02X"],
)  # fmt: skip
def test_spellings_that_are_folded(text: str) -> None:
    assert check_id(text).id_number == GOOD
    assert check_ids(pl.Series([text]))["id_number"].to_list() == [GOOD]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "id_missing"), ("", "id_missing"), (" \t'", "id_missing"), ("　", "id_missing"),
        ("3.20402E+17", "id_excel_mangled"), ("3.204e17", "id_excel_mangled"), ("3E+17", "id_excel_mangled"),
        ("3.204121977080794e+17", "id_excel_mangled"), ("３．２０４０２Ｅ＋１７", "id_excel_mangled"),
        ("320402198001011234.0", "id_excel_mangled"), ("320402198001010000", "id_excel_mangled"),
        ("'3.20402E+17", "id_excel_mangled"), ("3,20402E+17", "id_excel_mangled"),
        ("11010519491231002", "id_length"), ("1101051949123100200", "id_length"), ("42", "id_length"), ("X", "id_length"),
        ("无", "id_characters"), ("E12345678", "id_characters"), ("1101051949123100X2", "id_characters"),
        ("11010549123100X", "id_characters"), ("110105194912310-2X", "id_characters"), ("一二三四五六", "id_characters"),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "id_characters"), ("1.5.2E+3", "id_characters"),
        ("110105180012310024", "id_date"), ("110105299912310023", "id_date"), ("110105194902300021", "id_date"),
        ("110105190002290021", "id_date"), ("110105194913010020", "id_date"), ("110105194900010020", "id_date"),
        ("110105194901000020", "id_date"), ("110105491331002", "id_date"),
        ("110105194912310021", "id_checksum"), ("11010519491231012X", "id_checksum"),
    ],
)  # fmt: skip
def test_problems(text: str | None, problem: str) -> None:
    assert check_id(text).problem == problem
    row = check_ids(pl.Series([text], dtype=pl.String)).row(0, named=True)
    assert row == {"id_number": None, "problem": problem, "warning": None, "birth_date": None, "sex": None}


def test_fifteen_digits_are_upgraded_with_a_warning() -> None:
    check = check_id("110105491231002")
    assert (check.id_number, check.warnings) == (GOOD, ("id_upgraded_15",))
    frame = check_ids(pl.Series(["110105491231002", GOOD, "１１０１０５ 491231002"]))
    assert frame["id_number"].to_list() == [GOOD] * 3
    assert frame["warning"].to_list() == ["id_upgraded_15", None, "id_upgraded_15"]


@pytest.mark.parametrize("region", ["320499", "000000", "990101", "170000", "320424", "320481", "930156"])
def test_an_unknown_region_is_only_a_warning(region: str) -> None:
    number = make_id(region, date(1980, 2, 29), 8)
    expected = () if region in {"320481", "930156", "990101"} else ("id_region_unknown",)
    assert check_id(number).id_number == number
    assert check_id(number).warnings == expected
    assert check_ids(pl.Series([number]))["warning"].to_list() == [next(iter(expected), None)]


@given(ids, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_every_change_of_one_character_is_caught(number: str, place: int, character: str) -> None:
    changed = number[:place] + character + number[place + 1 :]
    if changed != number:
        assert check_id(changed).problem is not None


@given(ids, st.integers(0, 16))
def test_every_exchange_of_neighbours_is_caught(number: str, place: int) -> None:
    changed = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if changed != number:
        assert check_id(changed).problem is not None


dirt = st.one_of(
    ids,
    ids.map(lambda number: f"\t{number.lower()} "),
    ids.map(lambda number: number[:6] + number[8:17]),
    ids.map(lambda number: number.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ"))),
    st.text(alphabet="0123456789Xx.eE+ \t'０１９Ｘ　一", max_size=20),
    st.text(max_size=20),
    st.from_regex(r"[0-9]{17}[0-9X]", fullmatch=True),
    st.from_regex(r"[0-9]{15}", fullmatch=True),
    st.none(),
)


@settings(max_examples=300)
@given(dirt)
def test_one_and_many_agree(text: str | None) -> None:
    one = check_id(text)
    row = check_ids(pl.Series([text], dtype=pl.String)).row(0, named=True)
    # A column of one rounded number cannot differ: what looks rounded failed its check digit either way.
    assert row == {
        "id_number": one.id_number, "problem": one.problem, "warning": next(iter(one.warnings), None),
        "birth_date": one.birth_date, "sex": one.sex,
    }  # fmt: skip


@given(st.lists(dirt, max_size=60))
def test_a_column_keeps_its_order_and_length(texts: list[str | None]) -> None:
    frame = check_ids(pl.Series(texts, dtype=pl.String))
    assert frame.height == len(texts)
    for text, number, problem in zip(texts, frame["id_number"], frame["problem"], strict=True):
        assert (number is None) != (problem is None)
        if problem != "id_excel_mangled":  # the one judgement that looks at the whole column
            assert (number, problem) == (check_id(text).id_number, check_id(text).problem)


def test_columns_longer_than_a_chunk() -> None:
    count = 300_000
    days = np.datetime64("1940-01-01") + np.arange(count) % 25_000
    numbers = make_ids(np.full(count, 320404), days, np.arange(count) % 1000)
    text = numbers.scatter([0, 140_000, 299_999], ["无", "110105491231002", "3.2E+17"])
    frame = check_ids(text)
    assert frame["problem"].drop_nulls().to_list() == ["id_characters", "id_excel_mangled"]
    assert frame["id_number"][140_000] == GOOD
    assert frame["id_number"][1] == numbers[1]
    assert frame["birth_date"].to_list()[2:5] == [date(1940, 1, 3), date(1940, 1, 4), date(1940, 1, 5)]


def test_where_excel_rounded_a_column_chance_hits_are_not_trusted() -> None:
    """A file whose numbers all end in 000: one in eleven has a right check digit and would be another person."""
    rounded = [f"320402{birth}{hundred}000" for birth in range(19800101, 19800129) for hundred in (0, 3, 7)]
    assert any(check_id(text).problem is None for text in rounded)
    frame = check_ids(pl.Series(rounded))
    assert set(frame["problem"]) == {"id_excel_mangled"}
    assert frame["id_number"].null_count() == frame["birth_date"].null_count() == len(rounded)


def test_a_sound_number_that_ends_in_000_is_kept() -> None:
    sound = next(
        number for day in range(1, 29) for number in [make_id("320402", date(1980, 1, day), 100)] if number.endswith("000")
    )
    assert check_ids(pl.Series([sound, GOOD]))["id_number"].to_list() == [sound, GOOD]


@given(st.lists(st.tuples(births, st.integers(0, 999)), min_size=1, max_size=20))
def test_making_one_and_many_agree(people: list[tuple[date, int]]) -> None:
    one = [make_id("320413", birth, sequence) for birth, sequence in people]
    days = np.array([birth for birth, _ in people], dtype="datetime64[D]")
    many = make_ids(np.full(len(people), 320413), days, np.array([sequence for _, sequence in people]))
    assert many.to_list() == one
    assert check_ids(many)["birth_date"].to_list() == [birth for birth, _ in people]


def test_edges() -> None:
    assert check_ids(pl.Series([], dtype=pl.String)).height == 0
    assert make_ids(np.array([], dtype=np.int64), np.array([], dtype="datetime64[D]"), np.array([], dtype=np.int64)).len() == 0
    assert check_ids(pl.Series([110105491231002])).row(0)[0] == GOOD  # a column of integers
    assert normalise_id("　１２３ｘ") == "123X"
    with pytest.raises(ValueError, match="18"):
        digits_of(pl.Series(["123"]))
