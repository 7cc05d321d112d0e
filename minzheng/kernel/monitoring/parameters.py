"""Dated parameters of scenarios: YAML beside the scenario, validated when the program starts.

name:
  title: 家庭自付下限
  unit: fen | days | working_days | percent | years | codes
  values:
    - {value: 1000000, from: 2021-01-01, to: null, source: 本地设置, status: unverified}

Whoever asks names the date; an `unverified` value counts, and whatever shows it says so. Free of Django.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError

from minzheng.kernel.foundation.dated import Dated, Timeline
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.monitoring.errors import ScenarioError

Unit = Literal["fen", "days", "working_days", "percent", "years", "codes"]


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    value: StrictInt | tuple[str, ...]
    valid_from: date = Field(alias="from")
    valid_to: date | None = Field(alias="to")
    source: str
    status: Literal["confirmed", "unverified"]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    unit: Unit
    values: list[_Value] = Field(min_length=1)


@dataclass(frozen=True)
class Value:
    """A parameter as it stands on one date."""

    name: str
    title: str
    unit: Unit
    dated: Dated[Any]

    @property
    def text(self) -> str:
        """The figure in words: ¥1,050.00, 90 天, 50%."""
        value = self.dated.value
        if self.unit == "fen":
            return yuan(value)
        return {"days": f"{value} 天", "working_days": f"{value} 个工作日", "percent": f"{value}%", "years": f"{value} 周岁"}.get(
            self.unit, "、".join(value) if isinstance(value, tuple) else str(value)
        )

    @property
    def unverified(self) -> bool:
        return self.dated.status == "unverified"


class Values:
    """All parameters of a scenario on one date, its own and those that its pack shares."""

    def __init__(self, values: dict[str, Value]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def __or__(self, other: Values) -> Values:
        """Both together; `other` wins, though no name should stand twice."""
        return Values({**self._values, **other._values})

    def number(self, name: str) -> int:
        """An integer parameter (分, days, percent)."""
        value = self._values[name].dated.value
        assert isinstance(value, int), name
        return value

    def codes(self, name: str) -> list[str]:
        """A parameter that lists codes."""
        value = self._values[name].dated.value
        assert isinstance(value, tuple), name
        return list(value)

    def unverified(self) -> list[Value]:
        """Those that the bureau has not confirmed yet."""
        return [value for value in self._values.values() if value.unverified]


class Parameters:
    """The parameters of one or more YAML files; a name stands in one file only."""

    def __init__(self, *paths: Path) -> None:
        self._entries: dict[str, tuple[_Entry, Timeline[Any]]] = {}
        for path in paths:
            for name, entry in _read(path).items():
                if name in self._entries:
                    raise ScenarioError(f"{path.name}:参数“{name}”在另一个文件里已有")
                self._entries[name] = (entry, _timeline(path, entry))

    def names(self) -> list[str]:
        return list(self._entries)

    def at(self, day: date) -> Values:
        """All values in force on `day`; LookupError (in Chinese) when one has none."""
        return Values({
            name: Value(name, entry.title, entry.unit, timeline.at(day))
            for name, (entry, timeline) in self._entries.items()
        })


def _read(path: Path) -> dict[str, _Entry]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {name: _Entry.model_validate(body) for name, body in content.items()}
    except (OSError, yaml.YAMLError, AttributeError, ValidationError) as error:
        raise ScenarioError(f"参数文件 {path.name} 不合格式：{error}") from error


def _timeline(path: Path, entry: _Entry) -> Timeline[Any]:
    expected: type = tuple if entry.unit == "codes" else int
    for row in entry.values:
        if not isinstance(row.value, expected):
            raise ScenarioError(f"参数文件 {path.name} 的“{entry.title}”：单位 {entry.unit} 与值 {row.value!r} 不符")
    try:
        return Timeline(
            entry.title,
            [Dated(row.value, row.valid_from, row.valid_to, row.source, row.status) for row in entry.values],
        )
    except ValueError as error:
        raise ScenarioError(f"参数文件 {path.name} 的“{entry.title}”：{error}") from error
