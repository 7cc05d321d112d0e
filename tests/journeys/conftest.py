"""A real browser against a live server. Playwright drives the system's Chromium; nothing leaves the machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.conf import settings as live
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from minzheng.kernel.foundation.home import Home
from tests.beginnings import begun
from tests.portals.staff.world import PASSWORD, World, build

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
SIZES = {"desk": (1440, 900), "phone": (375, 740)}
SignIn = Callable[..., Page]
AXE = live.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .filter(v => ["serious", "critical"].includes(v.impact)).map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(" ")).join(" | ")}`)"""


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    # Playwright keeps an event loop in this thread; Django would take it for asynchronous code and refuse its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as running:
        yield running
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "journeys need Debian's chromium"
    found = playwright.chromium.launch(executable_path=path, args=FLAGS)
    yield found
    found.close()


@pytest.fixture
def world(transactional_db: None, home: Home, settings: object) -> World:
    """The portal's test world; the live server's threads take the date from the settings."""
    settings.BUSINESS_TODAY = lambda: date(2024, 6, 3)  # type: ignore[attr-defined]
    settings.SYNTHETIC = True  # type: ignore[attr-defined]
    return begun(build, home)


@pytest.fixture
def sign_in(browser: Browser, live_server: object, world: World) -> Iterator[SignIn]:
    """Open a page signed in as a user, on a desk or a phone; whatever leaves the server or errs in the console fails."""
    opened: list[tuple[BrowserContext, list[str]]] = []
    address = str(live_server)

    def open_as(username: str, size: str = "desk", scripts: bool = True) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=scripts, accept_downloads=True,
            base_url=address, locale="zh-CN",
        )  # fmt: skip
        complaints: list[str] = []
        opened.append((context, complaints))
        page = context.new_page()
        page.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else complaints.append(r.url))
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" and "status of 4" not in m.text else None)
        page.goto("/login/")
        page.get_by_label("登录名").fill(username)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(f"{address}/")
        return page

    yield open_as
    for context, complaints in opened:
        context.close()
        assert not complaints


@pytest.fixture
def phone(browser: Browser, live_server: object, world: World) -> Iterator[Page]:
    """A phone's page; whatever leaves the server or errs in the console fails."""
    address, complaints = str(live_server), []
    context = browser.new_context(viewport={"width": 375, "height": 740}, base_url=address, locale="zh-CN")
    page = context.new_page()
    page.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else complaints.append(r.url))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" and "status of 4" not in m.text and "ERR_INTERNET" not in m.text else None)
    yield page
    context.close()
    assert not complaints


def looked_at(page: Page) -> None:
    """Nothing serious by axe, nothing wider than the phone."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
