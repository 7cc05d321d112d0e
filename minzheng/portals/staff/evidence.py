"""Evidence cards: what the data say, in words and figures, from whom and as of when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from minzheng.kernel.feeds.contracts import contracts

FIGURE = re.compile(r"(¥?-?\d[\d,.]*)\s*([^\d\s]{0,8})")  # a number with at most a unit behind it; all else is read as words


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


def cards(items: Sequence[Mapping[str, Any]]) -> list[Card]:
    """The cards for an alert's stored evidence."""
    return [_card(item) for item in items]


def _card(item: Mapping[str, Any]) -> Card:
    value = str(item.get("value", ""))
    source = item.get("contract", "")
    known = contracts().get(source)
    figure, unit = _split(value)
    return Card(
        title=str(item.get("label", "")), figure=figure, unit=unit, detail="" if figure else value,
        source=known.title if known else str(source), as_of=str(item.get("as_of") or ""),
        batch=str(item.get("batch") or ""), unverified=item.get("status") == "unverified",
    )  # fmt: skip


def _split(value: str) -> tuple[str, str]:
    """'3 次' → ('3', '次'), '101%' → ('101', '%'), '¥48,210.00' stays whole; prose gives nothing."""
    match = FIGURE.fullmatch(value)
    return (match[1], match[2]) if match else ("", "")
