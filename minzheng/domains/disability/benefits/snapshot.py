"""How a snapshot learns what the two subsidies ask: care paid after an injury at work, and who is kept by old parents."""

from __future__ import annotations

import polars as pl

from minzheng.domains.disability.benefits.inputs import DEPENDENT_ON_ELDERS, WORK_INJURY_CARE
from minzheng.kernel.benefits.snapshot.contribution import Contribution, Frames, flag, holds, one_each
from minzheng.kernel.rules.language import Month


def work_injury_care(frames: Frames, month: Month) -> pl.LazyFrame:
    """What is paid a month on the first day."""
    paying = pl.col("status").fill_null("paying") == "paying"
    rows = frames["work_injury_benefits"].filter(paying, holds(month.first, "started_on", "ended_on"))
    return rows.group_by("person_key").agg(pl.col("monthly_fen").max().alias("work_injury_care"))


def dependent_on_elders(frames: Frames, month: Month) -> pl.LazyFrame:
    """As the household's last declaration says."""
    rows = frames["household_economy"].filter(pl.col("declared_on") <= month.first)
    return one_each(rows, flag(pl.col("dependent_on_elders") == "1").alias("dependent_on_elders"), newest="declared_on")


CONTRIBUTIONS = (
    Contribution(
        "work_injury_benefits", {"work_injury_benefits": ("person_key", "monthly_fen", "started_on", "ended_on", "status")},
        (WORK_INJURY_CARE,), work_injury_care,
    ),
    Contribution(
        "dependent_on_elders", {"household_economy": ("person_key", "declared_on", "dependent_on_elders")},
        (DEPENDENT_ON_ELDERS,), dependent_on_elders,
    ),
)  # fmt: skip
