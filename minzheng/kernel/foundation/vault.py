"""Sealing identities in bulk: SM4 in counter mode with a MAC for each record, millions in seconds.

A record is `ID number ␟ name ␟ address ␟ phone`. Its keystream starts from (person_key, batch number), a pair that
occurs once, so no keystream is used twice. The MAC (SM4-CBC-MAC under a second key, over person_key, batch number,
length and ciphertext) shows any change. The files themselves belong to feeds; docs/adr/0003-identities.md says why.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from django.conf import settings

from minzheng.kernel.foundation.encryption import Unreadable

FIELDS = ("id_number", "name", "address", "phone")
_SEPARATOR = "\x1f"
_BLOCK, _MAC, _CHUNK = 16, 8, 200_000


def seal_identities(frame: pl.DataFrame, batch_number: int) -> pl.DataFrame:
    """[person_key, id_number, name, address, phone] → [person_key, batch_number, sealed].

    `batch_number` must be new for each batch; person_key must be unique within it.
    """
    parts = [_seal_chunk(frame.slice(start, _CHUNK), batch_number) for start in range(0, frame.height, _CHUNK)]
    return pl.concat(parts) if parts else _sealed_frame(frame, batch_number, pl.Series([], dtype=pl.Binary))


def open_sealed(frame: pl.DataFrame) -> pl.DataFrame:
    """[person_key, batch_number, sealed] → [person_key, id_number, name, address, phone].

    Raises Unreadable when a record was changed or belongs to another key.
    """
    parts = [_open_chunk(frame.slice(start, _CHUNK)) for start in range(0, frame.height, _CHUNK)]
    empty = pl.DataFrame(schema={"person_key": pl.Int64, **dict.fromkeys(FIELDS, pl.String)})
    return pl.concat(parts) if parts else empty


def _seal_chunk(frame: pl.DataFrame, batch_number: int) -> pl.DataFrame:
    columns = [pl.col(name).fill_null("").str.replace_all(_SEPARATOR, " ", literal=True) for name in FIELDS]
    text = frame.select(pl.concat_str(columns, separator=_SEPARATOR)).to_series()
    data, starts, lengths = _bytes_of(text.cast(pl.Binary))
    keys = frame["person_key"].to_numpy()
    batches = np.full(len(keys), batch_number, dtype=np.uint32)
    cipher, macs = _crypt(data, starts, lengths, keys, batches, sealing=True)
    out_lengths = lengths + _MAC
    out_starts = np.cumsum(out_lengths) - out_lengths
    out = np.empty(int(out_lengths.sum()), dtype=np.uint8)
    out[_positions(out_starts, lengths)] = cipher
    out[_positions(out_starts + lengths, np.full(len(keys), _MAC))] = macs.reshape(-1)
    offsets = np.append(out_starts, out.size).astype(np.int64)
    array = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), len(keys), [None, pa.py_buffer(offsets), pa.py_buffer(out)]
    )
    return _sealed_frame(frame, batch_number, pl.Series(array))


def _sealed_frame(frame: pl.DataFrame, batch_number: int, sealed: pl.Series) -> pl.DataFrame:
    return frame.select("person_key", pl.lit(batch_number, dtype=pl.UInt32).alias("batch_number")).with_columns(
        sealed.alias("sealed")
    )


def _open_chunk(frame: pl.DataFrame) -> pl.DataFrame:
    data, starts, lengths = _bytes_of(frame["sealed"])
    if (lengths < _MAC).any():
        raise Unreadable("身份库记录残缺")
    keys, batches = frame["person_key"].to_numpy(), frame["batch_number"].to_numpy()
    body = lengths - _MAC
    cipher = data[_positions(starts, body)]
    tight = np.cumsum(body) - body
    plain, macs = _crypt(cipher, tight, body, keys, batches, sealing=False)
    stored = data[_positions(starts + body, np.full(len(keys), _MAC))].reshape(-1, _MAC)
    if (stored != macs).any():
        raise Unreadable("身份库记录校验不符:内容被改动,或不是本部署的密钥")
    offsets = np.append(tight, plain.size).astype(np.int64)
    text = pl.Series(
        "text", pa.LargeStringArray.from_buffers(len(keys), pa.py_buffer(offsets), pa.py_buffer(plain.copy()))
    )
    split = text.str.split_exact(_SEPARATOR, len(FIELDS) - 1).struct.rename_fields(list(FIELDS)).struct.unnest()
    return frame.select("person_key").hstack(split)


def _crypt(
    data: np.ndarray, starts: np.ndarray, lengths: np.ndarray, keys: np.ndarray, batches: np.ndarray, *, sealing: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Counter-mode output (tight, same order) and the MAC of each record's ciphertext."""
    blocks = -(-lengths // _BLOCK)
    first = np.cumsum(blocks) - blocks
    index = np.arange(int(blocks.sum())) - np.repeat(first, blocks)
    counter = np.empty((len(index), 2), dtype=">u8")
    counter[:, 0] = np.repeat(keys.astype(np.int64).view(np.uint64), blocks)
    counter[:, 1] = (np.repeat(batches.astype(np.uint64), blocks) << np.uint64(32)) | index.astype(np.uint64)
    stream = np.frombuffer(_encipher("vault", counter.tobytes()), dtype=np.uint8)
    places = _positions(first * _BLOCK, lengths)
    output = data[_positions(starts, lengths)] ^ stream[places]
    padded = np.zeros(len(stream), dtype=np.uint8)
    padded[places] = output if sealing else data[_positions(starts, lengths)]
    return output, _macs(padded.reshape(-1, _BLOCK), first, blocks, lengths, keys, batches)


def _macs(
    ciphertext: np.ndarray, first: np.ndarray, blocks: np.ndarray, lengths: np.ndarray, keys: np.ndarray,
    batches: np.ndarray,
) -> np.ndarray:
    head = np.empty((len(keys), 2), dtype=">u8")
    head[:, 0] = keys.astype(np.int64).view(np.uint64)
    head[:, 1] = (batches.astype(np.uint64) << np.uint64(32)) | lengths.astype(np.uint64)
    state = np.frombuffer(_encipher("vault-mac", head.tobytes()), dtype=np.uint8).reshape(-1, _BLOCK).copy()
    for block, rows in _rows_with_block(blocks):
        mixed = state[rows] ^ ciphertext[first[rows] + block]
        state[rows] = np.frombuffer(_encipher("vault-mac", mixed.tobytes()), dtype=np.uint8).reshape(-1, _BLOCK)
    return state[:, :_MAC]


def _rows_with_block(blocks: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    for block in range(int(blocks.max(initial=0))):
        yield block, np.flatnonzero(blocks > block)


def _encipher(secret: str, blocks: bytes) -> bytes:
    encryptor = Cipher(SM4(settings.HOME.secret(secret)), modes.ECB()).encryptor()  # noqa: S305 - blocks are unique
    return encryptor.update(blocks) + encryptor.finalize()


def _bytes_of(series: pl.Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The bytes of a Binary column in one piece, with each record's start and length."""
    array = series.rechunk().to_arrow().cast("large_binary")
    _, offset_buffer, data_buffer = array.buffers()
    offsets = np.frombuffer(offset_buffer, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    data = np.frombuffer(data_buffer, dtype=np.uint8) if data_buffer else np.empty(0, dtype=np.uint8)
    return data, offsets[:-1], np.diff(offsets)


def _positions(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The indices start, start+1 … of all records one after another."""
    ends = np.cumsum(lengths)
    return np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(starts - (ends - lengths), lengths)
