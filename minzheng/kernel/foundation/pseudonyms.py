"""Pseudonyms: an ID number becomes a keyed 64-bit integer, one at a time or millions at once.

The 17 digits and the check character are packed into one 16-byte block, the block is enciphered with SM4 under
the deployment's key, and the first 8 bytes of the result are the pseudonym. SM4 is a permutation, so only
cutting it to 64 bits can make two people meet: for 5.4 million residents the chance is below one in a million
(n²/2⁶⁵). Django-free.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from minzheng.kernel.foundation.blocks import BLOCK, Bytes, Column, Integers, block_of, encipher
from minzheng.kernel.foundation.identifiers import digits_of

_CHUNK = 1 << 17  # rows at a time: keeps the scratch arrays in the processor's cache
_TEXT = 0x7465787400000000  # 'text': sets these apart from the blocks of ID numbers


class Pseudonymiser:
    """Makes pseudonyms under one 16-byte key. The same key gives the same pseudonym for ever."""

    def __init__(self, key: bytes) -> None:
        if len(key) != BLOCK:
            raise ValueError("the key of the pseudonyms has 16 bytes")
        self._key = key

    def of(self, id_number: str) -> int:
        """The pseudonym of one sound 18-character ID number; ValueError for another text."""
        return int(self.of_ids(pl.Series([id_number]))[0])

    def of_ids(self, id_numbers: pl.Series) -> pl.Series:
        """Pseudonyms (Int64) of a column of sound 18-character ID numbers; null stays null.

        Raises ValueError for a text that has not the shape of an ID number (check_ids comes first).
        """
        present = id_numbers.drop_nulls()
        parts = [self._of_chunk(present.slice(start, _CHUNK)) for start in range(0, len(present), _CHUNK)]
        return _scatter(parts, id_numbers)

    def of_text(self, kind: str, texts: pl.Series) -> pl.Series:
        """Pseudonyms (Int64) of any texts (household numbers, certificate numbers…); null stays null.

        A CBC-MAC over length, kind and text: `kind` keeps the numbers of different registers apart.
        """
        present = texts.drop_nulls()
        parts = [self._of_texts(kind, present.slice(start, _CHUNK)) for start in range(0, len(present), _CHUNK)]
        return _scatter(parts, texts)

    def _of_chunk(self, id_numbers: pl.Series) -> Integers:
        digits = np.ascontiguousarray(digits_of(id_numbers).T)
        first17 = digits[:17] - ord("0")  # a byte below '0' wraps round to a large one
        if (first17 > 9).any() or not ((digits[17] - ord("0") <= 9) | (digits[17] == ord("X"))).all():
            raise ValueError("a pseudonym is made of a checked 18-character ID number only")
        number = np.zeros(len(id_numbers), dtype=np.uint64)
        for row in first17:
            number = number * np.uint64(10) + row
        return _first_half(encipher(self._key, block_of(number, digits[17].astype(np.uint64))))

    def _of_texts(self, kind: str, texts: pl.Series) -> Integers:
        column = Column.of((pl.lit(f"{kind}\x1f") + pl.lit(texts)).pipe(pl.select).to_series())
        heads = block_of(column.lengths.astype(np.uint64), np.full(len(texts), _TEXT, dtype=np.uint64))
        return _first_half(column.blocks().chain(self._key, heads))


def _first_half(blocks: Bytes) -> Integers:
    return np.ascontiguousarray(blocks[:, :8]).view(">i8").reshape(-1).astype(np.int64)


def _scatter(parts: list[Integers], source: pl.Series) -> pl.Series:
    values = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
    if source.null_count() == 0:
        return pl.Series(source.name, values, dtype=pl.Int64)
    full = np.zeros(len(source), dtype=np.int64)
    present = source.is_not_null()
    full[present.to_numpy()] = values
    return pl.select(pl.when(present).then(pl.Series(full)).alias(source.name)).to_series()
