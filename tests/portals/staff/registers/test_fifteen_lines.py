"""Adding a register is about fifteen lines: declared here, and list, search, record, views and export are there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from django.db.models import Q
from django.test import Client
from django.urls import clear_url_caches, include, path

from minzheng.kernel.divisions.screens.parts import place_filter
from minzheng.kernel.foundation import registers as declared
from minzheng.kernel.foundation.registers import Column, Fields, Filter, Register
from minzheng.kernel.registry.models import Organisation
from minzheng.portals.staff import urls
from minzheng.portals.staff.routes.registers import _routes
from tests.portals.staff.world import World

REGISTER = Register(
    slug="societies", title="社会组织", note="登记在册的社会团体、社会服务机构和基金会", model=Organisation, record="society_id", order="name",
    columns=(
        Column("name", "名称", order=("name",)),
        Column("place", "所在地", "division_code", "place", order=("division_code",)),
        Column("since", "成立日期", "valid_from", "date", order=("valid_from",)),
    ),
    filters=(place_filter(), Filter("since", "成立日期", "dates", "valid_from")),
    search=lambda text, _actor, _on: Q(name__contains=text), search_hint="名称",
    panels=(Fields("基本情况", ("name", "place", "since")),),
)  # fmt: skip


@pytest.fixture
def served(settings: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The portal with the new register among the others."""
    everything = {**declared.registers(), REGISTER.slug: REGISTER}
    for module in [m for name, m in sys.modules.items() if name.startswith("minzheng.portals.staff.registers")]:
        if hasattr(module, "registers"):
            monkeypatch.setattr(module, "registers", lambda: everything)
    module = ModuleType("tests.fifteen_urls")
    module.urlpatterns = [path("", include(([*_routes(REGISTER), *urls.urlpatterns], "staff")))]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    settings.ROOT_URLCONF = module.__name__  # type: ignore[attr-defined]
    clear_url_caches()
    yield
    clear_url_caches()


def test_a_declaration_is_a_register(served: None, world: World, as_role: Callable[[str], Client]) -> None:
    client = as_role("town_official")
    assert "社会组织" in client.get("/registers/").content.decode()
    page = client.get("/registers/societies/?q=颐养&place=wujin&sort=-since")
    assert page.context["found"].total == 1
    record = client.get(page.context["rows"][0].url)
    assert world.organisations[0].name in record.content.decode()
    assert client.get(f"/registers/societies/{world.organisations[-1].pk}/").status_code == 404
    assert client.post("/registers/societies/views/", {"do": "save", "name": "甲", "query": ""}).status_code == 302
    assert client.post("/registers/societies/export/", {}).status_code == 302
    assert client.get("/registers/exports/").context["rows"][0]["job"].title == "导出社会组织台账"
    assert client.get("/registers/societies/export/").status_code == 200
    assert as_role("auditor").get("/registers/societies/").status_code == 403
