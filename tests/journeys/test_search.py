"""Somebody is found: typed, chosen with arrows, opened with Enter; without scripts and on a phone as well."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from minzheng.kernel.registry.models import Person
from minzheng.kernel.registry.search.actions import index_people
from minzheng.kernel.registry.search.readings import readings
from tests.journeys.conftest import RUN, SignIn
from tests.portals.staff.world import World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def indexed(world: World) -> None:
    index_people(list(Person.objects.all()))


def household(page: Page, world: World) -> None:
    expect(page).to_have_url(re.compile(rf"/households/{world.households[0].pk}/$"))


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_found_while_typing_and_opened_from_the_keyboard(size: str, world: World, sign_in: SignIn) -> None:
    page, person = sign_in("town_official", size), world.alerts[0].person
    pinyin, initials = readings(person.name)[0]
    page.keyboard.press("/")
    page.keyboard.type(f"{initials} {person.id_number[-4:]}")
    box, options = page.get_by_role("combobox"), page.get_by_role("option")
    expect(options).to_have_count(1)
    assert person.name not in page.content()
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", str(options.first.get_attribute("id")))
    page.evaluate((settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    assert page.evaluate(RUN.replace("axe.run(document", "axe.run('.search-box'")) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    box.fill(pinyin)
    expect(options.first).to_be_visible()
    box.fill(f"{pinyin} {person.id_number[-4:]}")
    expect(options).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    household(page, world)


def test_enter_leads_to_the_page_and_back_to_it_again(world: World, sign_in: SignIn) -> None:
    page, person = sign_in("town_official"), world.alerts[0].person
    box = page.get_by_role("combobox")
    box.fill(readings(person.name)[0][0])
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    box.fill(person.name)  # and at once Enter: not what was chosen before
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?s=[0-9a-f]{8}$"))
    page.locator(f"a[href='/people/{person.pk}/household/']").click()
    household(page, world)
    page.go_back()
    expect(page.locator(f"a[href='/people/{person.pk}/household/']")).to_be_visible()


def test_without_scripts(world: World, sign_in: SignIn) -> None:
    page, person = sign_in("town_official", scripts=False), world.alerts[0].person
    page.get_by_role("combobox").fill(person.id_number)
    page.get_by_role("combobox").press("Enter")
    household(page, world)
