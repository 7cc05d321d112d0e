"""How smoothly 一张图 moves: frame times in a real Chromium while the map is dragged, zoomed and its months are turned.

    python -m bench.map_frames ADDRESS USER PASSWORD

against a running portal whose deployment has all villages and as many facilities as should be shown (`step=village&points=all`).
Prints for each movement how long frames lasted, and how much of that the page itself worked (script: what a graphics card does not take
off it), for a bare map of six counties and for all villages and points. Without a card the processor draws (SwiftShader): compare the two
rows of a movement, which were taken in one run, and not a row with a screen.
"""

from __future__ import annotations

import shutil
import statistics
import sys

from playwright.sync_api import Page, sync_playwright

FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
SPENT = """(() => { const ask = window.requestAnimationFrame.bind(window); window.spent_ = []; window.requestAnimationFrame = (work) => ask((now) => {
  const before = performance.now(); work(now); const took = performance.now() - before; if (window.watching && took > 0.1) window.spent_.push(took); }); })()"""
WATCH = """() => { window.frames_ = []; window.spent_ = []; let last = performance.now(); window.watching = true;
  const step = (now) => { window.frames_.push(now - last); last = now; if (window.watching) requestAnimationFrame(step); };
  requestAnimationFrame(step); }"""
STEPS = 60  # of the hand in one movement


def main() -> None:
    """Sign in, open the map, move it three ways."""
    address, user, password = sys.argv[1:4]
    with sync_playwright() as running:
        path = shutil.which("chromium")
        assert path, "needs chromium"
        page = running.chromium.launch(executable_path=path, args=FLAGS).new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{address}/login/")
        page.get_by_label("登录名").fill(user)
        page.get_by_label("密码").fill(password)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(f"{address}/")
        page.add_init_script(SPENT)
        for title, query in (("6 counties", "step=county"), ("villages and points", "step=village&points=all")):
            page.goto(f"{address}/map/?{query}")
            page.locator(".map[data-drawn]").wait_for()
            page.wait_for_timeout(3000)
            for name, move in (("dragged", _drag), ("zoomed", _zoom), ("months turned", _turn)):
                page.evaluate(WATCH)
                move(page)
                frames, spent = page.evaluate("() => { window.watching = false; return [window.frames_.slice(2), window.spent_]; }")
                print(f"{title:20} {name:14} {_said('frame', frames)}   {_said('script', spent)}")


def _drag(page: Page) -> None:
    page.mouse.move(500, 500)
    page.mouse.down()
    for step in range(STEPS):
        page.mouse.move(500 + 4 * (step if step < STEPS / 2 else STEPS - step), 500 + step, steps=1)
    page.mouse.up()


def _zoom(page: Page) -> None:
    page.mouse.move(600, 480)
    for step in range(STEPS // 4):
        page.mouse.wheel(0, -60 if step < STEPS / 8 else 60)
        page.wait_for_timeout(40)


def _turn(page: Page) -> None:
    slider = page.get_by_role("slider")
    for key in ("ArrowLeft",) * 6 + ("ArrowRight",) * 6:
        slider.press(key)
        page.wait_for_timeout(80)


def _said(what: str, times: list[float]) -> str:
    return f"{what} median {statistics.median(times):6.1f} p95 {_p95(times):6.1f} ms ({len(times)})" if times else f"{what}: none"


def _p95(frames: list[float]) -> float:
    return sorted(frames)[int(len(frames) * 0.95)]


if __name__ == "__main__":
    main()
