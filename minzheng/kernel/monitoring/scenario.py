"""What a scenario is. Free of Django: one text runs on Polars, DuckDB and Spark through Narwhals.

A comparison has three passes, so that the large feeds are read once and only for those who matter:

1. `candidates`: each scenario filters its own feed down to people to whom something happened;
2. `Background`: for the households of all candidates together, who lives there and what is known of their means;
3. `detect`: each scenario judges its candidates against that background.

Texts keep to what the three engines do alike: comparisons with dates computed in Python, integers (分) without
division, sums cast back to Int64, no date arithmetic on columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from minzheng.kernel.foundation.dated import Parameters, Values
from minzheng.kernel.rules.engines import Frame, Workbench

__all__ = ["Background", "Description", "Frame", "Frames", "Item", "RANK", "SEVERITY", "Scenario", "Severity", "Workbench"]

Frames = Mapping[str, Frame]
Severity = Literal["high", "medium", "low"]
Desk = Literal["village", "town", "county"]
DESKS: tuple[Desk, ...] = ("village", "town", "county")  # upwards
Inputs = Mapping[str, tuple[str, ...]]

RANK: dict[Severity, int] = {"high": 1, "medium": 2, "low": 3}
SEVERITY: dict[int, Severity] = {rank: name for name, rank in RANK.items()}


@dataclass(frozen=True)
class Item:
    """One piece of evidence: label and value in words, and where it comes from: a contract (`also`: the others that the figure
    is added up from) or a parameter."""

    label: str
    value: str
    contract: str = ""
    parameter: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Description:
    """What an alert says: one line, and the evidence behind it."""

    summary: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Background:
    """What the scenarios of a pack share.

    prepare: (frames, values, as_of, bench) → frames computed once, before the candidates (sums over a large feed);
    build: (frames, keys, values, as_of, bench) → frames about the candidates' households. Among them must be
    `residents` [person_key, village_code]: living, registered people, the only ones about whom alerts are raised,
    and `registered` [person_key]: everybody with a row in the population register.
    """

    name: str
    inputs: Inputs
    parameters: Parameters
    prepare: Callable[[Frames, Values, date, Workbench], dict[str, Frame]]
    build: Callable[[Frames, Frame, Values, date, Workbench], dict[str, Frame]]


@dataclass(frozen=True)
class Scenario:
    """One way in which the data say that somebody may need help.

    basis: documents with number and article; inputs: contract → lake columns; severity: the usual one (each
    finding has its own); dedup_days: within so many days of an alert the same person gets no second one;
    visit_working_days: the hand-off clock. candidates → [person_key, event_date, …]; detect → [person_key,
    event_date, severity_rank, figures…]; describe puts one finding into words. goes_to: whose work its alerts are: the
    grid worker's, who goes to the door ("village"), or that of officials, who look into files first.
    """

    name: str
    title: str
    basis: tuple[str, ...]
    inputs: Inputs
    parameters: Parameters
    background: Background
    severity: Severity
    dedup_days: int
    visit_working_days: int
    candidates: Callable[[Frames, Values, date], Frame]
    detect: Callable[[Frames, Values, date], Frame]
    describe: Callable[[Mapping[str, Any], Values], Description]
    goes_to: Desk = "village"
