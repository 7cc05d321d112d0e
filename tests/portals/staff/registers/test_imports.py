"""From an export back into the register: what was taken out is what comes in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from minzheng.kernel.feeds.actions import import_file
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry.models import Facility, Organisation
from minzheng.kernel.registry.screens import facilities, organisations
from tests.portals.staff.world import World

AsRole = Callable[[str], Client]
REGISTERS = {"organisations": (organisations.REGISTER, Organisation), "facilities": (facilities.REGISTER, Facility)}


def taken_out(client: Client, slug: str, columns: list[str]) -> Path:
    """The workbook of an export of everything."""
    query = "&".join(f"col={name}" for name in columns)
    assert client.post(f"/registers/{slug}/export/?{query}", {}).status_code == 302
    number = client.get("/registers/exports/").context["rows"][0]["job"].pk
    path = Path(settings.HOME.work) / f"{slug}.xlsx"
    path.write_bytes(b"".join(client.get(f"/registers/exports/file/?id={number}").streaming_content))  # type: ignore[attr-defined]
    return path


def brought_in(slug: str, path: Path) -> Batch:
    return import_file(contract=slug, path=path, as_of=date(2024, 6, 1), by=Actor.system("test")).batch


@pytest.mark.parametrize("everything", [True, False], ids=["all columns", "the usual columns"])
@pytest.mark.parametrize("slug", REGISTERS)
def test_an_export_comes_in_again_and_changes_nothing(slug: str, everything: bool, world: World, as_role: AsRole) -> None:
    register, model = REGISTERS[slug]
    Organisation.objects.update(uscc="")  # names alone must do
    columns = [column.name for column in register.columns] if everything else []
    before = list(model.objects.order_by("pk").values())
    batch = brought_in(slug, taken_out(as_role("city_official"), slug, columns))
    assert (batch.read, batch.accepted, batch.reasons) == (len(before), len(before), {})
    assert batch.carried == {"new": 0, "changed": 0, "same": len(before), "older": 0, "refused": 0, "said": []}
    after = list(model.objects.order_by("pk").values())
    assert after == [row | {"updated_as_of": date(2024, 6, 1)} for row in before]


@pytest.mark.parametrize("slug", REGISTERS)
def test_what_was_changed_in_the_workbook_is_changed_in_the_register(slug: str, world: World, as_role: AsRole) -> None:
    register, model = REGISTERS[slug]
    path = taken_out(as_role("city_official"), slug, [column.name for column in register.columns])
    book: Any = openpyxl.load_workbook(path)
    heads = [cell.value for cell in book.active[2]]
    book.active.cell(3, heads.index("类别") + 1).value = "其他"
    book.save(path)
    batch = brought_in(slug, path)
    assert batch.carried is not None
    assert (batch.carried["changed"], batch.carried["same"]) == (1, model.objects.count() - 1)
    changed = model.objects.get(kind="other")
    assert (changed.version, changed.source_batch) == (2, batch.batch_id)
    page = as_role("city_official").get(f"/registers/{slug}/{changed.pk}/").content.decode()
    assert f"批次 {batch.batch_id}" in page and "其他" in page
    told = as_role("data_steward").get(f"/batches/{batch.batch_id}/").content.decode()
    assert "登入台账" in told and re.search(r'<dt>变更</dt><dd class="num">1</dd>', told)


@pytest.mark.parametrize("slug", REGISTERS)
def test_the_list_leads_to_the_upload_with_its_contract(slug: str, world: World, as_role: AsRole) -> None:
    client = as_role("city_official")
    address = f"{reverse('staff:upload')}?contract={slug}"
    assert f'href="{address}"' in client.get(f"/registers/{slug}/").content.decode()
    form = client.get(address).content.decode()
    assert f'<option value="{slug}" selected>' in form
    assert address not in as_role("grid_worker").get(f"/registers/{slug}/").content.decode()
