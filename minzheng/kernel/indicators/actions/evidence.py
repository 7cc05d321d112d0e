"""Evidence: files sealed under their fingerprint, or names of what can be looked up. A file is what its bytes say, not its name.

The sealed file is written before the row; a kill in between leaves a file that nobody refers to, which `sweep_evidence` removes.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.db import transaction

from minzheng.kernel.casework.models import Case
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, Forbidden, scoped
from minzheng.kernel.foundation.encryption import open_bytes, seal_bytes
from minzheng.kernel.indicators.errors import PlanError
from minzheng.kernel.indicators.models import Evidence, MilestoneRecord, Recorded, ReportedFigure
from minzheng.kernel.indicators.places import Places
from minzheng.kernel.indicators.planfile import is_https
from minzheng.kernel.indicators.queries.jurisdiction import may_see
from minzheng.kernel.indicators.rights import may_open_evidence, may_work_on
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.registry.documents.formats import DocumentError, media_type

PURPOSE = "plan-evidence"
LONGEST = 512


def add_evidence(
    *, to: MilestoneRecord | ReportedFigure, kind: str, title: str, by: Actor, content: bytes = b"", reference: str = ""
) -> Evidence:
    """Put evidence to a record that was not yet confirmed: a file's content, or a case's number, an alert's, a batch's, an https address.

    The same content twice is one piece. Raises Forbidden, PlanError (no such file type, nothing of that name in the jurisdiction, no safe
    address, already decided).
    """
    by.require("plan.work")
    with transaction.atomic():
        row = type(to).objects.select_for_update(of=("self",)).get(pk=to.pk)
        _check_place(row, by)
        if row.state != Recorded.State.RECORDED:
            raise PlanError(f"这条登记{row.get_state_display()}，不能再加佐证")
        link = {"milestone": row} if isinstance(row, MilestoneRecord) else {"figure": row}
        values = _file(content) if kind == Evidence.Kind.FILE else {"reference": _reference(kind, reference.strip(), by)}
        known = row.evidence.filter(kind=kind, **{name: values[name] for name in ("sha256", "reference") if name in values}).first()
        if known:
            return known
        made = Evidence.objects.create(
            kind=kind, title=(title.strip() or Evidence.Kind(kind).label)[:128], added_on=clock.business_date(), added_by=by.name, **link, **values
        )
        audit.record(by, "evidence.add", f"evidence:{made.pk}", kind, to=f"{'milestone' if 'milestone' in link else 'figure'}:{row.pk}")
    return made


def open_evidence(*, evidence_id: int, by: Actor) -> tuple[Evidence, bytes]:
    """A file of evidence in plain, for one reader, on record. Raises Forbidden, Evidence.DoesNotExist, PlanError for what is no file,
    Unreadable when the sealed file was changed."""
    by.require("plan.view")
    row = Evidence.objects.select_related("figure", "milestone__milestone__item").get(pk=evidence_id)
    if row.figure and not may_see(by, row.figure.place, Places.on(row.figure.as_of)):
        raise Forbidden("这份佐证不在您的辖区内")
    if row.milestone and not may_open_evidence(by, row.milestone.milestone.item):
        raise Forbidden("佐证由责任处室和确认人查看")
    if row.kind != Evidence.Kind.FILE:
        raise PlanError("这份佐证不是文件")
    content = open_bytes(path_of(row.sha256).read_bytes(), PURPOSE)
    audit.record(by, "evidence.open", f"evidence:{row.pk}")
    return row, content


def sweep_evidence(*, by: Actor) -> int:
    """Remove sealed files that no row refers to; returns how many."""
    known = set(Evidence.objects.values_list("sha256", flat=True))
    orphans = [path for path in settings.HOME.evidence.iterdir() if path.stem not in known]
    for path in orphans:
        path.unlink(missing_ok=True)
    if orphans:
        audit.record(by, "evidence.sweep", "evidence:orphans", files=len(orphans))
    return len(orphans)


def path_of(fingerprint: str) -> Path:
    """Where the sealed file of a piece of evidence lies."""
    folder: Path = settings.HOME.evidence
    return folder / f"{fingerprint}.sealed"


def _check_place(row: MilestoneRecord | ReportedFigure, by: Actor) -> None:
    if isinstance(row, MilestoneRecord):
        if not may_work_on(by, row.milestone.item):
            raise Forbidden(f"这是{row.milestone.item.office}的工作，请由该处室的人补充")
    elif not may_see(by, row.place, Places.on(row.as_of)):
        raise Forbidden("这个数字不在您的辖区内")


def _file(content: bytes) -> dict[str, str | int]:
    try:
        found = media_type(content)
    except DocumentError as error:
        raise PlanError(str(error)) from error
    fingerprint = hashlib.sha256(content).hexdigest()
    path = path_of(fingerprint)
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_bytes(seal_bytes(content, PURPOSE))
        draft.rename(path)
    return {"media_type": found, "size": len(content), "sha256": fingerprint}


def _reference(kind: str, text: str, by: Actor) -> str:
    """What is named must be there, and be open to who names it."""
    if kind not in Evidence.Kind.values:
        raise PlanError(f"佐证种类应为 {'、'.join(str(label) for label in Evidence.Kind.labels)}")
    if kind == Evidence.Kind.LINK:
        if len(text) > LONGEST or not is_https(text):
            raise PlanError("网址应以 https:// 开头，不带账号密码，512 个字符以内")
        return text
    if kind == Evidence.Kind.CASE:
        by.require("cases.view")
        there = scoped(Case.objects.all(), by).filter(number=text).exists()
    elif kind == Evidence.Kind.ALERT:
        by.require("alerts.view")
        there = text.isdigit() and len(text) < 18 and scoped(Alert.objects.all(), by).filter(pk=int(text)).exists()
    else:
        by.require("feeds.view")
        there = Batch.objects.filter(batch_id=text).exists()
    if not there:
        raise PlanError(f"您的辖区内没有编号为“{text[:40]}”的{Evidence.Kind(kind).label}")
    return text
