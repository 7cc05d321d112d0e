"""Every page that opens with GET, looked at by axe-core: nothing serious or critical, by day and by night, on a desk and
on a phone. The pages are generated from the routes, so that a new page is looked at without being listed."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Error, Page

from minzheng.kernel.foundation.access import roles
from minzheng.portals.staff.page import ANYBODY, NOBODY_YET
from minzheng.portals.staff.urls import urlpatterns
from tests.journeys.conftest import AXE, RUN, SIZES, SignIn
from tests.portals.staff.addresses import parameters, values
from tests.portals.staff.world import World

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]
READERS = ("city_official", "data_steward", "administrator", "security_administrator", "auditor", "plan_supervisor")
THEMES = ("light", "dark")


def pages_of(role: str) -> list[str]:
    """Names of the GET routes that this role is the first of READERS to be allowed to open."""
    found = []
    for pattern in urlpatterns:
        view: Any = pattern.callback
        if "GET" not in view.methods or view.capability == NOBODY_YET:
            continue
        allowed = [r for r in READERS if view.capability == ANYBODY or view.capability in roles()[r].capabilities]
        if allowed and allowed[0] == role:
            found.append(str(pattern.name))
    return found


def findings(page: Page, address: str) -> list[str]:
    """What axe-core finds on an HTML page by day and, without loading it anew, by night; downloads and fragments are none."""
    try:
        answer = page.goto(address)
    except Error:  # a download
        return []
    if answer is None or answer.status != 200 or "html" not in answer.headers["content-type"] or not page.title():
        return []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = []
    for theme in ("dark",) if page.locator("html[data-theme-fixed]").count() else THEMES:  # a wall is dark by day as well
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # a colour on its way to another is none
        page.locator(f"html[data-bs-theme={theme}]").wait_for()
        found += [f"{address} {theme} {finding}" for finding in page.evaluate(RUN)]
    return found


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("size", SIZES)
def test_no_serious_finding(role: str, size: str, world: World, sign_in: SignIn) -> None:
    page = sign_in(role, size)
    known, _place = values(world)
    wrong = []
    for name in pages_of(role):
        wrong += findings(page, reverse(f"staff:{name}", kwargs={key: known[key] for key in parameters(name)}))
    assert not wrong


def test_the_sign_in_page_has_no_serious_finding(sign_in: SignIn) -> None:
    page = sign_in("city_official")
    page.context.clear_cookies()
    assert findings(page, "/login/") == []
