"""Two cities made once: a small one that is imported file by file, a larger one that is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from minzheng.synthetic_city.city import make_city


@pytest.fixture(scope="session")
def village(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,000 residents."""
    folder = tmp_path_factory.mktemp("village")
    make_city(residents=2_000, seed=11, out=folder)
    return folder


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20,000 residents."""
    folder = tmp_path_factory.mktemp("town")
    make_city(residents=20_000, seed=3, out=folder)
    return folder
