"""Dated values: a figure with the time it holds for, where it comes from and whether that was verified.

Parameters are declared in YAML beside the rule or scenario that uses them:

    self_paid_floor:
      title: 家庭自付下限
      unit: fen
      values:
        - {value: 1000000, from: 2021-01-01, to: null, source: 本地设置, status: unverified}

`from` is the first day, `to` the first day on which the value no longer holds (null or left out: still holds). A table
says with `of` what its figures are (fen, percent …) and may say with `codes` what its codes mean.
Django-free.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from minzheng.kernel.foundation.declared import DeclarationError, read_yaml
from minzheng.kernel.foundation.money import yuan

T = TypeVar("T")
Status = Literal["confirmed", "unverified"]
Unit = Literal["fen", "days", "working_days", "months", "years", "age", "percent", "count", "codes", "table", "switch"]
_IN_WORDS = {"days": " 天", "working_days": " 个工作日", "months": " 个月", "years": " 年", "age": " 周岁", "percent": "%"}


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
            raise ValueError("没有写明来源")
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise ValueError(f"有效期是空的:{self.valid_from} 至 {self.valid_to}")


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


@dataclass(frozen=True)
class Value:
    """A parameter as it stands on one date."""

    name: str
    title: str
    unit: Unit
    dated: Dated[Any]
    of: Unit = "count"  # what the figures of a table are
    codes: Mapping[str, str] = field(default_factory=dict)  # what the codes of a table mean

    @property
    def text(self) -> str:
        """The figure in words: ¥1,050.00, 90 天, 50%; of a table all of them."""
        return self.in_words(self.dated.value)

    def in_words(self, value: Any) -> str:
        """Another value of this parameter in the same words."""
        if self.unit == "table":
            return "；".join(f"{self.codes.get(str(code), code)} {_figure(self.of, item)}" for code, item in value.items())
        if self.unit == "switch":
            return "是" if value else "否"
        if self.unit == "codes":
            return "、".join(value)
        return _figure(self.unit, value)

    @property
    def unverified(self) -> bool:
        return self.dated.status == "unverified"


def _figure(unit: Unit, value: int) -> str:
    return yuan(value) if unit == "fen" else f"{value}{_IN_WORDS.get(unit, '')}"


class Values(Mapping[str, Value]):
    """All parameters of a rule or scenario on one date."""

    def __init__(self, values: dict[str, Value]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __or__(self, other: Values) -> Values:
        """Both together; `other` wins, though no name should stand twice."""
        return Values({**self._values, **other._values})

    def plain(self) -> dict[str, Any]:
        """Name → value alone, for formulas."""
        return {name: value.dated.value for name, value in self._values.items()}

    def number(self, name: str) -> int:
        """An integer parameter (分, days, percent); TypeError for another kind."""
        value = self._values[name].dated.value
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"参数 {name} 不是整数")
        return value

    def codes(self, name: str) -> list[str]:
        """A parameter that lists codes; TypeError for another kind."""
        value = self._values[name].dated.value
        if not isinstance(value, tuple):
            raise TypeError(f"参数 {name} 不是代码列表")
        return list(value)

    def unverified(self) -> list[Value]:
        """Those that the bureau has not confirmed yet; whatever shows them says so."""
        return [value for value in self._values.values() if value.unverified]


class Parameters:
    """The parameters of one or more YAML files; a name stands in one file only.

    Raises DeclarationError with file, line and reason.
    """

    def __init__(self, *paths: Path) -> None:
        self._entries: dict[str, _Entry] = {}
        self._files: dict[str, Path] = {}
        for path in paths:
            for name, entry in read_yaml(path, dict[str, _Entry]).items():
                if name in self._entries:
                    raise DeclarationError(f"{path.name}:参数“{name}”在另一个文件里已有")
                self._entries[name], self._files[name] = entry, path

    def only(self, *names: str) -> Parameters:
        """Those names alone, for who reads some of a shared file. Raises KeyError for one that is not there."""
        some = Parameters()
        some._entries = {name: self._entries[name] for name in names}
        some._files = {name: self._files[name] for name in names}
        return some

    def names(self) -> list[str]:
        """All names, in the order of the files."""
        return list(self._entries)

    def file_of(self, name: str) -> Path:
        """The file in which a parameter stands: several rules may read the same. Raises KeyError."""
        return self._files[name]

    def at(self, day: date) -> Values:
        """All values in force on `day`; LookupError (in Chinese) when one of them has none."""
        return Values({name: entry.value(name, entry.timeline().at(day)) for name, entry in self._entries.items()})

    def history(self, name: str) -> list[Value]:
        """Every value of a parameter, the earliest first. Raises KeyError for one that is not there."""
        entry = self._entries[name]
        return [entry.value(name, dated) for dated in entry.timeline().values]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    value: Any
    valid_from: date = Field(alias="from")
    valid_to: date | None = Field(default=None, alias="to")
    source: str
    status: Status

    @field_validator("value")
    @classmethod
    def _is_exact(cls, value: Any) -> Any:
        # No floats: a tenth has no exact value. Ratios are written in percent, money in 分.
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        if isinstance(value, int) or (isinstance(value, dict) and all(isinstance(item, int) for item in value.values())):
            return value
        raise ValueError("值只能是整数、是否、代码列表或“代码: 整数”的表;小数请换成分或百分数")

    @model_validator(mode="after")
    def _is_dated(self) -> _Row:
        self.dated()
        return self

    def dated(self) -> Dated[Any]:
        """The row as a dated value; ValueError without a source or a time in which it holds."""
        return Dated(self.value, self.valid_from, self.valid_to, self.source, self.status)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    unit: Unit
    of: Unit = "count"
    codes: dict[str, str] = Field(default_factory=dict)
    values: tuple[_Row, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_together(self) -> _Entry:
        expected: type = {"codes": tuple, "table": dict, "switch": bool}.get(self.unit, int)
        for row in self.values:
            if type(row.value) is not expected:
                raise ValueError(f"单位 {self.unit} 与值 {row.value!r} 不符")
        self.timeline()
        return self

    def value(self, name: str, dated: Dated[Any]) -> Value:
        """One of the values as whoever asks gets it."""
        return Value(name, self.title, self.unit, dated, self.of, self.codes)

    def timeline(self) -> Timeline[Any]:
        """The values in order; ValueError where two hold at once."""
        return Timeline(self.title, [row.dated() for row in self.values])
