"""SM4 over whole columns: byte strings laid out in 16-byte blocks, enciphered in one call, chained where longer.

Django-free. The loops run over block positions, never over rows, so millions of rows take seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

BLOCK = 16
Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]


def encipher(key: bytes, blocks: npt.NDArray[np.generic]) -> Bytes:
    """SM4 of each 16-byte block by itself, as a matrix (blocks, 16)."""
    # ECB is right where every block is a different number, or a state that is chained by the caller.
    encryptor = Cipher(SM4(key), modes.ECB()).encryptor()  # noqa: S305
    done = encryptor.update(blocks.tobytes()) + encryptor.finalize()
    return np.frombuffer(done, dtype=np.uint8).reshape(-1, BLOCK)


def block_of(high: npt.NDArray[np.uint64], low: npt.NDArray[np.uint64]) -> npt.NDArray[np.generic]:
    """Blocks from two 64-bit halves, big-endian."""
    return np.stack([high, low], axis=1).astype(">u8")


@dataclass(frozen=True)
class Column:
    """Byte strings of different lengths, one behind the other."""

    data: Bytes
    lengths: Integers

    @classmethod
    def of(cls, series: pl.Series) -> Column:
        """The bytes of a String or Binary column without nulls."""
        array = series.cast(pl.Binary).rechunk().to_arrow().cast("large_binary")
        _, offset_buffer, data_buffer = array.buffers()
        if data_buffer is None or len(array) == 0:
            return cls(np.empty(0, dtype=np.uint8), np.zeros(len(array), dtype=np.int64))
        offsets = np.frombuffer(offset_buffer, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
        data = np.frombuffer(data_buffer, dtype=np.uint8)[offsets[0] : offsets[-1]]
        return cls(data, np.diff(offsets))

    def split(self, count: int) -> tuple[Bytes, Column]:
        """The first `count` bytes of each (a matrix), and a column of what follows them."""
        starts = np.cumsum(self.lengths) - self.lengths
        heads = self.data[(starts[:, None] + np.arange(count)).reshape(-1)].reshape(-1, count)
        rest = self.lengths - count
        return heads, Column(self.data[positions(starts + count, rest)], rest)

    def blocks(self) -> Blocks:
        """The same, each padded with zero bytes to whole blocks."""
        counts = -(-self.lengths // BLOCK)
        first = np.cumsum(counts) - counts
        places = positions(first * BLOCK, self.lengths)
        padded = np.zeros((int(counts.sum()), BLOCK), dtype=np.uint8)
        padded.reshape(-1)[places] = self.data
        return Blocks(padded, first, counts, places)


@dataclass(frozen=True)
class Blocks:
    """Records in whole blocks: the first block and the number of blocks of each, and where each byte went."""

    padded: Bytes
    first: Integers
    counts: Integers
    places: Integers

    def chain(self, key: bytes, heads: npt.NDArray[np.generic]) -> Bytes:
        """CBC-MAC of each record behind its head block: a matrix (records, 16).

        The head must tell the record's length, which makes the chain safe for lengths that differ.
        """
        state = encipher(key, heads).copy()
        for position in range(int(self.counts.max(initial=0))):
            rows = np.flatnonzero(self.counts > position)
            state[rows] = encipher(key, state[rows] ^ self.padded[self.first[rows] + position])
        return state

    def numbered(self) -> Integers:
        """The number of each block within its record: 0, 1, 2 …"""
        return np.arange(len(self.padded), dtype=np.int64) - np.repeat(self.first, self.counts)


def positions(starts: Integers, lengths: Integers) -> Integers:
    """The indices start, start+1 … of all records one behind the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    shifts: Integers = np.repeat(starts - (ends - lengths), lengths)
    return np.arange(total, dtype=np.int64) + shifts
