"""What formulas may do beside + − × and comparisons, so that Polars, DuckDB and Spark give the same 分.

Everything is a 64-bit integer. Literals are typed: an engine that reads 100 as an 8-bit number would overflow silently.
Divisions are of non-negative numbers below 2⁵² (Spark divides as floating point); what could be negative is clipped
first. Free of Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import narwhals as nw

from minzheng.kernel.rules.language import Month

Number = nw.Expr | int
NOWHERE = -1  # the age of somebody whose date of birth is unknown or lies ahead


def whole(value: Number) -> nw.Expr:
    """An integer as a typed literal; an expression as it is."""
    return nw.lit(value, nw.Int64) if isinstance(value, int) else value


def flag(condition: nw.Expr) -> nw.Expr:
    """A truth value as 1 or 0."""
    return where(condition, 1, 0)


def where(condition: nw.Expr, yes: Number, no: Number) -> nw.Expr:
    """One or the other. Both are reckoned for everybody, so neither may fail where it is not asked."""
    return nw.when(condition).then(whole(yes)).otherwise(whole(no))


def clip(value: nw.Expr) -> nw.Expr:
    """Nothing below zero."""
    return greatest(value, 0)


def least(*values: Number) -> nw.Expr:
    """The smallest of them."""
    return nw.min_horizontal(*(whole(value) for value in values))


def greatest(*values: Number) -> nw.Expr:
    """The largest of them."""
    return nw.max_horizontal(*(whole(value) for value in values))


def divide(part: Number, by: Number) -> nw.Expr:
    """Floor of part ÷ by for part ≥ 0; 0 where `by` is not positive."""
    if isinstance(by, int):
        return whole(part) // whole(by) if by > 0 else whole(0)
    return where(by > 0, whole(part) // greatest(by, 1), 0)


def divide_half_up(part: Number, by: Number) -> nw.Expr:
    """part ÷ by rounded half up, for part ≥ 0; 0 where `by` is not positive."""
    return divide(whole(part) * 2 + by, by * 2)


def percent(value: Number, share: Number) -> nw.Expr:
    """`share` per cent of a non-negative amount, rounded half up to the 分."""
    return (whole(value) * share + whole(50)) // whole(100)


def yuan_up(value: nw.Expr) -> nw.Expr:
    """A non-negative amount of 分 rounded up to whole yuan."""
    return (value + whole(99)) // whole(100) * whole(100)


def amount_of(code: nw.Expr, table: Mapping[str, int], otherwise: int = 0) -> nw.Expr:
    """The figure that a parameter table gives for a coded column; `otherwise` for a code that is not in it."""
    found = whole(otherwise)
    for key, value in table.items():
        found = where(code == int(key), value, found)
    return found


def banded(value: nw.Expr, table: Mapping[str, int], otherwise: int = 0) -> nw.Expr:
    """The figure of the highest band reached: {'80': 5000, '90': 10000} gives 5000 from 80 on and 10000 from 90 on."""
    found = whole(otherwise)
    for key in sorted(table, key=int):
        found = where(value >= int(key), table[key], found)
    return found


def days(day: date) -> int:
    """A date as the columns write it: 20240229."""
    return day.year * 10000 + day.month * 100 + day.day


def age_on(birth: nw.Expr, day: date) -> nw.Expr:
    """Full years on that day; who is born on 29 February is a year older on 28 February of a year without one.
    NOWHERE (−1) for an unknown date and for one that lies ahead."""
    short_february = (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3
    today = days(day) + (1 if short_february else 0)
    return where((birth > 0) & (birth <= today), (today - least(birth, today)) // whole(10000), NOWHERE)


def age_within(birth: nw.Expr, month: Month) -> nw.Expr:
    """The age reached by the last day of the month."""
    return age_on(birth, month.last)


def turned(birth: nw.Expr, years: int, month: Month) -> nw.Expr:
    """Whether somebody has reached that age by the last day of the month (truth value)."""
    return age_on(birth, month.last) >= years


def may_be(birth: nw.Expr, years: int, month: Month) -> nw.Expr:
    """Whether somebody turns that age in the calendar year of the month or was so before: a coarse filter for a rule's
    population, which the rule's own condition narrows (truth value)."""
    return (birth > 0) & (birth <= (month.first.year - years) * 10000 + 1231)


def alive(death: nw.Expr, month: Month) -> nw.Expr:
    """Whether nobody has reported a death before the month: what is paid by the month stops the month after (truth value)."""
    return (death == 0) | (death >= days(month.first))


def days_from(day: nw.Expr, since: date, until: date) -> nw.Expr:
    """Whether a date lies between two days, both counted (truth value); an unknown date (0) does not."""
    return (day >= days(since)) & (day <= days(until))
