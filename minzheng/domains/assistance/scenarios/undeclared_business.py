"""未申报经营: somebody in a household that is paid by the roster runs or owns a business that its declaration does not explain."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw

from minzheng.domains.assistance.judging import HIGH, MEDIUM
from minzheng.domains.assistance.roster import (
    HEARING,
    INPUTS,
    INTEGRITY,
    TRUTHFUL,
    UNKNOWN,
    covered,
    first_of_home,
    less_declared,
    of_the_living,
    roster_items,
)
from minzheng.kernel.foundation.dated import Parameters, Values
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.monitoring.scenario import Description, Frame, Frames, Item, Scenario


def candidates(frames: Frames, values: Values, as_of: date) -> Frame:
    """Owners and legal representatives among those who live with somebody on the roster; each business once a person."""
    open_ = nw.col("status").is_null() | (nw.col("status") == "open")
    rows = frames["market_entities"].filter(open_).with_columns(nw.col("established_on").fill_null(UNKNOWN).alias("on"))
    rows = rows.filter(nw.col("on") <= as_of).join(covered(frames, as_of), on="person_key", how="inner")
    firms = rows.group_by("person_key", "household_key", "uscc").agg(
        nw.col("on").max(), nw.col("capital_fen").max().alias("capital"), nw.col("home_since").min(), nw.col("home_rank").max()
    )
    firms = firms.with_columns(nw.col("capital").fill_null(0).cast(nw.Int64), nw.lit(1, nw.Int64).alias("one"))
    owned = firms.group_by("person_key", "household_key").agg(
        nw.col("one").sum().alias("businesses"), nw.col("capital").sum(), nw.col("on").max().alias("event_date"), nw.col("home_since").min(),
        nw.col("home_rank").max(),
    )  # fmt: skip
    owned = owned.with_columns(nw.col("businesses").cast(nw.Int64), nw.col("capital").cast(nw.Int64))
    return less_declared(owned, frames, "exempt_businesses", "businesses").filter(nw.col("businesses") > 0)


def detect(frames: Frames, values: Values, as_of: date) -> Frame:
    """More than the rule allows; one alert a household."""
    rows = of_the_living(frames)
    homes = rows.group_by("household_key").agg(nw.col("businesses").sum().alias("home_businesses"), nw.col("capital").sum().alias("home_capital"))
    homes = homes.with_columns(nw.col("home_businesses").cast(nw.Int64), nw.col("home_capital").cast(nw.Int64))
    homes = homes.filter(nw.col("home_businesses") > values.number("businesses_allowed"))
    rows = first_of_home(rows.join(homes, on="household_key", how="inner"))
    large = nw.col("home_capital") >= values.number("large_capital")
    rank = nw.when(large | (nw.col("event_date") > nw.col("home_since"))).then(HIGH).otherwise(MEDIUM)
    return rows.select("person_key", "event_date", rank.cast(nw.Int64).alias("severity_rank"), "home_businesses", "home_capital", "home_since", "home_rank")


def describe(row: Mapping[str, Any], values: Values) -> Description:
    """How many, how large, since when."""
    items = (
        Item("家庭成员名下未申报说明的经营主体", f"{row['home_businesses']} 户", contract="market_entities"),
        Item("注册资本合计", yuan(row["home_capital"]) if row["home_capital"] else "登记没有写明", contract="market_entities"),
        Item("最近的成立日期", f"{row['event_date']}" if row["event_date"] != UNKNOWN else "登记没有写明", contract="market_entities"),
        *roster_items(row["home_rank"], row["home_since"]),
        Item("判断标准", f"超过 {values['businesses_allowed'].text} 户", parameter="businesses_allowed"),
        Item("注册资本较大", f"{values['large_capital'].text} 及以上", parameter="large_capital"),
    )
    return Description(f"救助家庭成员名下有 {row['home_businesses']} 户经营主体未申报说明", items)


SCENARIO = Scenario(
    name="undeclared_business",
    title="未申报经营主体",
    basis=(TRUTHFUL, "民发〔2021〕57号：家庭财产包括对市场主体的投资", HEARING),
    inputs={**INPUTS, "market_entities": ("uscc", "person_key", "capital_fen", "established_on", "status"),
            "household_economy": ("person_key", "exempt_businesses")},
    parameters=Parameters(Path(__file__).with_suffix(".yaml")),
    background=INTEGRITY,
    severity="medium",
    dedup_days=180,
    visit_working_days=10,
    candidates=candidates,
    detect=detect,
    describe=describe,
    goes_to="town",
)  # fmt: skip
