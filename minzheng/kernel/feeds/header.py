"""Finding the header below titles, over one row or two merged ones, and what each column is."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from minzheng.kernel.feeds.contracts import Contract, normalise_header
from minzheng.kernel.feeds.errors import IntakeError

_UNIT = re.compile(r"[((【\[]?\s*(万元|亿元|千元|百元)\s*[))】\]]?")
_FACTORS = {"百元": 100, "千元": 1000, "万元": 10_000, "亿元": 100_000_000}


@dataclass(frozen=True)
class Header:
    """Where the data begin (row number from 1), which cell holds which contract column, and what is left over."""

    first_row: int
    width: int
    columns: dict[str, int]
    labels: dict[str, str]
    factors: dict[str, int]
    ignored: tuple[str, ...]


def find_header(head: list[list[str]], contract: Contract) -> Header | None:
    """The header among the first rows, or None when no row looks like one.

    Raises IntakeError when required columns are missing or two columns claim one field.
    """
    single = [([[cell] for cell in row], index + 2) for index, row in enumerate(head)]
    paired = [(_pair(head[i], head[i + 1]), i + 3) for i in range(len(head) - 1)]
    # One row is tried before two: a title above a header must not be read as its upper row.
    candidates = [(_match(cells, contract), first_row, cells) for cells, first_row in [*single, *paired]]
    best = max(candidates, key=lambda item: (_complete(item[0], contract), len(item[0])), default=None)
    if best is None or len(best[0]) < min(2, len(contract.columns)):
        return None
    matches, first_row, names = best
    return _header(matches, first_row, names, contract)


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


def _match(cells: list[list[str]], contract: Contract) -> dict[str, list[int]]:
    """Contract column → the cells that name it, by its header, an alias, its name in the contract or in the lake."""
    spellings = {}
    for name, column in contract.columns.items():
        for text in (name, contract.lake_name(name), column.header, *column.aliases):
            spellings[normalise_header(text)] = name
    found: dict[str, list[int]] = {}
    for index, names in enumerate(cells):
        hits = [spellings[normalise_header(text)] for text in names if normalise_header(text) in spellings]
        if hits:
            # In a header of two rows the combined text ('登记日期' under '失业') is the more precise one.
            found.setdefault(hits[-1], []).append(index)
    return found


def _complete(matches: dict[str, list[int]], contract: Contract) -> bool:
    return not _missing(matches, contract)


def _missing(matches: dict[str, list[int]], contract: Contract) -> list[str]:
    return [
        column.header
        for name, column in contract.columns.items()
        if column.required and name not in matches and (column.derived_from or "") not in matches
    ]


def _header(matches: dict[str, list[int]], first_row: int, names: list[list[str]], contract: Contract) -> Header:
    labels = [cell[-1].strip() for cell in names]
    for name, indices in matches.items():
        if len(indices) > 1:
            both = "、".join(f"第 {index + 1} 列“{labels[index]}”" for index in indices)
            raise IntakeError(f"有两列都是“{contract.columns[name].header}”:{both}。请只保留一列,或把另一列改名后重新报送")
    if missing := _missing(matches, contract):
        seen = "、".join(label for label in labels if label) or "(无)"
        raise IntakeError(
            f"缺少必需的列:{'、'.join(missing)}。找到的表头:{seen}。请按“{contract.title}”的数据目录补齐后重新报送"
        )
    columns = {name: indices[0] for name, indices in matches.items()}
    used = set(columns.values())
    factors = {
        name: _FACTORS[unit.group(1)]
        for name, index in columns.items()
        if contract.columns[name].type == "money"
        and (unit := _UNIT.search(unicodedata.normalize("NFKC", labels[index])))
    }
    return Header(
        first_row, max(len(names), 1), columns, {name: labels[i] for name, i in columns.items()}, factors,
        tuple(label for i, label in enumerate(labels) if label and i not in used),
    )
