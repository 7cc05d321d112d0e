"""A random city for rules: every input filled with ordinary and with odd values, household by household.

Odd on purpose: births on 29 February, on the first and last day of a month, unknown and ahead; amounts of one 分, of ninety-nine,
of a million yuan; codes at both ends and one that nobody knows; days on either side of the month; homes without anybody present.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl

from minzheng.kernel.rules.arithmetic import days
from minzheng.kernel.rules.inputs import HUKOU, KEYS, PRESENT, RANK
from minzheng.kernel.rules.language import Input, Month

AGES = (0, 6, 15, 16, 17, 18, 19, 35, 44, 59, 60, 61, 79, 80, 89, 90, 99, 100)
AMOUNTS = (
    0,
    1,
    49,
    50,
    51,
    99,
    100,
    101,
    9_999,
    33_333,
    51_500,
    103_000,
    103_001,
    150_050,
    260_000,
    999_999,
    7_000_001,
    100_000_000,
)
COUNTS = (0, 1, 2, 3, 6, 7, 12, 24)
# How many of the inputs of a household are other than ordinary.
STRANGENESS = (0.05, 0.3, 0.8)


def people(count: int, inputs: Iterable[Input], month: Month, seed: int) -> pl.DataFrame:
    """At least `count` people in households of one to six, in no order."""
    dice = random.Random(seed)
    asked = [each for each in inputs if each.name not in (RANK.name, HUKOU.name, PRESENT.name)]
    rows: list[dict[str, int]] = []
    home = 0
    while len(rows) < count:
        home += 1
        strange, village = dice.choice(STRANGENESS), 320400000000 + dice.randrange(1, 90)
        for place in range(dice.choice((1, 1, 2, 2, 3, 3, 4, 6))):
            row = {"person_key": dice.randrange(2**60) * 8 + place, "household_key": home, "village": village}
            row[RANK.name] = dice.choice((min(place, 2), 2, dice.randrange(3)))
            row[HUKOU.name], row[PRESENT.name] = int(dice.random() < 0.93), int(dice.random() < 0.93)
            for each in asked:
                row[each.name] = _value(each, dice, month, strange)
            rows.append(row)
    dice.shuffle(rows)
    schema = {
        name: pl.Int64()
        for name in (*KEYS, RANK.name, HUKOU.name, PRESENT.name, *(each.name for each in asked))
    }
    return pl.DataFrame(rows, schema=schema)


def _value(of: Input, dice: random.Random, month: Month, strange: float) -> int:
    if of.name == "birth":
        return _birth(dice, month)
    if dice.random() > strange:
        return of.absent
    if of.measure == "flag":
        return 1
    if of.words:
        return (
            dice.choice((*of.words, *of.words, max(of.words) + 1))
            if dice.random() < 0.1
            else dice.choice(tuple(of.words))
        )
    if of.measure == "day":
        near = month.first + timedelta(days=dice.choice((-400, -366, -183, -181, -31, -1, 0, 1, 14, 31)))
        return dice.choice((0, days(near), days(month.last), days(month.back(dice.randrange(25)).first)))
    if of.measure == "fen":
        return dice.choice((dice.choice(AMOUNTS), dice.randrange(300_000)))
    return dice.choice(COUNTS)


def _birth(dice: random.Random, month: Month) -> int:
    kind = dice.random()
    if kind < 0.02:
        return dice.choice((0, days(month.last + timedelta(days=1)), days(month.last), 19440229))
    if kind < 0.5:  # round an age that matters
        year = month.first.year - dice.choice(AGES)
        if kind < 0.1:
            return year * 10000 + 229 if year % 4 == 0 and year != 1900 else year * 10000 + 228
        around = date(year, month.first.month, 1) + timedelta(
            days=dice.choice((-1, 0, 1, 14, 27, 28, 30, 31))
        )
        return days(around)
    return days(date(month.first.year - dice.randrange(1, 104), dice.randrange(1, 13), dice.randrange(1, 29)))
