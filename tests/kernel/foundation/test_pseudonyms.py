"""Pseudonyms: keyed, stable, injective, and the same one by one and in bulk."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from hypothesis import given
from hypothesis import strategies as st

from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.identifiers import make_id, make_ids
from minzheng.kernel.foundation.keys import pseudonymiser
from minzheng.kernel.foundation.pseudonyms import Pseudonymiser

KEY = bytes(range(16))
ids = st.builds(
    make_id, st.sampled_from(["320402", "320481", "110105"]), st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.integers(0, 999)
)


def test_a_pseudonym_never_changes() -> None:
    """By hand, from the description: another figure here would part every lake from its people."""

    def by_hand(*blocks: bytes) -> int:
        state = bytes(16)
        for block in blocks:
            encryptor = Cipher(SM4(KEY), modes.ECB()).encryptor()
            state = encryptor.update(bytes(a ^ b for a, b in zip(state, block, strict=True)))
        return int.from_bytes(state[:8], "big", signed=True)

    number = (11010519491231002).to_bytes(8, "big") + ord("X").to_bytes(8, "big")
    assert Pseudonymiser(KEY).of("11010519491231002X") == by_hand(number) == 7200843263650426910
    text = b"household\x1f320402-0001"
    blocks = [len(text).to_bytes(8, "big") + b"text\0\0\0\0", text[:16], text[16:].ljust(16, b"\0")]
    assert Pseudonymiser(KEY).of_text("household", pl.Series(["320402-0001"]))[0] == by_hand(*blocks)


@given(st.lists(ids, min_size=1, max_size=30))
def test_one_and_many_agree_and_differ_between_people(numbers: list[str]) -> None:
    maker = Pseudonymiser(KEY)
    keys = maker.of_ids(pl.Series("person_id", numbers))
    assert keys.dtype == pl.Int64
    assert keys.name == "person_id"
    assert keys.to_list() == [maker.of(number) for number in numbers]
    assert keys.n_unique() == len(set(numbers))


def test_injective_on_two_hundred_thousand_and_across_chunks() -> None:
    count = 200_000
    days = np.datetime64("1920-01-01") + np.arange(count) % 36_000
    numbers = make_ids(np.full(count, 320411), days, np.arange(count) // 36_000 * 7)
    assert numbers.n_unique() == count
    keys = Pseudonymiser(KEY).of_ids(numbers)
    assert keys.n_unique() == count
    assert keys[150_000] == Pseudonymiser(KEY).of(numbers[150_000])
    assert (keys < 0).mean() == pytest.approx(0.5, abs=0.01)  # all 64 bits are used


def test_another_key_gives_other_pseudonyms() -> None:
    assert Pseudonymiser(KEY).of("11010519491231002X") != Pseudonymiser(bytes(16)).of("11010519491231002X")
    with pytest.raises(ValueError, match="16 bytes"):
        Pseudonymiser(b"short")


def test_null_stays_null() -> None:
    maker = Pseudonymiser(KEY)
    column = pl.Series([None, "11010519491231002X", None])
    assert maker.of_ids(column).to_list() == [None, maker.of("11010519491231002X"), None]
    assert maker.of_text("household", pl.Series([None, "7"], dtype=pl.String)).null_count() == 1
    empty = pl.Series([], dtype=pl.String)
    assert maker.of_ids(empty).len() == maker.of_text("household", empty).len() == 0


@pytest.mark.parametrize("text", ["", "123", "11010519491231002x", "1101051949123100２", "1101051949123100/2", "户口簿里没有号"])
def test_what_is_no_id_number_gets_no_pseudonym(text: str) -> None:
    with pytest.raises(ValueError, match="18"):
        Pseudonymiser(KEY).of(text)


@given(st.lists(st.text(max_size=70), min_size=1, max_size=30, unique=True))
def test_texts_of_any_length(texts: list[str]) -> None:
    maker = Pseudonymiser(KEY)
    keys = maker.of_text("household", pl.Series(texts, dtype=pl.String))
    assert keys.n_unique() == len(texts)
    assert keys.to_list() == [maker.of_text("household", pl.Series([text]))[0] for text in texts]
    assert not set(keys) & set(maker.of_text("certificate", pl.Series(texts, dtype=pl.String)))


def test_padding_does_not_make_texts_meet() -> None:
    texts = ["a", "a\0", "a\0\0", "a" * 16, "a" * 15 + "\0", "a" * 32]
    assert Pseudonymiser(KEY).of_text("household", pl.Series(texts)).n_unique() == len(texts)


def test_an_id_number_as_text_is_another_pseudonym() -> None:
    number = "11010519491231002X"
    assert Pseudonymiser(KEY).of_text("household", pl.Series([number]))[0] != Pseudonymiser(KEY).of(number)


def test_the_deployments_own_key(home: Home) -> None:
    assert pseudonymiser().of("11010519491231002X") == Pseudonymiser(home.secret("pseudonym")).of("11010519491231002X")
