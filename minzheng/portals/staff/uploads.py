"""Files on their way in: staged under MINZHENG_HOME/uploads for as long as their import runs."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.files.base import File

LEFT_OVER_SECONDS = 24 * 3600  # longer than any import: what is older was left by a killed server
LONGEST_STEM = 60  # in characters; three bytes each in Chinese, and a file name holds 255


@contextmanager
def staged(upload: File[bytes]) -> Iterator[Path]:
    """The uploaded file under its own name in a folder of its own, gone when the block ends.

    The name is kept because refusals name the file, and the sender knows it by that name.
    """
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix="in-", dir=settings.HOME.uploads))
    try:
        name = Path(upload.name or "上传文件")
        path = folder / f"{name.stem[:LONGEST_STEM]}{name.suffix[:12]}"
        with path.open("wb") as handle:
            for chunk in upload.chunks():
                handle.write(chunk)
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    for folder in settings.HOME.uploads.glob("in-*"):
        if folder.is_dir() and time.time() - folder.stat().st_mtime > LEFT_OVER_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
