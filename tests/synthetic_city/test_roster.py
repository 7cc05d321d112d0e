"""The roster and what offices know of those on it: consistent with the truth, and wrong exactly where the truth says so."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from minzheng.synthetic_city.city import make_city
from minzheng.synthetic_city.dates import BASE
from minzheng.synthetic_city.desk import Desk
from minzheng.synthetic_city.means import STANDARD
from minzheng.synthetic_city.truth import Truth, load_truth

CASES = ("after_death", "in_custody", "twice", "vehicle", "home", "business", "income", "absent")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, pl.DataFrame], Truth]:
    """What each office delivered as typed rows, with `as_of`, and the truth."""
    chunks: dict[str, list[pl.DataFrame]] = defaultdict(list)
    put, folder = Desk.put, tmp_path_factory.mktemp("roster")

    def keeping(self: Desk, name: str, as_of: date, frame: pl.DataFrame, unit: str = "", **harmless: int) -> None:
        if name != "medical_settlements":
            chunks[name].append(frame.with_columns(as_of=pl.lit(as_of)))
        put(self, name, as_of, frame, unit, **harmless)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Desk, "put", keeping)
        make_city(residents=30_000, seed=4, out=Path(folder))
    return {name: pl.concat(rows, how="diagonal_relaxed") for name, rows in chunks.items()}, load_truth(folder)


@pytest.fixture
def roster(city: Any) -> pl.DataFrame:
    """The bureau's roster with the truth about each person."""
    frames, truth = city
    people = truth.persons.drop("name", "household_no")
    found: pl.DataFrame = frames["assistance_recipients"].join(people, left_on="person_id", right_on="id_number")
    return found


def wrong(truth: Truth, case: str) -> set[str]:
    return set(truth.events.filter(pl.col("kind") == f"wrong_{case}")["id_number"])


def test_every_kind_of_case_is_there(city: Any) -> None:
    found = {case: len(wrong(city[1], case)) for case in CASES}
    assert all(found.values()), found


def test_the_dead_leave_the_roster_unless_the_truth_says_otherwise(city: Any, roster: pl.DataFrame) -> None:
    dead = roster.filter((pl.col("died_on") <= date(2024, 9, 30)) & (pl.col("died_on") >= pl.col("since")))
    left = set(dead.filter(pl.col("until").is_not_null())["person_id"])
    stays = wrong(city[1], "after_death")
    assert set(dead["person_id"]) - left == stays & set(dead["person_id"]) - left
    money = dead.filter(pl.col("programme").is_in(["low_income", "destitute"]))
    assert not set(money.filter(pl.col("until").is_not_null())["person_id"]) & stays
    ended = money.filter(pl.col("until").is_not_null())
    assert ended.height and (ended["until"] == ended["died_on"].dt.month_start().dt.offset_by("1mo")).all()


def test_people_alone_have_no_household_and_statuses_last_a_year(roster: pl.DataFrame) -> None:
    alone = roster.filter(pl.col("household_no").is_null())
    assert alone.height and set(alone["programme_right"]) == {"low_income"} and (alone["disability_level"].is_between(1, 3)).all()
    living = roster.filter(pl.col("programme").is_in(["borderline", "rigid_spending"]) & pl.col("died_on").is_null())
    assert living.height and (living["until"] == living["since"].dt.offset_by("12mo")).all()
    renewed = living.filter(pl.col("as_of") > BASE)
    assert renewed.height and (renewed["since"] > date(2024, 1, 1)).all()


def test_who_stands_twice(city: Any, roster: pl.DataFrame) -> None:
    standing = roster.filter(pl.col("programme").is_in(["low_income", "destitute"]), pl.col("as_of") == BASE)
    repeated = standing.group_by("person_id").agg(pl.len(), pl.col("household_no").n_unique().alias("homes")).filter(pl.col("len") > 1)
    assert set(repeated["person_id"]) == wrong(city[1], "twice") and (repeated["homes"] == 2).all()


def test_what_they_own_stands_in_the_registers(city: Any, roster: pl.DataFrame) -> None:
    frames, truth = city
    on_roster = set(roster["person_id"])
    for case, name, condition in (
        ("vehicle", "vehicles", pl.col("status").is_in(["normal", "overdue"]) & (pl.col("vehicle_type") != "残疾人机动轮椅车")),
        ("business", "market_entities", pl.col("status") == "open"),
    ):
        owners = set(frames[name].filter(condition)["person_id"]) & on_roster
        dead = set(truth.persons.filter(pl.col("died_on").is_not_null())["id_number"])
        assert wrong(truth, case) == owners - dead
    inside = frames["custody"].filter(pl.col("person_id").is_in(list(wrong(truth, "in_custody"))))
    assert set(inside["person_id"]) == wrong(truth, "in_custody")


def test_declared_incomes_go_with_need(city: Any, roster: pl.DataFrame) -> None:
    frames, truth = city
    declared = frames["household_economy"].filter(pl.col("as_of") == BASE)
    homes = truth.persons.filter(pl.col("id_number").is_in(roster["person_id"].to_list()))["household_no"].unique()
    members = truth.persons.filter(pl.col("household_no").is_in(homes.to_list()))
    there = members.filter(pl.col("birth_date") < date(2023, 1, 1), pl.col("died_on").is_null(), pl.col("moved_on").is_null())
    assert set(there["id_number"]) <= set(declared["person_id"])
    rows = declared.join(truth.persons.drop("name", "household_no"), left_on="person_id", right_on="id_number")
    odd = rows.filter((pl.col("wage") > 0) & ~pl.col("insured") & ~pl.col("firm"))
    assert odd.height and (odd["other_income"] == odd["wage"] * 100).all()
    poor = rows.filter(pl.col("programme") == "low_income", ~pl.col("person_id").is_in(list(wrong(truth, "income"))))
    sums = poor.group_by("household_no").agg(pl.col("other_income").sum(), pl.len())
    assert (sums["other_income"] < sums["len"] * 1.5 * STANDARD * 100).all()
    assert rows.filter((pl.col("aid_vehicles") > 0) & (pl.col("disability_category") != 4)).is_empty()


def test_children_in_difficulty_are_children_whose_parents_fit(city: Any) -> None:
    frames, truth = city
    born = truth.persons.select("id_number", "birth_date", "household_no")
    rows = frames["children_register"].join(born, left_on="person_id", right_on="id_number")
    assert rows.height and (rows["birth_date"].dt.offset_by("18y") > rows["registered_on"]).all()
    parents = pl.concat([rows["father_state"], rows["mother_state"]])
    assert "able" in parents and parents.n_unique() >= 4
    both = rows.filter(pl.col("kind") == "unsupported")
    assert both.height and (both.select("father_state", "mother_state") != "able").to_numpy().all()
    alone = rows.filter(pl.col("kind") == "orphan").join(frames["households"], on="person_id")
    assert alone.height and set(alone["relation"]) == {"other"} and (alone["father_state"] == "dead").all()


def test_pupils_are_of_school_age(city: Any) -> None:
    frames, truth = city
    rows = frames["students"].join(truth.persons.select("id_number", "birth_date"), left_on="person_id", right_on="id_number")
    age = pl.col("enrolled_on").dt.year() - pl.col("birth_date").dt.year()
    ages = {stage: set(group.select(age).to_series()) for (stage,), group in rows.group_by("stage")}
    assert ages == {"compulsory": {6, 7}, "senior": {15, 16}}
    assert rows.select("person_id", "enrolled_on", "as_of").is_unique().all()


def test_elders_are_assessed_and_cared_for(city: Any) -> None:
    frames, truth = city
    born = truth.persons.select("id_number", "birth_date")
    rows = frames["ability_assessments"].join(born, left_on="person_id", right_on="id_number")
    assert rows["birth_date"].max() < date(1964, 1, 2) and rows["grade"].n_unique() == 5
    points = dict(rows.group_by("grade").agg(pl.col("score").mean()).iter_rows())
    assert points["complete"] < points["severe"] < points["moderate"] < points["mild"] < points["intact"] == 90
    weak = frames["destitute_care"].filter(pl.col("eat") == "unable")
    assert (weak["bathe"] == "unable").all() and set(frames["destitute_care"]["placement"]) == {"scattered", "institution"}
