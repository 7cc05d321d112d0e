"""Adding, opening and withdrawing papers. The sealed file is written first under its fingerprint, then the row: a kill in
between leaves a file that nobody refers to, which `sweep` removes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.foundation.encryption import open_bytes, seal_bytes
from minzheng.kernel.registry.documents.formats import KINDS, DocumentError, media_type
from minzheng.kernel.registry.models import Document, Household


def add_document(*, household: Household, kind: str, title: str, content: bytes, by: Actor) -> Document:
    """Put a paper into a household's file. The same content twice is one paper: the one that is there is returned.

    Raises Forbidden without `documents.add`, Household.DoesNotExist outside the jurisdiction, DocumentError.
    """
    by.require("documents.add")
    household = scoped(Household.objects.all(), by).get(pk=household.pk)
    if kind not in KINDS:
        raise DocumentError("请选择材料种类")
    found = media_type(content)
    fingerprint = hashlib.sha256(content).hexdigest()
    path = path_of(fingerprint)
    if not path.exists():
        draft = path.with_suffix(".draft")
        draft.write_bytes(seal_bytes(content, "documents"))
        draft.rename(path)
    with transaction.atomic():
        live = Document.objects.select_for_update().filter(household=household, sha256=fingerprint, withdrawn_at=None).first()
        if live:
            return live
        row = Document.objects.create(
            household=household, kind=kind, title=(title.strip() or KINDS[kind])[:128], media_type=found, size=len(content),
            sha256=fingerprint, added_on=clock.business_date(), added_at=timezone.now(), added_by=by.name,
        )  # fmt: skip
        audit.record(by, "document.add", f"document:{row.pk}", KINDS[kind], household=household.pk, size=len(content))
    return row


def open_document(*, document_id: int, by: Actor, why: str) -> tuple[Document, bytes]:
    """The paper in plain, for one reader and a reason that goes on record.

    Raises Forbidden, Document.DoesNotExist outside the jurisdiction, DocumentError without a reason, Unreadable when the
    sealed file was changed.
    """
    by.require("identity.reveal")
    if len(why.strip()) < 2:
        raise DocumentError("请选择查看事由")
    row = scoped(Document.objects.all(), by).get(pk=document_id)
    content = open_bytes(path_of(row.sha256).read_bytes(), "documents")
    audit.record(by, "document.open", f"document:{row.pk}", why.strip()[:256], household=row.household_id)
    return row, content


def withdraw_document(*, document_id: int, by: Actor, reason: str) -> None:
    """Take a paper out of the file's list; it is kept, with who withdrew it and why.

    Raises Forbidden, Document.DoesNotExist, DocumentError without a reason or when it was withdrawn already.
    """
    by.require("documents.add")
    if len(reason.strip()) < 2:
        raise DocumentError("请写明撤下的原因")
    with transaction.atomic():
        row = scoped(Document.objects.all(), by).select_for_update(of=("self",)).get(pk=document_id)
        if row.withdrawn_at is not None:
            raise DocumentError("这份材料已经撤下")
        Document.objects.filter(pk=row.pk).update(withdrawn_at=timezone.now(), withdrawn_because=reason.strip()[:128])
        audit.record(by, "document.withdraw", f"document:{row.pk}", reason.strip()[:128])


def sweep(*, by: Actor) -> int:
    """Remove sealed files that no row refers to (an upload was killed half-way); returns how many."""
    known = set(Document.objects.values_list("sha256", flat=True))
    orphans = [path for path in settings.HOME.documents.iterdir() if path.stem not in known]
    for path in orphans:
        path.unlink(missing_ok=True)
    if orphans:
        audit.record(by, "document.sweep", "documents:orphans", files=len(orphans))
    return len(orphans)


def path_of(fingerprint: str) -> Path:
    """Where the sealed file of a paper lies."""
    folder: Path = settings.HOME.documents
    return folder / f"{fingerprint}.sealed"
