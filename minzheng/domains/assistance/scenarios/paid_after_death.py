"""死亡后仍在名册: somebody who has died still stands on the roster, or was paid for a month that began after the death.

Counted from the earliest date that health, funeral homes or police report. The days of grace are for the time that a death needs
to reach the roster; whoever is paid by the platform for a later month is found without grace. To officials: nothing is to be
asked at the door of the bereaved. The benefit ends with the month of death, and what was paid after it is claimed back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw

from minzheng.domains.assistance.judging import HIGH, MEDIUM
from minzheng.domains.assistance.means import DESTITUTE
from minzheng.domains.assistance.roster import (
    HEARING,
    INPUTS,
    INTEGRITY,
    REGULAR,
    earlier,
    enrolled,
    roster_items,
)
from minzheng.kernel.benefits.snapshot.incomes import deceased, months_since
from minzheng.kernel.foundation.dated import Parameters, Values
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.monitoring.scenario import Description, Frame, Frames, Item, Scenario


def candidates(frames: Frames, values: Values, as_of: date) -> Frame:
    """The dead of the roster, and those paid for a later month; the event is the death."""
    dead = deceased(frames["deaths"], as_of)
    roster = enrolled(frames, as_of, paying=False).join(dead, on="person_key", how="inner")
    roster = roster.filter(nw.col("death_date") <= earlier(as_of, values.number("grace_days"))).with_columns(nw.lit(0, nw.Int64).alias("paid"))
    payments = frames["benefits_paid"].filter(nw.col("paid_on") <= as_of, nw.col("amount_fen") > 0)
    payments = payments.join(dead, on="person_key", how="inner").filter(nw.col("month") > nw.col("death_date"))
    payments = payments.group_by("person_key").agg(
        nw.col("death_date").min(), nw.col("month").min().alias("since"), nw.col("amount_fen").sum().alias("paid")
    )
    payments = payments.with_columns(
        nw.lit(0, nw.Int64).alias("rank"), nw.lit(0, nw.Int64).alias("monthly"), nw.col("paid").cast(nw.Int64)
    )
    names = ("person_key", "death_date", "since", "rank", "monthly", "paid")
    both = nw.concat([roster.select(*names), payments.select(*names)], how="vertical")
    both = both.group_by("person_key").agg(
        nw.col("death_date").min().alias("event_date"), nw.col("since").min(), nw.col("rank").max(), nw.col("monthly").max(),
        nw.col("paid").sum(),
    )  # fmt: skip
    return both.with_columns(nw.col("paid").cast(nw.Int64), months_since("event_date", as_of))


def detect(frames: Frames, values: Values, as_of: date) -> Frame:
    """High where money certainly went out, or may have for several months."""
    rows = frames["candidates"]
    paying = (nw.col("rank") >= DESTITUTE) | (nw.col("monthly") > 0)
    grave = (nw.col("paid") > 0) | (paying & (nw.col("months") >= 3))
    rank = nw.when(grave).then(HIGH).otherwise(MEDIUM).cast(nw.Int64).alias("severity_rank")
    return rows.select("person_key", "event_date", rank, "since", "rank", "monthly", "paid", "months")


def describe(row: Mapping[str, Any], values: Values) -> Description:
    """When the death was, and what went on after it."""
    items = [Item("死亡日期（最早报告）", f"{row['event_date']}", contract="deaths")]
    if row["rank"]:
        items += [*roster_items(row["rank"], row["since"], row["monthly"]), Item("死亡后的发放月数（至今）", f"{row['months']} 个月", contract="assistance_recipients")]
    if row["paid"]:
        items.append(Item("死亡次月以后已发放", yuan(row["paid"]), contract="benefits_paid"))
    items.append(Item("判断标准", f"死亡满 {values['grace_days'].text}仍在名册，或有死亡次月以后的发放", parameter="grace_days"))
    still = f"已发放 {yuan(row['paid'])}" if row["paid"] else "仍在救助名册"
    return Description(f"{row['event_date']} 死亡，{still}", tuple(items))


SCENARIO = Scenario(
    name="paid_after_death",
    title="死亡后仍享受",
    basis=(REGULAR, "社会救助法第73条、第74条：骗取、非法占有的责令退回", HEARING),
    inputs={**INPUTS, "deaths": ("person_key", "death_date"),
            "benefits_paid": ("person_key", "month", "amount_fen", "paid_on")},
    parameters=Parameters(Path(__file__).with_suffix(".yaml")),
    background=INTEGRITY,
    severity="high",
    dedup_days=120,
    visit_working_days=5,
    candidates=candidates,
    detect=detect,
    describe=describe,
    goes_to="county",
)  # fmt: skip
