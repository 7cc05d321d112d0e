"""Evidence cards: what the data say, in words and figures, from whom and as of when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minzheng.kernel.feeds.contracts import contracts

SHORT = 14  # characters; a longer value is read as a sentence, not as a figure


@dataclass(frozen=True)
class Card:
    """One piece of evidence: a short value stands out as a figure, a long one is a line of text."""

    title: str
    figure: str
    unit: str
    detail: str
    source: str
    as_of: str
    batch: str
    unverified: bool


def cards(evidence: Mapping[str, Any]) -> list[Card]:
    """The cards for an alert's stored evidence."""
    return [_card(item, evidence.get("sources", {})) for item in evidence.get("items", [])]


def _card(item: Mapping[str, Any], sources: Mapping[str, Any]) -> Card:
    value = str(item.get("value", ""))
    source = item.get("contract", "")
    known = contracts().get(source)
    figure, unit = _split(value)
    origin = sources.get(source) or {}
    return Card(
        title=str(item.get("label", "")), figure=figure, unit=unit, detail="" if figure else value,
        source=known.title if known else str(source), as_of=str(item.get("as_of") or origin.get("as_of") or ""),
        batch=str(item.get("batch") or origin.get("batch") or ""), unverified=item.get("status") == "unverified",
    )  # fmt: skip


def _split(value: str) -> tuple[str, str]:
    """'3 次' → ('3', '次'), '101%' → ('101', '%'), '¥48,210.00' stays whole; prose gives nothing."""
    if len(value) > SHORT or not re.search(r"\d", value):
        return "", ""
    match = re.fullmatch(r"(-?[\d,.]+)\s*([^\d\s].*)", value)
    return (match[1], match[2]) if match else (value, "")
