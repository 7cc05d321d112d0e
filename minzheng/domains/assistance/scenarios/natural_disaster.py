"""自然灾害: the house collapsed or is badly damaged, or the loss eats up what the household has.

One alert for a household and event, about its first member in standing among those whom the list names (the
speaker of the household, when none of them is here any more). A collapsed
house ranks high; a badly damaged one, or a large loss, medium, and high where little is coming in. Fires are on the
list of the emergency department and are treated alike: 临时救助 names them beside traffic accidents.
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
    known,
    poor_now,
    position,
    within,
)
from minzheng.domains.assistance.means import INPUTS, MEANS
from minzheng.kernel.foundation.dated import Parameters, Values
from minzheng.kernel.monitoring.scenario import Description, Frame, Frames, Item, Scenario

DAMAGE = {"none": "房屋无损坏", "minor": "房屋一般损坏", "severe": "房屋严重损坏", "collapsed": "房屋倒塌"}
KINDS = {
    "flood": "洪涝", "typhoon": "台风", "fire": "火灾", "earthquake": "地震", "geological": "地质灾害", "snow": "雪灾",
    "drought": "旱灾", "other": "其他灾害",
}  # fmt: skip
SEVERE, COLLAPSED = 3, 4  # places in DAMAGE, from 1
BEHIND_ALL = 10**12  # after every standing: whoever is on the list and no longer here


def candidates(frames: Frames, values: Values, as_of: date) -> Frame:
    """Everybody on the lists of the window whose house is badly damaged or whose loss reaches the floor."""
    rows = frames["disasters"].filter(within("occurred_on", as_of, values.number("window"))).select(
        "person_key", nw.col("occurred_on").alias("event_date"), nw.col("loss_fen").fill_null(0).alias("loss"),
        position("house_damage", list(DAMAGE)).alias("damage"), position("disaster_type", list(KINDS)).alias("kind"),
    )  # fmt: skip
    rows = rows.filter((nw.col("damage") >= SEVERE) | (nw.col("loss") >= values.number("loss_floor")))
    figures = ("loss", "damage", "kind")
    return rows.group_by("person_key", "event_date").agg(*(nw.col(name).max() for name in figures))


def detect(frames: Frames, values: Values, as_of: date) -> Frame:
    """One finding a household and day, with the worst damage and the largest loss that anybody reported."""
    here = nw.col("present") == 1
    rows = at_home(frames).with_columns(nw.when(here).then(nw.col("standing")).otherwise(BEHIND_ALL).alias("place"))
    home = ["household_key", "event_date"]
    worst = rows.group_by(home).agg(
        nw.col("place").min().alias("first"), nw.col("loss").max().alias("home_loss"),
        nw.col("damage").max().alias("home_damage"),
    )  # fmt: skip
    rows = rows.join(worst, on=home, how="inner").filter(nw.col("place") == nw.col("first"))
    one = rows.group_by(home).agg(nw.col("person_key").min())
    rows = rows.join(one, on=[*home, "person_key"], how="semi")
    heavy = nw.col("home_loss") * 100 >= nw.col("home_income_year") * values.number("loss_percent")
    rows = rows.filter((nw.col("home_damage") >= SEVERE) | heavy)
    rank = nw.when((nw.col("home_damage") == COLLAPSED) | poor_now(values)).then(HIGH).otherwise(MEDIUM)
    rows = rows.with_columns(nw.when(here).then(nw.col("person_key")).otherwise(nw.col("speaker")).alias("person_key"))
    return finding(rows, rank, "kind", "home_damage", "home_loss")


def describe(row: Mapping[str, Any], values: Values) -> Description:
    """What happened and what it cost."""
    kind, damage = ["灾害", *KINDS.values()][row["kind"]], ["房屋受损情况不明", *DAMAGE.values()][row["home_damage"]]
    loss = f"，直接经济损失 {known(row['home_loss'])}" if row["home_loss"] else ""
    items = (
        Item("灾害种类", kind, contract="disasters"),
        Item("受灾日期", f"{row['event_date']}", contract="disasters"),
        Item("房屋受损", damage, contract="disasters"),
        Item("直接经济损失", known(row["home_loss"]), contract="disasters"),
    )
    return Description(f"{row['event_date']} {kind}，{damage}{loss}", items + home_items(row, values))


SCENARIO = Scenario(
    name="natural_disaster",
    title="自然灾害",
    basis=(PLAN, LAYERS, "社会救助暂行办法(国务院令第649号)受灾人员救助；社会救助法第13条：受灾人员"),
    inputs={**INPUTS, "disasters": ("person_key", "occurred_on", "disaster_type", "house_damage", "loss_fen")},
    parameters=Parameters(Path(__file__).with_suffix(".yaml")),
    background=MEANS,
    severity="high",
    dedup_days=30,
    visit_working_days=2,
    candidates=candidates,
    detect=detect,
    describe=describe,
)
