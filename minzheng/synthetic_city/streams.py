"""Randomness that gives the same bytes everywhere, and tables in place of transcendental functions.

Every part of the city draws from a stream of its own, named by what it is for, so that neither the order of work nor a
new part shifts the numbers of another. Exponentials come from a rounded table: the last bit of exp() differs between
machines, a table of six decimals does not.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]

_STEPS = 200  # per unit of the exponent
_LIMIT = 8
_EXP = np.array([round(math.exp(i / _STEPS), 6) for i in range(-_LIMIT * _STEPS, _LIMIT * _STEPS + 1)])


def stream(seed: int, part: str, *numbers: int) -> np.random.Generator:
    """The generator of one part of the city (say 'medical', block 7, month 3)."""
    name = zlib.crc32(part.encode())
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, name, *numbers])))


def exp(values: Floats) -> Floats:
    """e to the power of `values`, in steps of 0.005 and limited to ±8, the same on every machine."""
    places = np.rint(np.clip(values, -_LIMIT, _LIMIT) * _STEPS).astype(np.int64) + _LIMIT * _STEPS
    return _EXP[places]


def lognormal(rng: np.random.Generator, median: Floats | float, sigma: float, count: int) -> Floats:
    """Heavy-tailed positive amounts with the given median(s)."""
    return exp(rng.standard_normal(count) * sigma) * median


def choose(rng: np.random.Generator, weights: list[float], count: int) -> Ints:
    """`count` places 0…len(weights)-1 drawn by weight."""
    edges = np.cumsum(np.array(weights) / math.fsum(weights))
    return np.minimum(np.searchsorted(edges, rng.random(count), side="right"), len(weights) - 1)


def happens(rng: np.random.Generator, chance: Floats | float, count: int) -> Bools:
    """Which of `count` trials come true."""
    return rng.random(count) < chance


def days_between(rng: np.random.Generator, first: str, last: str, count: int) -> Days:
    """Days drawn evenly from first to last, both included."""
    start = np.datetime64(first, "D")
    length = int((np.datetime64(last, "D") - start).astype(np.int64)) + 1
    return start + rng.integers(0, length, count).astype("timedelta64[D]")


def by_table(values: Floats | Ints, steps: Sequence[tuple[float, float]]) -> Floats:
    """A step function: `steps` are (from, result), ascending; below the first step its result holds too."""
    starts = np.array([start for start, _ in steps], dtype=np.float64)
    results = np.array([result for _, result in steps], dtype=np.float64)
    return results[np.maximum(np.searchsorted(starts, values, side="right") - 1, 0)]
