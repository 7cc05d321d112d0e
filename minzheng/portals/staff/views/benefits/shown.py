"""Benefits in words and with masked names, for all pages of the place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from minzheng.kernel.benefits.exclusions import HOW, matrix
from minzheng.kernel.benefits.months import titles
from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.masking import HIDDEN_FACTS
from minzheng.kernel.registry.models import Person
from minzheng.portals.staff import places
from minzheng.portals.staff.people import PersonLine, person_line

KINDS = {
    "start": ("新增", "green"), "stop": ("停发", "red"), "change": ("变更", "blue"), "review": ("待复核", "amber"), "hold": ("暂停", "amber"),
    "backpay": ("补发", "blue"), "recovery": ("追回建议", "red"), "keep": ("不变", "line"),
}  # fmt: skip
STATES = {"draft": "line", "submitted": "amber", "approved": "green", "rejected": "red"}
CAUSES = {
    "first": "首次核算", "new": "新进入", "gone": "不在册", "earlier": "前期未执行", "month": "时间推移（年龄、月份）", "parameter": "参数调整",
    "member": "家庭成员", "both": "多项同时变化", "other": "多项变化",
}  # fmt: skip
SECRET = "须保密的情形，具体见本人的待遇页"


class About(Protocol):
    """A row that is about a unit: a line of a run, a review, a claim, an override."""

    person_key: int
    household_key: int
    division_code: str


@dataclass(frozen=True)
class Subject:
    """Whom a row is about: a known person, or only a key; `household_id`: the file that tells why."""

    person: PersonLine | None
    key: str
    place: str
    household_id: int | None


def title_of(programme: str) -> str:
    """The programme's name in Chinese; one that is no more gives its code."""
    return programmes()[programme].title if programme in programmes() else programme


def is_status(programme: str) -> bool:
    """Whether the programme gives no money."""
    return programme in programmes() and not programmes()[programme].rule.pays


def by_household(programme: str) -> bool:
    """Whether the programme's units are households."""
    return programme in programmes() and programmes()[programme].rule.entity == "household"


def subjects(rows: Iterable[About], actor: Actor) -> list[Subject]:
    """For each row whom it is about, masked. Four queries."""
    found = list(rows)
    people = registry.people_by_key((row.person_key for row in found), actor)
    files = registry.households_by_key((row.household_key for row in found), actor)
    names = places.relative_names({row.division_code for row in found}, actor) if found else {}
    return [_subject(row, people.get(row.person_key), files.get(row.household_key), names) for row in found]


def _subject(row: About, person: Person | None, file: int | None, names: dict[str, str]) -> Subject:
    line = person_line(person) if person else None
    return Subject(line, short_key(row.person_key), names.get(row.division_code, ""), file)


def short_key(key: int) -> str:
    """The end of a pseudonym: enough to tell two unknown people of a page apart."""
    return f"…{abs(key) % 1_000_000:06d}"


def is_secret(kind: str, name: str, exclusion: str = "") -> bool:
    """Whether a cause tells what lists must not tell (HIDDEN_FACTS)."""
    hidden = {*HIDDEN_FACTS, *(fact for fact, side in matrix().facts.items() if side.input in HIDDEN_FACTS)}
    return bool({name, *name.split("/"), *exclusion.split("/")} & hidden)


def cause_text(cause: dict[str, Any], exclusion: str = "") -> str:
    """Why a line stands, in one sentence that a list may show."""
    if is_secret(str(cause.get("kind", "")), str(cause.get("name", "")), exclusion):
        return SECRET
    return str(cause.get("text", "") or cause.get("label", ""))


def cause_label(kind: str, name: str, label: str) -> str:
    """A group of causes in a word."""
    if is_secret(kind, name):
        return "须保密的情形"
    if kind == "exclusion" and "/" in name:
        a, b = (titles().get(side, side) for side in name.split("/"))
        return f"{a}与{b}{HOW[row.rule]}" if (row := matrix().named(name)) else f"{a}与{b}"
    return CAUSES[kind] if kind == "month" else label or CAUSES.get(kind, kind)


def unverified_rows(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a run rests on that nobody has confirmed, in words."""
    found = []
    for entry in entries:
        name = str(entry["name"])
        if "/" in name:
            a, b = (titles().get(side, side) for side in name.split("/"))
            found.append({"title": f"叠加规则：{a}与{b}", "text": HOW.get(entry["text"], entry["text"]), "source": entry["source"], "of": ""})
        else:
            of = "、".join(title_of(each) for each in entry["programmes"])
            found.append({"title": entry["title"], "text": entry["text"], "source": entry["source"], "of": of})
    return found
