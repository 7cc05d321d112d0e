"""Evidence cards: what the data say, in words and figures, from whom and as of when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from minzheng.kernel.monitoring.lineage import contract_of

# A number with at most a unit behind it stands out as a figure; all else is read as words.
FIGURE = re.compile(r"(¥?-?\d[\d,.]*)\s*([^\d\s]{0,8})")


@dataclass(frozen=True)
class Card:
    """One piece of evidence. `rule`: it is not what a delivery says but the standard that it is held against;
    then `as_of` is the day since which the standard holds."""

    title: str
    figure: str
    unit: str
    detail: str
    source: str
    as_of: str
    batch: str
    contract: str
    rule: bool
    unverified: bool
    also: str


def cards(pieces: Sequence[Mapping[str, Any]]) -> list[Card]:
    """The cards for an alert's stored evidence (monitoring.evidence: label, value, source, as_of, batch, unverified)."""
    return [_card(piece) for piece in pieces]


def _card(piece: Mapping[str, Any]) -> Card:
    value = str(piece["value"])
    match = FIGURE.fullmatch(value)
    return Card(
        title=str(piece["label"]), figure=match[1] if match else "", unit=match[2] if match else "",
        detail="" if match else value, source=str(piece.get("source", "")), as_of=str(piece.get("as_of", "")),
        batch=str(piece.get("batch", "")), contract=contract_of(str(piece.get("batch", ""))), rule="batch" not in piece, unverified=bool(piece.get("unverified")), also="、".join(piece.get("also", ())),
    )  # fmt: skip
