from __future__ import annotations

import pytest

from minzheng.kernel.foundation.home import Home
from tests.beginnings import begun
from tests.kernel.indicators.rows import Officials, a_city, officials, with_statistics


@pytest.fixture
def people(db: None, home: Home) -> Officials:
    """Officials and the shipped plan, without rows to count."""
    return begun(officials, home)


@pytest.fixture
def city(db: None, home: Home) -> Officials:
    """The same with a few hundred people and all that is counted."""
    found = begun(a_city, home)
    with_statistics()
    return found
