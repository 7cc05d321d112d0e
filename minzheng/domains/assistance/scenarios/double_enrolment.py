"""重复享受: one person stands on the roster twice: under two households, or in two programmes that exclude each other.

低保 of one's own beside a borderline household is not double: 单人保 comes from such households.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import narwhals as nw

from minzheng.domains.assistance.judging import HIGH, MEDIUM, PROGRAMMES
from minzheng.domains.assistance.means import BORDERLINE, DESTITUTE, LOW_INCOME, within_force
from minzheng.domains.assistance.roster import HEARING, INPUTS, INTEGRITY, REGULAR, of_the_living, rank_of
from minzheng.kernel.foundation.dated import Parameters, Values
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.monitoring.scenario import Description, Frame, Frames, Item, Scenario


def candidates(frames: Frames, values: Values, as_of: date) -> Frame:
    """Who has more than one row in force; the event is the beginning of the later one."""
    rows = within_force(frames["assistance_recipients"], as_of).with_columns(rank_of().alias("rank"))
    rows = rows.with_columns(
        nw.col("monthly_fen").fill_null(0).alias("monthly"), nw.lit(1, nw.Int64).alias("row"),
        nw.when(nw.col("rank") >= LOW_INCOME).then(1).otherwise(0).cast(nw.Int64).alias("money"),
    )  # fmt: skip
    rows = rows.group_by("person_key").agg(
        nw.col("since").max().alias("event_date"), nw.col("since").min(), nw.col("rank").max(), nw.col("rank").min().alias("lower"),
        nw.col("household_key").min().alias("home"), nw.col("household_key").max().alias("other_home"), nw.col("monthly").sum(),
        nw.col("row").sum().alias("rows"), nw.col("money").sum(),
    )  # fmt: skip
    homes = nw.when(nw.col("home") != nw.col("other_home")).then(1).otherwise(0).cast(nw.Int64).alias("two_homes")
    sums = (nw.col(name).cast(nw.Int64) for name in ("monthly", "rows", "money"))
    rows = rows.filter(nw.col("rows") > 1).with_columns(homes, *sums)
    together = (nw.col("rank") == LOW_INCOME) & (nw.col("lower") == BORDERLINE)
    return rows.filter((nw.col("two_homes") == 1) | ((nw.col("rank") != nw.col("lower")) & ~together)).drop("home", "other_home")


def detect(frames: Frames, values: Values, as_of: date) -> Frame:
    """High where money may have come twice. Who has died is left to 死亡后仍享受."""
    twice = (nw.col("money") > 1) | ((nw.col("rank") == DESTITUTE) & (nw.col("monthly") > 0))
    rank = nw.when(twice).then(HIGH).otherwise(MEDIUM).cast(nw.Int64).alias("severity_rank")
    return of_the_living(frames).select("person_key", "event_date", rank, "since", "rank", "lower", "monthly", "rows", "two_homes")


def describe(row: Mapping[str, Any], values: Values) -> Description:
    """Which rows there are."""
    kinds = PROGRAMMES[row["rank"]] if row["rank"] == row["lower"] else f"{PROGRAMMES[row['rank']]}和{PROGRAMMES[row['lower']]}"
    items = (
        Item("名册上的有效记录", f"{row['rows']} 条", contract="assistance_recipients"),
        Item("类别", kinds, contract="assistance_recipients"),
        Item("记在两个家庭名下", "是" if row["two_homes"] else "否", contract="assistance_recipients"),
        Item("较早的起始日期", f"{row['since']}", contract="assistance_recipients"),
        Item("较晚的起始日期", f"{row['event_date']}", contract="assistance_recipients"),
        Item("各条月救助金合计", yuan(row["monthly"]) if row["monthly"] else "未填", contract="assistance_recipients"),
    )
    where = "在两个家庭名下" if row["two_homes"] else "同时"
    return Description(f"{where}享受{kinds}，名册有 {row['rows']} 条有效记录", items)


SCENARIO = Scenario(
    name="double_enrolment",
    title="重复享受",
    basis=(REGULAR, "特困人员认定办法（民发〔2021〕43号）：特困人员不同时享受最低生活保障", HEARING),
    inputs=dict(INPUTS),
    parameters=Parameters(),
    background=INTEGRITY,
    severity="medium",
    dedup_days=180,
    visit_working_days=10,
    candidates=candidates,
    detect=detect,
    describe=describe,
    goes_to="county",
)
