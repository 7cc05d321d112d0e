"""Encryption at rest with SM4-GCM, and a blind index (HMAC-SM3) to find an encrypted value by equality.

The algorithms are OpenSSL's; this is not a certified cryptographic module (docs/adr/0003-identities.md).
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from django.conf import settings

_NONCE, _TAG = 12, 16


class Unreadable(ValueError):
    """The ciphertext was changed, or belongs to another deployment's key."""


def seal_bytes(plain: bytes, secret: str = "field") -> bytes:
    """nonce ‖ ciphertext ‖ tag under the deployment's secret of that name."""
    nonce = os.urandom(_NONCE)
    encryptor = Cipher(SM4(settings.HOME.secret(secret)), modes.GCM(nonce)).encryptor()
    ciphertext = encryptor.update(plain) + encryptor.finalize()
    return nonce + ciphertext + encryptor.tag


def open_bytes(sealed: bytes, secret: str = "field") -> bytes:
    """The plain bytes again; raises Unreadable for a changed text or another key."""
    nonce, ciphertext, tag = sealed[:_NONCE], sealed[_NONCE:-_TAG], sealed[-_TAG:]
    try:
        decryptor = Cipher(SM4(settings.HOME.secret(secret)), modes.GCM(nonce, tag)).decryptor()
        return decryptor.update(ciphertext) + decryptor.finalize()
    except (InvalidTag, ValueError) as error:
        raise Unreadable("密文无法解开:内容被改动,或不是本部署的密钥") from error


def encrypt(text: str) -> str:
    """Text for a database column; the empty text stays empty."""
    return base64.b64encode(seal_bytes(text.encode())).decode("ascii") if text else ""


def decrypt(sealed: str) -> str:
    """The text of a database column again; raises Unreadable."""
    try:
        body = base64.b64decode(sealed, validate=True)
    except ValueError as error:
        raise Unreadable("密文无法解开:不是本系统写入的内容") from error
    return open_bytes(body).decode() if sealed else ""


def encrypt_many(texts: Iterable[str]) -> list[str]:
    """`encrypt` for hundreds of thousands of values: the key is read once."""
    algorithm = SM4(settings.HOME.secret("field"))

    def sealed(text: str) -> str:
        nonce = os.urandom(_NONCE)
        encryptor = Cipher(algorithm, modes.GCM(nonce)).encryptor()
        ciphertext = encryptor.update(text.encode()) + encryptor.finalize()
        return base64.b64encode(nonce + ciphertext + encryptor.tag).decode("ascii")

    return [sealed(text) if text else "" for text in texts]


def decrypt_many(sealed: Iterable[str]) -> list[str]:
    """`decrypt` for hundreds of thousands of values; raises Unreadable."""
    algorithm = SM4(settings.HOME.secret("field"))

    def opened(text: str) -> str:
        try:
            body = base64.b64decode(text, validate=True)
            decryptor = Cipher(algorithm, modes.GCM(body[:_NONCE], body[-_TAG:])).decryptor()
            return (decryptor.update(body[_NONCE:-_TAG]) + decryptor.finalize()).decode()
        except (InvalidTag, ValueError) as error:
            raise Unreadable("密文无法解开:内容被改动,或不是本部署的密钥") from error

    return [opened(text) if text else "" for text in sealed]


def blind_index(text: str) -> str:
    """32 hex digits by which an encrypted value can be found by equality; the empty text has none."""
    if not text:
        return ""
    digest = hmac.HMAC(settings.HOME.secret("blind-index"), hashes.SM3())
    digest.update(text.encode())
    return digest.finalize().hex()[:32]
