"""The matrix: readable, sourced, refused when it contradicts itself, applied row by row."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.kernel.benefits.exclusions import Matrix, apply, explain, load, matrix
from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.foundation.declared import DeclarationError

DAY = date(2024, 6, 1)
GOOD = """
facts:
  prison: {title: 服刑, input: custody, codes: [1]}
rows:
  - {a: x, b: y, rule: higher, source: 某文, status: confirmed}
  - {a: prison, b: x, rule: suspended, source: 某文, status: confirmed}
"""
Given = tuple[str, int, int, int]  # programme, person, household, 分


def results(*rows: Given) -> pl.DataFrame:
    found = [(name, person, person, home, 1, fen) for name, person, home, fen in rows]
    schema = {"programme": pl.String, **dict.fromkeys(("unit_key", "person_key", "household_key", "eligible", "amount_fen"), pl.Int64)}
    return pl.DataFrame(found, schema=schema, orient="row")


def people(*keys: tuple[int, int]) -> pl.DataFrame:
    return pl.DataFrame(keys, schema={"person_key": pl.Int64, "household_key": pl.Int64}, orient="row")


def table(*rows: dict[str, str]) -> Matrix:
    filled = [{"source": "某文", "status": "confirmed", **row} for row in rows]
    return Matrix.model_validate({"facts": {"prison": {"title": "服刑", "input": "custody", "codes": [1]}}, "rows": filled})


def after(given: pl.DataFrame, matrix: Matrix, prison: pl.DataFrame | None = None) -> list[tuple[str, int, int, int, str]]:
    done = apply(given, matrix.at(DAY), {"prison": people() if prison is None else prison})
    return [(r["programme"], r["person_key"], r["eligible"] * r["amount_fen"], r["suspended"], r["exclusion"]) for r in done.to_dicts()]


def test_every_row_names_programmes_or_facts_and_has_a_source() -> None:
    known = {*programmes(), *matrix().facts}
    for row in matrix().rows:
        assert {row.a, row.b} <= known, row.name
        assert len(row.source) > 4
    assert {row.rule for row in matrix().rows} == {"both", "higher", "a_excludes_b", "suspended"}


def test_the_higher_is_paid_of_equal_ones_the_first() -> None:
    rows = table({"a": "x", "b": "y", "rule": "higher"})
    given = results(("x", 1, 9, 100), ("y", 1, 9, 200), ("x", 2, 8, 50), ("y", 2, 8, 50), ("y", 3, 7, 5))
    assert after(given, rows) == [
        ("x", 1, 0, 0, "x/y"), ("y", 1, 200, 0, ""), ("x", 2, 50, 0, ""), ("y", 2, 0, 0, "x/y"), ("y", 3, 5, 0, ""),
    ]  # fmt: skip


def test_one_excludes_the_other_in_a_person_or_in_a_household() -> None:
    given = results(("x", 1, 9, 100), ("y", 2, 9, 200), ("y", 1, 9, 7))
    assert [row[2] for row in after(given, table({"a": "x", "b": "y", "rule": "a_excludes_b"}))] == [100, 200, 0]
    assert [row[2] for row in after(given, table({"a": "x", "b": "y", "rule": "a_excludes_b", "by": "household"}))] == [100, 0, 0]
    assert [row[2] for row in after(given, table({"a": "x", "b": "y", "rule": "a_excludes_b", "carried_out": "rule"}))] == [100, 200, 7]


def test_what_was_cut_or_is_suspended_cuts_nothing_any_more() -> None:
    rows = table({"a": "prison", "b": "x", "rule": "suspended"}, {"a": "x", "b": "y", "rule": "a_excludes_b"}, {"a": "y", "b": "z", "rule": "a_excludes_b"})
    given = results(("x", 1, 9, 100), ("y", 1, 9, 50), ("z", 1, 9, 5))
    assert after(given, rows) == [("x", 1, 100, 0, ""), ("y", 1, 0, 0, "x/y"), ("z", 1, 5, 0, "")]
    assert after(given, rows, people((1, 9))) == [("x", 1, 100, 1, "prison/x"), ("y", 1, 50, 0, ""), ("z", 1, 0, 0, "y/z")]


def test_every_row_that_concerns_somebody_is_explained() -> None:
    rows = table({"a": "x", "b": "y", "rule": "higher"}, {"a": "x", "b": "z", "rule": "both"}, {"a": "q", "b": "x", "rule": "both"})
    told = explain({"x": 10_000, "y": 20_000, "z": 1}, rows.at(DAY), [], {"x": "甲补贴", "y": "乙补贴", "z": "丙补贴"}, {"x": "x/y"})
    assert [line.text for line in told] == [
        "甲补贴与乙补贴择高享受（甲补贴 ¥100.00，乙补贴 ¥200.00），因此不发甲补贴（某文）", "甲补贴与丙补贴可以同时享受（某文）",
    ]  # fmt: skip
    assert [line.touched for line in told] == [True, False]


@pytest.mark.parametrize(
    ("before", "now", "says"),
    [
        ("rule: higher", "rule: lower", "rows.0.rule"),
        ("source: 某文", "source: ''", "source"),
        ("a: x, b: y", "a: x, b: x", "同一项"),
        ("a: prison, b: x", "a: x, b: prison", "只能写在 a"),
        ("a: prison, b: x, rule: suspended", "a: y, b: x, rule: both", "重复"),
        ("codes: [1]", "codes: [1], at_least: 2", "其中一个"),
        ("status: confirmed}", "status: confirmed, to: 1980-01-01}", "有效期"),
    ],
)
def test_a_wrong_table_is_refused_with_its_place(tmp_path: Path, before: str, now: str, says: str) -> None:
    path = tmp_path / "matrix.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert len(load(path).rows) == 2
    path.write_text(GOOD.replace(before, now, 1), encoding="utf-8")
    with pytest.raises(DeclarationError, match=says) as error:
        load(path)
    assert "matrix.yaml" in str(error.value)


ROWS = st.tuples(st.sampled_from("xyz"), st.integers(1, 4), st.just(9), st.integers(1, 500))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ROWS, max_size=12, unique_by=lambda row: row[:2]), st.lists(st.sampled_from(["higher", "a_excludes_b", "both"]), min_size=3, max_size=3))
def test_nobody_gets_more_by_the_matrix_and_persons_do_not_touch_each_other(given_rows: list[Given], how: list[str]) -> None:
    rows = table(*({"a": a, "b": b, "rule": rule} for (a, b), rule in zip((("x", "y"), ("y", "z"), ("x", "z")), how, strict=True)))
    whole = after(results(*given_rows), rows)
    assert all(fen <= before[3] for (_name, _person, fen, _held, _row), before in zip(whole, given_rows, strict=True))
    for person in {row[1] for row in given_rows}:
        own = after(results(*(row for row in given_rows if row[1] == person)), rows)
        assert sorted(own) == sorted(row for row in whole if row[1] == person)
