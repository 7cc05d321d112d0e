"""Which rows below a header are data at all: not blank ones, repeated headers, totals, signatures and notes.

A data row must never pass for one of these: only rows without anything like an ID number are looked at.
"""

from __future__ import annotations

import polars as pl

from minzheng.kernel.feeds.contracts import Contract
from minzheng.kernel.feeds.convert import BLANKS
from minzheng.kernel.feeds.header import Header

# Six digits on end, or a number that Excel wrote as 3.20402E+17; not behind a label ('联系电话:0519…').
_LIKE_AN_ID = r"[0-9０-９]{6}|[0-9０-９][.．]?[0-9０-９]*[eEｅＥ][+＋]?[0-9０-９]"
_LABEL = r"^[\s*※★]*\p{Han}[\p{Han}\s/、]{0,12}(?:[((][^))]*[))])?\s*[::]"
_TOTAL = (
    r"^\s*(?:本页|本表|全部|全市|全区|截至|总)?\s*(?:合|总|小|累|共)\s*计(?:\P{Han}|$|人|户|金|数|条|笔|件|款|元|\s)|"
    r"^\s*共\s*[0-9]|^\s*第\s*[0-9]+\s*页|^\s*以下(?:空白|无)|^\s*(?:完|结束|END|end)\s*$"
)
_SIGNATURE = (
    r"^\s*(?:制\s*表|填\s*表|填\s*报|编\s*制|审\s*核|复\s*核|核\s*对|校\s*对|经\s*办|负\s*责|主\s*管|分\s*管|统\s*计|联\s*系|报\s*送|打\s*印|"
    r"导\s*出|录\s*入|盖\s*章|签\s*字|单\s*位|日\s*期|备\s*注|说\s*明|附\s*注|注)(?:\s|人|员|单位|部门|日期|时间|电话|签字|签名|盖章|公章|领导|负责人|[0-9一二三])*"
    r"(?:[::((、.]|$|\s\p{Han}{2,4}\s*$)"
)
_SERIALS = "甲乙丙丁"


def data_rows(cells: pl.DataFrame, header: Header, contract: Contract) -> pl.Series:
    """True for the rows that are data."""
    keys = [
        pl.col(str(header.columns[name]))
        for name, column in contract.columns.items()
        if name in header.columns and column.type in ("id_number", "disability_certificate", "uscc")
    ]
    if not keys:
        return _without_id(cells, header)
    data = cells.select(
        pl.any_horizontal(key.str.contains(_LIKE_AN_ID) & ~key.str.contains(_LABEL) for key in keys)
    ).to_series()
    if data.all():
        return data
    rest = (~data).arg_true()
    return data.scatter(rest, _without_id(cells[rest], header))


def _without_id(cells: pl.DataFrame, header: Header) -> pl.Series:
    stripped = cells.select(pl.all().str.strip_chars(BLANKS))
    used = [pl.col(str(index)) for index in header.columns.values()]
    first = pl.coalesce(pl.when(pl.col(name) != "").then(pl.col(name)) for name in cells.columns).fill_null("")
    filled = pl.sum_horizontal((pl.all() != "").cast(pl.Int32))
    # A lone text in a row of many columns: a note, if it is longer than a name or reads like a sentence.
    note = (filled == 1) & (len(cells.columns) > 2) & ((first.str.len_chars() >= 8) | first.str.contains(r"[::。;;]"))
    not_data = (
        pl.all_horizontal(column == "" for column in used)
        | first.str.contains(_TOTAL)
        | first.str.contains(_SIGNATURE)
        | first.str.contains(_LABEL)
        | note
        | _repeated_header(header, cells.columns)
        | _column_numbers(cells.columns, filled)
    )
    return stripped.select(~not_data).to_series()


def _repeated_header(header: Header, columns: list[str]) -> pl.Expr:
    """The header's own words again, as at the top of every printed page."""
    again = pl.lit(False)
    for row in header.rows:
        words = [(name, word) for name, word in zip(columns, row, strict=False) if word]
        if len(words) > 1:
            same = pl.sum_horizontal((pl.col(name) == word).cast(pl.Int32) for name, word in words)
            again |= same >= max(2, -(-len(words) * 2 // 3))
    return again


def _column_numbers(columns: list[str], filled: pl.Expr) -> pl.Expr:
    """'甲 乙 1 2 3' or '1 2 3 4' below the header: the numbers of the columns."""
    numbered = pl.sum_horizontal(
        pl.col(name).is_in([str(i) for i in range(max(1, place - 3), place + 2)] + list(_SERIALS)).cast(pl.Int32)
        for place, name in enumerate(columns, start=1)
    )
    return (filled >= 3) & (numbered == filled)
