"""The scenarios of the installed packs, as their manifests name them."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from minzheng.kernel.foundation.packs import manifests
from minzheng.kernel.monitoring.errors import ScenarioError
from minzheng.kernel.monitoring.scenario import DESKS, Desk, Scenario

DEFAULT_VISIT_DAYS = 5  # for alerts of a scenario whose pack is no longer installed


@cache
def scenarios() -> dict[str, Scenario]:
    """All scenarios by name, in the order of the manifests. Raises ScenarioError when two share a name."""
    found: dict[str, Scenario] = {}
    for manifest in manifests():
        for module in manifest.scenarios:
            scenario: Scenario = import_module(module).SCENARIO
            if scenario.name in found:
                raise ScenarioError(f"{module}:场景名“{scenario.name}”重复")
            found[scenario.name] = scenario
    return found


def for_officials(above: Desk = "village") -> frozenset[str]:
    """The scenarios whose alerts are looked into by officials before anybody goes to the door: those of desks above one."""
    return frozenset(name for name, scenario in scenarios().items() if DESKS.index(scenario.goes_to) > DESKS.index(above))


def goes_to(name: str) -> Desk:
    """Whose work the alerts of a scenario are when they are raised."""
    known = scenarios().get(name)
    return known.goes_to if known else "village"


def visit_working_days(name: str) -> int:
    """Working days within which an alert of this scenario is to be visited."""
    known = scenarios().get(name)
    return known.visit_working_days if known else DEFAULT_VISIT_DAYS


def title_of(name: str) -> str:
    """The scenario's title for people."""
    known = scenarios().get(name)
    return known.title if known else name
