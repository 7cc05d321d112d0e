"""Turning raw text columns into typed ones, each with the code of what is wrong (or null), in bulk.

Columns with few distinct values (dates, enums, codes of villages) are read once per distinct text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl

from minzheng.kernel.feeds.contracts import Column
from minzheng.kernel.foundation.identifiers import check_id, check_ids

BLANKS = " \t\r\n\u3000\ufeff\u200b\xa0'\"‘’“”`＇"
NOTHING = frozenset({"", "-", "--", "—", "/", "\\", "null", "none", "nan", "n/a", "#n/a"})
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
_EXCEL_EPOCH = date(1899, 12, 30)
_DATE = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]\s*\d{1,2}(?:[::时]\d{1,2}.*)?)?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:\d{6})?$")
_MONTH = re.compile(r"^(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*月?$")
_SERIAL = re.compile(r"^\d{4,5}(?:\.\d+)?$")
_CERTIFICATE = re.compile(r"^(\d{17}[\dX])([1-7])([1-4])(?:B\d{0,2})?$")
_USCC = re.compile(r"^[0-9A-HJ-NPQRTUWXY]{18}$")
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True)
class Converted:
    """A typed column, the code of each row's problem (null = fine), and further columns read out of it."""

    values: pl.Series
    problems: pl.Series
    parts: dict[str, pl.Series]
    warnings: pl.Series | None = None


@dataclass(frozen=True)
class Context:
    """What a conversion needs to know of the delivery."""

    latest: date
    villages: frozenset[int]
    factor: int = 1


def convert(text: pl.Series, column: Column, context: Context) -> Converted:
    """Convert one raw column. Empty cells become null; whether that is allowed is checked by the caller."""
    if column.type == "id_number":
        return _id_numbers(text, context)
    clean = text.str.strip_chars(BLANKS)
    if column.type in ("money", "decimal"):
        return _numbers(clean, column, context)
    if column.type in ("name", "text", "address", "phone"):
        return _plain(clean)
    if column.type in ("code", "household"):
        return _plain(_folded_codes(clean))
    return _by_distinct(clean, _READERS[column.type], column, context)


def is_nothing(text: pl.Series) -> pl.Series:
    """Which cells say nothing ('', '-', 'NULL'…)."""
    return text.str.strip_chars(BLANKS).str.to_lowercase().is_in(list(NOTHING))


def fold(text: str) -> str:
    """Width folded, trimmed: '２０２４年' → '2024年'."""
    return unicodedata.normalize("NFKC", text).strip(BLANKS)


def _id_numbers(text: pl.Series, context: Context) -> Converted:
    checked = check_ids(text)
    # Nobody in a delivery is born after it.
    unborn = pl.col("birth_date") > context.latest
    checked = checked.with_columns(
        pl.when(unborn).then(pl.lit("id_date")).otherwise("problem").alias("problem"),
        pl.when(unborn).then(None).otherwise("id_number").alias("id_number"),
    )
    parts = {"birth_date": checked["birth_date"], "sex": checked["sex"]}
    return Converted(checked["id_number"], checked["problem"], parts, checked["warning"])


def _plain(clean: pl.Series) -> Converted:
    values = pl.select(pl.when(clean == "").then(None).otherwise(clean)).to_series()
    return Converted(values, pl.Series([None] * len(clean), dtype=pl.String), {})


def _folded_codes(clean: pl.Series) -> pl.Series:
    """Register numbers: width folded, blanks dropped. Nearly all are clean already and stay untouched."""
    odd = clean.filter(clean.str.contains(r"[\s\x{ff01}-\x{ff5e}]")).unique()
    folded = {text: re.sub(r"\s", "", fold(text)) for text in odd.to_list()}
    return clean.replace(folded) if folded else clean


def _numbers(clean: pl.Series, column: Column, context: Context) -> Converted:
    """Money to integer 分 (half up), decimals to Float64; thousands separators, ¥ and 元 are dropped."""
    frame = clean.alias("text").to_frame()
    # The plain form is by far the most frequent; only what is not plain is folded one by one.
    bare = pl.col("text").str.replace_all(",", "", literal=True)
    plain = bare.str.contains(r"^-?\d{1,13}(\.\d{1,2})?$")
    scale = 100 * context.factor if column.type == "money" else 1
    number = bare.cast(pl.Float64, strict=False)
    fast = (number * scale).round(0).cast(pl.Int64, strict=False) if column.type == "money" else number
    frame = frame.with_columns(pl.when(plain).then(fast).alias("value"), plain.alias("plain"))
    odd = frame.filter(~pl.col("plain"))["text"].unique()
    readings = {text: _number(text, scale, column.type == "money") for text in odd.to_list()}
    values_map = {text: value for text, (value, _) in readings.items()}
    problem_map = {text: problem for text, (_, problem) in readings.items() if problem}
    value_type = pl.Int64 if column.type == "money" else pl.Float64
    frame = frame.with_columns(
        pl.when("plain").then("value")
        .otherwise(pl.col("text").replace_strict(values_map, default=None, return_dtype=value_type)).alias("value"),
        pl.when("plain").then(None)
        .otherwise(pl.col("text").replace_strict(problem_map, default=None, return_dtype=pl.String)).alias("problem"),
    )  # fmt: skip
    if not column.negative:
        negative = pl.when((pl.col("value") < 0) & pl.col("problem").is_null()).then(pl.lit("number_negative"))
        frame = frame.with_columns(negative.otherwise("problem").alias("problem"))
    return Converted(frame["value"], frame["problem"], {})


def _number(text: str, scale: int, integral: bool) -> tuple[Any, str | None]:
    folded = re.sub(r"[,\s¥¥$]|元$|平方米$|㎡$|m2$", "", fold(text))
    if folded.lower() in NOTHING:
        return None, None
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,2})?", folded):
        return None, "number_unreadable"
    number = Decimal(folded) * scale
    if abs(number) >= 10**16:
        return None, "number_too_large"
    return (int(number.quantize(Decimal(1), rounding=ROUND_HALF_UP)) if integral else float(number)), None


Reader = Callable[[str, Column, Context], tuple[Any, str | None]]


def _by_distinct(clean: pl.Series, read: Reader, column: Column, context: Context) -> Converted:
    """Read each distinct text once and spread the result over the rows."""
    distinct = clean.unique()
    values, problems, parts = [], [], []
    for text in distinct.to_list():
        folded = fold(text)
        value, problem = (None, None) if folded.lower() in NOTHING else read(folded, column, context)
        parts.append(value[1:] if isinstance(value, tuple) else None)
        values.append(value[0] if isinstance(value, tuple) else value)
        problems.append(problem)
    table = pl.DataFrame(
        {"text": distinct, "value": pl.Series(values, dtype=_DTYPES[column.type]),
         "problem": pl.Series(problems, dtype=pl.String)}
    )  # fmt: skip
    if column.type == "disability_certificate":
        for position, name in enumerate(("category", "level", "person_id")):
            table = table.with_columns(
                pl.Series(name, [part[position] if part else None for part in parts], dtype=pl.String)
            )
    joined = clean.alias("text").to_frame().join(table, on="text", how="left", maintain_order="left", nulls_equal=True)
    extra = {name: joined[name] for name in joined.columns if name not in ("text", "value", "problem")}
    return Converted(joined["value"], joined["problem"], extra)


def read_date(text: str, latest: date) -> tuple[date | None, str | None]:
    """One date as departments write it: 20240501, 2024-05-01, 2024/5/1, 2024.5.1, 2024年5月1日, Excel serials."""
    match = _DATE.match(text) or _COMPACT.match(text)
    if match:
        year, month, day = (int(part) for part in match.groups()[:3])
        if not FIRST_DAY.year <= year <= LAST_DAY.year:
            return None, "date_out_of_range"
        try:
            found = date(year, month, day)
        except ValueError:
            return None, "date_no_such_day"
    elif _SERIAL.match(text) and 367 <= float(text) < 73_415:
        found = _EXCEL_EPOCH + timedelta(days=int(float(text)))
    else:
        return None, "date_unreadable"
    return (found, None) if found <= latest else (None, "date_future")


def _date(text: str, _column: Column, context: Context) -> tuple[Any, str | None]:
    return read_date(text, context.latest)


def _month(text: str, _column: Column, context: Context) -> tuple[Any, str | None]:
    match = _MONTH.match(text) if not _COMPACT.match(text) else None
    if match:
        text = f"{match.group(1)}-{match.group(2)}-1"
    found, problem = read_date(text, context.latest)
    return (found.replace(day=1) if found else None), problem


def _enum(text: str, column: Column, _context: Context) -> tuple[Any, str | None]:
    """A code, one of its names, or both together ('4-肢体', '肢体(4)', '2级')."""
    wanted = re.sub(r"\s", "", text)
    without_code = re.sub(r"^\d+[-.、::]|\([^)]*\)$", "", wanted)
    for code, names in column.values.items():
        if wanted == code or wanted in names or without_code in names:
            return code, None
        if code.isdigit() and re.fullmatch(rf"0*{code}[级类]?", wanted):
            return code, None
    return None, "enum_unknown"


def _village(text: str, _column: Column, context: Context) -> tuple[Any, str | None]:
    digits = re.sub(r"\s", "", text).removesuffix(".0")
    if not digits.isdigit() or int(digits) not in context.villages:
        return None, "village_unknown"
    return int(digits), None


def _bool(text: str, _column: Column, _context: Context) -> tuple[Any, str | None]:
    lowered = text.lower()
    if lowered in {"是", "合成", "1", "true", "y", "yes", "合成数据"}:
        return True, None
    return (False, None) if lowered in {"否", "0", "false", "n", "no", "真实"} else (None, "enum_unknown")


def _uscc(text: str, _column: Column, _context: Context) -> tuple[Any, str | None]:
    """GB 32100-2015: weights 3^(i-1) mod 31, check index (31 − Σ) mod 31 (facts §1.2)."""
    code = text.upper()
    if not _USCC.match(code):
        return None, "uscc_wrong"
    total = sum(_USCC_ALPHABET.index(character) * pow(3, i, 31) for i, character in enumerate(code[:17]))
    return (code, None) if _USCC_ALPHABET[(31 - total % 31) % 31] == code[17] else (None, "uscc_wrong")


def _certificate(text: str, _column: Column, _context: Context) -> tuple[Any, str | None]:
    match = _CERTIFICATE.match(text.upper())
    if not match:
        return None, "certificate_number"
    person = check_id(match.group(1))
    if person.problem:
        return None, "certificate_number"
    return (text.upper(), match.group(2), match.group(3), person.id_number), None


_READERS: dict[str, Reader] = {
    "date": _date, "month": _month, "enum": _enum, "village": _village,
    "bool": _bool, "uscc": _uscc, "disability_certificate": _certificate,
}  # fmt: skip
_DTYPES: dict[str, Any] = {
    "date": pl.Date, "month": pl.Date, "enum": pl.String, "village": pl.Int64, "bool": pl.Boolean, "uscc": pl.String, "disability_certificate": pl.String,
}  # fmt: skip
