"""Papers: what is taken and what is refused, sealed at rest, opened on record, withdrawn but kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from minzheng.kernel.foundation.access import Actor, Forbidden
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.registry.documents import actions, queries
from minzheng.kernel.registry.documents.formats import LARGEST, DocumentError, media_type
from minzheng.kernel.registry.models import Document, Household
from tests.portals.staff.world import PNG, World

PDF = b"%PDF-1.7\n1 0 obj\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 32


@pytest.mark.parametrize(("content", "expected"), [(PDF, "application/pdf"), (JPEG, "image/jpeg"), (PNG, "image/png")])
def test_the_content_says_what_it_is(content: bytes, expected: str) -> None:
    assert media_type(content) == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "空文件"), (b"<html><script>alert(1)</script>", "只收 PDF"), (b"<svg xmlns='http://www.w3.org/2000/svg'>", "只收 PDF"),
        (b"MZ\x90\x00", "只收 PDF"), (b"%PDF-1.7 cut off", "不完整"), (b"\0\0\0\x18ftypheic" + b"0" * 9, "HEIC"),
        (JPEG + b"0" * LARGEST, "超过 20 MB"),
    ],
)  # fmt: skip
def test_what_is_no_paper_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        media_type(content)


def test_sealed_at_rest_opened_on_record(world: World, home: Home) -> None:
    by = Actor.of(world.users["town_official"])
    row = actions.add_document(household=world.households[0], kind="income", title="", content=PDF, by=by)
    assert row.title == "收入证明"
    assert PDF not in b"".join(path.read_bytes() for path in home.documents.iterdir())
    with pytest.raises(DocumentError):
        actions.open_document(document_id=row.pk, by=by, why=" ")
    assert actions.open_document(document_id=row.pk, by=by, why="核对收入")[1] == PDF
    entry = AuditEntry.objects.get(verb="document.open")
    assert (entry.subject, entry.reason, entry.actor) == (f"document:{row.pk}", "核对收入", "town_official")


def test_the_same_paper_twice_is_one_and_a_withdrawn_one_can_come_again(world: World) -> None:
    by = Actor.of(world.users["town_official"])

    def add() -> Document:
        return actions.add_document(household=world.households[0], kind="income", title="工资", content=PDF, by=by)

    first = add()
    assert add().pk == first.pk
    actions.withdraw_document(document_id=first.pk, by=by, reason="传错了")
    assert first not in queries.documents(world.households[0], by)
    with pytest.raises(DocumentError, match="已经撤下"):
        actions.withdraw_document(document_id=first.pk, by=by, reason="再撤")
    assert add().pk != first.pk


def test_nobody_from_elsewhere(world: World) -> None:
    outside = Actor.of(world.users["outside_worker"])
    with pytest.raises(Household.DoesNotExist):
        actions.add_document(household=world.households[0], kind="income", title="", content=PDF, by=outside)
    for verb in (lambda: actions.open_document(document_id=world.documents[0].pk, by=outside, why="看看"),
                 lambda: actions.withdraw_document(document_id=world.documents[0].pk, by=outside, reason="传错了"),
                 lambda: queries.document(world.documents[0].pk, outside)):  # fmt: skip
        with pytest.raises(Document.DoesNotExist):
            verb()
    with pytest.raises(Forbidden):
        actions.add_document(household=world.households[0], kind="income", title="", content=PDF, by=Actor.of(world.users["auditor"]))


def test_an_upload_killed_half_way_leaves_nothing_that_counts(world: World, home: Home) -> None:
    before = sorted(home.documents.iterdir())
    orphan = Path(home.documents) / f"{'0' * 64}.sealed"
    orphan.write_bytes(b"x")
    assert actions.sweep(by=Actor.system("测试")) == 1
    assert sorted(home.documents.iterdir()) == before != []
