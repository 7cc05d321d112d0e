"""家庭主要劳动力去世: who brought in half or more of what the household usually lives on has died, and dependants remain.

Deaths come from health, funeral homes and police; whichever date is earliest counts, so that one death is one event.
The usual income of the dead is the highest monthly wage base of the last 12 months plus pensions, because the months
after the death are already missing from the year's sums. An old person's pension alone makes no main labour force,
unless minors live on it. The alert is about the survivor to turn to: head, spouse, oldest adult, oldest child.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw

from minzheng.domains.assistance.judging import (
    HIGH,
    LAYERS,
    LOW,
    MEDIUM,
    PLAN,
    at_home,
    finding,
    home_items,
    known,
    percent,
    poor_now,
    well_off,
    within,
)
from minzheng.domains.assistance.means import INPUTS, MEANS
from minzheng.kernel.benefits.snapshot.incomes import deceased, years_before
from minzheng.kernel.foundation.dated import Parameters, Values
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.monitoring.scenario import Description, Frame, Frames, Item, Scenario


def candidates(frames: Frames, values: Values, as_of: date) -> Frame:
    """Those whose earliest reported date of death lies in the window. A death that some source dates before the
    window is an old one that another reports late."""
    dead = deceased(frames["deaths"], as_of).filter(within("death_date", as_of, values.number("window")))
    return dead.select("person_key", nw.col("death_date").alias("event_date"))


def detect(frames: Frames, values: Values, as_of: date) -> Frame:
    """The households that lost their main labour force."""
    rows = at_home(frames)
    working_age = nw.col("birth_date") > years_before(as_of, values.number("working_age_years"))
    labour = (nw.col("wage_peak") > 0) | working_age | (nw.col("minors") > 0)
    together = nw.col("usual") + nw.col("home_usual")
    main = (nw.col("usual") > 0) & (nw.col("usual") * 100 >= together * values.number("share_percent"))
    dependants = nw.col("size") > nw.col("earners")
    rows = rows.filter(labour, main, dependants)
    rank = nw.when(well_off(values)).then(LOW).otherwise(nw.when(poor_now(values)).then(HIGH).otherwise(MEDIUM))
    lost, left = nw.col("usual").alias("lost"), nw.col("home_usual").alias("left")
    rows = _one_a_household(rows).with_columns(lost, left, nw.col("speaker").alias("person_key"))
    return finding(rows, rank, "lost", "left")


def describe(row: Mapping[str, Any], values: Values) -> Description:
    """What the household lived on, and what is left."""
    share = percent(row["lost"], row["lost"] + row["left"])
    items = (
        Item("去世日期", f"{row['event_date']}", contract="deaths"),
        Item("逝者生前月收入(工资基数与养老金)", yuan(row["lost"]), contract="social_insurance"),
        Item("其余成员通常月收入", known(row["left"]), contract="social_insurance"),
        Item("判断标准", f"占家庭收入 {values['share_percent'].text} 及以上", parameter="share_percent"),
    )
    summary = f"{row['event_date']} 家庭主要劳动力去世，其收入占家庭已知收入的 {share}"
    return Description(summary, items + home_items(row, values))


def _one_a_household(rows: Frame) -> Frame:
    """Of two main earners who died within the window (each half), the later death, of equal days the lowest key."""
    last = rows.group_by("household_key").agg(nw.col("event_date").max().alias("last"))
    rows = rows.join(last, on="household_key", how="inner").filter(nw.col("event_date") == nw.col("last"))
    one = rows.group_by("household_key").agg(nw.col("person_key").min())
    return rows.join(one, on=["household_key", "person_key"], how="semi")


SCENARIO = Scenario(
    name="breadwinner_death",
    title="家庭主要劳动力去世",
    basis=(PLAN, LAYERS, "国发〔2014〕47号(临时救助):家庭成员突发变故导致基本生活暂时出现严重困难"),
    inputs=dict(INPUTS),
    parameters=Parameters(Path(__file__).with_suffix(".yaml")),
    background=MEANS,
    severity="high",
    dedup_days=120,
    visit_working_days=3,
    candidates=candidates,
    detect=detect,
    describe=describe,
)
