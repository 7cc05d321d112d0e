"""The words of reports: YAML that officials may change, filled with frozen figures. A value never becomes structure: what stands in
braces is put into a sentence that was cut out before, so a free text with marks of its own stays a text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from minzheng.kernel.foundation.declared import read_yaml
from minzheng.kernel.indicators.reports.errors import ReportError

FOLDER = Path(__file__).parent / "words"
_HOLE = re.compile(r"\{([a-z_][a-z0-9_.]*)\}")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
Block = dict[str, Any]
OF_THE_WHOLE = {"targets", "late"}  # tables that are made of all figures


class Piece(BaseModel):
    """One entry: a text of some kind, a table or chart by name, or entries repeated for each of a list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    h1: str = ""
    h2: str = ""
    p: str = ""
    note: str = ""
    table: str = ""
    chart: str = ""
    when: str = ""
    unless: str = ""
    each: str = ""
    each_as: str = Field("it", alias="as")
    do: tuple[Piece, ...] = ()


class Words(BaseModel):
    """A kind of report: its title and its entries."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    blocks: tuple[Piece, ...]


@cache
def words(kind: str) -> Words:
    """The words of a kind of report. Raises DeclarationError with line and reason."""
    return read_yaml(FOLDER / f"{kind}.yaml", Words)


def fingerprint(kind: str) -> str:
    """Of the words as they are now, so that a report says which ones it was written with."""
    return hashlib.sha256((FOLDER / f"{kind}.yaml").read_bytes()).hexdigest()


def filled(text: str, figures: Mapping[str, Any]) -> str:
    """A sentence with its holes filled. Raises ReportError for a name that the figures do not have."""
    return _HOLE.sub(lambda hole: plain(found(hole[1], figures)), text)


def plain(value: object) -> str:
    """A value as one line of text: nothing that a printer, a word processor or a reader's eye could take for something else."""
    return _UNSEEN.sub(" ", str("" if value is None else value)).strip()


def found(name: str, figures: Mapping[str, Any]) -> Any:
    """What a dotted name means. Raises ReportError when it means nothing."""
    value: Any = figures
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            if value is None:
                return None
            raise ReportError(f"文字模板里的 {{{name}}} 没有对应的数字，请改模板")
        value = value[part]
    return value


def composed(pieces: tuple[Piece, ...], figures: Mapping[str, Any]) -> Iterator[Block]:
    """The paragraphs, tables and charts that words and figures make."""
    for piece in pieces:
        if (piece.when and not found(piece.when, figures)) or (piece.unless and found(piece.unless, figures)):
            continue
        if piece.each:
            for one in found(piece.each, figures) or ():
                yield from composed(piece.do, {**figures, piece.each_as: one})
            continue
        for kind in ("h1", "h2", "p", "note"):
            if text := getattr(piece, kind):
                yield {"kind": kind, "text": filled(text, figures)}
        if piece.table:
            yield {"kind": "table", "name": piece.table, "of": None if piece.table in OF_THE_WHOLE else found(piece.table, figures)}
        if piece.chart:
            yield {"kind": "chart", "name": piece.chart}
