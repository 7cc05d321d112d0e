"""The evaluator: who is paid, what totals are, what is refused, and properties over random households."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minzheng.kernel.rules.evaluation import RESULT, RuleError, evaluate, plan, plan_of
from minzheng.kernel.rules.language import Clause, Month, Rule, amount, condition, total, values_of, variable
from tests.kernel.rules.small_rule import INPUTS, LAW, frame, top_up

MONTH = Month.of("2024-07")


@pytest.fixture(scope="module")
def rule(tmp_path_factory: pytest.TempPathFactory) -> Rule:
    return top_up(tmp_path_factory.mktemp("rule"))


def run(rule: Rule, people: pl.DataFrame, month: Month = MONTH, **options: bool) -> pl.DataFrame:
    found: pl.DataFrame = (
        evaluate(rule, nw.from_native(people.lazy()), month, values_of(rule, month), **options)
        .to_native()
        .collect()
    )
    return found.sort("person_key")


def test_a_household_gives_one_row_the_payees(rule: Rule) -> None:
    people = frame(
        {"person_key": 9, "rank": 0, "present": 0, "award_low_income": 1},
        {"person_key": 8, "rank": 2, "wage": 50000},
        {"person_key": 7, "rank": 1},
        {"person_key": 6, "rank": 1, "village": 5},
    )
    found = run(rule, people)
    assert tuple(found.columns) == RESULT
    assert found.rows() == [(6, 1, 5, 1, 3 * 110000 - 40000)]


def test_nobody_present_nobody_paid(rule: Rule) -> None:
    assert run(rule, frame({"person_key": 1, "present": 0, "award_low_income": 1})).is_empty()


def test_whoever_is_picked_brings_the_household(rule: Rule) -> None:
    people = frame(
        {"person_key": 1, "household_key": 1}, {"person_key": 2, "household_key": 1, "award_low_income": 1, "birth": 19500101},
        {"person_key": 3, "household_key": 2},
    )  # fmt: skip
    assert run(rule, people)["amount_fen"].to_list() == [2 * 110000 + 5000]
    assert run(rule, people, everybody=True)["eligible"].to_list() == [1, 0]


def test_the_standard_of_the_month(rule: Rule) -> None:
    people = frame({"person_key": 1, "award_low_income": 1})
    assert run(rule, people, Month.of("2024-06"))["amount_fen"].to_list() == [100000]
    assert run(rule, people, Month.of("2024-07"))["amount_fen"].to_list() == [110000]


def test_an_amount_counts_only_for_the_entitled(rule: Rule) -> None:
    kept = run(
        rule, frame({"person_key": 1, "award_low_income": 0}), everybody=True, keep_steps=True
    ).to_dicts()[0]
    assert (kept["eligible"], kept["amount_fen"], kept["amount"], kept["awarded"]) == (0, 0, 110000, 0)
    assert set(kept) == {*RESULT, *(each.name for each in INPUTS), *(step.name for step in rule.steps)}


def test_a_status_has_no_amount(rule: Rule) -> None:
    status = replace(rule, entity="person", steps=rule.steps[:1])
    assert not status.pays and status.result == ""
    assert run(status, frame({"person_key": 1, "award_low_income": 1}))["amount_fen"].to_list() == [0]


def test_what_a_plan_notes(rule: Rule) -> None:
    steps = {each.step.name: each for each in plan(rule, MONTH, values_of(rule, MONTH)).steps}
    assert steps["counted"].columns == ("wage", "present") and steps["counted"].parameters == (
        "wage_percent",
    )
    assert steps["income"].columns == ("counted",) and steps["awarded"].parameters == ("asks_award",)
    assert steps["amount"].columns == ("gap", "elder") and steps["amount"].parameters == ("extra",)
    assert [steps[name].level for name in ("counted", "income", "gap", "amount")] == [1, 2, 3, 4]


def test_a_kept_plan_knows_other_figures_and_months(rule: Rule) -> None:
    june, july = (values_of(rule, Month.of(text)) for text in ("2024-06", "2024-07"))
    assert plan_of(rule, MONTH, july) is plan_of(rule, MONTH, values_of(rule, MONTH))
    assert plan_of(rule, MONTH, june) is not plan_of(rule, MONTH, july)
    assert plan_of(rule, MONTH.after, july) is not plan_of(rule, MONTH, july)


def broken(rule: Rule, *steps: Any) -> Rule:
    return replace(rule, steps=steps)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        (lambda c, t: c["salary"], "“salary”既不是规则的输入"),
        (lambda c, t: c["late"], "“late”既不是规则的输入"),
        (lambda c, t: c["wage"] * t.number("nothing"), "参数“nothing”不在它的参数文件里"),
        (lambda c, t: c["wage"] * t.number("asks_award"), "参数“asks_award”的值 True 不是规则要的类型"),
        (lambda c, t: c["wage"] * int(t.switch("standard")), "参数“standard”的值"),
        (lambda c, t: c["wage"] * t.table("standard")["1"], "参数“standard”的值"),
    ],
)
def test_formulas_that_ask_for_what_is_not_there(rule: Rule, formula: Any, message: str) -> None:
    late = variable("late", "后", "fen", LAW, lambda c, t: c["wage"])
    with pytest.raises(RuleError) as caught:
        plan(broken(rule, variable("early", "前", "fen", LAW, formula), late), MONTH, values_of(rule, MONTH))
    assert message in str(caught.value)


def test_the_population_may_look_at_inputs_alone(rule: Rule) -> None:
    with pytest.raises(RuleError, match="members"):
        plan(replace(rule, population=lambda c, t: c["members"] > 0), MONTH, values_of(rule, MONTH))


def test_people_without_a_column_are_refused(rule: Rule) -> None:
    with pytest.raises(RuleError, match="“补差”要的列不在人员表里：birth、wage"):
        run(rule, frame({"person_key": 1}).drop("wage", "birth"))


def test_a_rule_is_held_against_itself(rule: Rule) -> None:
    step = variable("wage", "工资", "fen", LAW, lambda c, t: c["wage"])
    with pytest.raises(ValueError, match="名称重复：wage"):
        replace(rule, steps=(step,))
    with pytest.raises(ValueError, match="汇总的 later 不在它之前"):
        replace(rule, steps=(total("sum", "和", "fen", LAW, of="later"),))
    with pytest.raises(ValueError, match="没有写明依据"):
        replace(rule, law=())
    with pytest.raises(ValueError, match="没有写明依据的文件"):
        Clause(" ")


# --- properties --------------------------------------------------------------------------------------------------------

PERSON = st.fixed_dictionaries({
    "household_key": st.integers(1, 4), "rank": st.integers(0, 2), "present": st.integers(0, 1), "birth": st.sampled_from([0, 19400229, 20100101]),
    "wage": st.integers(0, 400_000), "award_low_income": st.integers(0, 2), "disability_level": st.integers(0, 4), "village": st.integers(1, 2),
})  # fmt: skip
PEOPLE = st.lists(PERSON, min_size=1, max_size=12).map(
    lambda rows: [{**row, "person_key": key} for key, row in enumerate(rows, start=1)]
)


@settings(max_examples=40, deadline=None)
@given(PEOPLE, st.integers(0, 11), st.integers(1, 200_000))
def test_more_income_never_raises_the_top_up(
    rule: Rule, rows: list[dict[str, Any]], who: int, more: int
) -> None:
    richer = [
        {**row, "wage": row["wage"] + more * (place == who % len(rows))} for place, row in enumerate(rows)
    ]
    before, after = (
        dict(run(rule, frame(*each)).select("household_key", "amount_fen").rows()) for each in (rows, richer)
    )
    assert all(after[home] <= before[home] for home in before)


@settings(max_examples=40, deadline=None)
@given(PEOPLE, st.randoms())
def test_neither_order_nor_parts_nor_population_matter(
    rule: Rule, rows: list[dict[str, Any]], dice: Any
) -> None:
    people = frame(*rows)
    whole = run(rule, people)
    shuffled = list(rows)
    dice.shuffle(shuffled)
    assert run(rule, frame(*shuffled)).equals(whole)
    parts = [run(rule, people.filter(pl.col("household_key") % 2 == rest)) for rest in (0, 1)]
    assert pl.concat(parts).sort("person_key").equals(whole)
    entitled = [each.filter(pl.col("eligible") == 1) for each in (whole, run(rule, people, everybody=True))]
    assert entitled[0].equals(entitled[1])


@settings(max_examples=40, deadline=None)
@given(PEOPLE)
def test_totals_are_what_adding_up_gives(rule: Rule, rows: list[dict[str, Any]]) -> None:
    found = run(rule, frame(*rows), everybody=True, keep_steps=True)
    for row in found.to_dicts():
        home = [each for each in rows if each["household_key"] == row["household_key"]]
        assert row["members"] == sum(each["present"] for each in home)
        assert row["income"] == sum((each["wage"] * 80 + 50) // 100 * each["present"] for each in home)
        assert row["award"] == max(each["award_low_income"] for each in home)
    assert found["household_key"].is_unique().all()


def test_what_a_person_rule_gives_is_one_row_each(tmp_path: Path, rule: Rule) -> None:
    each = Rule(
        "each", "各人", "person", (LAW,), rule.parameters, INPUTS, lambda c, t: c["wage"] > 0,
        (condition("poor", "低", LAW, lambda c, t: c["wage"] < 1000), amount("a", "额", LAW, lambda c, t: c["wage"] * 2)),
    )  # fmt: skip
    found = run(
        each, frame({"person_key": 1, "wage": 500}, {"person_key": 2, "wage": 2000}, {"person_key": 3})
    )
    assert found.select("person_key", "eligible", "amount_fen").rows() == [(1, 1, 1000), (2, 0, 0)]


def test_the_money_goes_to_a_member_who_may_receive_it(rule: Rule) -> None:
    heads_first = frame(
        {"person_key": 1, "rank": 0, "hukou": 0, "award_low_income": 1}, {"person_key": 2, "rank": 1}, {"person_key": 3, "rank": 2}
    )
    nobody = frame({"person_key": 1, "rank": 0, "hukou": 0, "award_low_income": 1}, {"person_key": 2, "rank": 1, "hukou": 0})
    asking = replace(rule, paid_to="hukou")
    assert run(asking, heads_first)["person_key"].to_list() == [2]
    assert run(asking, nobody)["person_key"].to_list() == [1], "a refusal has a row too"
    assert run(rule, heads_first)["person_key"].to_list() == [1]


def test_who_may_receive_it_is_a_column_of_a_household_rule(rule: Rule) -> None:
    with pytest.raises(ValueError, match="领款人条件"):
        replace(rule, paid_to="nothing")
