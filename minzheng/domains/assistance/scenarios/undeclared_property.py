"""未申报房产: a household that is paid by the roster owns more homes than the rule allows, or a shop or office.

What several members own together counts once. Shares by inheritance, ruins and the like are declared and do not count.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
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
from minzheng.kernel.monitoring.scenario import Description, Frame, Frames, Item, Scenario


def candidates(frames: Frames, values: Values, as_of: date) -> Frame:
    """Owners among those who live with somebody on the roster; the event is the latest registration."""
    current = nw.col("status").is_null() | (nw.col("status") == "current")
    rows = frames["real_estate"].filter(current, nw.col("usage").is_in(["residence", "shop", "office"]))
    rows = rows.with_columns(
        nw.when(nw.col("usage") == "residence").then(1).otherwise(0).cast(nw.Int64).alias("is_home"),
        nw.col("registered_on").fill_null(UNKNOWN).alias("on"),
    )  # fmt: skip
    rows = rows.filter(nw.col("on") <= as_of).join(covered(frames, as_of), on="person_key", how="inner")
    units = rows.group_by("household_key", "unit_no").agg(
        nw.col("person_key").min(), nw.col("is_home").max(), nw.col("on").max(), nw.col("home_since").min(), nw.col("home_rank").max()
    )
    units = units.with_columns((nw.lit(1, nw.Int64) - nw.col("is_home")).alias("is_shop"))
    owned = units.group_by("person_key", "household_key").agg(
        nw.col("is_home").sum().alias("homes"), nw.col("is_shop").sum().alias("shops"), nw.col("on").max().alias("event_date"),
        nw.col("home_since").min(), nw.col("home_rank").max(),
    )  # fmt: skip
    owned = owned.with_columns(nw.col("homes").cast(nw.Int64), nw.col("shops").cast(nw.Int64))
    return less_declared(owned, frames, "exempt_homes", "homes")


def detect(frames: Frames, values: Values, as_of: date) -> Frame:
    """More than the rule allows; one alert a household."""
    rows = of_the_living(frames)
    homes = rows.group_by("household_key").agg(nw.col("homes").sum().alias("home_homes"), nw.col("shops").sum().alias("home_shops"))
    homes = homes.with_columns(nw.col("home_homes").cast(nw.Int64), nw.col("home_shops").cast(nw.Int64))
    many, shops = nw.col("home_homes") > values.number("homes_allowed"), nw.col("home_shops") > values.number("shops_allowed")
    rows = first_of_home(rows.join(homes.filter(many | shops), on="household_key", how="inner"))
    rank = nw.when(shops | (nw.col("home_homes") > values.number("homes_allowed") + 1)).then(HIGH).otherwise(MEDIUM)
    return rows.select("person_key", "event_date", rank.cast(nw.Int64).alias("severity_rank"), "home_homes", "home_shops", "home_since", "home_rank")


def describe(row: Mapping[str, Any], values: Values) -> Description:
    """What they own."""
    owned = "、".join(f"{what} {row[name]} 套" for name, what in (("home_homes", "住房"), ("home_shops", "商铺或办公用房")) if row[name])
    items = (
        Item("家庭名下未申报说明的房产", owned, contract="real_estate"),
        Item("最近一次登记日期", f"{row['event_date']}" if row["event_date"] != UNKNOWN else "登记没有写明", contract="real_estate"),
        *roster_items(row["home_rank"], row["home_since"]),
        Item("判断标准", f"住房超过 {values['homes_allowed'].text} 套", parameter="homes_allowed"),
        Item("判断标准", f"商铺、办公用房超过 {values['shops_allowed'].text} 套", parameter="shops_allowed"),
    )
    return Description(f"救助家庭名下有{owned}未申报说明", items)


SCENARIO = Scenario(
    name="undeclared_property",
    title="未申报房产",
    basis=(TRUTHFUL, "民发〔2021〕57号：家庭财产包括房屋、土地", HEARING),
    inputs={**INPUTS, "real_estate": ("unit_no", "person_key", "usage", "registered_on", "status"),
            "household_economy": ("person_key", "exempt_homes")},
    parameters=Parameters(),
    background=INTEGRITY,
    severity="medium",
    dedup_days=180,
    visit_working_days=10,
    candidates=candidates,
    detect=detect,
    describe=describe,
    goes_to="town",
)  # fmt: skip
