"""服刑期间仍享受: somebody on the roster, or paid by the platform, is in prison or compulsory detoxification.

In a household on 低保 the prisoner is not counted; 特困 support and the subsidies are suspended. To officials, who end or reckon anew
after hearing the family.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw

from minzheng.domains.assistance.judging import HIGH, MEDIUM, position
from minzheng.domains.assistance.means import DESTITUTE
from minzheng.domains.assistance.roster import (
    HEARING,
    INPUTS,
    INTEGRITY,
    REGULAR,
    earlier,
    enrolled,
    of_the_living,
    roster_items,
)
from minzheng.kernel.foundation.dated import Parameters, Values
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.monitoring.scenario import Description, Frame, Frames, Item, Scenario

KINDS = {"imprisonment": "服刑", "detox": "强制隔离戒毒"}


def candidates(frames: Frames, values: Values, as_of: date) -> Frame:
    """Who has been inside for longer than the grace and is on the roster with money, or was paid for a month inside."""
    ends = nw.when(nw.col("released_on").is_null()).then(nw.col("planned_until")).otherwise(nw.col("released_on"))
    inside = frames["custody"].filter(nw.col("started_on") <= as_of).with_columns(ends.alias("ends"), position("kind", list(KINDS)).alias("kind"))
    inside = inside.filter(nw.col("ends").is_null() | (nw.col("ends") > as_of))
    inside = inside.group_by("person_key").agg(nw.col("started_on").max().alias("event_date"), nw.col("kind").max())
    long = inside.filter(nw.col("event_date") <= earlier(as_of, values.number("grace_days")))
    roster = enrolled(frames, as_of).join(long, on="person_key", how="inner").with_columns(nw.lit(0, nw.Int64).alias("paid"))
    payments = frames["benefits_paid"].filter(nw.col("paid_on") <= as_of, nw.col("amount_fen") > 0)
    payments = payments.join(inside, on="person_key", how="inner").filter(nw.col("month") > nw.col("event_date"))
    payments = payments.group_by("person_key").agg(
        nw.col("event_date").min(), nw.col("kind").max(), nw.col("month").min().alias("since"), nw.col("amount_fen").sum().alias("paid")
    )
    payments = payments.with_columns(
        nw.lit(0, nw.Int64).alias("rank"), nw.lit(0, nw.Int64).alias("monthly"), nw.col("paid").cast(nw.Int64)
    )
    names = ("person_key", "event_date", "kind", "since", "rank", "monthly", "paid")
    both = nw.concat([roster.select(*names), payments.select(*names)], how="vertical")
    both = both.group_by("person_key").agg(
        nw.col("event_date").min(), nw.col("kind").max(), nw.col("since").min(), nw.col("rank").max(), nw.col("monthly").max(), nw.col("paid").sum()
    )
    return both.with_columns(nw.col("paid").cast(nw.Int64))


def detect(frames: Frames, values: Values, as_of: date) -> Frame:
    """High where the support is the prisoner's own. Who has died meanwhile is left to 死亡后仍享受."""
    own = (nw.col("paid") > 0) | (nw.col("rank") >= DESTITUTE)
    rank = nw.when(own).then(HIGH).otherwise(MEDIUM).cast(nw.Int64).alias("severity_rank")
    return of_the_living(frames).select("person_key", "event_date", rank, "kind", "since", "rank", "monthly", "paid")


def describe(row: Mapping[str, Any], values: Values) -> Description:
    """Since when inside, and what goes on."""
    kind = ["羁押", *KINDS.values()][row["kind"]]
    items = [Item("羁押类型", kind, contract="custody"), Item("起始日期", f"{row['event_date']}", contract="custody")]
    if row["rank"]:
        items += roster_items(row["rank"], row["since"], row["monthly"])
    if row["paid"]:
        items.append(Item("羁押次月以后已发放", yuan(row["paid"]), contract="benefits_paid"))
    items.append(Item("判断标准", f"羁押满 {values['grace_days'].text}仍在名册", parameter="grace_days"))
    still = f"已发放 {yuan(row['paid'])}" if row["paid"] else "仍在救助名册"
    return Description(f"{row['event_date']} 起{kind}，{still}", tuple(items))


SCENARIO = Scenario(
    name="paid_in_custody",
    title="服刑戒毒期间仍享受",
    basis=(REGULAR, "民发〔2021〕57号：服刑、强制隔离戒毒人员不计入共同生活的家庭成员；国发〔2015〕52号：服刑期间停发", HEARING),
    inputs={**INPUTS, "custody": ("person_key", "kind", "started_on", "planned_until", "released_on"),
            "benefits_paid": ("person_key", "month", "amount_fen", "paid_on")},
    parameters=Parameters(Path(__file__).with_suffix(".yaml")),
    background=INTEGRITY,
    severity="medium",
    dedup_days=180,
    visit_working_days=10,
    candidates=candidates,
    detect=detect,
    describe=describe,
    goes_to="county",
)  # fmt: skip
