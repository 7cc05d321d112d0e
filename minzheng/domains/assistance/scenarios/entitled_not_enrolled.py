"""应保未保: what is known of a household lies below the 低保 standard, nobody of it is in any programme, and nothing that it owns
speaks against it. Somebody goes there: this is how those are found who cannot or will not ask.

That no income is known of somebody is not the same as that there is none. So only households are named in which every adult is
accounted for: draws a pension or a wage, is severely disabled, or is registered as unemployed. What children elsewhere give is
unknown to every register, so old people by themselves rank low. What happened lately is left to the plan's scenarios, which have
sent somebody already.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw

from minzheng.domains.assistance.judging import HIGH, HOME, INCOMES, LAYERS, LOW, MEDIUM, at_home, home_items
from minzheng.domains.assistance.roster import INPUTS, INTEGRITY, UNKNOWN, earlier
from minzheng.kernel.foundation.dated import Parameters, Values
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.monitoring.scenario import Description, Frame, Frames, Item, Scenario

SIGNS = {1: "领取城乡居民养老金", 2: "登记失业", 4: "重度残疾"}
JOBLESS, DISABLED = 2, 4
# What people own: contract → (which rows count, how many a household may have).
OWNED = {"vehicles": "vehicles_allowed", "real_estate": "homes_allowed", "market_entities": "businesses_allowed"}


def candidates(frames: Frames, values: Values, as_of: date) -> Frame:
    """Local people with a sign that little comes in: a residents' pension, unemployment, severe disability. `sign` is the
    gravest, the event the latest."""
    pension = frames["pensions"].filter(
        nw.col("pension_kind") == "resident", nw.col("status").is_null() | (nw.col("status") == "paying"),
        nw.col("monthly_fen") < values.number("subsistence_standard"),
    )  # fmt: skip
    jobless = frames["unemployment"].filter(nw.col("status").is_null() | (nw.col("status") != "reemployed"))
    severe = nw.col("level").is_in(["1", "2"]) & (nw.col("status").is_null() | (nw.col("status") == "valid"))
    disabled = frames["disability_certificates"].filter(severe)
    signs = [_sign(pension, "started_on", 1), _sign(jobless, "registered_on", JOBLESS), _sign(disabled, "issued_on", DISABLED)]
    rows = nw.concat(signs, how="vertical").filter(nw.col("event_date") <= earlier(as_of, values.number("settled_days")))
    rows = rows.group_by("person_key").agg(nw.col("event_date").max(), nw.col("sign").max())
    local = frames["population"].filter(nw.col("residence_type") == "hukou").select("person_key")
    return rows.join(local, on="person_key", how="semi")


def detect(frames: Frames, values: Values, as_of: date) -> Frame:
    """Households below the line, all of whose adults are accounted for, who own no more than the rule allows."""
    rows = at_home(frames).filter(nw.col("present") == 1, nw.col("home_programme") == 0)
    line = nw.col("size") * values.number("subsistence_standard")
    rows = rows.filter(nw.col("home_income_now") < line)
    signs = frames["candidates"].select("person_key", "sign")
    people = frames["people"].filter(nw.col("present") == 1).join(signs.group_by("person_key").agg(nw.col("sign").max()), on="person_key", how="left")
    open_question = (nw.col("minor") == 0) & (nw.col("income_now") == 0) & nw.col("sign").is_null()
    people = people.with_columns(
        nw.when(open_question).then(1).otherwise(0).cast(nw.Int64).alias("unexplained"), nw.col("sign").fill_null(0)
    )
    homes = people.group_by("household_key").agg(nw.col("unexplained").sum(), nw.col("sign").max().alias("home_sign"))
    homes = homes.with_columns(nw.col("unexplained").cast(nw.Int64)).filter(nw.col("unexplained") == 0)
    rows = rows.join(homes, on="household_key", how="inner")
    for contract, allowed in OWNED.items():
        owners = _owning_too_much(frames, contract, values.number(allowed))
        rows = rows.join(owners, on="household_key", how="anti")
    rows = _gravest(rows)
    needy = (nw.col("home_sign") >= JOBLESS) | (nw.col("minors") > 0)
    nothing = nw.col("home_income_now") == 0
    rank = nw.when(needy & nothing).then(HIGH).otherwise(nw.when(needy).then(MEDIUM).otherwise(LOW))
    return rows.select("person_key", "event_date", rank.cast(nw.Int64).alias("severity_rank"), *HOME, "sign")


def describe(row: Mapping[str, Any], values: Values) -> Description:
    """Why somebody should go there."""
    head = row["home_income_now"] // row["size"]
    contract = {1: "pensions", JOBLESS: "unemployment", DISABLED: "disability_certificates"}[row["sign"]]
    since = f"{row['event_date']}" if row["event_date"] != UNKNOWN else "登记没有写明"
    items = (
        Item("线索", SIGNS[row["sign"]], contract=contract),
        Item("线索日期", since, contract=contract),
        Item("已知人均月收入", yuan(head), contract="social_insurance", also=INCOMES),
        Item("判断标准", "已知收入低于低保标准，且不在任何救助名册", parameter="subsistence_standard"),
        Item("线索已有多久", f"{values['settled_days'].text}以上", parameter="settled_days"),
        Item("财产", "登记中没有超过规定的住房、机动车和经营主体", contract="real_estate"),
    )
    summary = f"{SIGNS[row['sign']]}，家庭已知人均月收入 {yuan(head)}，低于低保标准，未享受任何救助"
    return Description(summary, items + home_items(row, values))


def _sign(rows: Frame, day: str, sign: int) -> Frame:
    return rows.select("person_key", nw.col(day).fill_null(UNKNOWN).alias("event_date"), nw.lit(sign, nw.Int64).alias("sign"))


def _gravest(rows: Frame) -> Frame:
    """One alert a household: the member with the gravest sign, of equal ones the lowest key."""
    top = rows.group_by("household_key").agg(nw.col("sign").max().alias("top"))
    rows = rows.join(top, on="household_key", how="inner").filter(nw.col("sign") == nw.col("top"))
    first = rows.group_by("household_key").agg(nw.col("person_key").min())
    return rows.join(first, on=["household_key", "person_key"], how="semi")


def _owning_too_much(frames: Frames, contract: str, allowed: int) -> Frame:
    """[household_key] of the candidates' households that own more of something than is allowed (any shop or office is too much)."""
    rows = frames[contract]
    weight: nw.Expr = nw.lit(1, nw.Int64)
    if contract == "vehicles":
        rows = rows.filter(nw.col("status").is_null() | nw.col("status").is_in(["normal", "overdue"]))
    elif contract == "real_estate":
        current = nw.col("status").is_null() | (nw.col("status") == "current")
        rows = rows.filter(current, nw.col("usage").is_in(["residence", "shop", "office"]))
        weight = nw.when(nw.col("usage") == "residence").then(1).otherwise(allowed + 1).cast(nw.Int64)
    else:
        rows = rows.filter(nw.col("status").is_null() | (nw.col("status") == "open"))
    rows = rows.with_columns(weight.alias("weight")).select("person_key", "weight")
    rows = rows.join(frames["people"].select("person_key", "household_key"), on="person_key", how="inner")
    homes = rows.group_by("household_key").agg(nw.col("weight").sum().alias("weight"))
    return homes.filter(nw.col("weight") > allowed).select("household_key")


SCENARIO = Scenario(
    name="entitled_not_enrolled",
    title="应保未保",
    basis=("社会救助法第39条：应当主动了解居民生活状况，发现需要救助的家庭和人员，依法协助申请或者组织救助", LAYERS, "2024年全市民政工作要点第5条：主动发现"),
    inputs={**INPUTS, "population": ("person_key", "village_code", "birth_date", "status", "residence_type"),
            "disability_certificates": ("person_key", "level", "issued_on", "status"),
            "vehicles": ("person_key", "status"), "real_estate": ("person_key", "usage", "status"),
            "market_entities": ("person_key", "status")},
    parameters=Parameters(Path(__file__).with_suffix(".yaml")),
    background=INTEGRITY,
    severity="medium",
    dedup_days=180,
    visit_working_days=5,
    candidates=candidates,
    detect=detect,
    describe=describe,
)  # fmt: skip
