"""Data contracts: what a department sends, column by column; one YAML file each.

Contracts of the kernel lie in contracts/, those that only one pack reads in the pack's feeds/ (Manifest.contracts).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from minzheng.kernel.feeds.reasons import SENTENCES
from minzheng.kernel.foundation.declared import DeclarationError, read_yaml
from minzheng.kernel.foundation.packs import manifests

HERE = Path(__file__).parent / "contracts"

ColumnType = Literal[
    "id_number", "name", "text", "address", "phone", "code", "household", "village", "enum", "date", "month",
    "money", "decimal", "bool", "uscc", "disability_certificate",
]  # fmt: skip
# Where an ID number, a register number or money goes in the lake: name and type there.
LAKE_NAME = {"id_number": "{stem}_key", "household": "{stem}_key", "disability_certificate": "{stem}_key", "money": "{name}_fen"}
# Identity proper never reaches the lake: name, address and phone go to the vault (if the contract has one) or nowhere.
IDENTITY_TYPES = frozenset({"name", "address", "phone"})
# A delivery as of month's end may hold what happened in the days until it was sent.
EVENT_GRACE_DAYS = 31


class Column(BaseModel):
    """One column as the department writes it and as the lake keeps it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: ColumnType
    header: str
    aliases: tuple[str, ...] = ()
    # Names that mean this column only when no other column of the file does: '常住地址' beside '户籍地址'.
    weak: tuple[str, ...] = ()
    required: bool = False
    values: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    # For vocabularies without end (案由): the code of every text that is not named. Elsewhere such a row is refused.
    otherwise: str | None = None
    default: str | None = None
    default_if: dict[str, str] = Field(default_factory=dict)
    derived_from: str | None = None
    range: Literal["event", "future"] = "event"
    negative: bool = False
    example: str = ""

    @model_validator(mode="after")
    def _enum_has_values(self) -> Column:
        if (self.type == "enum") != bool(self.values):
            raise ValueError("values 只用于 enum,且 enum 必须有 values")
        for place, code in (("default", self.default), ("otherwise", self.otherwise)):
            if code is not None and self.values and code not in self.values:
                raise ValueError(f"{place} 不在 values 里:{code}")
        names = [name for code, listed in self.values.items() for name in {code, *listed}]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"同一取值写在两个代码下:{'、'.join(repeated)}")
        return self

    def names(self) -> tuple[str, ...]:
        """The headers that always mean this column: its own, its aliases, and those of every column of its type."""
        return (self.header, *self.aliases, *common_aliases().get(self.type, ()))

    def domain(self) -> str:
        """The permitted values in words, for people and for `feeds describe`."""
        if self.values:
            rest = ";其他写法归入 " + self.otherwise if self.otherwise else ""
            return ";".join(f"{code}={'/'.join(names)}" for code, names in self.values.items()) + rest
        return {
            "id_number": "GB 11643 公民身份号码(校验码、出生日期须正确)",
            "date": "1900-01-01 至" + ("数据截至日期后 31 天" if self.range == "event" else "2100-12-31"),
            "month": "年月", "money": "元,可带千分位", "village": "12 位统计用区划代码(村级)", "bool": "是/否",
            "uscc": "GB 32100 统一社会信用代码", "disability_certificate": "身份证号 18 位 + 类别 1 位 + 等级 1 位(补办加 B 和次数)",
        }.get(self.type, "")  # fmt: skip


class Check(BaseModel):
    """A check across columns: `not_before: [a, b]` (a ≥ b) or `equal: [a, b]`, when both are present."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: str
    not_before: tuple[str, str] | None = None
    equal: tuple[str, str] | None = None


class FactRule(BaseModel):
    """How a row of this feed becomes a dated fact about a person whom the bureau knows."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    kind: str
    title: str
    value: str
    valid_from: str = Field(alias="from")
    valid_to: str | None = Field(default=None, alias="to")
    amount: str | None = None
    when: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class Contract(BaseModel):
    """One feed: who sends it, how sensitive it is, its key and its columns."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    name: str
    title: str
    owner: tuple[str, ...]
    data_class: Literal["L1", "L2", "L3", "L4"] = Field(alias="class")
    freshness_days: int = Field(gt=0)
    retention: str
    key: tuple[str, ...]
    conflict: str = "key_conflict"
    vault: bool = False
    columns: dict[str, Column]
    checks: tuple[Check, ...] = ()
    facts: tuple[FactRule, ...] = ()
    path: Path

    @model_validator(mode="after")
    def _names_are_known(self) -> Contract:
        for place, name in self._references():
            if name not in self.columns:
                raise ValueError(f"{place} 里的列不存在:{name}")
        for code in (self.conflict, *(check.code for check in self.checks)):
            if code not in SENTENCES:
                raise ValueError(f"没有“{code}”这个原因(reasons.py)")
        spellings: dict[str, str] = {}
        for name, column in self.columns.items():
            for alias in {normalise_header(text) for text in (*column.names(), *column.weak)}:
                if spellings.setdefault(alias, name) != name:
                    raise ValueError(f"别名“{alias}”同时属于 {spellings[alias]} 和 {name}")
        return self

    def _references(self) -> Iterator[tuple[str, str]]:
        """Every mention of a column outside `columns`, with the place where it stands."""
        yield from (("key", name) for name in self.key)
        for name, column in self.columns.items():
            yield from ((f"{name}.default_if", other) for other in column.default_if)
            if column.derived_from:
                yield f"{name}.derived_from", column.derived_from
        for check in self.checks:
            for operand in (*(check.not_before or ()), *(check.equal or ())):
                yield f"checks {check.code}", operand.partition(".")[0]
        by_lake_name = {self.lake_name(name): name for name in self.columns}
        for fact in self.facts:
            named = [*re.findall(r"{(\w+)}", fact.value), fact.valid_from, *fact.when]
            named += [name for name in (fact.valid_to, fact.amount) if name]
            yield from ((f"facts {fact.kind}", by_lake_name.get(name, name)) for name in named)

    @cached_property
    def spellings(self) -> dict[str, str]:
        """Normalised header, alias or code name → column."""
        found = {}
        for name, column in self.columns.items():
            for text in (name, self.lake_name(name), *column.names()):
                found[normalise_header(text)] = name
        return found

    @cached_property
    def weak_spellings(self) -> dict[str, tuple[str, int]]:
        """Normalised weak alias → column and its place in the column's list, the first being the best."""
        return {
            normalise_header(text): (name, order)
            for name, column in self.columns.items()
            for order, text in enumerate(column.weak)
        }

    def lake_name(self, column: str) -> str:
        """The column's name in the lake (an ID number becomes `…_key`, money `…_fen`)."""
        pattern = LAKE_NAME.get(self.columns[column].type, "{name}")
        stem = column.removesuffix("_id").removesuffix("_no")
        return pattern.format(name=column, stem=stem)

    def lake_columns(self) -> dict[str, str]:
        """Contract column → lake column, without identity."""
        return {name: self.lake_name(name) for name, c in self.columns.items() if c.type not in IDENTITY_TYPES}

    def latest_plausible(self, column: str, as_of: date) -> date:
        """The last date that a value of `column` may have in a delivery as of `as_of`."""
        if self.columns[column].range == "future":
            return date(2100, 12, 31)
        return date.fromordinal(as_of.toordinal() + EVENT_GRACE_DAYS)


def normalise_header(text: str) -> str:
    """A header or alias as it is compared: width folded, no blanks, brackets, stars or colons."""
    folded = unicodedata.normalize("NFKC", text)
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】|〔[^〕]*〕|《[^》]*》", "", folded)
    # '1.姓名', '三、姓名': numbered columns.
    bare = re.sub(r"^\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*[.、)]\s*", "", bare)
    return re.sub(r"[\s*:_\-/、,.;。'\"‘’“”★☆※#·]", "", bare).lower()


def load(path: Path) -> Contract:
    """Read one contract file; raises DeclarationError with file, line and reason."""
    return read_yaml(path, Contract, path=path)


@cache
def common_aliases() -> dict[str, tuple[str, ...]]:
    """Headers that every column of a type is known by, whatever the feed."""
    return read_yaml(HERE.parent / "common_aliases.yaml", dict[str, tuple[str, ...]])


@cache
def contracts() -> dict[str, Contract]:
    """All contracts by name: the kernel's, then those of the packs."""
    folders = [HERE, *(manifest.contracts for manifest in manifests() if manifest.contracts)]
    found: dict[str, Contract] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.yaml")):
            contract = load(path)
            if contract.name in found:
                raise DeclarationError(f"{path.name}:数据目录“{contract.name}”已由 {found[contract.name].path.name} 定义")
            found[contract.name] = contract
    return found


def fact_kinds() -> dict[str, str]:
    """Titles of the kinds of facts that feeds bring, by kind."""
    return {rule.kind: rule.title for contract in contracts().values() for rule in contract.facts}
