"""Dirt as departments really send it, and the count of every piece.

A row gets at most one kind of dirt, so that counts can be compared one to one with what the intake finds. Kinds that
spoil a row name the intake's reason; `duplicate` and `resend` are counted as duplicates; others are harmless oddities.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from minzheng.synthetic_city.layouts import NO_SUCH_DAY, Layout

# What the intake says about a row with this dirt.
REASONS = {
    "mangled_id": "id_excel_mangled", "check_digit": "id_checksum", "missing_id": "id_missing", "not_an_id": "id_characters",
    "no_such_day": "date_no_such_day", "unknown_village": "village_unknown", "bad_encoding": "bad_encoding",
    "two_households": "two_households", "bad_number": "number_unreadable", "death_before_birth": "death_before_birth",
    "period_reversed": "period_reversed", "no_such_level": "enum_unknown", "certificate": "certificate_category",
    "wrong_uscc": "uscc_wrong",
}  # fmt: skip
DUPLICATES = ("duplicate", "resend")
HARMLESS = ("full_width",)
# Stands for a byte that no encoding knows; the CSV writer puts the byte 0xFF there.
BROKEN = "\ue000"
_DATES = ("birth_date", "death_date", "settled_on", "registered_on", "assessed_on", "declared_on", "moved_in_on")


@dataclass
class Soiled:
    """What became of a chunk: its text, what was done to it, and clean rows that the next delivery sends again."""

    text: pl.DataFrame
    kinds: Counter[str] = field(default_factory=Counter)
    again: pl.DataFrame | None = None


def soil(
    text: pl.DataFrame, layout: Layout, turn: int, form: str, rng: np.random.Generator, again: pl.DataFrame | None
) -> Soiled:
    """Soil a chunk of a delivery by the layout's rates; `again` are rows of the last delivery to be sent once more."""
    count = text.height
    kinds: Counter[str] = Counter()
    rates = {kind: rate for kind, rate in layout.dirt.items() if kind != "bad_encoding" or form == "csv"}
    draw = rng.random(count)
    start = 0.0
    extra = []
    next_time = None
    for kind, rate in rates.items():
        rows = np.flatnonzero((draw >= start) & (draw < start + rate))
        start += rate
        if not len(rows):
            continue
        if kind == "duplicate":
            extra.append(text[rows])
        elif kind == "resend":
            next_time = text[rows]
            continue
        elif kind == "two_households":
            rows = _second_households(text, rows, extra)
        else:
            text = _spoil(text, kind, rows, layout.date_style(turn))
        kinds[kind] += len(rows)
    if again is not None:
        extra.append(again)
        kinds["resend"] += again.height
    return Soiled(pl.concat([text, *extra]) if extra else text, kinds, next_time)


def expected(kinds: dict[str, int]) -> tuple[dict[str, int], int]:
    """What an intake must find: quarantined rows per reason, and duplicates."""
    reasons: Counter[str] = Counter()
    for kind, count in kinds.items():
        if kind in REASONS:
            # A resident in two households: nobody knows which row is right, so both are held back.
            reasons[REASONS[kind]] += count * 2 if kind == "two_households" else count
    return dict(reasons), sum(kinds.get(kind, 0) for kind in DUPLICATES)


def _second_households(text: pl.DataFrame, rows: np.ndarray, extra: list[pl.DataFrame]) -> np.ndarray:
    """Copies of some persons' rows under the number of a household elsewhere in the chunk."""
    other = text["household_no"].gather((rows + text.height // 2) % text.height)
    kept = np.flatnonzero((other != text["household_no"].gather(rows)).to_numpy())
    if len(kept):
        extra.append(text[rows[kept]].with_columns(other.gather(kept)))
    return rows[kept]


def _spoil(text: pl.DataFrame, kind: str, rows: np.ndarray, date_style: str) -> pl.DataFrame:
    name = _column_for(kind, text)
    old = text[name].gather(rows)
    bare = pl.col(name).str.strip_chars("\t'")
    new = {
        "mangled_id": bare.str.slice(0, 1) + "." + bare.str.slice(1, 5) + "E+17",
        "check_digit": bare.str.slice(0, 17) + _other_check_digit(bare.str.slice(17, 1)),
        "missing_id": pl.lit(""),
        "not_an_id": pl.lit("待补录"),
        "full_width": _full_width(bare),
        "no_such_day": pl.lit(NO_SUCH_DAY[date_style]),
        "unknown_village": pl.col(name).str.slice(0, 9) + "999",
        "bad_encoding": pl.col(name).str.slice(0, 1) + BROKEN,
        "bad_number": pl.lit("见附件"),
        "death_before_birth": pl.lit("1901-05-01"),
        "period_reversed": pl.lit("200001"),
        "no_such_level": pl.lit("五级"),
        "certificate": pl.col(name).replace_strict(_NEXT_CATEGORY, return_dtype=pl.String),
        "wrong_uscc": pl.col(name).str.slice(0, 17) + _other_check_digit(pl.col(name).str.slice(17, 1)),
    }[kind]
    changed = old.to_frame().select(new.alias(name)).to_series()
    return text.with_columns(text[name].scatter(rows, changed))


def _column_for(kind: str, text: pl.DataFrame) -> str:
    if kind in ("mangled_id", "check_digit", "missing_id", "not_an_id", "full_width"):
        return "person_id"
    if kind == "no_such_day":
        return next(name for name in _DATES if name in text.columns)
    return {
        "unknown_village": "village_code", "bad_encoding": "name", "death_before_birth": "death_date",
        "period_reversed": "period_end", "no_such_level": "level", "certificate": "category", "wrong_uscc": "uscc",
        "bad_number": "total" if "total" in text.columns else "loss",
    }[kind]  # fmt: skip


_CATEGORIES = ["视力", "听力", "言语", "肢体", "智力", "精神", "多重"]
_NEXT_CATEGORY = {one: _CATEGORIES[(index + 1) % 7] for index, one in enumerate(_CATEGORIES)}


def _other_check_digit(digit: pl.Expr) -> pl.Expr:
    return pl.when(digit == "7").then(pl.lit("3")).otherwise(pl.lit("7"))


def _full_width(text: pl.Expr) -> pl.Expr:
    return text.str.replace_many(list("0123456789"), list("０１２３４５６７８９"))
