"""A deployment with divisions and the official calendar, ready to take files in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from minzheng.kernel.feeds.actions import import_file
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.home import Home

Take = Callable[..., dict[str, Any]]


@pytest.fixture
def take(home: Home, divisions: None, tmp_path: Path) -> Take:
    """take(contract, content or path, as_of=…) imports and returns the report."""

    def run(contract: str, content: bytes | str | Path, as_of: date = date(2024, 5, 31), name: str = "a.csv") -> dict[str, Any]:
        if isinstance(content, Path):
            path = content
        else:
            path = tmp_path / name
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return import_file(contract=contract, path=path, as_of=as_of, by=Actor.system("test")).report()

    return run
