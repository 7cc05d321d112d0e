"""What is gathered for some rules is enough for each of them, and no more than their households."""

from __future__ import annotations

from pathlib import Path

import narwhals as nw
import polars as pl

from minzheng.kernel.benefits.programmes import inputs, programmes
from minzheng.kernel.rules.evaluation import plan_of, run
from minzheng.kernel.rules.gathering import gather
from minzheng.kernel.rules.language import Month, values_of
from tests.domains import random_city

MONTH = Month.of("2024-07")


def test_rules_give_the_same_on_what_was_gathered(tmp_path: Path) -> None:
    random_city.people(1_500, inputs().values(), MONTH, seed=9).write_parquet(tmp_path / "people.parquet")
    people = pl.scan_parquet(tmp_path / "people.parquet")
    rules = [each.rule for each in programmes().values() if each.rule.looks_at_households]
    plans = [plan_of(rule, MONTH, values_of(rule, MONTH)) for rule in rules]
    homes = gather(plans, people)
    assert 0 < homes.collect().height < people.collect().height
    assert len(plans) > 3
    for planned in plans:
        found = [
            run(planned, nw.from_native(frame)).to_native().collect().sort("person_key")
            for frame in (people, homes)
        ]
        assert found[0].equals(found[1]), planned.rule.name


def test_no_rules_no_people() -> None:
    assert gather([], pl.LazyFrame({"household_key": [1]})).collect().is_empty()
