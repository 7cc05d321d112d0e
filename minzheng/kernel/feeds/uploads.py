"""Files on their way in: each under its sender's name in a folder of its own in MINZHENG_HOME/uploads, until its job ends."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Collection, Iterable
from pathlib import Path

from django.conf import settings

LEFT_OVER_SECONDS = 24 * 3600  # what is older, and of no open job, was left by a killed server
LONGEST_STEM = 60  # in characters; three bytes each in Chinese, and a file name holds 255
PREFIX = "in-"


def stage(chunks: Iterable[bytes], name: str) -> Path:
    """Write a file that is being sent. The name is kept because refusals name the file, and the sender knows it by that."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=settings.HOME.uploads))
    known = Path(name.replace("\\", "/"))
    path = folder / f"{known.stem[:LONGEST_STEM] or '上传文件'}{known.suffix[:12]}"
    try:
        with path.open("wb") as handle:
            for chunk in chunks:
                handle.write(chunk)
    except BaseException:
        discard(path)
        raise
    return path


def staged(folder: str) -> Path | None:
    """The file in a folder of that name, if it is still there."""
    found: Path = settings.HOME.uploads / Path(folder).name
    return next(iter(sorted(found.glob("*"))), None) if folder.startswith(PREFIX) else None


def discard(path: Path) -> None:
    """Remove a staged file with its folder."""
    if path.parent.name.startswith(PREFIX):
        shutil.rmtree(path.parent, ignore_errors=True)


def sweep(wanted: Collection[str]) -> None:
    """Remove what killed servers left behind: old folders other than `wanted`, and uploads that broke off half-way."""
    for path in settings.HOME.uploads.iterdir():
        try:
            left_over = path.name not in wanted and time.time() - path.stat().st_mtime > LEFT_OVER_SECONDS
        except FileNotFoundError:  # another process was quicker
            continue
        if left_over and path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif left_over:
            path.unlink(missing_ok=True)
