"""Dated values: a figure with the time it holds for, where it comes from and whether that was verified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Generic, Literal, TypeVar

T = TypeVar("T")
Status = Literal["confirmed", "unverified"]


@dataclass(frozen=True)
class Dated(Generic[T]):
    """One value from `valid_from` to `valid_to` (exclusive, None = open). `source` names document and article."""

    value: T
    valid_from: date
    valid_to: date | None
    source: str
    status: Status

    def __post_init__(self) -> None:
        if not self.source.strip():
            raise ValueError("a dated value needs a source")
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise ValueError(f"empty validity {self.valid_from}–{self.valid_to}")


class Timeline(Generic[T]):
    """Dated values of one name, without overlaps; whoever asks names the date."""

    def __init__(self, name: str, values: list[Dated[T]]) -> None:
        self.name = name
        self.values = sorted(values, key=lambda value: value.valid_from)
        for earlier, later in zip(self.values, self.values[1:], strict=False):
            if earlier.valid_to is None or earlier.valid_to > later.valid_from:
                raise ValueError(f"{name}: {earlier.valid_from} 起的值与 {later.valid_from} 起的值重叠")

    def at(self, day: date) -> Dated[T]:
        """The value in force on `day`; LookupError (in Chinese) when there is none."""
        for value in self.values:
            if value.valid_from <= day and (value.valid_to is None or day < value.valid_to):
                return value
        raise LookupError(f"参数“{self.name}”在 {day} 没有有效值")
