"""Finding the header below titles, over one row or two merged ones, and what each column is."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from minzheng.kernel.feeds.contracts import Contract, normalise_header
from minzheng.kernel.feeds.errors import IntakeError

_UNIT = re.compile(r"(百|千|万|亿)元|[(\[:]\s*(百|千|万|亿)\s*[)\]]?$")
_TITLE_UNIT = re.compile(r"单位\s*[::]?\s*(?:人民币)?\s*(百|千|万|亿)?元")
_FACTORS = {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_UNIT_SUFFIX = re.compile(r"(人民币)?[百千万亿]?元(/月|每月)?$")
# Any other person's number ('家属身份证号') must never pass for that of the person whom the row is about.
_ID_SUFFIX = re.compile(r"(身份证|身份证号|身份证号码|身份证件号|身份证件号码|公民身份证号|公民身份号码|公民身份证号码|居民身份证号|居民身份证号码|证件号|证件号码|身份号码)$")
_SOMEBODY_ELSE = re.compile(r"家属|联系|监护|经办|代理|代办|配偶|父|母|子女|亲属|填报|录入|审核|法人|户主|对方|开户|领取人|单位|照护|护理")


class HeaderError(IntakeError):
    """A header that cannot be used; `lists_people` tells whether there is an ID column below which rows may stand."""

    def __init__(self, message: str, lists_people: bool) -> None:
        super().__init__(message)
        self.lists_people = lists_people


# How surely a cell names a field: the higher rank wins, two cells of one rank are a contradiction.
_GUESSED, _WEAK, _NAMED, _NAMED_WITH_GROUP = range(4)


@dataclass(frozen=True)
class Header:
    """Where the data begin (row number from 1), which cell holds which contract column, and what is left over.

    `labels` are the cells as the sender wrote them, by position; `rows` the header's own rows, to know them again
    further down; `above` the text of the rows above it; `factors` multiply money given in 万元 and the like.
    """

    first_row: int
    width: int
    columns: dict[str, int]
    labels: list[str]
    factors: dict[str, int]
    ignored: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    above: str


@dataclass(frozen=True)
class _Claim:
    """A cell that claims to be a field: how surely, at which position, under which name."""

    rank: int
    order: int
    index: int
    label: str


Claims = dict[str, list[_Claim]]


def find_header(head: list[list[str]], contract: Contract) -> Header | None:
    """The header among the first rows, or None when no row looks like one.

    Raises IntakeError when required columns are missing or two columns claim one field.
    """
    single = [(index, 1, [[cell] for cell in row]) for index, row in enumerate(head)]
    paired = [(index, 2, _pair(head[index], head[index + 1])) for index in range(len(head) - 1)]
    # One row is tried before two: a title above a header must not be read as its upper row.
    candidates = [(_claims(cells, contract), start, rows, cells) for start, rows, cells in [*single, *paired]]
    best = max(
        candidates,
        # Two '姓名' in one row may be told apart by the groups above them.
        key=lambda item: (not _missing(item[0], contract), not any(map(_tied, item[0].values())), len(item[0])),
        default=None,
    )
    if best is None or len(best[0]) < min(2, len(contract.columns)):
        return None
    claims, start, rows, cells = best
    return _header(claims, head, start, rows, cells, contract)


def _pair(upper: list[str], lower: list[str]) -> list[list[str]]:
    """Two merged rows: the upper cell spreads to the right over blanks; a blank lower cell belongs to the upper."""
    width = max(len(upper), len(lower))
    group, cells = "", []
    for column in range(width):
        top = upper[column].strip() if column < len(upper) else ""
        bottom = lower[column].strip() if column < len(lower) else ""
        group = top or group
        cells.append([bottom, f"{group}{bottom}"] if bottom else [group if top else ""])
    return cells


def _claims(cells: list[list[str]], contract: Contract) -> Claims:
    """Contract column → the cells that name it, by its header, an alias, its name in the contract or in the lake."""
    strong, weak = contract.spellings, contract.weak_spellings
    found: Claims = {}
    taken = set()
    for index, names in enumerate(cells):
        # In a header of two rows the combined text ('登记日期' under '失业') is the more precise one.
        for grouped, label in reversed(list(enumerate(names))):
            if hit := _named(label, contract, strong, weak):
                name, rank, order = hit
                rank = _NAMED_WITH_GROUP if grouped and rank == _NAMED else rank
                found.setdefault(name, []).append(_Claim(rank, order, index, label.strip()))
                taken.add(index)
                break
    for name, column in contract.columns.items():
        if column.type == "id_number" and name not in found:
            found |= _guessed_id(name, cells, taken)
    return found


def _named(
    label: str, contract: Contract, strong: dict[str, str], weak: dict[str, tuple[str, int]]
) -> tuple[str, int, int] | None:
    text = normalise_header(label)
    for spelling in (text, _UNIT_SUFFIX.sub("", text)):
        if name := strong.get(spelling):
            if spelling == text or contract.columns[name].type == "money":
                return name, _NAMED, 0
        elif spelling in weak:
            return weak[spelling][0], _WEAK, weak[spelling][1]
    return None


def _guessed_id(name: str, cells: list[list[str]], taken: set[int]) -> Claims:
    """'患者本人身份证号' ends as ID columns do: good enough if it is the only one and nobody else's."""
    labels = [(index, names[-1].strip()) for index, names in enumerate(cells) if index not in taken]
    likely = [
        _Claim(_GUESSED, 0, index, label)
        for index, label in labels
        if _ID_SUFFIX.search(normalise_header(label)) and not _SOMEBODY_ELSE.search(label) and len(label) <= 20
    ]
    return {name: likely} if len(likely) == 1 else {}


def _missing(claims: Claims, contract: Contract) -> list[str]:
    return [
        column.header
        for name, column in contract.columns.items()
        if column.required and column.default is None and name not in claims and (column.derived_from or "") not in claims
    ]


def _header(
    claims: Claims, head: list[list[str]], start: int, rows: int, cells: list[list[str]], contract: Contract
) -> Header:
    written = [names[-1].strip() for names in cells]
    lists_people = any(contract.columns[name].type in ("id_number", "disability_certificate") for name in claims)
    if missing := _missing(claims, contract):
        seen = "、".join(label for label in written if label) or "(无)"
        raise HeaderError(
            f"缺少必需的列:{'、'.join(missing)}。找到的表头:{seen}。请按“{contract.title}”的数据目录补齐后重新报送", lists_people
        )
    chosen = {name: _one(name, found, contract) for name, found in claims.items()}
    above = " ".join(cell.strip() for row in head[:start] for cell in row if cell.strip())
    by_index = {claim.index: claim.label for claim in chosen.values()}
    labels = [by_index.get(index) or cells[index][0].strip() for index in range(len(cells))]
    factors = _factors({name: written[claim.index] for name, claim in chosen.items()}, above, contract)
    for name in factors:
        # A unit that stands above the table or over a group must come back with the rows that are given back.
        if not _UNIT.search(labels[chosen[name].index]):
            labels[chosen[name].index] += f"({_unit_name(factors[name])})"
    used = set(by_index)
    width = _width(cells, head[start + rows :], max(used) + 1)
    return Header(
        first_row=start + rows + 1,
        width=width,
        columns={name: claim.index for name, claim in chosen.items()},
        labels=[*labels[:width], *[""] * (width - len(labels))],
        factors=factors,
        ignored=tuple(label for index, label in enumerate(labels) if label and index not in used),
        # With the row above: the groups over a header that is complete without them, repeated on every page.
        rows=tuple(tuple(cell.strip() for cell in row) for row in head[max(0, start - 1) : start + rows]),
        above=above,
    )


def _one(name: str, found: list[_Claim], contract: Contract) -> _Claim:
    """The surest claim; two equally sure ones are refused, naming both columns."""
    if equal := _tied(found):
        both = "、".join(f"第 {claim.index + 1} 列“{claim.label}”" for claim in equal)
        raise HeaderError(f"有两列都是“{contract.columns[name].header}”:{both}。请只保留一列,或把另一列改名后重新报送", True)
    return max(found, key=_surety)


def _surety(claim: _Claim) -> tuple[int, int]:
    return claim.rank, -claim.order


def _tied(found: list[_Claim]) -> list[_Claim]:
    """The claims that are equally sure, if they are the surest and more than one."""
    best = max(map(_surety, found))
    equal = [claim for claim in found if _surety(claim) == best]
    return equal if len(equal) > 1 else []


def _factors(labels: dict[str, str], above: str, contract: Contract) -> dict[str, int]:
    """What money columns are multiplied with: by the unit in their own header, else by '单位:万元' above the table."""
    title = _TITLE_UNIT.search(unicodedata.normalize("NFKC", above))
    general = _FACTORS[title.group(1)] if title and title.group(1) else 1
    factors = {}
    for name, label in labels.items():
        if contract.columns[name].type == "money":
            text = unicodedata.normalize("NFKC", label)
            own = _UNIT.search(text)
            factor = _FACTORS[own.group(1) or own.group(2)] if own else 1 if "元" in text else general
            if factor != 1:
                factors[name] = factor
    return factors


def _unit_name(factor: int) -> str:
    return next(f"{mark}元" for mark, value in _FACTORS.items() if value == factor)


def _width(cells: list[list[str]], below: list[list[str]], least: int) -> int:
    """How many cells a row has: as most rows below say, if they only add or leave out blank ones at the end."""
    lengths = Counter(len(row) for row in below if any(cell.strip() for cell in row))
    if not lengths:
        return len(cells)
    usual = lengths.most_common(1)[0][0]
    surplus = any(cell.strip() for row in below if len(row) == usual for cell in row[len(cells) :])
    return len(cells) if surplus else max(usual, least)
