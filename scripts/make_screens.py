"""Pictures of the main pages for docs/screens, taken from the demo deployment in a real browser (`make screens`).

Starts the portal on a free port of loopback, signs in as the demo's users and photographs what they see.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "screens"
PASSWORD = "Minzheng-demo-2024"
SIZES = {"desk": (1440, 900), "phone": (375, 740)}
FLAGS = ["--no-sandbox", "--lang=zh-CN", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


@dataclass(frozen=True)
class Shot:
    """One picture: file name, who looks, the address, where to click from there, size and theme."""

    name: str
    user: str
    address: str
    click: tuple[str, ...] = ()
    size: str = "desk"
    theme: str = "light"


FIRST_ROW = "[data-row] a"
TO_HOUSEHOLD = "main a:has-text('家庭档案') >> nth=0"
SHOTS = (
    Shot("desk-city", "city", "/"),
    Shot("desk-city-dark", "city", "/", theme="dark"),
    Shot("desk-town", "town", "/"),
    Shot("desk-grid-phone", "grid", "/", size="phone"),
    Shot("alerts", "city", "/alerts/?status=all"),
    Shot("alerts-board", "city", "/alerts/board/?status=all&by=part"),
    Shot("alerts-map", "city", "/alerts/map/"),
    Shot("alerts-charts", "city", "/alerts/charts/"),
    Shot("alerts-phone", "city", "/alerts/", size="phone"),
    Shot("alert", "town", "/alerts/?status=open", (FIRST_ROW,)),
    Shot("alert-dark", "town", "/alerts/?status=open", (FIRST_ROW,), theme="dark"),
    Shot("alert-phone", "grid", "/", (FIRST_ROW,), size="phone"),
    Shot("visit-phone", "grid", "/", (".taps a",), size="phone"),
    Shot("household", "town", "/alerts/?status=open", (FIRST_ROW, TO_HOUSEHOLD)),
    Shot("household-phone", "grid", "/", (FIRST_ROW, TO_HOUSEHOLD), size="phone"),
    Shot("reveal", "town", "/alerts/?status=open", (FIRST_ROW, TO_HOUSEHOLD, ".masked a")),
    Shot("feeds", "steward", "/feeds/"),
    Shot("batches", "steward", "/batches/"),
    Shot("rounds", "steward", "/rounds/"),
    Shot("registers", "city", "/registers/"),
    Shot("register-people", "city", "/registers/people/?fact=disability&sort=-age"),
    Shot("register-record", "city", "/registers/people/?fact=disability&sort=-age", (FIRST_ROW,)),
    Shot("benefit-runs", "clerk", "/benefits/runs/"),
    Shot("benefit-run", "clerk", "/benefits/runs/", (FIRST_ROW,)),
    Shot("exclusions", "clerk", "/benefits/exclusions/"),
    Shot("payments", "clerk", "/benefits/payments/"),
    Shot("parameters", "clerk", "/benefits/parameters/"),
    Shot("simulator", "clerk", "/benefits/simulator/"),
    Shot("cases", "city", "/cases/?tab=all"),
    Shot("case", "city", "/cases/?tab=all", (FIRST_ROW,)),
    Shot("cases-phone", "city", "/cases/?tab=all", size="phone"),
    Shot("plan", "leader", "/plan/"),
    Shot("plan-item", "leader", "/plan/items/9/"),
    Shot("plan-places", "leader", "/plan/places/?figure=alerts_visited"),
    Shot("plan-phone", "leader", "/plan/", size="phone"),
    Shot("plan-wall", "leader", "/plan/wall/"),
    Shot("city-map", "city", "/map/?layer=benefits&step=board"),
    Shot("city-map-dark", "city", "/map/?layer=facilities&step=town&points=canteen", theme="dark"),
    Shot("citizen-promises-phone", "grid", "/citizen/promises/", size="phone"),
    Shot("citizen-phone", "grid", "/citizen/", size="phone"),
    Shot("citizen-guide-phone", "grid", "/citizen/guide/minimum_living/", size="phone"),
    Shot("citizen-entitled-phone", "grid", "/citizen/entitled/", size="phone"),
    Shot("not-found", "city", "/nothing/"),
)
TALLEST = {"desk": 1100, "phone": 1500}  # pixels; what lies further down shows nothing new


def main() -> None:
    """Take all pictures; the names on the command line choose some of them."""
    chosen = [shot for shot in SHOTS if not sys.argv[1:] or shot.name in sys.argv[1:]]
    TARGET.mkdir(parents=True, exist_ok=True)
    users = demo_users()
    with server() as address, sync_playwright() as running:
        path = shutil.which("chromium")
        if path is None:
            sys.exit("没有找到 chromium：请先运行 make install-dev")
        browser = running.chromium.launch(executable_path=path, args=FLAGS, env={**os.environ, "LANGUAGE": "zh_CN"})
        for shot in chosen:
            photograph(browser, address, shot, users[shot.user])
            print(f"docs/screens/{shot.name}.png", flush=True)
        browser.close()


def demo_users() -> dict[str, str]:
    """Login names of the demo: the city's officials, and the town and village with the most open alerts."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minzheng.project.settings")
    import django

    django.setup()
    from minzheng.kernel.foundation.access import Actor
    from minzheng.kernel.monitoring.queries import alerts

    codes = list(alerts(Actor.system("截图"), status="assigned").values_list("division_code", flat=True))
    if not codes:
        sys.exit("演示数据里没有待入户的预警：请先运行 make demo-data")
    village = max(set(codes), key=codes.count)
    return {
        "city": "shiju", "clerk": "daiyu", "steward": "shuju", "auditor": "shenji", "system": "xitong", "security": "anquan", "leader": "lingdao",
        "town": f"z{village[:9]}", "grid": f"g{village}",
    }  # fmt: skip


@contextmanager
def server() -> Iterator[str]:
    """The portal on a free port; ends with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).parent / "minzheng"), "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/login/", process)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    """Until the server answers; an error when it ended or takes longer than a minute."""
    for _ in range(240):
        if process.poll() is not None:
            sys.exit("办公端没有启动起来：请运行 minzheng serve 看原因")
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:  # not there yet, or too busy to answer
            time.sleep(0.25)
        else:
            return
    sys.exit("办公端一分钟内没有应答")


def photograph(browser: Browser, address: str, shot: Shot, username: str) -> None:
    """One picture of the whole page, in a session of its own."""
    width, height = SIZES[shot.size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, base_url=address, locale="zh-CN", reduced_motion="reduce",
        color_scheme="dark" if shot.theme == "dark" else "light",
    )  # fmt: skip
    page = context.new_page()
    page.goto("/login/")
    page.get_by_label("登录名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{address}/")
    page.goto(shot.address)
    for selector in shot.click:
        page.locator(selector).first.click()
        page.wait_for_load_state("networkidle")
    settle(page)
    # The window as tall as the page, so that what stands at the foot of a phone does.
    wanted = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(max(wanted, height), TALLEST[shot.size])})
    settle(page)
    page.screenshot(path=TARGET / f"{shot.name}.png")
    context.close()


def settle(page: Page) -> None:
    """Until parts that load later (maps, charts, fragments) are there."""
    page.wait_for_load_state("networkidle")
    if page.locator(".map").count():
        page.locator(".map[data-drawn]").wait_for()
        page.wait_for_timeout(2500)  # tiles of the outlines come from a worker
    page.wait_for_timeout(400)


if __name__ == "__main__":
    main()
