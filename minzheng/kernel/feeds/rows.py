"""Checking every row of a chunk: which rows are data at all, which are sound, and what is wrong with the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from minzheng.kernel.feeds.contracts import Contract
from minzheng.kernel.feeds.convert import BLANKS, Context, Converted, convert, is_nothing, longest
from minzheng.kernel.feeds.footers import data_rows
from minzheng.kernel.feeds.header import Header
from minzheng.kernel.feeds.tables import Chunk
from minzheng.kernel.feeds.text import cells_of

MAX_CELL = 4000
MAX_TEXT = 32_000  # of a row that cannot be split into cells: what one Excel cell gives back


@dataclass(frozen=True)
class Checked:
    """A chunk after checking. `good`: typed columns by contract name, with `row`; `bad`: row, reasons ('code@column'
    joined by '|') and the raw cells; the numbers of rows that were no data; warnings."""

    good: pl.DataFrame
    bad: pl.DataFrame
    not_data: list[int]
    warnings: dict[str, int] = field(default_factory=dict)


def check_chunk(chunk: Chunk, header: Header, contract: Contract, as_of: date, villages: frozenset[int]) -> Checked:
    """Sort the rows of a chunk into good and bad, with every reason."""
    cells, numbers, misfits = _with_ragged(chunk, header.width)
    data = data_rows(cells, header, contract)
    not_data = numbers.filter(~data)
    if len(not_data):
        cells, numbers = cells.filter(data), numbers.filter(data)
    converted = {
        name: convert(
            cells[str(index)], contract.columns[name],
            Context(contract.latest_plausible(name, as_of), villages, header.factors.get(name, 1)),
        )
        for name, index in header.columns.items()
    }  # fmt: skip
    problems = _problems(converted, cells, header, contract, suspect=chunk.suspect or bool(chunk.ragged))
    values = _values(converted, contract, len(numbers))
    problems += _cross_checks(values, converted, contract)
    reasons = _joined(problems, len(numbers))
    sound = reasons == ""
    bad = cells.with_columns(numbers.alias("row"), reasons.alias("reasons")).filter(~sound)
    if misfits:
        bad = pl.concat([bad, _misfit_frame(misfits, header.width)], how="vertical_relaxed")
    good = values.with_columns(numbers.alias("row"))
    return Checked(good if bad.height == 0 else good.filter(sound), bad, not_data.to_list(), _warnings(converted, sound))


def unchecked(chunk: Chunk, width: int) -> Checked:
    """The rows of a chunk as they were written, all in `bad` without a reason."""
    cells, numbers, _ = _with_ragged(chunk, width)
    rows = cells.with_columns(numbers.alias("row"), pl.lit("").alias("reasons"))
    return Checked(pl.DataFrame(), rows, [])


def _with_ragged(chunk: Chunk, width: int) -> tuple[pl.DataFrame, pl.Series, list[tuple[int, str]]]:
    """Rows with too few or too many cells join the others when only blanks are missing or too many."""
    if not chunk.ragged:
        return chunk.cells, chunk.numbers, []
    mended, numbers, misfits = [], [], []
    for number, text in chunk.ragged:
        row = cells_of(text, chunk.delimiter)
        if len(row) > width and any(cell.strip(BLANKS) for cell in row[width:]):
            misfits.append((number, text))
        else:
            mended.append([*row[:width], *[""] * (width - len(row))])
            numbers.append(number)
    extra = pl.DataFrame(mended, schema={str(c): pl.String for c in range(width)}, orient="row")
    everything = pl.concat([chunk.cells, extra])
    row_numbers = pl.concat([chunk.numbers, pl.Series("row", numbers, dtype=pl.Int64)])
    order = row_numbers.arg_sort()
    return everything[order], row_numbers[order], misfits


def _problems(
    converted: dict[str, Converted], cells: pl.DataFrame, header: Header, contract: Contract, *, suspect: bool
) -> list[pl.Series]:
    found = []
    for name, index in header.columns.items():
        raw, column, problem = cells[str(index)], contract.columns[name], converted[name].problems
        if column.type == "id_number":
            if not _id_needed(name, contract, header):
                problem = _where(is_nothing(raw), None, problem)
        elif column.required:
            problem = _where(is_nothing(raw), "missing", problem)
        # Most chunks have no damaged and no endless cell at all: then these tests cost next to nothing.
        if suspect:
            problem = _where(raw.str.contains("\ufffd", literal=True), "bad_encoding", problem)
        if longest(raw) > MAX_CELL:
            problem = _where(raw.str.len_chars() > MAX_CELL, "cell_too_long", problem)
        if problem.null_count() < len(problem):
            found.append(_tagged(problem, name))
    return found


def _where(mask: pl.Series, code: str | None, otherwise: pl.Series) -> pl.Series:
    if not mask.any():
        return otherwise
    return pl.select(pl.when(mask).then(pl.lit(code, dtype=pl.String)).otherwise(otherwise)).to_series()


def _id_needed(name: str, contract: Contract, header: Header) -> bool:
    column = contract.columns[name]
    return column.required or (column.derived_from is not None and column.derived_from not in header.columns)


def _values(converted: dict[str, Converted], contract: Contract, height: int) -> pl.DataFrame:
    """All contract columns, typed; missing ones take their default, or are read out of another column."""
    series = []
    for name, column in contract.columns.items():
        if name in converted:
            values = converted[name].values
            derived = converted[column.derived_from].parts.get(name) if column.derived_from in converted else None
            if derived is not None:
                values = pl.select(pl.coalesce(pl.Series(values), pl.Series(derived))).to_series()
        elif column.derived_from in converted and name in converted[column.derived_from].parts:
            values = converted[column.derived_from].parts[name]
        else:
            values = _absent(name, contract, converted, height)
        series.append(values.alias(name))
    frame = pl.DataFrame(series) if height else pl.DataFrame([s.clear() for s in series])
    return _with_defaults(frame, contract, converted)


def _absent(name: str, contract: Contract, converted: dict[str, Converted], height: int) -> pl.Series:
    column = contract.columns[name]
    # Birth date and sex stand in the ID number: a department need not write them twice.
    if name in ("birth_date", "sex") and "person_id" in converted:
        return converted["person_id"].parts[name]
    dtype = {"money": pl.Int64, "decimal": pl.Float64, "date": pl.Date, "month": pl.Date, "bool": pl.Boolean,
             "village": pl.Int64}.get(column.type, pl.String)  # fmt: skip
    return pl.Series([None] * height, dtype=dtype)


def _with_defaults(frame: pl.DataFrame, contract: Contract, converted: dict[str, Converted]) -> pl.DataFrame:
    for name, column in contract.columns.items():
        if column.default is None:
            continue
        default = pl.lit(column.default)
        for other, value in column.default_if.items():
            if other in converted:
                default = pl.lit(value)
        frame = frame.with_columns(pl.col(name).fill_null(default))
    if "person_id" in converted:
        parts = converted["person_id"].parts
        for name in ("birth_date", "sex"):
            if name in contract.columns and name in converted and frame.height:
                frame = frame.with_columns(pl.col(name).fill_null(parts[name]))
    return frame


def _cross_checks(values: pl.DataFrame, converted: dict[str, Converted], contract: Contract) -> list[pl.Series]:
    def operand(reference: str) -> pl.Series | None:
        column, _, part = reference.partition(".")
        if part:
            return converted[column].parts.get(part) if column in converted else None
        return values[column] if column in values.columns else None

    found = []
    for check in contract.checks:
        left, right = (operand(reference) for reference in (check.not_before or check.equal or ("", "")))
        if left is None or right is None:
            continue
        broken = ((left < right) if check.not_before else (left != right)).fill_null(False)
        if broken.any():
            column = (check.not_before or check.equal or ("",))[0]
            found.append(_tagged(pl.select(pl.when(broken).then(pl.lit(check.code))).to_series(), column))
    return found


def _tagged(problem: pl.Series, column: str) -> pl.Series:
    return problem + f"@{column}"


def _joined(problems: list[pl.Series], height: int) -> pl.Series:
    if not problems or not height:
        return pl.Series([""], dtype=pl.String).new_from_index(0, height)
    frame = pl.DataFrame([series.alias(str(i)) for i, series in enumerate(problems)])
    return frame.select(pl.concat_str(pl.all(), separator="|", ignore_nulls=True)).to_series()


def _misfit_frame(misfits: list[tuple[int, str]], width: int) -> pl.DataFrame:
    rows = [[text[:MAX_TEXT], *[""] * (width - 1), number, "columns_count@"] for number, text in misfits]
    schema = {**{str(c): pl.String for c in range(width)}, "row": pl.Int64, "reasons": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _warnings(converted: dict[str, Converted], sound: pl.Series) -> dict[str, int]:
    counts: dict[str, int] = {}
    for result in converted.values():
        if result.warnings is not None and result.warnings.null_count() < len(result.warnings):
            counted = result.warnings.filter(sound).drop_nulls().value_counts()
            counts |= dict(counted.iter_rows())
    return counts


