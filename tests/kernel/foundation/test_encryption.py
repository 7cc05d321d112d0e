"""Encrypted columns and files, and their blind index."""

from __future__ import annotations

import pytest
from django.db import connection, models
from django.test.utils import isolate_apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.kernel.foundation.encryption import (
    Unreadable,
    blind_index,
    decrypt,
    encrypt,
    open_bytes,
    seal_bytes,
)
from minzheng.kernel.foundation.fields import EncryptedTextField
from minzheng.kernel.foundation.home import Home

plain_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plain_texts)
def test_text_round_trip(home: Home, text: str) -> None:
    sealed = encrypt(text)
    assert decrypt(sealed) == text
    assert sealed.isascii()
    if text:
        assert encrypt(text) != sealed, "the same text twice must not look the same"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.integers(0, 10_000), st.integers(1, 255))
def test_bytes_round_trip_and_tampering(home: Home, plain: bytes, place: int, change: int) -> None:
    sealed = seal_bytes(plain)
    assert open_bytes(sealed) == plain
    broken = bytearray(sealed)
    broken[place % len(sealed)] ^= change
    with pytest.raises(Unreadable):
        open_bytes(bytes(broken))


@pytest.mark.parametrize("sealed", ["", "不是密文", "YWJj", "a", "====", "密"])
def test_what_is_no_ciphertext(home: Home, sealed: str) -> None:
    if sealed == "":
        assert decrypt(sealed) == ""
    else:
        with pytest.raises(Unreadable):
            decrypt(sealed)


def test_keys_are_separate(home: Home) -> None:
    with pytest.raises(Unreadable):
        open_bytes(seal_bytes(b"x", "quarantine"), "field")


def test_blind_index(home: Home) -> None:
    index = blind_index("11010519491231002X")
    assert len(index) == 32
    assert index == blind_index("11010519491231002X")
    assert index != blind_index("110105194912310021")
    assert blind_index("") == ""


def test_secrets_are_made_once_and_kept_from_others(home: Home) -> None:
    secret = home.secret("field")
    assert len(secret) == 16
    assert Home(home.root).secret("field") == secret
    assert (home.keys / "field").stat().st_mode & 0o077 == 0
    assert home.secret("other") != secret
    assert sorted(path.name for path in home.keys.iterdir()) == ["field", "other"], "no draft is left"
    (home.keys / "torn").write_bytes(b"half")
    with pytest.raises(ValueError, match="备份"):
        home.secret("torn")


@pytest.mark.django_db
def test_a_field_is_plain_in_python_and_sealed_in_the_database() -> None:
    with isolate_apps("minzheng.kernel.foundation"):

        class Note(models.Model):
            text = EncryptedTextField(null=True)

            class Meta:
                app_label = "foundation"
                db_table = "a_note"

            def __str__(self) -> str:
                return str(self.pk)

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE a_note (id integer PRIMARY KEY, text text)")
        Note.objects.bulk_create([Note(id=1, text="王小明"), Note(id=2, text=None), Note(id=3, text="")])
        cursor.execute("SELECT text FROM a_note ORDER BY id")
        stored = [row[0] for row in cursor.fetchall()]
    assert "王小明" not in stored[0]
    assert (decrypt(stored[0]), stored[1:]) == ("王小明", [None, ""])
    assert list(Note.objects.order_by("id").values_list("text", flat=True)) == ["王小明", None, ""]
    assert Note.objects.filter(text__isnull=True).get().pk == 2
    for lookup in ("text", "text__contains", "text__in"):
        with pytest.raises(TypeError, match="blind index"):
            Note.objects.filter(**{lookup: ["王小明"]})
