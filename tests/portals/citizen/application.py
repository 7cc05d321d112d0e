"""An application for 低保 as the page sends it."""

from __future__ import annotations

import re

from django.test import Client

from minzheng.kernel.casework.models import Case
from minzheng.kernel.registry.models import Person

TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{32})"')
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
ITEM = "/citizen/apply/minimum_living/"


def token_of(client: Client, address: str = ITEM) -> str:
    found = TOKEN.search(client.get(address).content.decode())
    assert found
    return found[1]


def filled(person: Person, token: str, **changes: str) -> dict[str, str]:
    """The form as it is sent; `changes` by name, with __ for a dot."""
    return {
        "form_token": token, "for": str(person.pk), "name": person.name, "id_number": person.id_number, "phone": person.phone,
        "address": "湖塘镇人民路1号", "members.0.name": person.name, "members.0.id_number": person.id_number, "members.0.relation": "head",
        "reasons": "no_work", "business_income_fen": "0", "transfer_income_fen": "300.50", "financial_assets_fen": "0",
        "statement": "没有工作，孙女还在上学。", **{name.replace("__", "."): value for name, value in changes.items()},
    }  # fmt: skip


def begun(client: Client, person: Person) -> Case:
    """A case that is filled in and not sent yet."""
    answer = client.post(ITEM, filled(person, token_of(client)))
    assert answer.status_code == 302, answer.content.decode()
    return Case.objects.get(applicant=person)


def sent(client: Client, person: Person) -> Case:
    """A case that was sent."""
    case = begun(client, person)
    address = f"/citizen/cases/{case.number}/finish/"
    answer = client.post(address, {"form_token": token_of(client, address), "true": "1", "signature": person.name, "promise": "unemployed"})
    assert answer.status_code == 302, answer.content.decode()
    case.refresh_from_db()
    assert case.state == "submitted"
    return case
