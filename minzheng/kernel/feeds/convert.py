"""Turning raw text columns into typed ones, each with the code of what is wrong (or null), in bulk.

Columns with few distinct values (dates, enums, codes of villages) are read once per distinct text; numbers and ID
numbers in bulk, and only what is not plain one by one.
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
from minzheng.kernel.foundation.identifiers import check_id, check_ids, check_uscc

BLANKS = " \t\r\n\u3000\ufeff\u200b\xa0'\"‘’“”`＇"
NOTHING = frozenset({"", "-", "--", "—", "——", "/", "\\", "null", "none", "nan", "nat", "n/a", "#n/a", "<null>", "无数据"})
_NOTHING_WRITTEN = sorted({spelling for text in NOTHING for spelling in (text, text.upper(), text.title())} | {"NaN", "NaT"})
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
_EXCEL_EPOCH = date(1899, 12, 30)
_TIME = r"(?:(?:\s+|T|日\s*)(?:上午|下午)?\s*\d{1,2}\s*[::时点].*)?"
_DATE = re.compile(rf"^(\d{{4}})\s*[-/.年]\s*(\d{{1,2}})\s*[-/.月]\s*(\d{{1,2}})\s*日?{_TIME}$")
_COMPACT = re.compile(rf"^(\d{{4}})(\d{{2}})(\d{{2}})(?:\d{{6}}|\.0|{_TIME})$")
_MONTH = re.compile(r"^(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*月?(?:\.0)?$")
_SERIAL = re.compile(r"^\d{4,5}(?:\.\d+)?$")
# '2024-05-01 10:31:22': the time of day says nothing here, and would make every text a distinct one.
_WITH_TIME = r"^(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})[ T]\d{1,2}:.*$"
_OPEN_END = frozenset({"长期", "长期有效", "永久", "永久有效", "无固定期限", "至今", "无期限"})
_CERTIFICATE = re.compile(r"^(\d{17}[\dX])([1-7])([1-4])(?:B\d{0,2})?$")
_MULTIPLES = {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_AMOUNT = re.compile(
    r"^([-+]?)(?:人民币|rmb|cny|[¥$])?([-+]?[\d,.]+(?:[eE][-+]?\d{1,2})?)(百|千|万|亿)?(?:元|圆|人民币|平方米|㎡|m2|/月|整)*$", re.I
)
_THOUSANDS = r"^-?\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?$"
_NUMBER = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d*)?(?:[eE][-+]?\d{1,2})?")


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
    if column.type in ("money", "decimal"):
        return _numbers(text, column, context)
    if column.type in ("name", "text", "address", "phone"):
        return _plain(text.str.strip_chars(BLANKS))
    if column.type in ("code", "household"):
        return _plain(_folded_codes(text.str.strip_chars(BLANKS)))
    if column.type == "date":
        text = text.str.replace(_WITH_TIME, "$1") if longest(text) > 12 else text
    return _by_distinct(text, _READERS[column.type], column, context)


def longest(text: pl.Series) -> int:
    """Bytes of the longest cell."""
    return int(text.str.len_bytes().to_numpy().max(initial=0))


def is_nothing(text: pl.Series) -> pl.Series:
    """Which cells say nothing ('', '-', 'NULL'…)."""
    return text.str.strip_chars(BLANKS).is_in(_NOTHING_WRITTEN)


def fold(text: str) -> str:
    """Width folded, trimmed: '２０２４年' → '2024年'."""
    return unicodedata.normalize("NFKC", text).strip(BLANKS)


def _id_numbers(text: pl.Series, context: Context) -> Converted:
    checked = check_ids(text)
    # Nobody in a delivery is born after it.
    unborn = pl.col("birth_date") > context.latest
    if checked.select(unborn.any()).item():
        checked = checked.with_columns(
            pl.when(unborn).then(pl.lit("id_date")).otherwise("problem").alias("problem"),
            pl.when(unborn).then(None).otherwise("id_number").alias("id_number"),
        )
    parts = {"birth_date": checked["birth_date"], "sex": checked["sex"]}
    return Converted(checked["id_number"], checked["problem"], parts, checked["warning"])


def _plain(clean: pl.Series) -> Converted:
    """Text as it is; what only says 'nothing' becomes null."""
    empty = clean.is_in(_NOTHING_WRITTEN)
    values = pl.select(pl.when(empty).then(None).otherwise(clean)).to_series() if empty.any() else clean
    return Converted(values, pl.Series([None], dtype=pl.String).new_from_index(0, len(clean)), {})


def _folded_codes(clean: pl.Series) -> pl.Series:
    """Register numbers: width folded, blanks dropped. Nearly all are clean already and stay untouched."""
    odd = clean.filter(clean.str.contains(r"[\s\x{ff01}-\x{ff5e}]")).unique()
    folded = {text: re.sub(r"\s", "", fold(text)) for text in odd.to_list()}
    return clean.replace(folded) if folded else clean


def _numbers(text: pl.Series, column: Column, context: Context) -> Converted:
    """Money to integer 分 (half up), decimals to Float64; thousands separators, ¥ and 元 are dropped."""
    money = column.type == "money"
    number = _grouped(text, text.cast(pl.Float64, strict=False))
    if money:
        scaled = number * (100 * context.factor)
        rounded = scaled.round(0)
        # Binary fractions are exact enough unless the amount lies near half a 分, or is beyond all measure.
        plain = ((scaled - rounded).abs() < 0.4) & (scaled.abs() < 1e14)
        values = pl.select(pl.when(plain).then(rounded)).to_series().cast(pl.Int64)
    else:
        plain = number.abs() < 1e14
        values = pl.select(pl.when(plain).then(number)).to_series()
    problems = pl.Series([None], dtype=pl.String).new_from_index(0, len(text))
    odd = ~plain.fill_null(False)
    if odd.any():
        values, problems = _odd_numbers(text, odd, values, problems, context.factor, money)
    if not column.negative and (negative := (values < 0).fill_null(False)).any():
        problems = pl.select(pl.when(negative).then(pl.lit("number_negative")).otherwise(problems)).to_series()
    return Converted(values, problems, {})


def _grouped(text: pl.Series, number: pl.Series) -> pl.Series:
    """Numbers with thousands separators ('4,031.97'), which many systems write throughout: in bulk, too."""
    places = number.is_null().arg_true()
    if not len(places):
        return number
    rest = text.gather(places).str.strip_chars(BLANKS)
    read = rest.str.replace_all(",", "", literal=True).cast(pl.Float64, strict=False)
    grouped = pl.select(pl.when(rest.str.contains(_THOUSANDS)).then(read)).to_series()
    return number.scatter(places, grouped)


def _odd_numbers(
    text: pl.Series, odd: pl.Series, values: pl.Series, problems: pl.Series, factor: int, money: bool
) -> tuple[pl.Series, pl.Series]:
    """Read what is not a plain number, each distinct text once."""
    distinct = text.filter(odd).unique()
    readings = [_number(one, factor, money) for one in distinct.to_list()]
    table = pl.DataFrame({
        "text": distinct,
        "value": pl.Series([value for value, _ in readings], dtype=values.dtype),
        "problem": pl.Series([problem for _, problem in readings], dtype=pl.String),
    })  # fmt: skip
    positions = odd.arg_true()
    found = text.gather(positions).alias("text").to_frame().join(table, on="text", how="left", maintain_order="left")
    return values.clone().scatter(positions, found["value"]), problems.clone().scatter(positions, found["problem"])


def _number(text: str, factor: int, money: bool) -> tuple[Any, str | None]:
    folded = re.sub(r"(?<=\d)\s(?=\d{3}(\D|$))", ",", fold(text))
    folded = re.sub(r"\s", "", folded)
    if folded.lower() in NOTHING:
        return None, None
    match = _AMOUNT.match(folded)
    # Separators only where thousands end: '1612,79' is no number, and nobody guesses which one was meant.
    digits = match[1] + match[2] if match else ""
    if not match or not _NUMBER.fullmatch(digits) or not re.search(r"\d", digits):
        return None, "number_unreadable"
    number = Decimal(digits.replace(",", ""))
    if not money:
        return (float(number), None) if abs(number) < 10**14 else (None, "number_too_large")
    # A unit in the cell counts before the one in the header.
    number *= 100 * (_MULTIPLES[match[3]] if match[3] else 1 if folded.endswith("元") else factor)
    if abs(number) >= 10**16:
        return None, "number_too_large"
    return int(number.quantize(Decimal(1), rounding=ROUND_HALF_UP)), None


Reader = Callable[[str, Column, Context], tuple[Any, str | None]]


def _by_distinct(text: pl.Series, read: Reader, column: Column, context: Context) -> Converted:
    """Read each distinct text once and spread the result over the rows."""
    distinct = text.unique()
    values, problems, parts = [], [], []
    for one in distinct.to_list():
        folded = fold(one)
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
    joined = text.alias("text").to_frame().join(table, on="text", how="left", maintain_order="left", nulls_equal=True)
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
    elif _SERIAL.match(text) and 367 <= (serial := int(float(text))) < 73_415 and not 1900 <= serial <= 2100:
        # From 1900 to 2100 it is a year that somebody wrote without month and day, not a day in 1905.
        found = _EXCEL_EPOCH + timedelta(days=serial)
    else:
        return None, "date_unreadable"
    return (found, None) if found <= latest else (None, "date_future")


def _date(text: str, column: Column, context: Context) -> tuple[Any, str | None]:
    if column.range == "future" and (text in _OPEN_END or text.startswith("9999")):
        return None, None
    return read_date(text, context.latest)


def _month(text: str, column: Column, context: Context) -> tuple[Any, str | None]:
    match = _MONTH.match(text) if not _COMPACT.match(text) else None
    if match:
        text = f"{match.group(1)}-{match.group(2)}-1"
    found, problem = _date(text, column, context)
    return (found.replace(day=1) if found else None), problem


def _enum(text: str, column: Column, _context: Context) -> tuple[Any, str | None]:
    """A code, one of its names, or both together ('4-肢体', '肢体(4)', '2级')."""
    wanted = re.sub(r"\s", "", text)
    without_code = re.sub(r"^\d+[-_.、::]?(?=\D)|\([^)]*\)$", "", wanted)
    for code, names in column.values.items():
        if wanted == code or wanted in names or (without_code and without_code in names):
            return code, None
        if code.isdigit() and re.fullmatch(rf"0*{code}(\.0)?[级类]?", wanted):
            return code, None
    return (column.otherwise, None) if column.otherwise else (None, "enum_unknown")


def _village(text: str, _column: Column, context: Context) -> tuple[Any, str | None]:
    digits = re.sub(r"\s", "", text).removesuffix(".0")
    if not re.fullmatch(r"[0-9]{12}", digits) or int(digits) not in context.villages:
        return None, "village_unknown"
    return int(digits), None


def _bool(text: str, _column: Column, _context: Context) -> tuple[Any, str | None]:
    lowered = text.lower().removesuffix(".0")
    if lowered in {"是", "合成", "1", "true", "y", "yes", "合成数据", "t"}:
        return True, None
    return (False, None) if lowered in {"否", "0", "false", "n", "no", "真实", "f", "真实数据"} else (None, "enum_unknown")


def _uscc(text: str, _column: Column, _context: Context) -> tuple[Any, str | None]:
    code = re.sub(r"\s", "", text.upper())
    return (code, None) if check_uscc(code) else (None, "uscc_wrong")

def _certificate(text: str, _column: Column, _context: Context) -> tuple[Any, str | None]:
    code = re.sub(r"\s", "", text.upper())
    match = _CERTIFICATE.match(code)
    if not match:
        return None, "certificate_number"
    person = check_id(match.group(1))
    if person.problem:
        return None, "certificate_number"
    return (code, match.group(2), match.group(3), person.id_number), None


_READERS: dict[str, Reader] = {
    "date": _date, "month": _month, "enum": _enum, "village": _village,
    "bool": _bool, "uscc": _uscc, "disability_certificate": _certificate,
}  # fmt: skip
_DTYPES: dict[str, Any] = {
    "date": pl.Date, "month": pl.Date, "enum": pl.String, "village": pl.Int64, "bool": pl.Boolean, "uscc": pl.String, "disability_certificate": pl.String,
}  # fmt: skip
