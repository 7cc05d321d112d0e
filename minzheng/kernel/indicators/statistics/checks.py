"""Does a table balance? Each check names its two figures, what they come to, and what to look at when they differ. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from minzheng.kernel.indicators.places import Places
from minzheng.kernel.indicators.statistics.counting import Cells, year_from_rows
from minzheng.kernel.indicators.statistics.figures import (
    ALL,
    BY_NAME,
    FIGURES,
    NOT_OF_THE_TOTAL,
    OVER_THE_YEAR,
    TOTAL,
    month_before,
    year_to,
)
from minzheng.kernel.indicators.statistics.models import StatisticRow, StatisticTable
from minzheng.kernel.ledger.statements import made_statement

Kind = Literal["counties", "boards", "movement", "before", "total", "year", "books"]
KINDS: dict[Kind, str] = {
    "counties": "全市 = 各县（市、区）之和", "boards": "全市 = 各板块之和", "movement": "月末 = 月初 + 接收 + 新增 + 转入 − 退出 − 转出",
    "before": "月初 = 上月报表的月末", "total": "合计金额 = 各项目之和", "year": "年报 = 各月之和", "books": "报表金额 = 支付总账",
}  # fmt: skip


@dataclass(frozen=True)
class Check:
    """Two figures that must be equal. `place` and `figure` lead to the rows behind the left one."""

    kind: Kind
    programme: str
    population: str
    place: str
    figure: str
    left_title: str
    left: int
    right_title: str
    right: int
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether both are equal."""
        return self.left == self.right

    @property
    def difference(self) -> int:
        """Left less right."""
        return self.left - self.right

    @property
    def unit(self) -> str:
        """What is compared: units, persons, households, fen, lines."""
        return BY_NAME[self.figure].unit


@dataclass(frozen=True)
class Checked:
    """All checks of a table: how many of each kind, and those that failed."""

    counts: dict[Kind, int]
    failed: tuple[Check, ...]

    @property
    def balanced(self) -> bool:
        """Whether nothing failed."""
        return not self.failed

    @property
    def total(self) -> int:
        """How many there were."""
        return sum(self.counts.values())


def cells_of(table: StatisticTable) -> Cells:
    """A stored table by programme, population, place."""
    names = [figure.name for figure in FIGURES]
    rows = StatisticRow.objects.filter(table=table).values_list("programme", "population", "place", *names)
    return {(row[0], row[1], row[2]): dict(zip(names, row[3:], strict=True)) for row in rows}


def checked(table: StatisticTable, places: Places) -> Checked:
    """Hold a table against itself, the month before, the year, and the books."""
    cells = cells_of(table)
    counts: dict[Kind, int] = dict.fromkeys(KINDS, 0)
    failed = []
    for check in _all(table, cells, places):
        counts[check.kind] += 1
        if not check.holds:
            failed.append(check)
    return Checked(counts, tuple(failed))


def inside(cells: Cells, places: Places) -> Iterator[Check]:
    """What a table says of itself: parts and whole, movement, totals."""
    yield from _parts(cells, places)
    yield from _movement(cells)
    yield from _totals(cells)


def _all(table: StatisticTable, cells: Cells, places: Places) -> Iterator[Check]:
    yield from inside(cells, places)
    yield from _before(table, cells, places)
    yield from _year(table, cells, places)
    yield from _books(table, cells, places)


def _parts(cells: Cells, places: Places) -> Iterator[Check]:
    wholes = [(programme, population) for programme, population, place in cells if place == places.city]
    cuts: tuple[tuple[Kind, str, Iterable[str]], ...] = (("counties", "各县（市、区）合计", places.county_codes), ("boards", "各板块合计", places.boards))
    for programme, population in wholes:
        for kind, title, parts in cuts:
            for figure in FIGURES:
                if not figure.adds or (programme == TOTAL and figure.name in NOT_OF_THE_TOTAL):
                    continue
                whole = cells[programme, population, places.city][figure.name]
                added = sum(cells.get((programme, population, part), {}).get(figure.name, 0) for part in parts)
                note = "有对象或款项的属地不在任何县（市、区）、板块之内，或更正只改了一处" if whole != added else ""
                yield Check(kind, programme, population, places.city, figure.name, f"全市{figure.title}", whole, title, added, note)


def _movement(cells: Cells) -> Iterator[Check]:
    for (programme, population, place), row in cells.items():
        if programme == TOTAL:
            continue
        expected = row["units_start"] + row["taken_over"] + row["begun"] + row["moved_in"] - row["ended"] - row["moved_out"]
        yield Check("movement", programme, population, place, "units_end", "月末对象", row["units_end"], "按增减推算", expected)


def _totals(cells: Cells) -> Iterator[Check]:
    added: dict[tuple[str, str, str], int] = defaultdict(int)
    money = [figure.name for figure in FIGURES if figure.unit in ("fen", "lines")]
    for (programme, population, place), row in cells.items():
        if programme != TOTAL:
            for name in money:
                added[population, place, name] += row[name]
    for (programme, population, place), row in cells.items():
        if programme == TOTAL:
            for name in money:
                yield Check("total", TOTAL, population, place, name, f"合计{BY_NAME[name].title}", row[name], "各项目之和", added[population, place, name])


def current(months: Iterable[object]) -> dict[object, StatisticTable]:
    """Month → the table that holds: the last locked revision, or the open one where none is locked."""
    found: dict[object, StatisticTable] = {}
    for table in StatisticTable.objects.filter(month__in=list(months)).order_by("month", "revision"):
        if table.is_locked or table.month not in found:
            found[table.month] = table
    return found


def _before(table: StatisticTable, cells: Cells, places: Places) -> Iterator[Check]:
    earlier = current([month_before(table.month)]).get(month_before(table.month))
    if earlier is None:
        return
    was = {(row.programme, row.population): row.units_end for row in earlier.rows.filter(place=places.city)}
    now = {(programme, population): row["units_start"] for (programme, population, place), row in cells.items() if place == places.city}
    for programme, population in sorted(was.keys() | now.keys()):
        if programme == TOTAL:
            continue
        title = f"{earlier.month:%Y-%m} 第 {earlier.revision} 版的月末"
        left, right = now.get((programme, population), 0), was.get((programme, population), 0)
        yield Check("before", programme, population, places.city, "units_start", "本月月初", left, title, right,
                    "上月锁定以后行数据有变化，或上月有更正未体现在本月" if left != right else "")  # fmt: skip


def _year(table: StatisticTable, cells: Cells, places: Places) -> Iterator[Check]:
    months = year_to(table.month)
    tables = {**current(months), table.month: table}
    added: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (programme, population, place), row in cells.items():
        if population == ALL and place == places.city and programme != TOTAL:
            for name in OVER_THE_YEAR:
                added[programme][name] += row[name]
    others = [each.pk for month, each in tables.items() if month != table.month]
    for other in StatisticRow.objects.filter(table__in=others, population=ALL, place=places.city).exclude(programme=TOTAL):
        for name in OVER_THE_YEAR:
            added[other.programme][name] += getattr(other, name)
    whole = year_from_rows(months[0], table.month)
    missing = "、".join(f"{month.month} 月" for month in months if month not in tables)
    for programme in sorted(added.keys() | whole.keys()):
        for name in OVER_THE_YEAR:
            left, right = whole.get(programme, {}).get(name, 0), added.get(programme, {}).get(name, 0)
            note = (f"缺少 {missing}的月报" if missing else "有月报在锁定以后行数据变了，请看各月的“锁定后变化”") if left != right else ""
            yield Check("year", programme, ALL, places.city, name, f"1—{table.month.month} 月{BY_NAME[name].title}（按行数据）", left, "各月月报之和", right, note)


def _books(table: StatisticTable, cells: Cells, places: Places) -> Iterator[Check]:
    books: Mapping[str, Mapping[str, int]] = made_statement(table.month).by_programme()
    stated = {programme: row for (programme, population, place), row in cells.items() if population == ALL and place == places.city}
    for programme in sorted(books.keys() | (stated.keys() - {TOTAL})):
        for name, column in (("paid_fen", "paid"), ("refused_fen", "returned"), ("sent_back_fen", "sent_back")):
            left, right = stated.get(programme, {}).get(name, 0), books.get(programme, {}).get(column, 0)
            yield Check("books", programme, ALL, places.city, name, f"报表{BY_NAME[name].title}", left, "支付总账", right)
