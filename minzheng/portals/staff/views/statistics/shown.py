"""How figures of the monthly tables read on a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import Http404

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.indicators.statistics import queries
from minzheng.kernel.indicators.statistics.figures import BY_NAME, FIGURES, NOT_OF_THE_TOTAL, TOTAL, Figure
from minzheng.kernel.indicators.statistics.models import StatisticTable

TONES = {"draft": "chip-line", "prepared": "chip-amber", "locked": "chip-green"}
ICONS = {"draft": "notes", "prepared": "clock", "locked": "lock"}


@dataclass(frozen=True)
class Cell:
    """A figure as it is shown, with how it differs from the one it is compared with."""

    figure: Figure
    text: str
    change: str = ""


def month_of(text: str) -> date:
    """The first day of '2024-06'. Raises Http404."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as wrong:
        raise Http404 from wrong


def table_of(actor: Actor, month: date, asked: dict[str, str]) -> queries.MonthView:
    """The month's table as asked: revision, place, population. Raises Http404 when there is none."""
    revision = int(asked.get("revision", "")) if asked.get("revision", "").isascii() and asked.get("revision", "").isdigit() else None
    try:
        return queries.month(actor, month, revision, asked.get("place", ""), asked.get("population", "all"))
    except LookupError as missing:
        raise Http404 from missing


def in_words(number: int, figure: Figure) -> str:
    """1,234, or ¥12.34."""
    return yuan(number) if figure.unit == "fen" else f"{number:,}"


def named(number: int, name: str) -> str:
    """As `in_words`, by the figure's name."""
    return in_words(number, BY_NAME[name])


def cells(programme: str, now: dict[str, int], was: dict[str, int] | None = None, compared: bool = False) -> list[Cell]:
    """A row's cells; `compared`: beside the same of another month."""
    found = []
    for figure in FIGURES:
        if programme == TOTAL and figure.name in NOT_OF_THE_TOTAL:
            found.append(Cell(figure, "—"))
            continue
        change = ""
        if compared and figure.name != "units_start":
            more = now[figure.name] - (was or {}).get(figure.name, 0)
            change = "" if not more else f"{'+' if more > 0 else '−'}{in_words(abs(more), figure)}"
        found.append(Cell(figure, in_words(now[figure.name], figure), change))
    return found


def state_of(table: StatisticTable) -> dict[str, str]:
    """The chip of a table's state."""
    return {"tone": TONES[table.state], "icon": ICONS[table.state], "title": str(table.get_state_display())}
