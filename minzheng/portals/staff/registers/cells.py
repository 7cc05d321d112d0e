"""Values of a register as people read them, masked by class of data: the same text on the page and in an export."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from minzheng.kernel.divisions import queries as divisions
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.foundation.registers import Column
from minzheng.kernel.registry.masking import mask_address, mask_id, mask_name, mask_phone
from minzheng.portals.staff import places


@dataclass(frozen=True)
class Cell:
    """One value: its text, the kind that decides how it is set, tags for what is several, and a tone."""

    text: str
    kind: str
    title: str = ""
    tags: tuple[str, ...] = ()
    tone: str = ""
    number: float | None = None

    @property
    def right(self) -> bool:
        """Figures line up at their right end."""
        return self.kind in ("number", "money", "age")

    @property
    def html(self) -> SafeString:
        """The value as a page shows it: tags and what has a tone as chips."""
        if self.tags:
            return format_html_join(" ", '<span class="chip">{}</span>', ((tag,) for tag in self.tags))
        return format_html('<span class="chip chip-{}">{}</span>', self.tone, self.text) if self.tone else escape(self.text)


LONG = ("text", "address", "place")  # kinds that may be cut off in a table and are told in full by hovering


@dataclass(frozen=True)
class Line:
    """One line of a table: its cells, the first of which leads to `url` where there is one."""

    cells: Sequence[Cell]
    url: str = ""

    @property
    def html(self) -> SafeString:
        """The cells as a page shows them. Made here and not by a template, which took half of a page's time for the hundreds of cells of
        a list."""
        return _table_cells(self.cells, self.url)


def _table_cells(cells: Sequence[Cell], url: str) -> SafeString:
    first, *others = cells
    text = escape(first.text or "（未填）")
    made = [f'<td class="{_classes(first)}"{_hover(first)}>', f'<a class="main" href="{escape(url)}">{text}</a></td>' if url else f"{first.html}</td>"]
    made += [f'<td class="{_classes(cell)}" data-label="{escape(cell.title)}"{_hover(cell)}>{cell.html}</td>' for cell in others]
    return mark_safe("".join(made))  # noqa: S308 - every part is escaped above


def _classes(cell: Cell) -> str:
    return f"k-{escape(cell.kind)}{' right' if cell.right else ''}"


def _hover(cell: Cell) -> str:
    return f' title="{escape(cell.text)}"' if cell.kind in LONG else ""


_MASKS: dict[str, Callable[[str], str]] = {
    "name": mask_name, "id_number": mask_id, "phone": mask_phone, "address": mask_address,
}  # fmt: skip


class Cells:
    """Makes cells for one reader. Names of places are fetched once for all rows that are handed over together."""

    def __init__(self, columns: Sequence[Column], actor: Actor, whole_names: bool = False) -> None:
        """`whole_names`: places with county and town, for what leaves the reader's own screen."""
        self._columns, self._actor, self._whole = columns, actor, whole_names
        self._places: dict[str, str] = {}

    def of(self, rows: Iterable[Any]) -> list[list[Cell]]:
        """The cells of each row."""
        values = [[column.of(row) for column in self._columns] for row in rows]
        at = [place for place, column in enumerate(self._columns) if column.kind == "place"]
        codes = {line[place] for line in values for place in at if line[place]} - set(self._places)
        if codes:
            on = clock.business_date()
            self._places |= divisions.names(codes, on) if self._whole else places.relative_names(codes, self._actor)
        return [[self._cell(column, value) for column, value in zip(self._columns, line, strict=True)] for line in values]

    def _cell(self, column: Column, value: Any) -> Cell:
        if value is None or value == "" or value == []:
            return Cell("", column.kind, column.title)
        if column.kind in _MASKS:
            return Cell(_MASKS[column.kind](str(value)), column.kind, column.title)
        if column.kind == "chip":
            tags = tuple(value) if isinstance(value, list | tuple) else (str(value),)
            return Cell("、".join(tags), "chip", column.title, tags)
        if column.kind in ("number", "age"):
            return Cell(f"{value:,}", column.kind, column.title, number=float(value))
        if column.kind == "money":
            return Cell(yuan(value), "money", column.title, number=value / 100)
        if column.kind == "place":
            return Cell(self._places.get(value, value) or "本辖区", "place", column.title)
        if column.kind == "choice":
            tone = column.tones.get(str(value), "")
            return Cell(column.choices.get(str(value), str(value)), "choice", column.title, tone=tone)
        return Cell(_plain(value), column.kind, column.title)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, date) else str(value)
