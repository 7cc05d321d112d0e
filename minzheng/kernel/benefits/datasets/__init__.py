"""What benefits give to scenarios: who was paid what for which month, and who is enrolled. Read with `lake.scan`.

Each file is made from the database when somebody first asks for it, and stays: an approved run never changes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
from django.conf import settings
from django.db.models import Q

from minzheng.kernel.benefits.frames import frame_of
from minzheng.kernel.benefits.history import payments
from minzheng.kernel.benefits.models import Entitlement, Run
from minzheng.kernel.feeds.contracts import load
from minzheng.kernel.feeds.datasets import Dataset
from minzheng.kernel.rules.language import Month

HERE = Path(__file__).parent
ENROLLED = {
    "person_key": pl.Int64(), "household_key": pl.Int64(), "programme": pl.String(), "valid_from": pl.Date(),
    "amount_fen": pl.Int64(), "division_code": pl.String(),
}  # fmt: skip


def paid(as_of: date) -> list[Path]:
    """One file a run that was approved by the end of the day."""
    return [_kept(f"benefits_paid/{run.pk}", lambda run=run: _payments(run)) for run in _approved(as_of)]  # type: ignore[misc]


def enrolled(as_of: date) -> list[Path]:
    """One file: who is entitled after the last regular run that was approved by the end of the day; none before the first."""
    last = max((run for run in _approved(as_of) if run.kind == Run.Kind.REGULAR), key=lambda run: run.month, default=None)
    return [] if last is None else [_kept(f"benefits_enrolled/{last.pk}", lambda: _entitlements(last))]


def _approved(as_of: date) -> list[Run]:
    return list(Run.objects.filter(state=Run.State.APPROVED, decided_on__lte=as_of).order_by("id"))


def _payments(run: Run) -> pl.DataFrame:
    month = Month.of(run.month)
    return payments(run, month).select(
        "person_key", "household_key", "programme", pl.lit(month.first).alias("month"), "amount_fen",
        pl.lit(run.decided_on, pl.Date).alias("paid_on"), "purpose", pl.col("division_code").cast(pl.Int64).alias("village_code"),
    ).sort("person_key", "programme", "purpose")  # fmt: skip


def _entitlements(run: Run) -> pl.DataFrame:
    first = Month.of(run.month).first
    rows = Entitlement.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=first), valid_from__lte=first)
    return frame_of(rows, ENROLLED).select(
        "person_key", "household_key", "programme", pl.col("valid_from").alias("since"), pl.col("amount_fen").alias("monthly_fen"),
        pl.col("division_code").cast(pl.Int64).alias("village_code"),
    ).sort("person_key", "programme")  # fmt: skip


def _kept(name: str, make: Callable[[], pl.DataFrame]) -> Path:
    """The file of that name, made if it is not there; renamed into place when whole."""
    path: Path = settings.HOME.work / "datasets" / f"{name}.parquet"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        make().write_parquet(draft)
        draft.rename(path)
    return path


DATASETS = (
    Dataset(load(HERE / "benefits_paid.yaml"), paid),
    Dataset(load(HERE / "benefits_enrolled.yaml"), enrolled),
)
