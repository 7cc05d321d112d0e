"""What every test may count on: a deployment folder of its own and a fixed business date."""

from __future__ import annotations

import os
import tempfile

# Settings read the environment when they are imported, so the folder must be named before Django starts.
os.environ["MINZHENG_HOME"] = tempfile.mkdtemp(prefix="minzheng-test-")

from collections.abc import Iterator  # noqa: E402
from datetime import date  # noqa: E402
from importlib import import_module  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import TYPE_CHECKING, Any  # noqa: E402

import hypothesis  # noqa: E402
import pytest  # noqa: E402

from minzheng.kernel.foundation.home import Home  # noqa: E402

if TYPE_CHECKING:
    from tests.portals.staff.world import World

# What a property costs is the benchmarks' business: on a busy machine a deadline says nothing about the code.
hypothesis.settings.register_profile("suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("suite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL (DATABASE_URL is set) only tests run that use the database: the others would say the same again.
    They are told apart for certain, because pytest-django refuses the database to whoever has not asked for it."""
    if not os.environ.get("DATABASE_URL"):
        return
    asked = {"db", "transactional_db", "live_server"}
    keep, leave = [], []
    for item in items:
        uses = item.get_closest_marker("django_db") or asked & set(getattr(item, "fixturenames", asked))
        (keep if uses and not item.get_closest_marker("looks") else leave).append(item)
    config.hook.pytest_deselected(items=leave)
    items[:] = keep


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hashing is slow on purpose; the suite keeps the algorithm and takes one round of it."""
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PBKDF2PasswordHasher, "iterations", 1)
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_static_files() -> Iterator[None]:
    """Each test client starts the middleware anew, which looks through all folders for files to serve; once is enough."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    look, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def look_once(self: Any) -> None:
        if not found:
            look(self)
            found.update(self.files)
        self.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", look_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def emptying_between_tests() -> Iterator[None]:
    """Tests with transactions of their own empty the database afterwards, but the audit trail and the books refuse to be
    emptied: their triggers come off for that moment. Only the suite does this; the application has no such statement."""
    from django.db import connection

    guarded = [
        import_module("minzheng.kernel.foundation.migrations.0002_audit_append_only"),
        import_module("minzheng.kernel.ledger.migrations.0002_append_only"),
        import_module("minzheng.kernel.casework.migrations.0002_append_only"),
        import_module("minzheng.kernel.indicators.migrations.0003_locked_is_locked"),
    ]
    flush = type(connection.ops).sql_flush

    def without_triggers(operations: Any, style: Any, tables: Any, **options: Any) -> list[str]:
        statements = flush(operations, style, tables, **options)
        down, up = ([line for module in guarded for line in getattr(module, way)(connection.vendor)] for way in ("down", "up"))
        return [*down, *statements, *up] if statements else []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(connection.ops), "sql_flush", without_triggers)
        yield


@pytest.fixture(autouse=True)
def business_date(request: pytest.FixtureRequest) -> Iterator[date]:
    """The business date of every test is 2024-06-03, a Monday, unless the test says otherwise with clock.use."""
    from minzheng.kernel.foundation import clock
    from tests.beginnings import DAY

    with clock.use(DAY):
        yield DAY


@pytest.fixture
def home(tmp_path: Path, settings: object) -> Home:
    """A fresh deployment folder for tests that fill the lake; settings.HOME points at it."""
    folder = Home(tmp_path / "home")
    folder.ensure()
    settings.HOME = folder  # type: ignore[attr-defined]
    return folder


@pytest.fixture
def divisions(db: None) -> None:
    """The divisions and management units as they are shipped."""
    from tests.beginnings import begun, shipped_divisions

    begun(shipped_divisions)


@pytest.fixture
def world(db: None, home: Home) -> World:
    """Three families in one village, one elsewhere, officials of each role, a delivery, a night."""
    from tests.beginnings import begun
    from tests.portals.staff.world import build

    return begun(build, home)
