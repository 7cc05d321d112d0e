"""Files of channels at rest: sealed, each under the fingerprint of its plain content, so that one is written once."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from django.conf import settings

from minzheng.kernel.foundation.encryption import open_bytes, seal_bytes

_SECRET = "payments"


def keep(content: bytes) -> str:
    """Seal a content into the deployment's folder; returns its SHA-256. The file is there before the row that names it:
    a kill in between leaves a file that the next attempt finds and takes."""
    fingerprint = hashlib.sha256(content).hexdigest()
    path = path_of(fingerprint)
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.draft")
        with draft.open("wb") as handle:
            handle.write(seal_bytes(content, _SECRET))
            handle.flush()
            os.fsync(handle.fileno())
        draft.rename(path)
    return fingerprint


def content_of(fingerprint: str) -> bytes:
    """The plain content again; raises Unreadable when the sealed file was changed."""
    return open_bytes(path_of(fingerprint).read_bytes(), _SECRET)


def path_of(fingerprint: str) -> Path:
    """Where the sealed file lies."""
    folder: Path = settings.HOME.payments
    return folder / f"{fingerprint}.sealed"
