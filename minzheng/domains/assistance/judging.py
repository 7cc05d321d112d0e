"""What the seven scenarios share in judging a candidate and in putting a finding into words. Free of Django."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import narwhals as nw

from minzheng.domains.assistance.means import LOW_INCOME
from minzheng.kernel.foundation.dated import Values
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.monitoring.scenario import RANK, Frame, Frames, Item

HIGH, MEDIUM, LOW = RANK["high"], RANK["medium"], RANK["low"]
PLAN = "《2024年全市民政工作要点》第5条"
LAYERS = "国办发〔2023〕39号(低收入人口动态监测，分类处置预警信息)"
PROGRAMMES = {0: "未享受", 1: "低保边缘、刚性支出困难", 2: "低保", 3: "特困供养"}
# What a finding tells of the household, for `home_items`.
HOME = ("size", "minors", "elders", "earners", "home_income_year", "home_income_now", "home_programme")


def within(column: str, as_of: date, days: int) -> nw.Expr:
    """Whether a date lies in the `days` days up to and including `as_of`: events of the future do not count."""
    return (nw.col(column) > as_of - timedelta(days=days)) & (nw.col(column) <= as_of)


def at_home(frames: Frames) -> Frame:
    """The candidates, each with what is known of the person and the household. Candidates in whose household nobody
    is present any more drop out; `present` says whether the person is."""
    return frames["candidates"].join(frames["at_home"], on="person_key", how="inner")


def poor_now(values: Values) -> nw.Expr:
    """Known present income per head below the borderline: what comes in next month, not what came in last year."""
    line = values.number("subsistence_standard") * values.number("borderline_percent")
    return nw.col("home_income_now") * 100 < nw.col("size") * line


def well_off(values: Values) -> nw.Expr:
    """Known income per head of the last 12 months above the city's disposable income per head: such households are
    outside 刚性支出困难家庭认定办法."""
    return nw.col("home_income_year") > nw.col("size") * values.number("disposable_income")


def helped() -> nw.Expr:
    """The household is in 低保 or 特困 already: its income is known to the bureau and reviewed."""
    return nw.col("home_programme") >= LOW_INCOME


def finding(rows: Frame, rank: nw.Expr, *figures: str) -> Frame:
    """[person_key, event_date, severity_rank, figures…]. Something that happens to a household on 低保 or 特困 ranks
    low: it may change the kind of help, but somebody is looking after it already."""
    severity = nw.when(helped()).then(LOW).otherwise(rank).cast(nw.Int64).alias("severity_rank")
    return rows.select("person_key", "event_date", severity, *HOME, *figures)


# Besides wages by social insurance, incomes are added up from these.
INCOMES = ("pensions", "unemployment")


def home_items(row: Mapping[str, Any], values: Values) -> tuple[Item, ...]:
    """The evidence about the household that every alert shows."""
    people = f"{row['size']} 人"
    kinds = [f"{word} {row[name]} 人" for name, word in (("minors", "未成年人"), ("elders", "60 周岁以上")) if row[name]]
    items = [
        Item("共同生活成员", people + (f"，其中{'、'.join(kinds)}" if kinds else ""), contract="households"),
        Item("家庭近 12 个月已知收入", known(row["home_income_year"]), contract="social_insurance", also=INCOMES),
        Item("家庭目前每月已知收入", f"{known(row['home_income_now'])}，人均 {yuan(row['home_income_now'] // row['size'])}",
             contract="social_insurance", also=INCOMES),
        Item("救助身份", PROGRAMMES[row["home_programme"]], contract="assistance_recipients"),
        Item("对照：低保标准", f"每人每月 {values['subsistence_standard'].text}", parameter="subsistence_standard"),
    ]  # fmt: skip
    return tuple(items)


def known(amount: int) -> str:
    """An amount from the registers; zero means that they know of none."""
    return yuan(amount) if amount else "无记录"


def percent(part: int, whole: int) -> str:
    """part ÷ whole in whole per cent, rounded down."""
    return f"{part * 100 // whole}%"


def position(column: str, codes: list[str]) -> nw.Expr:
    """The place of a code in a list, from 1; 0 for unknown and missing ones. Integers have the same order on every
    engine, strings need not."""
    place: nw.Expr = nw.lit(0, nw.Int64)
    for number, code in enumerate(codes, start=1):
        place = nw.when(nw.col(column) == code).then(nw.lit(number, nw.Int64)).otherwise(place)
    return place
