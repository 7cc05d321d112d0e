"""The city has the marginals of facts §1.4, and goes together as in life."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from minzheng.kernel.foundation.identifiers import check_ids
from minzheng.synthetic_city.place import boards, residents_of, table
from minzheng.synthetic_city.truth import Truth, load_truth

REFERENCE = date(2023, 12, 31)


@pytest.fixture(scope="module")
def truth(town: Path) -> Truth:
    return load_truth(town)


@pytest.fixture(scope="module")
def people(truth: Truth) -> pl.DataFrame:
    return truth.persons.with_columns(age=(REFERENCE - pl.col("birth_date")).dt.total_days() / 365.25)


def share(frame: pl.DataFrame, condition: pl.Expr) -> float:
    return frame.filter(condition).height / frame.height


def test_exactly_as_many_residents_as_asked_for(people: pl.DataFrame) -> None:
    assert people.height == 20_000


def test_age_pyramid_of_the_registered_population(people: pl.DataFrame) -> None:
    local = people.filter("hukou")
    assert share(local, pl.col("age") >= 60) == pytest.approx(0.26, abs=0.015)
    assert share(local, pl.col("age") >= 80) == pytest.approx(0.039, abs=0.006)
    assert share(people, pl.col("age") >= 80) * 5_380_000 == pytest.approx(150_000, rel=0.15)
    assert share(people.filter(~pl.col("hukou")), pl.col("age") >= 60) < 0.06
    assert share(people, pl.col("male")) == pytest.approx(0.5, abs=0.015)


def test_registered_share_and_household_size(people: pl.DataFrame) -> None:
    assert share(people, pl.col("hukou")) == pytest.approx(387 / 538, abs=0.02)
    sizes = people.group_by("household_no").agg(pl.len(), pl.col("household_size").first())
    assert sizes["len"].mean() == pytest.approx(2.51, abs=0.05)
    assert (sizes["len"] == sizes["household_size"]).all()
    assert sizes["len"].max() == 6


def test_the_seven_boards_have_their_shares(people: pl.DataFrame) -> None:
    total = sum(board["residents"]["value"] for board in table("boards")["boards"])
    found = dict(people["board"].value_counts().iter_rows())
    for board in table("boards")["boards"]:
        assert found[board["slug"]] == pytest.approx(20_000 * board["residents"]["value"] / total, abs=1)
    assert found["jingkai"] / found["wujin"] == pytest.approx(42.74 / 129.67, abs=0.001)


def test_numbers_of_supported_and_disabled_people(people: pl.DataFrame) -> None:
    scale = 5_400_000 / people.height
    counts = dict(people["programme"].value_counts().iter_rows())
    assert 18_000 < counts["low_income"] * scale < 40_000
    assert 3_000 < counts["destitute"] * scale < 13_000
    disabled = people.filter(pl.col("disability_level") > 0).height
    assert disabled / people.filter("hukou").height == pytest.approx(0.02, abs=0.004)
    assert people.filter(pl.col("programme") != "none")["hukou"].all()


def test_poverty_age_illness_and_disability_go_together(people: pl.DataFrame) -> None:
    poor = pl.col("programme").is_in(["low_income", "destitute", "borderline"])
    supported, others = (people.filter(poor == flag) for flag in (True, False))
    assert share(supported, pl.col("car")) < 0.2 * share(others, pl.col("car"))
    assert share(supported, pl.col("disability_level") > 0) > 5 * share(others, pl.col("disability_level") > 0)
    old, young = people.filter(pl.col("age") >= 65), people.filter(pl.col("age") < 45)
    assert share(old, pl.col("seriously_ill")) > 3 * share(young, pl.col("seriously_ill"))
    workers = people.filter(pl.col("wage") > 0)
    wages = dict(workers.group_by("board").agg(pl.col("wage").median()).iter_rows())
    assert wages["xinbei"] > wages["liyang"]


def test_need_is_rare_and_follows_events(truth: Truth, people: pl.DataFrame) -> None:
    assert 0.01 < share(people, pl.col("need")) < 0.10
    stricken = truth.events.filter(pl.col("kind").is_in(["serious_illness", "job_lost"]))["id_number"].to_list()
    assert share(people.filter(pl.col("id_number").is_in(stricken)), pl.col("need")) > 2 * share(people, pl.col("need"))
    assert truth.needy_ids() == set(people.filter("need")["id_number"])
    assert len(truth.outcomes()) == people.height


def test_ids_are_valid_unique_and_of_the_reserved_shape(people: pl.DataFrame) -> None:
    checked = check_ids(people["id_number"])
    assert checked["problem"].null_count() == people.height
    assert checked["warning"].null_count() == people.height
    assert people["id_number"].n_unique() == people.height
    assert (people["id_number"].str.slice(14, 1) == "9").all()
    assert (checked["birth_date"] == people["birth_date"]).all()
    assert ((checked["sex"] == "1") == people["male"]).all()
    # Those born before 1995 in 武进 still bear the code of the abolished county.
    elders = people.filter((pl.col("board") == "wujin") & pl.col("hukou") & (pl.col("age") > 40))
    assert share(elders, pl.col("id_number").str.starts_with("320421")) > 0.9


def test_villages_are_real_and_differ_in_size(people: pl.DataFrame) -> None:
    every_village = {code for board in boards(3) for code in board.villages.tolist()}
    assert set(people["village_code"].cast(pl.Int64)) <= every_village
    assert len(every_village) == 494 + 541
    sizes = people["village_code"].value_counts()["count"]
    assert sizes.max() > 4 * sizes.median()


def test_names_of_two_to_four_characters_and_long_ones(people: pl.DataFrame) -> None:
    lengths = people["name"].str.len_chars()
    assert lengths.min() == 2
    assert share(people, pl.col("name").str.len_chars() == 3) > 0.7
    assert people["name"].str.contains("·").any()
    assert people["name"].str.contains("[䶮㼆喆堃翀珺赟淼犇彧㛃爨]").any()


def test_residents_are_shared_out_completely() -> None:
    for count in (100, 101, 5_399_999):
        assert sum(residents_of(boards(1), count)) == count
