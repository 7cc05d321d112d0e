"""未申报车辆: somebody in a household that is paid by the roster owns a motor vehicle that the household's declaration does not explain.

Vehicles for the disabled and small ones for work are declared and do not count; nor do those of the kinds in the parameters.
"""

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
from minzheng.kernel.monitoring.scenario import Description, Frame, Frames, Item, Scenario


def candidates(frames: Frames, values: Values, as_of: date) -> Frame:
    """Owners among those who live with somebody on the roster; the event is the latest registration."""
    on_road = nw.col("status").is_null() | nw.col("status").is_in(["normal", "overdue"])
    counts = nw.col("vehicle_type").is_null() | ~nw.col("vehicle_type").is_in(values.codes("not_counted"))
    rows = frames["vehicles"].filter(on_road, counts).with_columns(
        nw.lit(1, nw.Int64).alias("one"), nw.col("first_registered_on").fill_null(UNKNOWN).alias("on")
    )
    rows = rows.filter(nw.col("on") <= as_of).join(covered(frames, as_of), on="person_key", how="inner")
    rows = rows.group_by("person_key", "household_key").agg(
        nw.col("one").sum().alias("vehicles"), nw.col("on").max().alias("event_date"), nw.col("home_since").min(), nw.col("home_rank").max()
    )
    rows = rows.with_columns(nw.col("vehicles").cast(nw.Int64))
    return less_declared(rows, frames, "aid_vehicles", "vehicles").filter(nw.col("vehicles") > 0)


def detect(frames: Frames, values: Values, as_of: date) -> Frame:
    """More than the rule allows; one alert a household."""
    rows = of_the_living(frames)
    homes = rows.group_by("household_key").agg(nw.col("vehicles").sum().alias("home_vehicles"))
    homes = homes.with_columns(nw.col("home_vehicles").cast(nw.Int64)).filter(nw.col("home_vehicles") > values.number("vehicles_allowed"))
    rows = first_of_home(rows.join(homes, on="household_key", how="inner"))
    bought = nw.col("event_date") > nw.col("home_since")
    rank = nw.when(bought | (nw.col("home_vehicles") > 1)).then(HIGH).otherwise(MEDIUM).cast(nw.Int64).alias("severity_rank")
    return rows.select("person_key", "event_date", rank, "home_vehicles", "home_since", "home_rank")


def describe(row: Mapping[str, Any], values: Values) -> Description:
    """How many, and whether one came after the help began."""
    when = "享受救助之后登记" if row["event_date"] > row["home_since"] else "享受救助之前已有"
    known = f"{row['event_date']}" if row["event_date"] != UNKNOWN else "登记没有写明"
    items = (
        Item("家庭名下未申报说明的机动车", f"{row['home_vehicles']} 辆", contract="vehicles"),
        Item("本人车辆的初次登记日期", known, contract="vehicles"),
        Item("与救助的先后", when, contract="vehicles"),
        *roster_items(row["home_rank"], row["home_since"]),
        Item("判断标准", f"超过 {values['vehicles_allowed'].text} 辆", parameter="vehicles_allowed"),
    )
    return Description(f"救助家庭名下有 {row['home_vehicles']} 辆机动车未申报说明，{when}", items)


SCENARIO = Scenario(
    name="undeclared_vehicle",
    title="未申报机动车",
    basis=(TRUTHFUL, "民发〔2021〕57号：家庭财产包括机动车辆；残疾人代步车、生产用小型货运车另有规定", HEARING),
    inputs={**INPUTS, "vehicles": ("person_key", "vehicle_type", "first_registered_on", "status"),
            "household_economy": ("person_key", "aid_vehicles")},
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
