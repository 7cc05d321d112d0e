"""Every scenario against its worked cases; a scenario without cases fails."""

from __future__ import annotations

import pytest

from minzheng.kernel.monitoring.catalogue import scenarios
from minzheng.kernel.monitoring.comparison import values_of
from tests.domains.assistance.scenarios.casefile import FOLDER, Case, alerts, cases, detect

ALL = [case for name in sorted(p.parent.name for p in FOLDER.glob("*/cases.yaml")) for case in cases(name)]


def test_the_plan_names_seven_scenarios() -> None:
    names = {"large_medical_spending", "traffic_accident", "natural_disaster", "breadwinner_death", "severe_disability",
             "unemployment", "legal_aid"}  # fmt: skip
    assert names < set(scenarios())
    assert {name for name, scenario in scenarios().items() if scenario.background.name == "means"} == names


@pytest.mark.parametrize("name", list(scenarios()))
def test_every_scenario_has_cases_that_alert_and_that_do_not(name: str) -> None:
    assert (FOLDER / name / "cases.yaml").exists(), f"{name} has no cases.yaml"
    found = cases(name)
    assert any(case.expect for case in found)
    assert any(not case.expect for case in found)


def test_no_cases_of_unknown_scenarios() -> None:
    assert {case.scenario for case in ALL} <= set(scenarios())


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.scenario}: {case.name}")
def test_case(case: Case) -> None:
    scenario = scenarios()[case.scenario]
    result = detect(scenario, case.rows, case.as_of)
    expected = [(e["person"], e["severity"], e["event_date"]) for e in case.expect]
    assert alerts(result) == expected
    assert result.unknown_person == case.unknown
    for row, expectation in zip(result.findings.iter_rows(named=True), case.expect, strict=True):
        description = scenario.describe(row, values_of(scenario, case.as_of))
        assert 0 < len(description.summary) <= 256
        assert all(item.label and item.value for item in description.items)
        for words in expectation.get("says", []):
            assert words in description.summary + "".join(item.value for item in description.items)


@pytest.mark.parametrize("name", list(scenarios()))
def test_scenarios_are_fully_declared(name: str) -> None:
    scenario = scenarios()[name]
    assert len(scenario.basis) >= 2
    assert scenario.dedup_days > 0
    assert scenario.visit_working_days > 0
    assert all(value.dated.source for value in values_of(scenario, cases(name)[0].as_of).unverified())
