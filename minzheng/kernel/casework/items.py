"""What a service item (服务事项) is: the schema of `services/<name>.yaml` in a pack. Free of Django.

A version holds from its first day to the day before `to` (null: still holds), as all dated values of the house. A case keeps
the version with which it was opened. Whatever is wrong in a file is refused when the program starts, with file, line and reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from minzheng.kernel.casework.parts import (
    APPLICANTS,
    GIVING,
    KINDS,
    LIFE_SITUATIONS,
    RUNGS,
    TAKING,
    AuthorisationRule,
    Completion,
    Decision,
    Declared,
    Form,
    Limit,
    Material,
    NearRelatives,
    Outcome,
    RuleUse,
    Step,
    Urgent,
    When,
)
from minzheng.kernel.casework.schema import problems_of
from minzheng.kernel.divisions.codes import code_range
from minzheng.kernel.foundation.declared import read_yaml

__all__ = [
    "APPLICANTS", "GIVING", "KINDS", "LIFE_SITUATIONS", "RUNGS", "TAKING", "Bundle", "Form", "Item", "Material", "Service", "Step", "Version",
    "read_bundle", "read_item",
]  # fmt: skip


class Version(Declared):
    """A service item as it holds from a day on."""

    from_: date = Field(alias="from")
    to: date | None = None
    source: str
    status: Literal["confirmed", "unverified"]
    place: Literal["residence", "need"] = "residence"
    changes: str = ""  # in plain words, against the version before
    form: Form
    materials: tuple[Material, ...] = ()
    authorisation: AuthorisationRule | None = None
    steps: tuple[Step, ...]
    limit: Limit | None = None
    urgent: Urgent | None = None
    near_relatives: NearRelatives | None = None
    completion: Completion = Completion()
    rule: RuleUse | None = None
    decision: Decision
    outcome: dict[str, Outcome] = Field(default_factory=dict)
    pilot: tuple[str, ...] = ()  # division codes in which it is open; empty: everywhere
    measures: bool = False  # a plan with measures, owners and dates belongs to it

    def open_in(self, village: str) -> bool:
        """Whether it is handled in a village: everywhere, or within its pilot."""
        return not self.pilot or any(low <= village < high for low, high in map(code_range, self.pilot))

    @model_validator(mode="after")
    def _fits_together(self) -> Version:
        if not all(self.routes) or not self.decision.kinds:
            raise ValueError("至少要有一个环节和一种决定")
        if self.to is not None and self.to <= self.from_:
            raise ValueError(f"有效期是空的：{self.from_} 至 {self.to}")
        problems = problems_of(
            *(problem for steps in self.routes for problem in _step_problems(steps)),
            ("材料重名", _repeated([material.name for material in self.materials])),
            ("outcome 里没有列入决定种类的", sorted(set(self.outcome) - set(self.decision.kinds))),
            ("near_relatives 的 field 应是表单里的是或否", self._unfit_field()),
            ("材料条件里不认识的字段", sorted({m.when.field for m in self.materials if m.when} - set(self.form.fields))),
        )
        if any(step.kind == "check" for steps in self.routes for step in steps) and self.authorisation is None:
            problems = "；".join(filter(None, (problems, "有核对环节，就要写明 authorisation（核对授权）")))
        if problems:
            raise ValueError(problems)
        return self

    def _unfit_field(self) -> list[str]:
        rule = self.near_relatives
        fits = rule is None or self.form.fields.get(rule.field, {}).get("type") == "boolean"
        return [] if rule is None or fits else [rule.field]

    @property
    def routes(self) -> tuple[tuple[Step, ...], ...]:
        """The ordinary road, that of near relatives of staff, and the urgent, as far as there are such."""
        near = (self.road_of_relatives,) if self.near_relatives else ()
        return (self.steps, *near, self.urgent.steps) if self.urgent else (self.steps, *near)

    @property
    def road_of_relatives(self) -> tuple[Step, ...]:
        """The ordinary road with what the relationship to staff adds before the decision."""
        if self.near_relatives is None:
            return self.steps
        at = next((place for place, step in enumerate(self.steps) if step.kind == "decide"), len(self.steps))
        return (*self.steps[:at], *self.near_relatives.steps, *self.steps[at:])

    def holds_on(self, day: date) -> bool:
        """Whether cases that are opened on a day follow it."""
        return self.from_ <= day and (self.to is None or day < self.to)


class Item(Declared):
    """One service item with all its versions. `opens`: 'citizen' (anybody applies) or 'office' (only officials begin it)."""

    name: str = ""
    title: str
    summary: str
    life_situations: tuple[str, ...] = ()
    law: tuple[str, ...]
    applicants: dict[str, bool]
    opens: Literal["citizen", "office"] = "citizen"
    hotline: str = ""
    versions: tuple[Version, ...]

    @model_validator(mode="after")
    def _fits_together(self) -> Item:
        if not self.versions or not self.law:
            raise ValueError("至少要有一个版本和一条依据")
        problems = problems_of(
            ("life_situations 不认识", sorted(set(self.life_situations) - set(LIFE_SITUATIONS))),
            ("applicants 不认识", sorted(set(self.applicants) - set(APPLICANTS))),
            ("版本之间重叠或有空档", [f"{a.to} 与 {b.from_}" for a, b in pairwise(self.versions) if a.to != b.from_]),
        )
        if problems:
            raise ValueError(problems)
        return self

    def version(self, key: str) -> Version:
        """The version that begins on a day, written as 2026-07-01. Raises LookupError (in Chinese)."""
        for each in self.versions:
            if each.from_.isoformat() == key:
                return each
        raise LookupError(f"事项“{self.title}”没有 {key} 起的版本：版本文件不能删去仍有办件的版本")


class BundleItem(Declared):
    """An item of a bundle; `fields`: field of the item → field of the common form, where they are called otherwise."""

    item: str
    when: When | None = None
    fields: dict[str, str] = Field(default_factory=dict)


class Bundle(Declared):
    """一件事: one form over several items. `choose`: the field of the form that says which items are asked for."""

    name: str = ""
    title: str
    summary: str
    bundle: Literal[True]
    law: tuple[str, ...]
    life_situations: tuple[str, ...] = ()
    form: Form
    items: tuple[BundleItem, ...]


@dataclass(frozen=True)
class Service:
    """An item in one of its versions: what a case follows."""

    item: Item
    version: Version

    @property
    def name(self) -> str:
        return self.item.name

    @property
    def title(self) -> str:
        return self.item.title

    @property
    def key(self) -> str:
        """The version's first day, as cases keep it."""
        return self.version.from_.isoformat()

    def steps(self, urgent: bool, near: bool = False) -> tuple[Step, ...]:
        """The road of a case; `near`: of a near relative of staff. Of a case under way ask its standing (`road`)."""
        if urgent and self.version.urgent:
            return self.version.urgent.steps
        return self.version.road_of_relatives if near else self.version.steps

    def near(self, answers: dict[str, Any]) -> bool:
        """Whether the answers say that the applicant is a near relative of staff, and the item asks more of such cases."""
        rule = self.version.near_relatives
        return rule is not None and answers.get(rule.field) is True

    def materials(self, answers: dict[str, Any]) -> tuple[Material, ...]:
        """The papers that belong to these answers."""
        return tuple(m for m in self.version.materials if m.when is None or m.when.holds(answers))


def read_item(path: Path) -> Item:
    """One file. Raises DeclarationError with file, line and reason."""
    return read_yaml(path, Item, name=path.stem)


def read_bundle(path: Path) -> Bundle:
    """One bundle's file. Raises DeclarationError with file, line and reason."""
    return read_yaml(path, Bundle, name=path.stem)


def _step_problems(steps: tuple[Step, ...]) -> Iterator[tuple[str, list[str]]]:
    names, kinds = [step.name for step in steps], [step.kind for step in steps]
    yield "环节重名", _repeated(names)
    yield "第一个环节应为受理", [] if kinds[0] == "accept" else [names[0]]
    yield "没有决定环节", [] if "decide" in kinds else names[-1:]
    yield "after 指向的环节不在前面", [
        step.name for at, step in enumerate(steps) if step.after not in {"previous", "submitted", "accepted", *names[:at]}
    ]  # fmt: skip
    once = [kind for kind in ("accept", "decide", "propose") if kinds.count(kind) > 1]
    yield "只能有一个的环节写了几个", once


def _repeated(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
