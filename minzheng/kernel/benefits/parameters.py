"""Parameters as they hold on a day: those of the files, and above them what officials changed and a second person confirmed.

A parameter is named 'scope.name': the scope is a programme, a pack for what its programmes share, 'standards' for what
several packs read, or 'practice' for how the bureau works (time limits), which no rule reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import ParameterChange
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.foundation.dated import Dated, Parameters, Value, Values
from minzheng.kernel.rules.standards import STANDARDS

SHARED, PRACTICE = "standards", "practice"
HOUSE = Parameters(Path(__file__).parent / "practice.yaml")
TYPES: Mapping[str, type] = {"codes": list, "table": dict, "switch": bool}


@dataclass(frozen=True)
class Name:
    """Scope and name of a parameter."""

    scope: str
    name: str

    def __str__(self) -> str:
        return f"{self.scope}.{self.name}"


def scope_of(programme: Programme, name: str) -> str:
    """Where a parameter is named: the programme if it stands in the programme's own folder, 'standards' if in those of all packs,
    else the pack in whose shared file it stands."""
    path = programme.rule.parameters.file_of(name)
    if path == STANDARDS:
        return SHARED
    return programme.name if path.name != "shared.yaml" else path.parent.parent.name


def parameter(text: str, among: Mapping[str, Programme] | None = None) -> Name:
    """'longevity_allowance.amounts' → its name; one that several programmes read may be named with any of them, with its pack,
    or with 'standards'. Raises BenefitsError for what there is not."""
    known = programmes() if among is None else among
    scope, _, name = text.partition(".")
    if scope == PRACTICE and name in HOUSE.names():
        return Name(PRACTICE, name)
    for programme in known.values():
        if name in programme.rule.parameters.names() and scope in (programme.name, scope_of(programme, name)):
            return Name(scope_of(programme, name), name)
    near = get_close_matches(text, sorted({str(each) for each in parameters(known)}), n=3, cutoff=0.4)
    hint = f"是不是：{'、'.join(near)}？" if near else f"应写成 项目.参数，项目有：{'、'.join(known)}"
    raise BenefitsError(f"没有参数“{text}”。{hint}")


def parameters(among: Mapping[str, Programme] | None = None) -> dict[Name, list[Programme]]:
    """Every parameter, each once, with the programmes that read it."""
    found: dict[Name, list[Programme]] = {Name(PRACTICE, name): [] for name in HOUSE.names()} if among is None else {}
    for programme in (programmes() if among is None else among).values():
        for name in programme.rule.parameters.names():
            found.setdefault(Name(scope_of(programme, name), name), []).append(programme)
    return found


def readers(name: Name, among: Mapping[str, Programme] | None = None) -> list[Programme]:
    """The programmes whose rules read a parameter; none for one of practice."""
    return parameters(among)[name]


def history(name: Name) -> list[Value]:
    """What the file gives, the earliest first."""
    file = HOUSE if name.scope == PRACTICE else readers(name)[0].rule.parameters
    return file.history(name.name)


def value_at(name: Name, day: date) -> Value:
    """One parameter on a day: file, then confirmed change. Raises LookupError (in Chinese) when it has no value then."""
    if name.scope != PRACTICE:
        programme = readers(name)[0]
        return values_at(day, {programme.name: programme})[programme.name][name.name]
    row = overlay(day).get(name)
    return _with(HOUSE.at(day), {name.name: row} if row else {}, {}, day)[name.name]


def practice(name: str, day: date) -> Value:
    """A time limit or the like, as it holds on a day."""
    return value_at(Name(PRACTICE, name), day)


def values_at(
    day: date, among: Mapping[str, Programme] | None = None, changed: Mapping[Name, Any] | None = None
) -> dict[str, Values]:
    """Programme → its values on a day: file, then confirmed changes, then `changed` (a simulation's), which counts whatever
    its dates. Raises LookupError (in Chinese) when a parameter has no value then."""
    known = programmes() if among is None else among
    laid = overlay(day)
    found = {}
    for programme in known.values():
        values = programme.rule.parameters.at(day)
        own = {name: laid[key] for name in values if (key := _key(programme, name)) in laid}
        trial = {name: changed[key] for name in values if changed and (key := _key(programme, name)) in changed}
        found[programme.name] = _with(values, own, trial, day)
    return found


def overlay(day: date) -> dict[Name, ParameterChange]:
    """The confirmed changes that hold on a day; of several of one parameter the one that was confirmed last."""
    rows = ParameterChange.objects.filter(state=ParameterChange.State.CONFIRMED, valid_from__lte=day).order_by("decided_on", "id")
    return {Name(row.scope, row.name): row for row in rows if row.valid_to is None or day < row.valid_to}


def plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    return list(value) if isinstance(value, tuple) else value


def checked(value: Any, of: Value) -> Any:
    """A new value for a parameter, in the kind that the parameter has. Raises BenefitsError (in Chinese)."""
    wanted = TYPES.get(of.unit, int)
    if type(value) is not wanted:
        raise BenefitsError(f"“{of.title}”的值应为{_IN_WORDS.get(wanted, '整数（金额以分计）')}，收到的是 {value!r}")
    if isinstance(value, dict):
        if {str(code) for code in value} != {str(code) for code in of.dated.value}:
            raise BenefitsError(f"“{of.title}”的表应有这些代码：{'、'.join(map(str, of.dated.value))}")
        if any(type(item) is not int or item < 0 for item in value.values()):
            raise BenefitsError(f"“{of.title}”的表里只能写不小于 0 的整数")
    if isinstance(value, list) and not all(isinstance(item, str) for item in value):
        raise BenefitsError(f"“{of.title}”应为代码列表")
    if type(value) is int and not 0 <= value < 10**12:
        raise BenefitsError(f"“{of.title}”的值 {value} 不在合理范围")
    return value


_IN_WORDS = {list: "代码列表", dict: "“代码: 整数”的表", bool: "是或否"}


def _key(programme: Programme, name: str) -> Name:
    return Name(scope_of(programme, name), name)


def _with(values: Values, own: Mapping[str, ParameterChange], trial: Mapping[str, Any], day: date) -> Values:
    if not own and not trial:
        return values
    found = dict(values)
    for name, row in own.items():
        value = _like(row.value, values[name].dated.value)
        found[name] = _value(values[name], Dated(value, row.valid_from, row.valid_to, row.source, "confirmed"))
    for name, raw in trial.items():
        value = _like(raw, values[name].dated.value)
        if value == found[name].dated.value:  # what holds anyway keeps its source
            continue
        found[name] = _value(values[name], Dated(value, day, None, "政策模拟", "unverified"))
    return Values(found)


def _like(raw: Any, original: Any) -> Any:
    """A value from JSON as the file would give it: tuples for lists, codes of tables in their own kind."""
    if isinstance(raw, list):
        return tuple(raw)
    if isinstance(raw, dict) and isinstance(original, dict):
        codes = {str(code): code for code in original}
        return {codes.get(str(code), code): value for code, value in raw.items()}
    return raw


def _value(of: Value, dated: Dated[Any]) -> Value:
    return replace(of, dated=dated)
