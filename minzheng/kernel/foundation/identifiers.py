"""The resident ID number of GB 11643-1999: folding, checking one or millions, making synthetic ones.

Source: GB 11643-1999 (weights and check characters) and GB/T 2260 (regions), facts §1.1. Django-free.
Codes of problems: id_missing, id_excel_mangled, id_length, id_characters, id_date, id_checksum.
Codes of warnings: id_upgraded_15, id_region_unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FIRST_YEAR, LAST_YEAR = 1880, 2100  # of a birth: archives reach back, and nobody was born in 1800 or 2999

_X_LOOKALIKES = "xХхΧχ×"  # Latin, Cyrillic, Greek, the sign of multiplication
_FOLD = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_FOLD |= {"Ｘ": "X", "ｘ": "X"} | dict.fromkeys(_X_LOOKALIKES, "X")
_TRANSLATE = str.maketrans(_FOLD)
# Blanks, control and zero-width characters, quotes. Spelt out: \s is not the same set in Python and in Polars.
_STRIP = "[\x01-\x20\x7f\x80-\xa0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff'\"‘’“”`´]+"
_MANGLED = r"^[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+$|^[0-9]{15,18}[.,]0*$"  # 3.20402E+17, or a float written out
_CHUNK = 1 << 17  # rows at a time: keeps the scratch arrays in the processor's cache

# GB/T 2260 provinces; 81–83 residence permits of Hong Kong, Macao and Taiwan residents. A 9 in front: foreigners.
PROVINCES = frozenset(
    {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46}
    | {50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83}
)
# 常州's county codes, present and abolished: an ID keeps its code for life (facts §1.1). Besides those of
# facts.md: 320401 市辖区, 320403 广化区 (to 1986), 320411 郊区 before 新北区, 320422 金坛县.
CHANGZHOU_COUNTIES = frozenset(
    {320400, 320401, 320402, 320403, 320404, 320405, 320411, 320412, 320413}
    | {320421, 320422, 320423, 320481, 320482, 320483}
)

_CODES = [None, "id_missing", "id_excel_mangled", "id_length", "id_characters", "id_date", "id_checksum"]
_MISSING, _EXCEL, _LENGTH, _CHARACTERS, _DATE, _CHECKSUM = range(1, 7)
_WARNINGS = [None, "id_upgraded_15", "id_region_unknown"]


@dataclass(frozen=True)
class IdCheck:
    """What is known of one ID number: normalised, with birth date and sex, or the code of the problem."""

    id_number: str | None
    birth_date: date | None
    sex: str | None
    problem: str | None
    warnings: tuple[str, ...] = ()


def normalise_id(text: str) -> str:
    """Fold full-width characters, drop blanks, tabs and quotes, x → X. Never changes a digit."""
    return re.sub(_STRIP, "", text.translate(_TRANSLATE))


def check_character(first17: str) -> str:
    """The 18th character for 17 digits (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True))
    return CHECK_CHARACTERS[total % 11]


def check_uscc(code: str) -> bool:
    """Whether a unified social credit code is sound. GB 32100-2015: weights 3^(i-1) mod 31, check index
    (31 − Σ) mod 31 (facts §1.2)."""
    if len(code) != 18 or set(code) - set(_USCC_ALPHABET):
        return False
    total = sum(_USCC_ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(code[:17]))
    return _USCC_ALPHABET[(31 - total % 31) % 31] == code[17]


def make_id(region: str, birth: date, sequence: int) -> str:
    """An ID number from a six-digit region, a birth date and a sequence of 0–999 (odd = male)."""
    first17 = f"{region:0>6}{birth:%Y%m%d}{sequence:03d}"
    return first17 + check_character(first17)


def check_id(text: str | None) -> IdCheck:
    """Check one ID number as it was written somewhere.

    15-digit numbers are upgraded (with a warning); an unknown region is only a warning. A number whose last
    three digits are 0 and whose check digit is wrong was rounded by Excel (15 significant digits).
    """
    folded = normalise_id(text or "")
    problem = _shape_problem(folded)
    if problem:
        return IdCheck(None, None, None, problem)
    warnings: tuple[str, ...] = ()
    if len(folded) == 15:
        first17 = f"{folded[:6]}19{folded[6:]}"
        folded, warnings = first17 + check_character(first17), ("id_upgraded_15",)
    birth = _birth_date(folded)
    if birth is None:
        return IdCheck(None, None, None, "id_date")
    if check_character(folded[:17]) != folded[17]:
        return IdCheck(None, None, None, "id_excel_mangled" if folded.endswith("000") else "id_checksum")
    if not _region_known(int(folded[:6])):
        warnings += ("id_region_unknown",)
    return IdCheck(folded, birth, "1" if int(folded[16]) % 2 else "2", None, warnings)


def check_ids(series: pl.Series) -> pl.DataFrame:
    """The same for a column of text, in bulk.

    Returns one row per input row: id_number (String), problem (String), warning (String, the first one),
    birth_date (Date), sex ('1' male, '2' female); null where there is none. In one respect a column shows more
    than its rows: one rounded number in eleven keeps a right check digit by chance, so where rounded
    numbers outweigh the sound ones that end in 000, these are not trusted either (id_excel_mangled).
    """
    text = series.cast(pl.String)
    parts = [_check_chunk(text.slice(start, _CHUNK)) for start in range(0, max(len(text), 1), _CHUNK)]
    frame = pl.concat([part for part, _ in parts])
    rounded = sum(count for _, count in parts)
    if not rounded:
        return frame
    zeros = frame["id_number"].str.ends_with("000").fill_null(False)
    if int(zeros.sum()) > rounded:
        return frame
    kept = pl.when(~zeros)
    return frame.with_columns(
        *(kept.then(pl.col(name)) for name in ("id_number", "warning", "birth_date", "sex")),
        pl.when(zeros).then(pl.lit("id_excel_mangled")).otherwise("problem").alias("problem"),
    )


def make_ids(regions: npt.ArrayLike, births: npt.ArrayLike, sequences: npt.ArrayLike) -> pl.Series:
    """ID numbers in bulk: integer regions, datetime64[D] births, integer sequences 0–999 (odd = male)."""
    day = np.asarray(births).astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    months = month.astype(np.int64)
    birth = (months // 12 + 1970) * 10000 + (months % 12 + 1) * 100 + (day - month).astype(np.int64) + 1
    number = (np.asarray(regions).astype(np.int64) * 10**8 + birth) * 1000 + np.asarray(sequences)
    digits = np.empty((len(number), 18), dtype=np.uint8)
    for column in range(16, -1, -1):
        number, digit = np.divmod(number, 10)
        digits[:, column] = digit
    digits[:, 17] = _check_bytes(digits.T)
    digits[:, :17] += ord("0")
    return _strings(digits).rename("id_number")


def digits_of(series: pl.Series) -> npt.NDArray[np.uint8]:
    """The bytes of a column of 18-byte texts without nulls, as a matrix (n, 18); ValueError for another length."""
    if len(series) == 0:
        return np.empty((0, 18), dtype=np.uint8)
    array = series.rechunk().to_arrow().cast("large_string")
    _, offset_buffer, data_buffer = array.buffers()
    offsets = np.frombuffer(offset_buffer, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    if array.null_count or (np.diff(offsets) != 18).any():
        raise ValueError("an ID number has 18 characters")
    return np.frombuffer(data_buffer, dtype=np.uint8)[offsets[0] : offsets[-1]].reshape(-1, 18)


# ---- one at a time


def _shape_problem(folded: str) -> str | None:
    if not folded:
        return "id_missing"
    if re.search(_MANGLED, folded):
        return "id_excel_mangled"
    if not re.fullmatch(r"[0-9X]+", folded):
        return "id_characters"
    if len(folded) not in (15, 18):
        return "id_length"
    return None if re.fullmatch(r"[0-9]{17}[0-9X]|[0-9]{15}", folded) else "id_characters"


def _birth_date(id18: str) -> date | None:
    try:
        birth = date(int(id18[6:10]), int(id18[10:12]), int(id18[12:14]))
    except ValueError:
        return None
    return birth if FIRST_YEAR <= birth.year <= LAST_YEAR else None


def _region_known(region: int) -> bool:
    if region >= 900_000:
        return True
    return region // 10_000 in PROVINCES and (region // 100 != 3204 or region in CHANGZHOU_COUNTIES)


# ---- in bulk


_REGIONS = np.array([_region_known(region) for region in range(1_000_000)])
_MONTH_STARTS = np.arange(f"{FIRST_YEAR}-01", f"{LAST_YEAR + 1}-02", dtype="datetime64[M]").astype("datetime64[D]")
_MONTH_START = _MONTH_STARTS.astype(np.int32)  # days since 1970 of the first of each month
_MONTH_LENGTH = np.diff(_MONTH_START)
_CHECK_BYTES = np.frombuffer(CHECK_CHARACTERS.encode(), dtype=np.uint8)


def _check_chunk(text: pl.Series) -> tuple[pl.DataFrame, int]:
    """The result for some rows, and how many of them Excel has rounded."""
    plain, digits = _plain(text)
    odd = np.flatnonzero(~plain)
    if not len(odd):
        return _judged(text, digits)
    right, rounded = _judged(text.filter(pl.Series(plain)), digits)
    mended, mended_rounded = _check_odd(text.filter(pl.Series(~plain)))
    order = np.argsort(np.concatenate([np.flatnonzero(plain), odd]))
    return pl.concat([right, mended])[order], rounded + mended_rounded


def _check_odd(text: pl.Series) -> tuple[pl.DataFrame, int]:
    """Rows that are not 18 plain characters: folded, upgraded from 15 digits, or told what is wrong."""
    folded = text.str.replace_many(list(_FOLD), list(_FOLD.values())).str.replace_all(_STRIP, "").fill_null("")
    upgraded = folded.str.contains(r"^[0-9]{15}$")
    candidates = _upgrade(folded, upgraded)
    plain, digits = _plain(candidates)
    right, rounded = _judged(candidates.filter(pl.Series(plain)), digits)
    warned = upgraded.filter(pl.Series(plain)) & right["problem"].is_null()
    right = right.with_columns(pl.when(warned).then(pl.lit("id_upgraded_15")).otherwise("warning").alias("warning"))
    rest = folded.filter(pl.Series(~plain)).alias("text")
    shape = (
        pl.when(rest == "").then(pl.lit("id_missing"))
        .when(rest.str.contains(_MANGLED)).then(pl.lit("id_excel_mangled"))
        .when(~rest.str.contains(r"^[0-9X]+$")).then(pl.lit("id_characters"))
        .when(~rest.str.len_chars().is_in([15, 18])).then(pl.lit("id_length"))
        .otherwise(pl.lit("id_characters"))
    )  # fmt: skip
    wrong = pl.DataFrame({"problem": pl.select(shape).to_series() if len(rest) else pl.Series([], dtype=pl.String)})
    order = np.argsort(np.concatenate([np.flatnonzero(plain), np.flatnonzero(~plain)]))
    return pl.concat([right, wrong], how="diagonal")[order], rounded


def _upgrade(folded: pl.Series, fifteen: pl.Series) -> pl.Series:
    """18 characters for 15 digits: the century, and the check digit that then belongs to it."""
    if not fifteen.any():
        return folded
    old = folded.filter(fifteen)
    padded = old.str.slice(0, 6) + "19" + old.str.slice(6) + "0"
    digits = digits_of(padded).copy()
    digits[:, 17] = _check_bytes(np.ascontiguousarray(digits.T) - ord("0"))
    return folded.scatter(np.flatnonzero(fifteen.to_numpy()), _strings(digits))


def _plain(text: pl.Series) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.uint8]]:
    """Which rows are 17 digits and a check character, and those rows' bytes by position (18, n)."""
    eighteen = (text.str.len_bytes() == 18).fill_null(False)
    digits = np.ascontiguousarray(digits_of(text.filter(eighteen)).T)
    digit = digits - ord("0") <= 9  # a byte below '0' wraps round to a large one
    sound = digit[:17].all(axis=0) & (digit[17] | (digits[17] == ord("X")))
    plain = eighteen.to_numpy().copy()
    plain[plain] = sound
    return plain, digits if sound.all() else np.ascontiguousarray(digits[:, sound])


def _judged(text: pl.Series, digits: npt.NDArray[np.uint8]) -> tuple[pl.DataFrame, int]:
    """Date, check digit, region and sex of plain rows, and how many of them Excel has rounded."""
    values = (digits[:17] - ord("0")).astype(np.int32)
    year = values[6] * 1000 + values[7] * 100 + values[8] * 10 + values[9]
    month, day = values[10] * 10 + values[11], values[12] * 10 + values[13]
    in_range = (year >= FIRST_YEAR) & (year <= LAST_YEAR) & (month >= 1) & (month <= 12)
    place = np.where(in_range, (year - FIRST_YEAR) * 12 + month - 1, 0)
    dated = in_range & (day >= 1) & (day <= _MONTH_LENGTH[place])
    summed = _check_bytes(values) == digits[17]
    rounded = dated & ~summed & (digits[15:] == ord("0")).all(axis=0)
    code = np.where(dated, np.where(summed, 0, np.where(rounded, _EXCEL, _CHECKSUM)), _DATE).astype(np.uint8)
    good = code == 0
    region = values[0] * 100000 + values[1] * 10000 + values[2] * 1000 + values[3] * 100 + values[4] * 10 + values[5]
    sound = pl.Series(good)
    frame = pl.DataFrame({"id_number": text, "birth_date": _MONTH_START[place] + day - 1}).select(
        pl.when(sound).then("id_number").alias("id_number"),
        _named(_CODES, code).alias("problem"),
        _named(_WARNINGS, np.where(good & ~_REGIONS[region], 2, 0)).alias("warning"),
        pl.when(sound).then(pl.col("birth_date").cast(pl.Date)).alias("birth_date"),
        _named([None, "1", "2"], np.where(good, 2 - (values[16] & 1), 0)).alias("sex"),
    )
    return frame, int(rounded.sum())


def _check_bytes(digits: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """The check characters of 17 or more rows of digits (positions, n), as bytes."""
    total = np.zeros(digits.shape[1], dtype=np.uint16)
    for row, weight in zip(digits, WEIGHTS, strict=False):
        total += row.astype(np.uint16) * np.uint16(weight)
    return _CHECK_BYTES[total % 11]


def _named(names: list[str | None], codes: npt.NDArray[Any]) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(codes)


def _strings(rows: npt.NDArray[np.uint8]) -> pl.Series:
    """A column of texts from a matrix of bytes (n, width)."""
    count, width = rows.shape
    offsets = np.arange(0, width * (count + 1), width, dtype=np.int64)
    buffers = [pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(rows))]
    return pl.Series(pa.LargeStringArray.from_buffers(count, *buffers))
