"""The folder in which a deployment keeps everything: database, lake, identity vault, keys, uploads."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """Paths below MINZHENG_HOME. Nothing of a deployment lies anywhere else."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "minzheng.sqlite3"

    @property
    def lake(self) -> Path:
        """Parquet by contract and batch, pseudonyms only."""
        return self.root / "lake"

    @property
    def vault(self) -> Path:
        """Encrypted identities by pseudonym; the only place where names of the whole population lie."""
        return self.root / "vault"

    @property
    def quarantine(self) -> Path:
        """Encrypted bad rows by batch, for giving back to the sender."""
        return self.root / "quarantine"

    @property
    def documents(self) -> Path:
        """Papers of households, sealed, each under the fingerprint of its plain content."""
        return self.root / "documents"

    @property
    def evidence(self) -> Path:
        """What shows that the yearly plan is kept, sealed, each under the fingerprint of its plain content."""
        return self.root / "evidence"

    @property
    def payments(self) -> Path:
        """Files that went out to payment channels and came back, sealed, each under the fingerprint of its plain content."""
        return self.root / "payments"

    @property
    def snapshots(self) -> Path:
        """Everybody with all that rules ask, month by month, as it stood when a run was reckoned."""
        return self.root / "snapshots"

    @property
    def uploads(self) -> Path:
        """Files on their way in; emptied when their batch is done."""
        return self.root / "uploads"

    @property
    def exports(self) -> Path:
        """Workbooks that officials asked for, a folder each, swept after a day."""
        return self.root / "exports"

    @property
    def work(self) -> Path:
        """Scratch of a running step; may be deleted when nothing runs."""
        return self.root / "work"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def business_date(self) -> Path:
        """Holds the date that the deployment takes for today, if it does not follow the calendar."""
        return self.root / "business_date"

    def ensure(self) -> None:
        """Create the folders, readable by the owner alone."""
        for folder in (self.root, self.lake, self.vault, self.quarantine, self.snapshots, self.uploads, self.exports, self.documents, self.evidence, self.payments, self.work, self.keys):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def secret(self, name: str) -> bytes:
        """The 16-byte secret `name` of this deployment, made at first use.

        Created with link(2) so that two processes starting together agree on one secret and
        a kill never leaves half a key.
        """
        path = self.keys / name
        if not path.exists():
            draft = self.keys / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as handle:
                handle.write(secrets.token_bytes(16))
                handle.flush()
                os.fsync(handle.fileno())  # a key must reach the disk before anything sealed with it does
            try:
                os.link(draft, path)
            except FileExistsError:
                pass  # another process was first: its secret counts
            finally:
                draft.unlink()
        value = _content(path, path.stat().st_mtime_ns)
        if len(value) != 16:
            raise ValueError(f"密钥文件 {path} 应为 16 字节,实际 {len(value)} 字节:请从备份恢复,切勿重新生成")
        return value

    def is_synthetic(self) -> bool:
        """True when this deployment holds synthetic people only (set by the demo)."""
        return (self.root / "SYNTHETIC").exists()

    def mark_synthetic(self) -> None:
        (self.root / "SYNTHETIC").write_text("演示数据 · 全部人员均为合成\n", encoding="utf-8")


@lru_cache(maxsize=32)
def _content(path: Path, _written: int) -> bytes:
    """A key file as it was when last written: a page opens a hundred sealed values, and reading takes longer than opening."""
    return path.read_bytes()
