"""交通事故: a death or a serious injury on the road, where the household may be left without means.

Alerts for accidents in which the person bears limited responsibility (none, minor, equal) or responsibility is not
settled yet. A death is the survivors' alert: it goes to the speaker of the household. An injury ranks high when the
injured brought in half of the household's usual income or more, or when little is coming in now, and low when the
household is well off.
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
    poor_now,
    position,
    well_off,
    within,
)
from minzheng.domains.assistance.means import INPUTS, MEANS
from minzheng.kernel.foundation.dated import Parameters, Values
from minzheng.kernel.monitoring.scenario import Description, Frame, Frames, Item, Scenario

RESPONSIBILITY = {"none": "无责任", "minor": "次要责任", "equal": "同等责任", "main": "主要责任", "full": "全部责任"}


def candidates(frames: Frames, values: Values, as_of: date) -> Frame:
    """The dead and the seriously injured of the window; somebody twice in the papers of one day counts once."""
    limited = nw.col("responsibility").is_null() | nw.col("responsibility").is_in(values.codes("responsibilities"))
    rows = frames["traffic_accidents"].filter(
        within("occurred_on", as_of, values.number("window")), nw.col("injury").is_in(["dead", "serious"]), limited
    )
    rows = rows.select(
        "person_key", nw.col("occurred_on").alias("event_date"),
        position("responsibility", list(RESPONSIBILITY)).alias("blame"),
    )  # fmt: skip
    return rows.group_by("person_key", "event_date").agg(nw.col("blame").max())


def detect(frames: Frames, values: Values, as_of: date) -> Frame:
    """Whom to visit, and how urgently."""
    rows = at_home(frames)
    died = nw.col("present") == 0  # on the road, or later of the injury
    others = nw.when(nw.col("present") == 1).then(nw.col("home_usual") - nw.col("usual")).otherwise(nw.col("home_usual"))
    breadwinner = (nw.col("usual") > 0) & (nw.col("usual") >= others)
    rank = nw.when(well_off(values)).then(nw.when(died).then(MEDIUM).otherwise(LOW)).otherwise(
        nw.when(died | breadwinner | poor_now(values)).then(HIGH).otherwise(MEDIUM)
    )
    rows = rows.with_columns(
        nw.when(breadwinner).then(1).otherwise(0).cast(nw.Int64).alias("breadwinner"),
        nw.when(died).then(1).otherwise(0).cast(nw.Int64).alias("died"),
        nw.when(died).then(nw.col("speaker")).otherwise(nw.col("person_key")).alias("person_key"),
    )
    return finding(rows, rank, "died", "breadwinner", "blame")


def describe(row: Mapping[str, Any], values: Values) -> Description:
    """Who was hurt, and who was to blame."""
    what = "家庭成员因交通事故死亡" if row["died"] else "因交通事故重伤"
    blame = ["责任未认定", *RESPONSIBILITY.values()][row["blame"]]
    items = [
        Item("事故后果", "家庭成员死亡" if row["died"] else "本人重伤", contract="traffic_accidents"),
        Item("事故日期", f"{row['event_date']}", contract="traffic_accidents"),
        Item("责任认定", blame, contract="traffic_accidents"),
    ]
    if row["breadwinner"]:
        items.append(Item("伤亡者在家庭中的收入", "占已知收入一半及以上", contract="social_insurance"))
    return Description(f"{row['event_date']} {what}，{blame}", tuple(items) + home_items(row, values))


SCENARIO = Scenario(
    name="traffic_accident",
    title="交通事故",
    basis=(PLAN, LAYERS, "国发〔2014〕47号(临时救助):因交通事故等意外事件导致基本生活暂时出现严重困难"),
    inputs={**INPUTS, "traffic_accidents": ("person_key", "occurred_on", "injury", "responsibility")},
    parameters=Parameters(Path(__file__).with_suffix(".yaml")),
    background=MEANS,
    severity="high",
    dedup_days=30,
    visit_working_days=3,
    candidates=candidates,
    detect=detect,
    describe=describe,
)
