"""Counting one reading: one grouped query for each of its parts, rolled up to places in Python. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connections
from django.db.models import Count, Max, QuerySet, Sum

from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.indicators.declarations import UNITS, Indicator, Reading, Rows, Span
from minzheng.kernel.indicators.errors import IndicatorError
from minzheng.kernel.indicators.places import Places

PLACE = "indicators_place"


@dataclass(frozen=True)
class Measured:
    """Place → (numerator, denominator) of one reading, and the rows that lie nowhere."""

    values: dict[str, tuple[int, int | None]]
    unplaced: int


def span_of(indicator: Indicator, first: date, last: date, as_of: date) -> Span:
    """What an indicator is about on a day: the plan's period, or the month of the day."""
    if indicator.period == "month":
        begin = as_of.replace(day=1)
        return Span(begin, (begin + timedelta(days=31)).replace(day=1) - timedelta(days=1), as_of)
    return Span(first, last, as_of)


def measure(indicator: Indicator, reading: Reading, span: Span, places: Places) -> Measured:
    """Count one reading for all places. Raises IndicatorError when numerator and denominator are not of one kind."""
    part = reading.numerator(span)
    whole = reading.denominator(span) if reading.denominator else None
    if whole is not None:
        check_same_kind(indicator, part, whole)
    numerators, unplaced = places.rolled_up(grouped(part, places.city))
    if whole is None:
        return Measured({place: (count, None) for place, count in numerators.items()}, unplaced)
    denominators, unplaced = places.rolled_up(grouped(whole, places.city))
    both = numerators.keys() | denominators.keys()
    return Measured({place: (numerators.get(place, 0), denominators.get(place, 0)) for place in both}, unplaced)


def check_same_kind(indicator: Indicator, part: Rows, whole: Rows) -> None:
    """A share divides things by things of the same kind, in the same places; raises IndicatorError otherwise."""
    if (part.query.model, part.counts, bool(part.sums)) != (whole.query.model, whole.counts, bool(whole.sums)):
        raise IndicatorError(f"指标“{indicator.title}”的分子和分母数的不是同一种东西")


def grouped(rows: Rows, city: str) -> Iterable[tuple[str, int]]:
    """(division code, how many) in one query. What is counted once although it has rows in several places counts in the last of them
    by code, so that parts add up to the whole; what has no place belongs to the city."""
    query = rows.query.order_by()
    if not rows.place:
        return [(city, count)] if (count := total(rows)) else []
    if rows.sums:
        return list(query.values_list(rows.place).annotate(n=Sum(rows.sums)).values_list(rows.place, "n"))
    if rows.counts == "pk":
        return list(query.values_list(rows.place).annotate(n=Count("pk")).values_list(rows.place, "n"))
    return _grouped_once(query, rows)


def _grouped_once(query: QuerySet[Any], rows: Rows) -> list[tuple[str, int]]:
    """Two stages that the ORM does not nest: each counted thing with its place, then places with their counts."""
    inner = query.values(rows.counts).annotate(**{PLACE: Max(rows.place)})
    connection = connections[inner.db]
    statement, parameters = inner.query.get_compiler(inner.db).as_sql()
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{PLACE}", COUNT(*) FROM ({statement}) counted GROUP BY "{PLACE}"', parameters)
        return [(str(place or ""), int(count)) for place, count in cursor.fetchall()]


def total(rows: Rows) -> int:
    """How much rows come to, wherever they lie."""
    if rows.sums:
        return int(rows.query.aggregate(n=Sum(rows.sums))["n"] or 0)
    return int(rows.query.values(rows.counts).distinct().count() if rows.counts != "pk" else rows.query.count())


def in_words(indicator: Indicator, reading: Reading, span: Span) -> str:
    """The filter of a value as it is kept with it: reading, unit, time."""
    return f"{reading.title}；单位：{UNITS[indicator.unit]}；{span.first} 至 {span.until}，截至 {span.as_of}"[:256]


def shown(amount: int | None, unit: str) -> str:
    """A number with its unit in words: 1,234 人, 12,345.67 元."""
    if amount is None:
        return "—"
    return yuan(amount) if unit == "fen" else f"{amount:,} {UNITS[unit]}"
