"""法律援助: legal aid was granted for economic hardship in a matter on which the household's living depends.

Wages owed, injury, maintenance and support: until the case is won nothing comes in. Only where the legal aid office
found hardship: exempt cases (免审) have not been looked at. Not for households on 低保 or 特困, who are exempt anyway.
Medium where little is coming in by the registers too, low otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw

from minzheng.domains.assistance.judging import (
    LAYERS,
    LOW,
    MEDIUM,
    PLAN,
    at_home,
    finding,
    helped,
    home_items,
    poor_now,
    position,
    within,
)
from minzheng.domains.assistance.means import INPUTS, MEANS
from minzheng.kernel.foundation.dated import Parameters, Values
from minzheng.kernel.monitoring.scenario import Description, Frame, Frames, Item, Scenario

MATTERS = {
    "other": "其他", "criminal": "刑事", "family": "婚姻家庭", "support": "赡养抚养扶养", "labour": "劳动争议",
    "injury": "人身损害",
}  # fmt: skip


def candidates(frames: Frames, values: Values, as_of: date) -> Frame:
    """Cases of the window with hardship found, in the matters that the parameters name; a person's latest counts."""
    rows = frames["legal_aid"].filter(
        within("accepted_on", as_of, values.number("window")), nw.col("income_checked") == "hardship",
        nw.col("matter").is_in(values.codes("matters")),
    )  # fmt: skip
    rows = rows.select("person_key", nw.col("accepted_on").alias("event_date"), position("matter", list(MATTERS)).alias("matter"))
    return rows.group_by("person_key", "event_date").agg(nw.col("matter").max())


def detect(frames: Frames, values: Values, as_of: date) -> Frame:
    """Ranked by what the registers know of the household's income."""
    rows = at_home(frames).filter(nw.col("present") == 1).filter(~helped())
    return finding(rows, nw.when(poor_now(values)).then(MEDIUM).otherwise(LOW), "matter")


def describe(row: Mapping[str, Any], values: Values) -> Description:
    """What the case is about."""
    matter = ["案由不明", *MATTERS.values()][row["matter"]]
    items = (
        Item("受理日期", f"{row['event_date']}", contract="legal_aid"),
        Item("案由", matter, contract="legal_aid"),
        Item("经济状况核查", "经济困难", contract="legal_aid"),
    )
    summary = f"{row['event_date']} 因经济困难获法律援助({matter})"
    return Description(summary, items + home_items(row, values))


SCENARIO = Scenario(
    name="legal_aid",
    title="法律援助",
    basis=(PLAN, LAYERS, "法律援助法第31条、第41条、第42条：经济困难核查与免予核查"),
    inputs={**INPUTS, "legal_aid": ("person_key", "accepted_on", "matter", "income_checked")},
    parameters=Parameters(Path(__file__).with_suffix(".yaml")),
    background=MEANS,
    severity="low",
    dedup_days=180,
    visit_working_days=10,
    candidates=candidates,
    detect=detect,
    describe=describe,
)
