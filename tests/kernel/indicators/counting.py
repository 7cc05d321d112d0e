"""Comparing what the night measured with the plain count, place by place."""

from __future__ import annotations

from datetime import date

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.indicators import actions
from minzheng.kernel.indicators.models import IndicatorValue
from tests.kernel.indicators import plain

Values = dict[str, tuple[int, int | None]]


def measured(on: date) -> dict[tuple[str, str], Values]:
    """(indicator, reading) → place → numerator, denominator, as the night's measure stores them."""
    with clock.use(on):
        actions.measure_indicators(as_of=on, by=Actor.system("测试"))
    found: dict[tuple[str, str], Values] = {}
    for row in IndicatorValue.objects.filter(as_of=on):
        found.setdefault((row.indicator, row.reading), {})[row.place] = (row.numerator, row.denominator)
    return found


def assert_equal_to_plain(on: date, names: set[str] | None = None) -> int:
    """Every place of every reading; returns how many figures were more than nothing."""
    rows, values = plain.Rows(), measured(on)
    counted = {key: (plain.by_place(part), None if whole is None else plain.by_place(whole)) for key, (part, whole) in plain.figures(rows, on).items()}
    counted["electricity_gift_money", "arrived"] = (plain.money(rows, on), None)
    something = 0
    for key, (part, whole) in counted.items():
        if names is not None and key[0] not in names:
            continue
        places = set(part) | set(whole or {}) | set(values[key])
        for place in places:
            expected = (part.get(place, 0), None if whole is None else whole.get(place, 0))
            found = values[key].get(place, (0, None if whole is None else 0))
            assert found == expected, (key, place)
            something += expected[0] > 0
    return something
