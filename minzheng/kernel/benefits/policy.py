"""Reading what amounts rest on: every parameter as it holds on a day, its history, and whom it moves. No personal data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from minzheng.kernel.benefits.models import ParameterChange
from minzheng.kernel.benefits.parameters import (
    PRACTICE,
    SHARED,
    Name,
    history,
    overlay,
    parameter,
    parameters,
    readers,
    value_at,
    values_at,
)
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.dated import Value
from minzheng.kernel.foundation.packs import manifests


@dataclass(frozen=True)
class Entry:
    """A parameter as it holds on a day; `laid` the confirmed change by which it does, if the file says otherwise."""

    name: Name
    value: Value
    laid: ParameterChange | None = None


@dataclass(frozen=True)
class Sheet:
    """The parameters of one programme, or those that several read, of one pack or of all."""

    scope: str
    title: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def unverified(self) -> int:
        """How many nobody has confirmed yet."""
        return sum(entry.value.unverified for entry in self.entries)


def sheets(actor: Actor, day: date) -> list[Sheet]:
    """All parameters on a day, shared ones first, then programme by programme. Raises Forbidden."""
    actor.require("benefits.view")
    laid, values = overlay(day), values_at(day)
    titles = {PRACTICE: "办理时限", SHARED: "多个业务共用"} | {each.name: f"{each.title}共用" for each in manifests()}
    titles |= {each.name: each.title for each in programmes().values()}
    found = {scope: Sheet(scope, title) for scope, title in titles.items()}
    for name, used_by in parameters().items():
        value = values[used_by[0].name][name.name] if used_by else value_at(name, day)
        found[name.scope].entries.append(Entry(name, value, laid.get(name)))
    first, *others = [sheet for sheet in found.values() if sheet.entries]
    return [*others, first]  # what the bureau sets itself stands last


def known(text: str) -> Name:
    """The parameter of that name. Raises BenefitsError."""
    return parameter(text)


def read_by(name: Name) -> list[Programme]:
    """The programmes that a parameter moves."""
    return readers(name)


def on_file(name: Name) -> list[Value]:
    """Every value that the parameter file gives, the earliest first."""
    return history(name)


def current(name: Name, day: date) -> Entry:
    """A parameter as it holds on a day. Raises LookupError (in Chinese) when it has no value then."""
    return Entry(name, value_at(name, day), overlay(day).get(name))
