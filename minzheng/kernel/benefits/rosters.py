"""Rosters: how what the bureau's own lists say becomes awards and, before the first run, entitlements. Free of Django.

A pack declares its rosters in one YAML file (Manifest.rosters): which feed, which words mean which programme, where dates and
amounts stand, and whether a row's amount is the person's or the whole household's.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from minzheng.kernel.foundation.declared import read_yaml


class Roster(BaseModel):
    """One list. Either `column` and `programmes` (word of the feed → programme) or `programme`, when all rows are of one.

    `since`, `until` (the first day after; '' if the feed has none), `amount` (分 a month): columns of the lake. `single`: words
    under which a row is awarded to the person alone, whatever household it names."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    contract: str = Field(min_length=2)
    title: str = Field(min_length=2)
    since: str
    amount: str
    amount_of: Literal["person", "household"]
    until: str = ""
    programme: str = ""
    column: str = ""
    programmes: Mapping[str, str] = {}
    single: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_which_programme(self) -> Roster:
        if bool(self.programme) == bool(self.column) or bool(self.column) != bool(self.programmes):
            raise ValueError("要么写 column 和 programmes（名册用词对应的项目），要么写 programme（全部是同一项目）")
        if unknown := sorted(set(self.single) - set(self.programmes)):
            raise ValueError(f"single 里的 {'、'.join(unknown)} 不在 programmes 里")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the lake that it needs."""
        named = (self.since, self.until, self.amount, self.column)
        return ("person_key", "household_key", "village_code", *(name for name in named if name))

    @property
    def given(self) -> frozenset[str]:
        """The programmes that it can name."""
        return frozenset(self.programmes.values() or (self.programme,))


class Declared(BaseModel):
    """The file of a pack."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    rosters: tuple[Roster, ...]


def load(path: Path) -> tuple[Roster, ...]:
    """Read a pack's rosters; DeclarationError with file, line and reason."""
    return read_yaml(path, Declared).rosters
