"""Papers as PDF with a code that verifies them; reading is on record."""

from __future__ import annotations

from typing import Any

import pytest

from minzheng.kernel.casework import actions, printing, queries
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.models import CaseAction
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.models import AuditEntry
from tests.kernel.casework.conftest import Town, submitted


def test_every_paper_is_made_once_and_verifies(town: Town, settings: Any) -> None:
    case = submitted(town)
    with pytest.raises(CaseError, match="还没有办到"):
        actions.issue_paper(case=case, kind="decision", by=town.by("town"))
    actions.accept_case(case=case, by=town.by("town"))
    signed = actions.authorise(case=case, person=town.mother, by=town.citizen, signed_how="phone")
    paper = actions.issue_paper(case=case, kind="acceptance", by=town.citizen)
    assert actions.issue_paper(case=case, kind="acceptance", by=town.by("town")).pk == paper.pk
    content = actions.open_paper(paper=paper, by=town.citizen)
    assert content.startswith(b"%PDF-") and len(content) > 10_000
    consent = actions.issue_paper(case=case, kind="authorisation", by=town.citizen, authorisation=signed)
    assert actions.open_paper(paper=consent, by=town.by("town"), why="核对归档").startswith(b"%PDF-")
    found = queries.verify_paper(f" {(paper.code or '').lower()} ")
    assert found is not None and (found.number, found.title, found.item) == (case.number, "受理通知书", "最低生活保障")
    assert queries.verify_paper("") is None and queries.verify_paper("AAAA") is None
    with pytest.raises(CaseError):
        actions.open_paper(paper=paper, by=town.other_citizen)
    with pytest.raises(CaseError, match="理由"):
        actions.open_paper(paper=paper, by=town.by("town"))
    assert AuditEntry.objects.filter(verb="case.paper_open").count() == 2


def test_the_data_of_a_paper_hold_no_number_in_full(town: Town, settings: Any) -> None:
    settings.VERIFY_ADDRESS = "https://example.gov.cn/v/{code}"
    case = submitted(town)
    actions.decline_case(case=case, by=town.by("town"), reason_code="not_here", explanation="户籍不在本街道")
    data = printing.paper_data(case, "decline", CaseAction.objects.get(case=case, verb="decline"), "CODE")
    assert town.mother.id_number not in str(data) and data["address"] == "https://example.gov.cn/v/CODE"
    assert {len(row) for row in data["qr"]} == {len(data["qr"])} and set("".join(data["qr"])) == {"0", "1"}
    assert data["explanation"] == "户籍不在本街道" and data["remedies"]


def test_words_change_without_code(town: Town, home: Home) -> None:
    own = home.root / "papers"
    own.mkdir()
    (own / "acceptance.typ").write_text('#let data = json(bytes(sys.inputs.data))\n#data.title', encoding="utf-8")
    assert printing.template("acceptance").parent == own and printing.template("decision").parent != own
