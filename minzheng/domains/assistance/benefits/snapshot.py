"""How a snapshot learns what social assistance asks: the last declaration and its check, school, who cares for the destitute.

What only a case knows (a grant of temporary assistance) comes with its award, not from a feed.
"""

from __future__ import annotations

import polars as pl

from minzheng.domains.assistance.benefits import inputs
from minzheng.kernel.benefits.snapshot.contribution import (
    Contribution,
    Frames,
    code,
    count,
    fen,
    flag,
    holds,
    one_each,
)
from minzheng.kernel.rules.language import Month

APARTNESS = {"none": 0, "cleric": 1, "missing": 2, "grown": 3, "other": 4}
# Input → column of the declaration.
AMOUNTS = {
    "business_income": "business_income_fen", "property_income": "property_income_fen", "transfer_income": "transfer_income_fen",
    "exempt_income": "exempt_income_fen", "care_costs": "care_costs_fen", "education_costs": "education_costs_fen",
    "other_necessary_costs": "necessary_costs_fen", "agreed_support": "agreed_support_fen",
    **{f"supporter_{n}_income": f"supporter_{n}_income_fen" for n in range(1, inputs.SUPPORTER_HOUSEHOLDS + 1)},
}  # fmt: skip
COUNTS = (
    "job_refusals", "aid_vehicles", "exempt_homes", "exempt_businesses",
    *(f"supporter_{n}_{what}" for n in range(1, inputs.SUPPORTER_HOUSEHOLDS + 1) for what in ("members", "supported")),
)  # fmt: skip
FLAGS = ("serious_illness", "special_hardship", "able_obligor")
SELF_CARE = ("eat", "dress", "rise", "toilet", "walk", "bathe")
_DECLARED = {*AMOUNTS, *COUNTS, *FLAGS, "apart"}


def declared(frames: Frames, month: Month) -> pl.LazyFrame:
    """The last declaration made by the month's first day; the office enters what its check came to."""
    rows = frames["household_economy"].filter(pl.col("declared_on") <= month.first)
    amounts = [fen(column).alias(name) for name, column in AMOUNTS.items()]
    flags = [flag(pl.col(name) == "1").alias(name) for name in FLAGS]
    return one_each(
        rows, code("apart", APARTNESS).alias("apart"), *amounts, *flags, *(count(name).alias(name) for name in COUNTS), newest="declared_on"
    )


def permits(frames: Frames, month: Month) -> pl.LazyFrame:
    """People from elsewhere who are registered here: the register holds none of them without a residence permit."""
    rows = frames["population"].filter(pl.col("residence_type") == "non_hukou", pl.col("status").fill_null("active") == "active")
    return rows.select("person_key", pl.lit(1, pl.Int64).alias("residence_permit"))


def in_school(frames: Frames, month: Month) -> pl.LazyFrame:
    """Pupils of compulsory and senior secondary schools on the first day."""
    rows = frames["students"].filter(pl.col("stage").is_in(["compulsory", "senior"]), holds(month.first, "enrolled_on", "left_on"))
    return rows.select("person_key", pl.lit(1, pl.Int64).alias("in_school")).unique()


def destitute_care(frames: Frames, month: Month) -> pl.LazyFrame:
    """The last assessment of what a destitute person can do, and where he or she lives."""
    rows = frames["destitute_care"].filter(pl.col("assessed_on") <= month.first)
    unable = [flag(pl.col(name) == "unable").alias(f"unable_{name}") for name in SELF_CARE]
    return one_each(rows, code("placement", {"institution": 1}).alias("placement"), *unable, newest="assessed_on")


CONTRIBUTIONS = (
    Contribution(
        "assistance_declared",
        {"household_economy": ("person_key", "declared_on", "apart", *FLAGS, *COUNTS, *AMOUNTS.values())},
        tuple(each for each in inputs.ALL if each.name in _DECLARED), declared,
    ),
    Contribution("residence_permits", {"population": ("person_key", "residence_type", "status")}, (inputs.RESIDENCE_PERMIT,), permits),
    Contribution("students", {"students": ("person_key", "stage", "enrolled_on", "left_on")}, (inputs.IN_SCHOOL,), in_school),
    Contribution(
        "destitute_care", {"destitute_care": ("person_key", "assessed_on", "placement", *SELF_CARE)},
        (inputs.PLACEMENT, *inputs.SELF_CARE), destitute_care,
    ),
)  # fmt: skip
