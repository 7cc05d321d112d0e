"""Every programme does what its worked cases say, and every programme has some."""

from __future__ import annotations

from pathlib import Path

import narwhals as nw
import polars as pl
import pytest

from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.benefits.programmes import inputs, programmes
from minzheng.kernel.foundation.packs import manifests
from minzheng.kernel.rules.evaluation import evaluate
from minzheng.kernel.rules.explanation import Result, explain
from minzheng.kernel.rules.language import values_of
from tests.domains.benefit_cases import FOLDER, Case, cases, file_of, frame, inputs_of, values_for

MODULES = {module.split(".")[-2]: module for manifest in manifests() for module in manifest.programmes}
ALL = [
    pytest.param(programme, case, id=f"{name}: {case.name}")
    for name, programme in programmes().items()
    if file_of(MODULES[name]).exists()
    for case in cases(file_of(MODULES[name]))
]


def test_every_programme_has_cases_and_every_file_a_programme() -> None:
    files = {file_of(module) for module in MODULES.values()}
    assert {path for path in files if not path.exists()} == set()
    assert set(FOLDER.glob("*/benefits/*/cases.yaml")) == files


def test_folders_are_called_like_their_programmes() -> None:
    assert list(MODULES) == list(programmes())


@pytest.mark.parametrize("name", programmes())
def test_cases_show_who_gets_it_and_each_condition_fail(name: str) -> None:
    """At least one case is entitled, and every required condition of the rule fails in some case."""
    rule, found = programmes()[name].rule, cases(file_of(MODULES[name]))
    assert any(each.get("eligible", True) for case in found for each in case.expect)
    failing = {condition for case in found for each in case.expect for condition in each.get("fails", ())}
    assert failing == {step.name for step in rule.steps if step.kind == "condition" and step.required}


@pytest.mark.parametrize("name", programmes())
def test_every_step_has_a_clause_and_every_figure_a_source(name: str) -> None:
    rule = programmes()[name].rule
    assert all(step.clause.document.strip() and step.label.strip() for step in rule.steps)
    assert any(clause.quote.strip() for clause in rule.law), "no clause is quoted"
    assert all(step.clause in rule.law for step in rule.steps), (
        "a step rests on a clause that is not in `law`"
    )
    for month in {case.month for case in cases(file_of(MODULES[name]))}:
        for value in values_of(rule, month).values():
            assert len(value.dated.source.strip()) > 3, value.name


def test_what_people_are_asked_for_means_one_thing() -> None:
    assert inputs()


@pytest.mark.parametrize("name", [name for name, each in programmes().items() if each.rule.pays])
def test_the_money_is_split_over_the_levels(name: str) -> None:
    programme = programmes()[name]
    for month in {case.month for case in cases(file_of(MODULES[name]))}:
        assert sum(programme.split(values_of(programme.rule, month)).values()) == 100


@pytest.mark.parametrize(("programme", "case"), ALL)
def test_case(programme: Programme, case: Case) -> None:
    people, values = frame(case.people, inputs_of(programme)), values_for(programme.rule, case)
    results = {each.person_key: each for each in explain(programme.rule, people, case.month, values).results}
    expected = {each["person"]: each for each in case.expect}
    assert {person: found(results[person], each) for person, each in expected.items()} == expected
    others = [result for person, result in results.items() if person not in expected and result.eligible]
    assert not others, f"{[each.person_key for each in others]} must not be entitled"
    # The way a city is reckoned, with the population picked first, gives the same.
    city: pl.DataFrame = (
        evaluate(programme.rule, nw.from_native(people.lazy()), case.month, values).to_native().collect()
    )
    paid = city.filter(pl.col("eligible") == 1).select("person_key", "amount_fen").sort("person_key").rows()
    assert paid == sorted((each.person_key, each.amount_fen) for each in results.values() if each.eligible)


def found(result: Result, expected: object) -> dict[str, object]:
    """The result in the words of the file, as far as they were used."""
    assert isinstance(expected, dict)
    said: dict[str, object] = {
        "person": result.person_key, "amount": result.amount_fen, "eligible": result.eligible,
        "fails": [line.name for line in result.failed],
    }  # fmt: skip
    if "eligible" not in expected:
        assert result.eligible, f"{result.person_key} fails {said['fails']}"
    return {name: said.get(name) for name in expected}


def test_a_file_with_an_unknown_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="salary"):
        frame([{"id": 1, "salary": 5}], ())
