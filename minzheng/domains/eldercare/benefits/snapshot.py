"""How a snapshot learns what the allowances of elders ask: assessments, who lives in a care home, special families."""

from __future__ import annotations

import polars as pl

from minzheng.domains.eldercare.benefits.inputs import ABILITY, ASSESSED_ON, CARE_HOME, SPECIAL_FAMILY
from minzheng.kernel.benefits.snapshot.contribution import (
    Contribution,
    Frames,
    code,
    day_number,
    holds,
    one_each,
)
from minzheng.kernel.rules.language import Month

GRADES = {"intact": 1, "mild": 2, "moderate": 3, "severe": 4, "complete": 5}


def abilities(frames: Frames, month: Month) -> pl.LazyFrame:
    """The last assessment that holds on the first day."""
    rows = frames["ability_assessments"].filter(holds(month.first, "assessed_on", "valid_until"))
    return one_each(
        rows, code("grade", GRADES).alias("ability"), day_number(pl.col("assessed_on")).alias("assessed_day"), newest="assessed_on"
    ).rename({"assessed_day": "assessed_on"})


def care_homes(frames: Frames, month: Month) -> pl.LazyFrame:
    """Who lives in a care home on the first day."""
    rows = frames["care_home_residents"].filter(holds(month.first, "moved_in_on", "moved_out_on"))
    return rows.select("person_key", pl.lit(1, pl.Int64).alias("care_home")).unique()


def special_families(frames: Frames, month: Month) -> pl.LazyFrame:
    """Parents who lost their only child, or whose only child is disabled, as the health office confirmed them."""
    rows = frames["special_families"].filter(holds(month.first, "since", "until"))
    return rows.select("person_key", pl.lit(1, pl.Int64).alias("special_family")).unique()


CONTRIBUTIONS = (
    Contribution(
        "ability_assessments", {"ability_assessments": ("person_key", "grade", "assessed_on", "valid_until")},
        (ABILITY, ASSESSED_ON), abilities,
    ),
    Contribution(
        "care_home_residents", {"care_home_residents": ("person_key", "moved_in_on", "moved_out_on")}, (CARE_HOME,), care_homes
    ),
    Contribution("special_families", {"special_families": ("person_key", "since", "until")}, (SPECIAL_FAMILY,), special_families),
)  # fmt: skip
