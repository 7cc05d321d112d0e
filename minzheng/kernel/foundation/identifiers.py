"""The resident ID number of GB 11643-1999: folding, checking one or millions, making synthetic ones.

Source: GB 11643-1999 (weights and check characters, facts §1.1). Django-free; units: none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa

WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int64)
CHECK_CHARACTERS = "10X98765432"
_FOLD = {ord("０") + i: str(i) for i in range(10)} | {ord(c): "X" for c in "ｘＸxχХх"}
_STRIP = re.compile(r"[\s\u200b\u3000\ufeff'\"‘’“”`＇]+")
_MANGLED = re.compile(r"^\d(?:\.\d+)?[eE]\+?\d+$|^\d{15,18}\.0+$")

# GB/T 2260 province codes; 81–83 are the residence permits for Hong Kong, Macao and Taiwan residents, 91 foreigners.
PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91".split()
)
# 常州's county codes, present and abolished: an ID keeps its code for life (facts §1.1).
CHANGZHOU_COUNTIES = frozenset(
    "320400 320401 320402 320403 320404 320405 320411 320412 320413 320421 320422 320423 320424 320425 320426 "
    "320481 320482 320483".split()
)


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
    return _STRIP.sub("", text.translate(_FOLD)).upper()


def check_character(first17: str) -> str:
    """The 18th character for 17 digits (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * int(weight) for digit, weight in zip(first17, WEIGHTS, strict=True))
    return CHECK_CHARACTERS[total % 11]


def make_id(region: str, birth: date, sequence: int) -> str:
    """An ID number from a six-digit region, a birth date and a sequence of 0–999 (odd = male)."""
    first17 = f"{region}{birth:%Y%m%d}{sequence:03d}"
    return first17 + check_character(first17)


def check_id(text: str | None) -> IdCheck:
    """Check one ID number as it was written somewhere.

    15-digit numbers are upgraded (with the warning `id_upgraded_15`); an unknown region is only a warning.
    Problem codes: id_missing, id_excel_mangled, id_length, id_characters, id_date, id_checksum.
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
        return IdCheck(None, None, None, "id_checksum")
    if not _region_known(folded[:6]):
        warnings += ("id_region_unknown",)
    return IdCheck(folded, birth, "1" if int(folded[16]) % 2 else "2", None, warnings)


def check_ids(series: pl.Series) -> pl.DataFrame:
    """The same for a column of text, in bulk.

    Returns one row per input row: id_number (String), problem (String), warning (String), birth_date (Date),
    sex ('1' male, '2' female); null where there is none.
    """
    text = series.cast(pl.String).str.strip_chars(" \t\r\n\u3000\ufeff\u200b'\"‘’“”`＇").str.to_uppercase()
    eighteen = (text.str.len_bytes() == 18).fill_null(False)
    fast = _check_eighteen(text.filter(eighteen))
    odd = eighteen.not_()
    # Only what is not 18 plain bytes goes the slow way, each distinct text once.
    slow = _check_one_by_one(series.cast(pl.String).filter(odd))
    parts = pl.concat([fast, slow])
    positions = np.concatenate([np.flatnonzero(eighteen.to_numpy()), np.flatnonzero(odd.to_numpy())])
    return parts[np.argsort(positions, kind="stable")] if slow.height else parts


_SCHEMA = {
    "id_number": pl.String, "problem": pl.String, "warning": pl.String, "birth_date": pl.Date, "sex": pl.String,
}  # fmt: skip


def make_ids(regions: np.ndarray, births: np.ndarray, sequences: np.ndarray) -> pl.Series:
    """ID numbers in bulk: integer regions, datetime64[D] births, integer sequences 0–999 (odd = male)."""
    months = births.astype("datetime64[M]")
    year = births.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day = (births.astype("datetime64[D]") - months).astype(np.int64) + 1
    number = (regions.astype(np.int64) * 10**8 + year * 10000 + month * 100 + day) * 1000 + sequences
    digits = np.empty((len(number), 18), dtype=np.uint8)
    rest = number.copy()
    for column in range(16, -1, -1):
        rest, digit = np.divmod(rest, 10)
        digits[:, column] = digit
    remainder = (digits[:, :17] @ WEIGHTS) % 11
    digits[:, :17] += ord("0")
    digits[:, 17] = np.frombuffer(CHECK_CHARACTERS.encode(), dtype=np.uint8)[remainder]
    offsets = np.arange(0, 18 * (len(number) + 1), 18, dtype=np.int64)
    array = pa.LargeStringArray.from_buffers(len(number), pa.py_buffer(offsets), pa.py_buffer(digits))
    return pl.Series("id_number", array)


def digits_of(series: pl.Series) -> np.ndarray:
    """The bytes of a column of 18-character ASCII texts without nulls, as a matrix (n, 18) of uint8."""
    if len(series) == 0:
        return np.empty((0, 18), dtype=np.uint8)
    array = series.rechunk().to_arrow().cast("large_string")
    _, offsets, data = array.buffers()
    start = int(np.frombuffer(offsets, dtype=np.int64)[array.offset])
    return np.frombuffer(data, dtype=np.uint8, count=len(array) * 18, offset=start).reshape(-1, 18)


def _check_eighteen(text: pl.Series) -> pl.DataFrame:
    if len(text) == 0:
        return pl.DataFrame(schema=_SCHEMA)
    matrix = digits_of(text)
    values = matrix[:, :17].astype(np.int16) - ord("0")
    last = matrix[:, 17]
    characters = ((values >= 0) & (values <= 9)).all(axis=1) & (((last >= 48) & (last <= 57)) | (last == ord("X")))
    values[~characters] = 0
    year = values[:, 6] * 1000 + values[:, 7] * 100 + values[:, 8] * 10 + values[:, 9]
    month = values[:, 10] * 10 + values[:, 11]
    day = values[:, 12] * 10 + values[:, 13]
    dated = _date_exists(year, month, day)
    remainder = (values.astype(np.int32) @ WEIGHTS.astype(np.int32)) % 11
    summed = np.frombuffer(CHECK_CHARACTERS.encode(), dtype=np.uint8)[remainder] == last
    good = characters & dated & summed
    birth = (
        np.where(good, (year.astype(np.int64) - 1970) * 12 + month - 1, 0).astype("datetime64[M]").astype("datetime64[D]")
        + np.where(good, day - 1, 0).astype("timedelta64[D]")
    )
    region = values[:, :6].astype(np.int64) @ np.array([100000, 10000, 1000, 100, 10, 1])
    unknown = good & ~_regions_known(region)
    frame = pl.DataFrame(
        {"text": text, "good": good, "characters": characters, "dated": dated, "birth": birth, "unknown": unknown,
         "male": values[:, 16] % 2 == 1}
    )  # fmt: skip
    mangled = pl.col("text").str.contains(_MANGLED.pattern)
    return frame.select(
        pl.when("good").then("text").alias("id_number"),
        pl.when("good").then(None)
        .when(~pl.col("characters")).then(pl.when(mangled).then(pl.lit("id_excel_mangled")).otherwise(pl.lit("id_characters")))
        .when(~pl.col("dated")).then(pl.lit("id_date"))
        .otherwise(pl.lit("id_checksum")).alias("problem"),
        pl.when("unknown").then(pl.lit("id_region_unknown")).alias("warning"),
        pl.when("good").then(pl.col("birth").cast(pl.Date)).alias("birth_date"),
        pl.when("good").then(pl.when("male").then(pl.lit("1")).otherwise(pl.lit("2"))).alias("sex"),
    )  # fmt: skip


def _check_one_by_one(texts: pl.Series) -> pl.DataFrame:
    known: dict[str | None, tuple[str | None, str | None, str | None, date | None, str | None]] = {}
    for text in texts.unique().to_list():
        check = check_id(text)
        known[text] = (check.id_number, check.problem, next(iter(check.warnings), None), check.birth_date, check.sex)
    return pl.DataFrame([known[text] for text in texts.to_list()], schema=_SCHEMA, orient="row")


def _shape_problem(folded: str) -> str | None:
    if not folded:
        return "id_missing"
    if _MANGLED.match(folded):
        return "id_excel_mangled"
    if not folded.isascii() or not re.fullmatch(r"[0-9X]+", folded):
        return "id_characters"
    if len(folded) not in (15, 18):
        return "id_length"
    return None if folded[:-1].isdigit() and (len(folded) == 18 or folded.isdigit()) else "id_characters"


def _birth_date(id18: str) -> date | None:
    try:
        birth = date(int(id18[6:10]), int(id18[10:12]), int(id18[12:14]))
    except ValueError:
        return None
    return birth if 1880 <= birth.year <= 2100 else None


def _date_exists(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    lengths = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int16)
    in_year = (month >= 1) & (month <= 12) & (year >= 1880) & (year <= 2100)
    length = lengths[np.where(in_year, month, 0)]
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    return in_year & (day >= 1) & (day <= length + (leap & (month == 2)))


def _region_known(region: str) -> bool:
    return region[:2] in PROVINCES and (not region.startswith("3204") or region in CHANGZHOU_COUNTIES)


def _regions_known(regions: np.ndarray) -> np.ndarray:
    provinces = np.isin(regions // 10000, [int(code) for code in PROVINCES])
    here = regions // 100 == 3204
    return provinces & (~here | np.isin(regions, [int(code) for code in CHANGZHOU_COUNTIES]))
