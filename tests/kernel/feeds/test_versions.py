"""Deliveries of one feed in any order: the lake says for every day what the newest data of that day said."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.kernel.feeds import lake
from minzheng.kernel.feeds.keys import row_numbers
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.foundation.identifiers import make_id
from minzheng.kernel.foundation.keys import pseudonymiser

HEAD = "姓名,身份证号,失业登记日期,状态\n"
PEOPLE = [make_id("320402", date(1980, 1, day), 901) for day in range(1, 6)]
STATUSES = {"在领": "receiving", "停领": "stopped", "期满": "ended"}
DAYS = [date(2024, month, 28) for month in range(1, 7)]

deliveries = st.lists(
    st.tuples(st.sampled_from(DAYS), st.dictionaries(st.integers(0, 4), st.sampled_from(list(STATUSES)), min_size=1)),
    min_size=1, max_size=6,
)  # fmt: skip


def state(day: date) -> dict[int, str]:
    rows = lake.scan("unemployment", day).select("person_key", "status").collect().rows()
    assert len(rows) == len(dict(rows)), "one row a key"
    return dict(rows)


@given(deliveries)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_newest_data_of_each_day_count(take: Any, sent: list[tuple[date, dict[int, str]]]) -> None:
    Batch.objects.all().delete()
    keys = pseudonymiser()
    arrived: list[tuple[date, dict[int, str]]] = []
    for number, (as_of, rows) in enumerate(sent):
        body = "".join(f"张三,{PEOPLE[n]},2024-01-01,{status}\n" for n, status in rows.items())
        report = take("unemployment", HEAD + body + ",,,\n" * number, as_of=as_of, name=f"{number}.csv")
        # A row that a later delivery has already confirmed otherwise is refused; the model leaves it out, too.
        assert set(report["reasons"]) <= {"stale"}
        if report["reasons"]:
            return
        arrived.append((as_of, rows))
    for day in DAYS:
        expected: dict[int, str] = {}
        for _, rows in sorted((item for item in arrived if item[0] <= day), key=lambda item: item[0]):
            expected |= {keys.of(PEOPLE[n]): STATUSES[status] for n, status in rows.items()}
        assert state(day) == expected
        assert sorted(pl.read_parquet(lake.parts("unemployment", day))["person_key"]) == sorted(expected)


def test_a_late_delivery_does_not_overrule_what_was_confirmed_since(take: Any) -> None:
    line = f"张三,{PEOPLE[0]},2024-01-01,"
    take("unemployment", HEAD + line + "在领\n", as_of=DAYS[0])
    assert take("unemployment", HEAD + line + "在领\n\n", as_of=DAYS[2])["duplicates"] == 1
    late = take("unemployment", HEAD + line + "停领\n", as_of=DAYS[1])
    assert (late["accepted"], late["reasons"]) == (0, {"stale": 1})
    assert state(DAYS[5]) == {pseudonymiser().of(PEOPLE[0]): "receiving"}
    later = take("unemployment", HEAD + line + "停领\n\n", as_of=DAYS[3])
    assert later["accepted"] == 1
    assert list(state(DAYS[5]).values()) == ["stopped"]


def test_the_same_number_under_two_names_is_a_contradiction(take: Any) -> None:
    rows = [f"张三,{PEOPLE[0]},2024-01-01,在领", f"李四,{PEOPLE[0]},2024-01-01,在领", f"王五,{PEOPLE[1]},2024-01-01,在领"]
    report = take("unemployment", HEAD + "\n".join([*rows, rows[2]]) + "\n")
    assert (report["accepted"], report["duplicates"], report["reasons"]) == (1, 1, {"key_conflict": 2})


def test_a_new_name_in_a_later_delivery_is_no_correction_of_the_lake(take: Any) -> None:
    take("unemployment", HEAD + f"张三,{PEOPLE[0]},2024-01-01,在领\n", as_of=DAYS[0])
    report = take("unemployment", HEAD + f"张三丰,{PEOPLE[0]},2024-01-01,在领\n", as_of=DAYS[1])
    assert (report["accepted"], report["duplicates"]) == (0, 1), "names are no part of the lake"


@pytest.mark.parametrize("rows", [1, 7, 100])
def test_many_rows_against_a_plain_model(take: Any, rows: int) -> None:
    dice = np.random.default_rng(rows)
    drawn = [(int(dice.integers(0, 5)), int(dice.integers(1, 4)), list(STATUSES)[int(dice.integers(0, 2))]) for _ in range(rows)]
    body = "".join(f"张三,{PEOPLE[n]},2024-01-0{day},{status}\n" for n, day, status in drawn)
    versions: dict[tuple[int, int], set[str]] = {}
    for n, day, status in drawn:
        versions.setdefault((n, day), set()).add(status)
    conflicts = sum(len(versions[n, day]) > 1 for n, day, _ in drawn)
    accepted = sum(len(found) == 1 for found in versions.values())
    report = take("unemployment", HEAD + body)
    assert (report["accepted"], report["quarantined"]) == (accepted, conflicts)
    assert report["duplicates"] == rows - accepted - conflicts


def test_numbers_of_rows_never_change() -> None:
    """They are kept in the lake: another value after an update would make every row a correction."""
    frame = pl.DataFrame(
        {"a": [1, -5, None], "b": ["张三", "", None], "c": [date(2024, 1, 1), None, date(1999, 9, 9)], "d": [True, False, None],
         "e": [0.5, None, -1.25], "f": ["x" * 40, "短", "abcdefgh"]},
    )  # fmt: skip
    assert row_numbers(frame, frame.columns).tolist() == [-463048562340231157, -8659042450809227357, 8485578089157305517]


def test_equal_texts_in_different_columns_differ() -> None:
    frame = pl.DataFrame({"a": ["x", ""], "b": ["", "x"]})
    first, second = row_numbers(frame, ["a", "b"])
    assert first != second
