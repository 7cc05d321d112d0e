"""Number plates and credit codes (GB 32100-2015) that nobody bears, in bulk."""

from __future__ import annotations

import numpy as np
import polars as pl

from minzheng.synthetic_city.streams import Ints

_PLATE = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BODY_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])


def plates(numbers: Ints) -> pl.Series:
    """A plate of 苏D for each running number; different numbers give different plates."""
    size = len(_PLATE) ** 5
    return "苏D" + _written(numbers * 7_654_321 % size, _PLATE, 5)


def credit_codes(numbers: Ints, single: np.ndarray) -> pl.Series:
    """Credit codes with right check characters, 92 for sole traders and 91 for companies; the body begins MAX."""
    body = np.concatenate(
        [np.tile([_USCC.index(c) for c in "MAX"], (len(numbers), 1)), _digits(numbers * 1_234_567 % 31**5, 31, 5)], axis=1
    )
    # The body's own check (GB 11714) counts letters as 10 for A … 35 for Z.
    values = np.array([int(c) if c.isdigit() else ord(c) - 55 for c in _USCC])[body]
    check = (11 - (values * _BODY_WEIGHTS).sum(axis=1) % 11) % 11
    last = np.where(check == 10, _USCC.index("X"), check)
    head = np.tile([_USCC.index(c) for c in "91320400"], (len(numbers), 1))
    head[:, 1] = np.where(single, 2, 1)
    code = np.concatenate([head, body, last[:, None]], axis=1)
    weights = np.array([pow(3, i, 31) for i in range(17)])
    final = (31 - (code * weights).sum(axis=1) % 31) % 31
    return _text(np.concatenate([code, final[:, None]], axis=1), _USCC)


def _written(numbers: Ints, alphabet: str, width: int) -> pl.Series:
    return _text(_digits(numbers, len(alphabet), width), alphabet)


def _digits(numbers: Ints, base: int, width: int) -> np.ndarray:
    powers = np.array([base**place for place in range(width - 1, -1, -1)])
    digits: np.ndarray = numbers[:, None] // powers % base
    return digits


def _text(digits: np.ndarray, alphabet: str) -> pl.Series:
    letters = np.frombuffer(alphabet.encode(), dtype=np.uint8)[digits]
    joined = np.ascontiguousarray(letters).view(f"S{digits.shape[1]}").ravel()
    return pl.Series(joined.astype(f"U{digits.shape[1]}").tolist(), dtype=pl.String)
