"""What a monthly table states of a programme at a place, and how figures belong together. Free of Django."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Unit = Literal["units", "persons", "households", "fen", "lines"]
ALL, HUKOU = "all", "hukou"
POPULATIONS = {ALL: "全部对象", HUKOU: "本市户籍"}
TOTAL = ""  # the programme of the row over all programmes: people once, whatever they receive


@dataclass(frozen=True)
class Figure:
    """A column. `adds`: whether parts of the city add up to it (who moves between parts does not leave the city); `over`: whether the
    months of a year add up to the year."""

    name: str
    title: str
    unit: Unit
    adds: bool = True
    over: bool = False
    note: str = ""


FIGURES: tuple[Figure, ...] = (
    Figure("units_start", "月初对象", "units", note="上月在享的对象：个人待遇为人，家庭待遇为户"),
    Figure("taken_over", "期初接收", "units", note="首次核算时从名册接收、以前就在享的对象，不算新增"),
    Figure("begun", "新增", "units", over=True),
    Figure("moved_in", "转入", "units", adds=False, note="在享对象的属地改到这里；在同一地方之内的变动不计"),
    Figure("ended", "退出", "units", over=True),
    Figure("moved_out", "转出", "units", adds=False),
    Figure("units_end", "月末对象", "units"),
    Figure("persons", "覆盖人数", "persons", note="家庭待遇计月末在册的家庭成员，同一人在一个项目中计一次"),
    Figure("households", "户数", "households"),
    Figure("due_fen", "应发标准", "fen", note="月末在享对象的月标准合计"),
    Figure("paid_lines", "付讫笔数", "lines", over=True),
    Figure("paid_fen", "付讫金额", "fen", over=True, note="支付总账中当月记账的付讫款，不论所属月份"),
    Figure("refused_fen", "退回未到账", "fen", over=True, note="渠道退回、从未到账的款，不含在付讫金额中"),
    Figure("sent_back_fen", "到账后退汇", "fen", over=True, note="曾计入付讫、以后又退回的款"),
)
BY_NAME = {figure.name: figure for figure in FIGURES}
NAMES = tuple(BY_NAME)
MONEY = tuple(figure.name for figure in FIGURES if figure.unit in ("fen", "lines"))
OVER_THE_YEAR = tuple(figure.name for figure in FIGURES if figure.over)
NOT_OF_THE_TOTAL = tuple(figure.name for figure in FIGURES if figure.unit == "units")  # persons and households are not added together
UNITS: dict[Unit, str] = {"units": "人（户）", "persons": "人", "households": "户", "fen": "元", "lines": "笔"}


def first_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=1) + timedelta(days=31)).replace(day=1)


def month_before(month: date) -> date:
    """The first day of the month before."""
    return (month.replace(day=1) - timedelta(days=1)).replace(day=1)


def last_of(month: date) -> date:
    """The last day of a month."""
    return next_month(month) - timedelta(days=1)


def year_to(month: date) -> list[date]:
    """The months of a month's year up to it."""
    return [date(month.year, number, 1) for number in range(1, month.month + 1)]
