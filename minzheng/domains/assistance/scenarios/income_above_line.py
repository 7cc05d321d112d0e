"""收入超线: what social insurance and pensions show of a household on 低保 lies above the line it is paid by.

The same income that the rule counts: wages by their base less the costs of work, pensions, unemployment benefit. Where only some of
the household stand on the roster they were taken in alone (单人保), and the borderline counts. Whoever has just begun to work may
be in the time of fading out (渐退期): the official looks at the award before anything is changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw

from minzheng.domains.assistance.judging import HIGH, HOME, INCOMES, MEDIUM, at_home, home_items
from minzheng.domains.assistance.means import LOW_INCOME
from minzheng.domains.assistance.roster import (
    HEARING,
    INPUTS,
    INTEGRITY,
    TRUTHFUL,
    enrolled,
    first_of_home,
    roster_items,
)
from minzheng.kernel.foundation.dated import Parameters, Values
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.monitoring.scenario import Description, Frame, Frames, Item, Scenario


def candidates(frames: Frames, values: Values, as_of: date) -> Frame:
    """Everybody on 低保 by the roster; the event is the day since when."""
    rows = enrolled(frames, as_of).filter(nw.col("rank") == LOW_INCOME)
    return rows.select("person_key", nw.col("since").alias("event_date"), "monthly")


def detect(frames: Frames, values: Values, as_of: date) -> Frame:
    """Households whose income lies above the line by more than the margin; one alert a household."""
    rows = at_home(frames).filter(nw.col("present") == 1)
    here = frames["people"].filter(nw.col("present") == 1)
    here = here.with_columns(nw.when(nw.col("programme") == LOW_INCOME).then(1).otherwise(0).cast(nw.Int64).alias("one"))
    homes = here.group_by("household_key").agg(nw.col("one").sum().alias("on_roster"), nw.col("wage_now").sum().alias("home_wage"))
    homes = homes.with_columns(nw.col("on_roster").cast(nw.Int64), nw.col("home_wage").cast(nw.Int64))
    rows = rows.join(homes, on="household_key", how="inner")
    costs = nw.col("home_wage") * values.number("employment_cost_percent")
    counted = nw.col("home_income_now") * 100 - costs  # hundredths of a 分
    line = nw.when(nw.col("on_roster") == nw.col("size")).then(100).otherwise(values.number("borderline_percent")).cast(nw.Int64)
    need = nw.col("size") * values.number("subsistence_standard") * line
    over = counted * 100 > need * (100 + values.number("margin_percent"))
    rows = first_of_home(rows.filter(over).with_columns(line.alias("line")))
    rank = nw.when(counted > need * 2).then(HIGH).otherwise(MEDIUM).cast(nw.Int64).alias("severity_rank")
    return rows.select("person_key", "event_date", rank, *HOME, "monthly", "on_roster", "home_wage", "line")


def describe(row: Mapping[str, Any], values: Values) -> Description:
    """What comes in, and the line."""
    counted = row["home_income_now"] - row["home_wage"] * values.number("employment_cost_percent") // 100
    head = counted // row["size"]
    by = "家庭认定，对照低保标准" if row["line"] == 100 else "个人单独认定，对照低保边缘线"
    items = (
        Item("参保工资基数合计（每月）", yuan(row["home_wage"]), contract="social_insurance"),
        Item("必要就业成本", f"扣减 {values['employment_cost_percent'].text}", parameter="employment_cost_percent"),
        Item("计入的人均月收入", yuan(head), contract="social_insurance", also=INCOMES),
        Item("名册上的成员", f"{row['on_roster']} 人，{by}", contract="assistance_recipients"),
        Item("超线的余量", f"超过线 {values['margin_percent'].text}以上才预警", parameter="margin_percent"),
        *roster_items(LOW_INCOME, row["event_date"], row["monthly"]),
    )
    return Description(f"低保家庭按参保缴费等计算的人均月收入 {yuan(head)}，高于所对照的线", items + home_items(row, values))


SCENARIO = Scenario(
    name="income_above_line",
    title="收入超过保障线",
    basis=(TRUTHFUL, "社会救助法第18条、第21条：家庭人均收入低于标准的，给予最低生活保障", HEARING),
    inputs=dict(INPUTS),
    parameters=Parameters(Path(__file__).with_suffix(".yaml")),
    background=INTEGRITY,
    severity="medium",
    dedup_days=180,
    visit_working_days=10,
    candidates=candidates,
    detect=detect,
    describe=describe,
    goes_to="town",
)
