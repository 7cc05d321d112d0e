"""Stable 64-bit numbers for the key and the content of a row, in bulk.

They tell repeated and corrected rows apart and are kept in the lake, so they must be the same next year and on
another machine: polars' own hash promises neither. The mixing is splitmix64; nothing here is secret (ID numbers are
pseudonyms before they get here).
"""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX1, _MIX2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_NULL = np.uint64(0x6E756C6C6E756C6C)


def row_numbers(frame: pl.DataFrame, columns: list[str]) -> np.ndarray:
    """One Int64 a row over the values of `columns`; equal values give equal numbers."""
    state = np.full(frame.height, len(columns), dtype=np.uint64)
    for name in columns:
        state = _mix(state * np.uint64(31) + _column(frame[name]))
    return state.view(np.int64)


def _column(series: pl.Series) -> np.ndarray:
    if series.dtype == pl.String:
        return _strings(series)
    if series.dtype == pl.Float64:
        numbers = series.fill_null(0.0).to_numpy().view(np.uint64)
    else:
        numbers = series.cast(pl.Int64).fill_null(0).to_numpy().view(np.uint64)
    mixed = _mix(numbers + _GAMMA)
    return np.where(series.is_null().to_numpy(), _NULL, mixed) if series.null_count() else mixed


def _strings(series: pl.Series) -> np.ndarray:
    """Texts by length: those of one length form a matrix of 8-byte words, mixed word by word."""
    array = series.fill_null("").rechunk().to_arrow().cast(pa.large_string())
    _, offset_buffer, data_buffer = array.buffers()
    offsets = np.frombuffer(offset_buffer, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    data = np.frombuffer(data_buffer, dtype=np.uint8) if data_buffer else np.empty(0, dtype=np.uint8)
    lengths = np.diff(offsets)
    result = _mix(lengths.astype(np.uint64) + _GAMMA)
    for length in np.unique(lengths):
        if length == 0:
            continue
        rows = np.flatnonzero(lengths == length)
        padded = np.zeros((len(rows), -(-int(length) // 8) * 8), dtype=np.uint8)
        padded[:, :length] = data[offsets[rows][:, None] + np.arange(length)]
        state = result[rows]
        for word in padded.view("<u8").T:
            state = _mix(state * np.uint64(31) + word)
        result[rows] = state
    if series.null_count():
        result[series.is_null().to_numpy()] = _NULL
    return result


def _mix(numbers: np.ndarray) -> np.ndarray:
    numbers = (numbers ^ (numbers >> np.uint64(30))) * _MIX1
    numbers = (numbers ^ (numbers >> np.uint64(27))) * _MIX2
    mixed: np.ndarray = numbers ^ (numbers >> np.uint64(31))
    return mixed
