"""失业: somebody is registered as unemployed and what the rest of the household brings in is not enough.

Judged by present income (wages that are still paid, pensions, unemployment benefit), not by last year's, because the
lost wage is still in that. Registered within the window, or benefit ended (期满) within the longer one: benefit runs
for 24 months at most. Who is insured by an employer again is at work, whatever the register says. Not for households
on 低保 or 特困, whose income is reviewed anyway.
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
    helped,
    home_items,
    known,
    poor_now,
    position,
    within,
)
from minzheng.domains.assistance.means import INPUTS, MEANS
from minzheng.kernel.foundation.dated import Parameters, Values
from minzheng.kernel.monitoring.scenario import Description, Frame, Frames, Item, Scenario

STATES = {"receiving": "在领失业金", "stopped": "停领失业金", "none": "未领失业金", "ended": "失业金已期满"}
RECEIVING, ENDED = 1, 4  # places in STATES, from 1; 0 = the register says nothing


def candidates(frames: Frames, values: Values, as_of: date) -> Frame:
    """The unemployed of the window; of several registrations of one person, the latest."""
    rows = frames["unemployment"].filter(nw.col("registered_on") <= as_of)
    last = rows.group_by("person_key").agg(nw.col("registered_on").max().alias("event_date"))
    rows = rows.join(last, on="person_key", how="inner").filter(nw.col("registered_on") == nw.col("event_date"))
    ended = (nw.col("status") == "ended") & within("event_date", as_of, values.number("ended_window"))
    out_of_work = nw.col("status").is_null() | (nw.col("status") != "reemployed")
    rows = rows.filter(out_of_work, within("event_date", as_of, values.number("window")) | ended)
    rows = rows.select(
        "person_key", "event_date", position("status", list(STATES)).alias("state"),
        nw.col("benefit_monthly_fen").fill_null(0).alias("benefit"),
    )  # fmt: skip
    return rows.group_by("person_key", "event_date").agg(nw.col("state").max(), nw.col("benefit").max())


def detect(frames: Frames, values: Values, as_of: date) -> Frame:
    """Those at whose home too little is coming in now."""
    rows = at_home(frames).filter(nw.col("present") == 1, nw.col("wage_now") == 0)
    rows = rows.filter(poor_now(values), ~helped())
    dependants = (nw.col("minors") > 0) | (nw.col("elders") > 0)
    nothing = nw.col("home_income_now") == 0
    rank = nw.when(nothing & dependants).then(HIGH).otherwise(
        nw.when(nothing | dependants | (nw.col("state") == ENDED)).then(MEDIUM).otherwise(LOW)
    )
    return finding(rows, rank, "state", "benefit")


def describe(row: Mapping[str, Any], values: Values) -> Description:
    """Since when, with what benefit, and what is left to live on."""
    state = ["领取状态不明", *STATES.values()][row["state"]]
    left = "登记中查不到家庭收入" if not row["home_income_now"] else "家庭人均收入低于低保边缘线"
    items = [
        Item("失业登记日期", f"{row['event_date']}", contract="unemployment"),
        Item("失业金", state, contract="unemployment"),
        Item("有工资收入的成员", f"{row['earners']} 人", contract="social_insurance"),
        Item("判断标准", f"人均收入低于低保标准的 {values['borderline_percent'].text}", parameter="borderline_percent"),
    ]
    if row["state"] == RECEIVING:
        items.insert(2, Item("每月失业金", known(row["benefit"]), contract="unemployment"))
    return Description(f"{row['event_date']} 失业登记，{state}，{left}", tuple(items) + home_items(row, values))


SCENARIO = Scenario(
    name="unemployment",
    title="失业",
    basis=(PLAN, LAYERS, "民发〔2021〕57号：家庭人均收入低于低保标准的可申请低保；临时救助：收入骤减"),
    inputs=dict(INPUTS),
    parameters=Parameters(Path(__file__).with_suffix(".yaml")),
    background=MEANS,
    severity="medium",
    dedup_days=180,
    visit_working_days=5,
    candidates=candidates,
    detect=detect,
    describe=describe,
)
