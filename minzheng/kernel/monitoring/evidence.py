"""Putting a finding into words: summary and evidence, each piece with its source and the date of that source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from minzheng.kernel.feeds import lake
from minzheng.kernel.foundation.dated import Values
from minzheng.kernel.monitoring.comparison import columns_needed, values_of
from minzheng.kernel.monitoring.scenario import Item, Scenario

SUMMARY_LENGTH = 256


@dataclass(frozen=True)
class Source:
    """A contract as evidence names it: who delivers it, and its newest delivery."""

    words: str
    as_of: str
    batch: str


def sources(scenarios: Iterable[Scenario], as_of: date) -> dict[str, Source]:
    """The source of every contract that the scenarios read."""
    found = {}
    for name in columns_needed(scenarios):
        contract, batches = lake.contract(name), lake.batches(name, as_of)
        newest = batches[-1] if batches else None
        found[name] = Source(
            f"{'、'.join(contract.owner)}《{contract.title}》",
            newest.as_of.isoformat() if newest else "", newest.batch_id if newest else "",
        )  # fmt: skip
    return found


class Renderer:
    """Renders the findings of one scenario on one date."""

    def __init__(self, scenario: Scenario, as_of: date, known: Mapping[str, Source]) -> None:
        self._scenario, self._sources = scenario, known
        self._values: Values = values_of(scenario, as_of)

    def render(self, row: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        """(summary, evidence) of one finding: evidence is a list of {label, value, source, as_of}, with `batch` for
        what a delivery says, `also` for the other sources of a sum, and `unverified` for parameters that the bureau has not confirmed."""
        description = self._scenario.describe(row, self._values)
        return description.summary[:SUMMARY_LENGTH], [self._item(item) for item in description.items]

    def _item(self, item: Item) -> dict[str, Any]:
        piece: dict[str, Any] = {"label": item.label, "value": item.value}
        if item.parameter:
            dated = self._values[item.parameter].dated
            piece |= {"source": dated.source, "as_of": dated.valid_from.isoformat()}
            if dated.status == "unverified":
                piece["unverified"] = True
        else:
            source = self._sources[item.contract]
            piece |= {"source": source.words, "as_of": source.as_of, "batch": source.batch}
            if item.also:
                piece["also"] = [self._sources[name].words for name in item.also]
        return piece
