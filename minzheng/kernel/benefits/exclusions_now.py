"""The exclusion matrix as it counts: the file's rows, and what two people confirmed of them on the page."""

from __future__ import annotations

from typing import Any

from minzheng.kernel.benefits.exclusions import Matrix, Row, matrix
from minzheng.kernel.benefits.models import ExclusionChange, ParameterChange

CONTENT = {"a", "b", "rule", "by", "carried_out", "valid_from", "valid_to"}


def content_of(row: Row) -> dict[str, Any]:
    """What of a row is confirmed: everything but its source and status."""
    return row.model_dump(mode="json", include=CONTENT)


def matrix_now() -> Matrix:
    """The matrix of the file with confirmed rows marked so, under the source that they were confirmed by."""
    changes = ExclusionChange.objects.filter(state=ParameterChange.State.CONFIRMED).order_by("decided_on", "id")
    confirmed = {change.row: change for change in changes}
    if not confirmed:
        return matrix()
    rows = tuple(_with(row, confirmed.get(row.name)) for row in matrix().rows)
    return matrix().model_copy(update={"rows": rows})


def _with(row: Row, change: ExclusionChange | None) -> Row:
    if change is None or change.content != content_of(row):
        return row
    return row.model_copy(update={"source": change.source, "status": "confirmed"})
