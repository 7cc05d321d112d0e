"""What a plan's file may say, read whole or refused whole: an error names file, line and reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from minzheng.kernel.foundation.declared import read_text, refusal
from minzheng.kernel.indicators.declarations import UNITS, Indicator, Period

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=48)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]{0,15}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]
Status = Literal["confirmed", "unverified"]


class Part(BaseModel):
    """A part of the file: nothing unknown, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OfficeEntry(Part):
    """An office that carries items."""

    code: Name
    title: Short
    status: Status = "unverified"


class Definition(Part):
    """One reading of a target in words."""

    name: Name
    title: Short
    numerator: Text
    denominator: str = ""


class TargetEntry(Part):
    """A quantified promise. `figure` is a whole number of what `per` says: things counted, whole percent, or 分."""

    code: Code
    verbatim: Short
    figure: int = Field(strict=True, gt=0)
    per: Literal["count", "percent", "fen"] = "count"
    compare: Literal["at_least", "reach", "equals"] = "at_least"
    unit: str
    period: Period = "year"
    begins: date | None = None
    indicator: str = ""
    reading: str = ""
    milestone: str = ""
    definitions: tuple[Definition, ...] = Field(min_length=1)
    note: str = ""
    publish: bool = False

    @model_validator(mode="after")
    def _fits_together(self) -> TargetEntry:
        if self.unit not in UNITS:
            raise ValueError(f"单位 {self.unit} 不认识，可用：{'、'.join(UNITS)}")
        if (self.per == "fen") != (self.unit == "fen"):
            raise ValueError("金额目标的 per 和 unit 都写 fen（单位分）")
        if self.per == "percent" and self.figure > 100:
            raise ValueError("比例目标的 figure 是整数百分比，不能超过 100")
        if self.per == "percent" and not all(each.denominator for each in self.definitions):
            raise ValueError("比例目标的每种口径都要写明分母（denominator）")
        if (self.period == "event") != bool(self.milestone):
            raise ValueError("只有 period: event 的目标以节点（milestone）为准")
        if self.reading and self.reading not in {each.name for each in self.definitions}:
            raise ValueError(f"默认口径 {self.reading} 不在 definitions 里")
        return self


class MilestoneEntry(Part):
    """A station of work that leaves no rows."""

    name: Name
    title: Short
    system: str = ""
    due: date
    status: Status = "unverified"
    evidence: Short


class ItemEntry(Part):
    """One numbered item, its text as published."""

    number: int = Field(strict=True, gt=0, lt=1000)
    title: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    text: Text
    office: Name
    systems: tuple[Short, ...] = ()
    figures: tuple[str, ...] = ()
    milestones: tuple[MilestoneEntry, ...] = ()
    targets: tuple[TargetEntry, ...] = ()

    @model_validator(mode="after")
    def _names_differ(self) -> ItemEntry:
        names = [each.name for each in self.milestones]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"节点重名：{'、'.join(twice)}")
        if unknown := [each.milestone for each in self.targets if each.milestone and each.milestone not in names]:
            raise ValueError(f"目标所说的节点不在本项：{unknown[0]}")
        if unknown := [each.system for each in self.milestones if each.system and each.system not in self.systems]:
            raise ValueError(f"节点所属的“{unknown[0]}”不在本项的 systems 里")
        return self


class ChapterEntry(Part):
    """A chapter and its items."""

    number: int = Field(strict=True, gt=0, lt=100)
    title: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    items: tuple[ItemEntry, ...] = Field(min_length=1)


class PlanFile(Part):
    """A year's plan."""

    title: Short
    document: str = ""
    issuer: Short
    issued_on: date
    period: tuple[date, date]
    preamble: str = ""
    offices: tuple[OfficeEntry, ...] = Field(min_length=1)
    chapters: tuple[ChapterEntry, ...] = Field(min_length=1)

    @property
    def items(self) -> tuple[ItemEntry, ...]:
        """All items in order."""
        return tuple(item for chapter in self.chapters for item in chapter.items)


Place = tuple[int | str, ...]


def read_plan(text: str, file_name: str, indicators: Mapping[str, Indicator]) -> PlanFile:
    """The plan that a file says, with the indicators it may name. Raises DeclarationError (file, line, reason, in Chinese)."""
    plan = read_text(text, file_name, PlanFile)
    if faults := [*_faults(plan), *_faults_of_indicators(plan, indicators)]:
        raise refusal(text, file_name, faults)
    return plan


def _faults(plan: PlanFile) -> Iterator[tuple[Place, str]]:
    """What is wrong between the parts of a file: where, and why."""
    first, last = plan.period
    if not first < last or first.year != last.year:
        yield ("period",), f"期间应在同一年度内、起早于止：{first} 至 {last}"
    yield from _repeated("责任处室代码", ((("offices", o, "code"), office.code) for o, office in enumerate(plan.offices)))
    yield from _repeated("章序号", ((("chapters", c, "number"), chapter.number) for c, chapter in enumerate(plan.chapters)))
    placed = list(_placed(plan))
    yield from _repeated("事项序号", (((*here, "number"), item.number) for here, item in placed))
    codes = (((*here, "targets", t, "code"), target.code) for here, item in placed for t, target in enumerate(item.targets))
    yield from _repeated("目标编号", codes)
    offices = {office.code for office in plan.offices}
    for here, item in placed:
        if item.office not in offices:
            yield (*here, "office"), f"没有责任处室 {item.office}，请先写进 offices"
        for m, milestone in enumerate(item.milestones):
            if not first <= milestone.due <= last:
                yield (*here, "milestones", m, "due"), f"节点期限 {milestone.due} 不在要点期间内"
        for t, target in enumerate(item.targets):
            if target.begins and not first <= target.begins <= last:
                yield (*here, "targets", t, "begins"), f"开始日期 {target.begins} 不在要点期间内"
            if target.verbatim not in item.text:
                yield (*here, "targets", t, "verbatim"), "这句话不在本项原文里，请照原文抄写（标点也要一样）"


def _faults_of_indicators(plan: PlanFile, indicators: Mapping[str, Indicator]) -> Iterator[tuple[Place, str]]:
    """Where the file names what cannot be measured, or measures something else."""
    for here, item in _placed(plan):
        for f, name in enumerate(item.figures):
            if name not in indicators:
                yield (*here, "figures", f), f"没有指标 {name}"
        for t, target in enumerate(item.targets):
            if target.indicator and (reason := _misfit(target, indicators.get(target.indicator))):
                yield (*here, "targets", t, "indicator"), reason


def _misfit(target: TargetEntry, found: Indicator | None) -> str:
    """Why a target cannot be measured by an indicator; empty when it can."""
    if found is None:
        return f"没有指标 {target.indicator}"
    if found.unit != target.unit:
        return f"目标的单位是 {UNITS[target.unit]}，指标“{found.title}”的单位是 {UNITS[found.unit]}"
    if found.is_share != (target.per == "percent"):
        return f"指标“{found.title}”{'是' if found.is_share else '不是'}比例，与 per: {target.per} 不符"
    if found.period != target.period:
        return f"指标“{found.title}”按 {found.period} 统计，与 period: {target.period} 不符"
    missing = {each.name for each in found.readings} ^ {each.name for each in target.definitions}
    return f"口径与指标“{found.title}”的不一致：{'、'.join(sorted(missing))}" if missing else ""


def _placed(plan: PlanFile) -> Iterator[tuple[Place, ItemEntry]]:
    for c, chapter in enumerate(plan.chapters):
        for i, item in enumerate(chapter.items):
            yield ("chapters", c, "items", i), item


def _repeated(what: str, placed: Iterable[tuple[Place, str | int]]) -> Iterator[tuple[Place, str]]:
    seen = set()
    for place, value in placed:
        if value in seen:
            yield place, f"{what} {value} 重复"
        seen.add(value)


def is_https(address: str) -> bool:
    """Whether an address can be shown as a link of evidence: https, with a host, without credentials or control characters."""
    try:
        parts = urlsplit(address)
        sound = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and address.isprintable() and " " not in address and sound
