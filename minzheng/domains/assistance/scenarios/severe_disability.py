"""重残: somebody has newly become, or been found to be, severely disabled, and the household's income is low.

Severe is level 1–2, and level 3 of 智力 or 精神 (民发〔2021〕57号: these may apply for 低保 alone, 单人保). New means:
the certificate was issued within the window and no severe one was issued before it; a renewal is not new, an upgrade
from a lighter level is. Cancelled, expired and frozen certificates do not count. High for level 1 and where nobody in
the household earns a wage.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
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
    poor_now,
    position,
    within,
)
from minzheng.domains.assistance.means import INPUTS, MEANS
from minzheng.kernel.foundation.dated import Parameters, Values
from minzheng.kernel.monitoring.scenario import Description, Frame, Frames, Item, Scenario

LEVELS = {"1": "一级", "2": "二级", "3": "三级", "4": "四级"}
CATEGORIES = {"1": "视力", "2": "听力", "3": "言语", "4": "肢体", "5": "智力", "6": "精神", "7": "多重"}


def candidates(frames: Frames, values: Values, as_of: date) -> Frame:
    """Holders of a valid severe certificate issued within the window who had none before."""
    rows = frames["disability_certificates"].filter(_severe(), nw.col("issued_on") <= as_of)
    start = as_of - timedelta(days=values.number("window"))
    before = rows.filter(nw.col("issued_on") <= start).select("person_key")
    valid = nw.col("status").is_null() | (nw.col("status") == "valid")
    new = rows.filter(within("issued_on", as_of, values.number("window")), valid)
    new = new.join(before, on="person_key", how="anti").select(
        "person_key", nw.col("issued_on").alias("event_date"), position("level", list(LEVELS)).alias("level"),
        position("category", list(CATEGORIES)).alias("category"),
    )  # fmt: skip
    # Two certificates of one person in the window: the event is the first, the grade the heaviest.
    return new.group_by("person_key").agg(
        nw.col("event_date").min(), nw.col("level").min(), nw.col("category").max()
    )


def detect(frames: Frames, values: Values, as_of: date) -> Frame:
    """Those whose household has little coming in."""
    rows = at_home(frames).filter(nw.col("present") == 1).filter(poor_now(values))
    rank = nw.when((nw.col("level") == 1) | (nw.col("earners") == 0)).then(HIGH).otherwise(MEDIUM)
    return finding(rows, rank, "level", "category")


def describe(row: Mapping[str, Any], values: Values) -> Description:
    """The grade, and that little is coming in."""
    grade = f"{list(CATEGORIES.values())[row['category'] - 1]}{list(LEVELS.values())[row['level'] - 1]}"
    working = "家庭无工资收入" if not row["earners"] else "家庭人均收入低于低保边缘线"
    items = (
        Item("残疾类别与等级", grade, contract="disability_certificates"),
        Item("发证日期", f"{row['event_date']}", contract="disability_certificates"),
        Item("有工资收入的成员", f"{row['earners']} 人", contract="social_insurance"),
        Item("判断标准", f"人均收入低于低保标准的 {values['borderline_percent'].text}", parameter="borderline_percent"),
    )
    summary = f"{row['event_date']} 新办{grade}残疾人证，{working}"
    return Description(summary, items + home_items(row, values))


def _severe() -> nw.Expr:
    mind = (nw.col("level") == "3") & nw.col("category").is_in(["5", "6"])
    return nw.col("level").is_in(["1", "2"]) | mind


SCENARIO = Scenario(
    name="severe_disability",
    title="重度残疾",
    basis=(PLAN, LAYERS, "民发〔2021〕57号：一级、二级和三级智力、精神残疾人可单独申请低保；社会救助法第21条"),
    inputs={**INPUTS, "disability_certificates": ("person_key", "category", "level", "issued_on", "status")},
    parameters=Parameters(Path(__file__).with_suffix(".yaml")),
    background=MEANS,
    severity="medium",
    dedup_days=365,
    visit_working_days=5,
    candidates=candidates,
    detect=detect,
    describe=describe,
)
