"""How a snapshot learns what the allowances of children ask: from the bureau's register of children in difficulty."""

from __future__ import annotations

import polars as pl

from minzheng.domains.children.benefits import inputs
from minzheng.kernel.benefits.snapshot.contribution import (
    Contribution,
    Frames,
    code,
    count,
    day_number,
    flag,
    holds,
    one_each,
)
from minzheng.kernel.rules.language import Month

KINDS = {"orphan": 1, "unsupported": 2, "weak": 3, "sick": 4, "poor": 5, "other": 6}
STATES = {
    "able": 0, "dead": inputs.DEAD, "missing": inputs.MISSING, "unknown": inputs.UNKNOWN, "disabled": inputs.DISABLED, "ill": inputs.ILL,
    "prison": inputs.PRISON, "detox": inputs.DETOX, "confined": inputs.CONFINED, "lost": inputs.OUT_OF_TOUCH, "revoked": inputs.REVOKED,
    "expelled": inputs.EXPELLED,
}  # fmt: skip
SCHOOLS = {"compulsory": 1, "senior": 2, "college": 3, "other": 4}
_PARENT = ("state", "since", "term", "disability_category", "disability_level")


def register(frames: Frames, month: Month) -> pl.LazyFrame:
    """Children who are in the register on the first day."""
    rows = frames["children_register"].filter(holds(month.first, "registered_on", "removed_on"))
    return one_each(
        rows, code("kind", KINDS).alias("child_kind"), code("placement", {"institution": 1}).alias("child_placement"),
        code("school", SCHOOLS).alias("schooling"), flag(pl.col("adopted") == "1").alias("adopted"),
        flag(pl.col("hiv") == "1").alias("child_hiv"), *_parent("father"), *_parent("mother"), newest="registered_on",
    )  # fmt: skip


def _parent(who: str) -> tuple[pl.Expr, ...]:
    grades = [pl.col(f"{who}_{name}").cast(pl.Int64, strict=False).fill_null(0).alias(f"{who}_{name}") for name in _PARENT[3:]]
    return (
        code(f"{who}_state", STATES).alias(f"{who}_state"), day_number(pl.col(f"{who}_since")).fill_null(0).alias(f"{who}_since"),
        count(f"{who}_term").alias(f"{who}_term"), *grades,
    )  # fmt: skip


CONTRIBUTIONS = (
    Contribution(
        "children_register",
        {"children_register": ("person_key", "kind", "placement", "school", "adopted", "hiv", "registered_on", "removed_on",
                               *(f"{who}_{name}" for who in ("father", "mother") for name in _PARENT))},
        tuple(each for each in inputs.ALL if each.source == "children_register"), register,
    ),
)  # fmt: skip
