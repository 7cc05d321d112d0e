"""大额医疗支出: what a household pays for treatment eats up what it lives on.

Judged for the household: 自付 and 自费 of all members in 12 months (without everyday bills, parameter everyday_bill)
against the known income of 12 months. It alerts
(a) when the spending reaches the ratio of 刚性支出, or leaves less per head than the 低保 standard, unless known
income lies above the city's average; (b) when no income is known at all, from an absolute sum on. The alert is about
the member with the largest own spending (the speaker of the household, if that member has died). One alert a household.
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
    MEDIUM,
    PLAN,
    at_home,
    finding,
    home_items,
    percent,
    well_off,
)
from minzheng.domains.assistance.means import INPUTS, MEANS
from minzheng.kernel.foundation.dated import Parameters, Values
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.monitoring.scenario import Description, Frame, Frames, Item, Scenario

PAID = nw.col("self_paid") + nw.col("own_paid")


def candidates(frames: Frames, values: Values, as_of: date) -> Frame:
    """Whoever paid at least the personal floor within 12 months; the event is the latest settlement."""
    large = frames["spending"].filter(values.number("person_floor") <= PAID)
    return large.select("person_key", nw.col("last_settled").alias("event_date"), PAID.alias("person_paid"))


def detect(frames: Frames, values: Values, as_of: date) -> Frame:
    """Spending of the whole household against its known income."""
    rows = _largest(at_home(frames), "person_paid")
    rows = rows.join(_home_spending(frames), on="household_key", how="inner")
    rows = rows.with_columns(
        nw.when(nw.col("present") == 1).then(nw.col("person_key")).otherwise(nw.col("speaker")).alias("person_key")
    )
    spent, income = nw.col("home_self_paid") + nw.col("home_own_paid"), nw.col("home_income_year")
    need = nw.col("size") * (values.number("subsistence_standard") * 12)
    heavy = (spent * 100 >= income * values.number("spending_percent")) | (income - spent < need)
    measured = (income > 0) & heavy & ~well_off(values)
    unmeasured = (income == 0) & (spent >= values.number("unknown_income_floor"))
    rows = rows.filter(spent >= values.number("household_floor"), measured | unmeasured)
    rank = nw.when((income == 0) | (spent >= income)).then(HIGH).otherwise(MEDIUM)
    return finding(rows, rank, "person_paid", "home_self_paid", "home_own_paid")


def describe(row: Mapping[str, Any], values: Values) -> Description:
    """Sums and the share of income that they eat."""
    spent, income = row["home_self_paid"] + row["home_own_paid"], row["home_income_year"]
    share = f"，相当于家庭已知年收入的 {percent(spent, income)}" if income else "，登记中查不到家庭收入"
    items = (
        Item("家庭近 12 个月个人负担医疗费", yuan(spent), contract="medical_settlements"),
        Item("其中目录内自付", yuan(row["home_self_paid"]), contract="medical_settlements"),
        Item("其中目录外自费", yuan(row["home_own_paid"]), contract="medical_settlements"),
        Item("本户支出最多的一人", yuan(row["person_paid"]), contract="medical_settlements"),
        Item("判断标准", f"个人负担达已知收入的 {values['spending_percent'].text}", parameter="spending_percent"),
    )
    return Description(f"近 12 个月家庭个人负担医疗费 {yuan(spent)}{share}", items + home_items(row, values))


def _home_spending(frames: Frames) -> Frame:
    """What all members paid together, those who died within the year included: the debt stays with the household."""
    paid = frames["people"].select("person_key", "household_key").join(frames["spending"], on="person_key", how="inner")
    sums = paid.group_by("household_key").agg(
        nw.col("self_paid").sum().alias("home_self_paid"), nw.col("own_paid").sum().alias("home_own_paid")
    )
    return sums.with_columns(nw.col("home_self_paid").cast(nw.Int64), nw.col("home_own_paid").cast(nw.Int64))


def _largest(rows: Frame, column: str) -> Frame:
    """The row with the largest `column` of each household; of equal ones the lowest key."""
    top = rows.group_by("household_key").agg(nw.col(column).max().alias("top"))
    rows = rows.join(top, on="household_key", how="inner").filter(nw.col(column) == nw.col("top"))
    first = rows.group_by("household_key").agg(nw.col("person_key").min())
    return rows.join(first, on=["household_key", "person_key"], how="semi")


SCENARIO = Scenario(
    name="large_medical_spending",
    title="大额医疗支出",
    basis=(PLAN, LAYERS, "社会救助法第22条、《刚性支出困难家庭认定办法》(民政部,2024年10月):必需支出占家庭总收入比例"),
    inputs={name: INPUTS[name] for name in INPUTS},
    parameters=Parameters(Path(__file__).with_suffix(".yaml")),
    background=MEANS,
    severity="medium",
    dedup_days=180,
    visit_working_days=5,
    candidates=candidates,
    detect=detect,
    describe=describe,
)
