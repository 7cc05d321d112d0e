"""What an indicator is: a figure that is its rows. Packs and rooms declare them.

    INDICATORS = (Indicator(name="…", title="…", unit="households", source="…", readings=(Reading("all", "…", numerator=…, denominator=…),)),)

A reading says which rows count. Numerator and denominator are functions of a span, so that a figure of any day can be counted
again from the rows; where a row does not remember what it was (an alert that was opened again), the reading's note says so.
Persons, attendances, households and sites are different units and are never divided by each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from minzheng.kernel.foundation.access import Actor

UNITS = {
    "persons": "人", "households": "户", "attendances": "人次", "sites": "个", "rooms": "间", "bodies": "家", "projects": "个", "fen": "元",
    "events": "次", "areas": "个板块", "villages": "个村（社区）", "towns": "个镇（街道）", "alerts": "件", "cases": "件", "deliveries": "批",
}  # fmt: skip
Period = Literal["year", "month", "event"]
DataClass = Literal["L1", "L2", "L3", "L4"]


@dataclass(frozen=True)
class Span:
    """The time that a figure is about: from `first` to `last`, as known on `as_of` (itself within)."""

    first: date
    last: date
    as_of: date

    @property
    def until(self) -> date:
        """The last day that can have rows: the end of the span, or the day on which it is looked at."""
        return min(self.last, self.as_of)


@dataclass(frozen=True)
class Rows:
    """What a figure consists of. `query` is unscoped, the room scopes it; `place`: lookup of the division code, "" for what has no place
    but the city's; `counts`: lookup that is counted once however many rows it has; `sums`: field that is added up instead."""

    query: QuerySet[Any]
    place: str = "division_code"
    counts: str = "pk"
    sums: str = ""


@dataclass(frozen=True)
class Column:
    """How a row is shown in a drill-down: `how` is a path ("person.name") or a function of the row. `shows`: what comes of it is text,
    money in 分, a name or an address (masked), or the key of a person, of whom the masked name is shown."""

    label: str
    how: str | Callable[[Any], Any]
    data_class: DataClass = "L2"
    shows: Literal["text", "fen", "name", "address", "person"] = "text"


@dataclass(frozen=True)
class Reading:
    """One way to understand a target. Without a denominator the figure is the numerator itself."""

    name: str
    title: str
    numerator: Callable[[Span], Rows]
    denominator: Callable[[Span], Rows] | None = None
    note: str = ""


@dataclass(frozen=True)
class Indicator:
    """A figure that is measured every night. `source`: document and article, or where its definition stands; the first reading is the
    default; `capability`: what opens its rows; `sensitive`: rows of children and the like, which need `indicators.sensitive` beside it;
    `placeless`: rows that lie nowhere, so that only the city has a figure; `visible`: what the rows' own room hides from a reader; `subject`: what a row is about, as notifications say it
    ('alert:12', 'case:7'), so that a portal can link to it; without it, the person's; `group`: 本项监测数 under
    one heading."""

    name: str
    title: str
    unit: str
    source: str
    readings: tuple[Reading, ...]
    columns: tuple[Column, ...] = ()
    capability: str = "plan.view"
    period: Period = "year"
    sensitive: bool = False
    placeless: bool = False
    visible: Callable[[QuerySet[Any], Actor], QuerySet[Any]] | None = None
    subject: Callable[[Any], str] | None = None
    group: str = ""

    def __post_init__(self) -> None:
        names = [reading.name for reading in self.readings]
        if self.unit not in UNITS:
            raise ValueError(f"指标“{self.title}”的单位 {self.unit} 不认识，可用：{'、'.join(UNITS)}")
        if not names or len(set(names)) != len(names):
            raise ValueError(f"指标“{self.title}”要有口径，且口径不重名")
        if not self.source.strip():
            raise ValueError(f"指标“{self.title}”没有写明来源")
        if len({reading.denominator is None for reading in self.readings}) > 1:
            raise ValueError(f"指标“{self.title}”的几种口径应当都是比例，或者都不是")

    @property
    def is_share(self) -> bool:
        """Whether the figure is numerator ÷ denominator."""
        return self.readings[0].denominator is not None

    def reading(self, name: str = "") -> Reading:
        """The reading of that name, or the default. Raises LookupError (in Chinese)."""
        if not name:
            return self.readings[0]
        for reading in self.readings:
            if reading.name == name:
                return reading
        raise LookupError(f"指标“{self.title}”没有口径“{name}”，可用：{'、'.join(each.name for each in self.readings)}")
