"""Sealed identities: what goes in comes out, and nothing that was touched."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from minzheng.kernel.foundation.encryption import Unreadable
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.vault import FIELDS, open_sealed, seal_identities

text = st.one_of(st.none(), st.text(st.characters(exclude_characters="\x1f", exclude_categories=["Cs"]), max_size=40))
record = st.tuples(st.integers(-(2**63), 2**63 - 1), text, text, text, text)
SCHEMA = {"person_key": pl.Int64, **dict.fromkeys(FIELDS, pl.String)}


def frame(*rows: tuple[int, str | None, str | None, str | None, str | None]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(record, max_size=12), st.integers(0, 2**32 - 1))
def test_round_trip(home: Home, rows: list[tuple[int, str | None, str | None, str | None, str | None]], batch: int) -> None:
    people = frame(*rows)
    sealed = seal_identities(people, batch)
    assert sealed.schema == {"person_key": pl.Int64, "batch_number": pl.UInt32, "sealed": pl.Binary}
    assert_frame_equal(open_sealed(sealed), people.with_columns(pl.col(*FIELDS).fill_null("")))


def test_records_of_many_chunks_in_any_order(home: Home) -> None:
    count = 250_000
    people = pl.select(person_key=pl.int_range(count)).with_columns(
        id_number=pl.lit("11010519491231002X"), name=pl.lit("王") + pl.col("person_key").cast(pl.String),
        address=pl.lit("湖塘镇") + pl.lit("东").repeat_by(pl.col("person_key") % 9).list.join(""), phone=pl.lit(None, pl.String),
    )  # fmt: skip
    some = seal_identities(people, 3).gather_every(1000).reverse()
    assert_frame_equal(open_sealed(some), people.gather_every(1000).reverse().with_columns(pl.col("phone").fill_null("")))


@pytest.fixture
def sealed(home: Home) -> pl.DataFrame:
    return seal_identities(frame((1, "11010519491231002X", "王小明", "湖塘镇", "13900000000"), (2, "", "李四", "", "")), 7)


@pytest.mark.parametrize("place", [0, 5, 11, 12, 13, 30, -1])
def test_a_changed_byte_is_found(sealed: pl.DataFrame, place: int) -> None:
    body = bytearray(sealed["sealed"][0])
    body[place] ^= 1
    with pytest.raises(Unreadable, match="1 条记录"):
        open_sealed(sealed.with_columns(sealed=pl.Series([bytes(body), sealed["sealed"][1]])))


@pytest.mark.parametrize(
    "change",
    [{"sealed": pl.col("sealed").reverse()}, {"person_key": pl.col("person_key") + 1},
     {"batch_number": pl.col("batch_number") + 1}, {"sealed": pl.col("sealed").bin.slice(0, 20)},
     {"sealed": pl.col("sealed").bin.slice(0, 5)}, {"sealed": pl.lit(None, pl.Binary)}],
    ids=["another person's", "another key", "another batch", "cut off", "too short", "missing"],
)  # fmt: skip
def test_a_moved_or_cut_record_is_found(sealed: pl.DataFrame, change: dict[str, pl.Expr]) -> None:
    with pytest.raises(Unreadable):
        open_sealed(sealed.with_columns(**change))


def test_another_deployments_key_opens_nothing(sealed: pl.DataFrame, home: Home, tmp_path, settings) -> None:  # type: ignore[no-untyped-def]
    settings.HOME = Home(tmp_path / "other")
    settings.HOME.ensure()
    with pytest.raises(Unreadable):
        open_sealed(sealed)


def test_no_two_records_share_a_keystream(home: Home) -> None:
    """Even when one batch names a person twice: with one keystream, the XOR of both would be that of the plain texts."""
    twice = seal_identities(frame((1, "A" * 18, "", "", ""), (1, "B" * 18, "", "", "")), 7)["sealed"]
    difference = bytes(a ^ b for a, b in zip(twice[0][12:], twice[1][12:], strict=True))
    assert difference[:18] != bytes([ord("A") ^ ord("B")]) * 18
    other_batch = seal_identities(frame((1, "A" * 18, "", "", "")), 8)["sealed"]
    assert other_batch[0][12:] != twice[0][12:]


def test_nothing_plain_is_left(sealed: pl.DataFrame) -> None:
    assert "王小明".encode() not in sealed["sealed"][0]
    assert b"1101051949" not in sealed["sealed"][0]


def test_the_separator_cannot_shift_fields(home: Home) -> None:
    opened = open_sealed(seal_identities(frame((1, "x", "王\x1f小明", "a\x1fb", "")), 1))
    assert opened.row(0) == (1, "x", "王 小明", "a b", "")
