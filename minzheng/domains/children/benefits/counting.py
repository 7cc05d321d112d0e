"""What the allowances of children share: who is a child here, what a parent's circumstances amount to, the chain of standards."""

from __future__ import annotations

import narwhals as nw

from minzheng.domains.children.benefits.inputs import (
    ADOPTED,
    CONFINED,
    DEAD,
    DETOX,
    DISABLED,
    EXPELLED,
    ILL,
    MISSING,
    OUT_OF_TOUCH,
    PRISON,
    REVOKED,
    UNKNOWN,
)
from minzheng.domains.children.benefits.law import ADOPTION, CHAIN, ONE_CITY
from minzheng.kernel.rules.arithmetic import age_on, alive, clip, days, greatest, percent
from minzheng.kernel.rules.inputs import BIRTH, DEATH, HUKOU, PRESENT
from minzheng.kernel.rules.language import Columns, Step, Terms, condition, variable

INPUTS = (BIRTH, HUKOU, PRESENT, DEATH, ADOPTED)
_INTELLECT, _MIND = 5, 6  # categories of disability


def age(c: Columns, t: Terms) -> nw.Expr:
    """On the month's first day: whoever comes of age within a month is still paid for it."""
    return age_on(c["birth"], t.month.first)


def minor(c: Columns, t: Terms) -> nw.Expr:
    """Not of age on the month's first day; born in this month or before."""
    return (c["birth"] > 0) & (c["birth"] <= days(t.month.last)) & (c["age"] < t.number("adult_age"))


def gone(c: Columns, who: str) -> nw.Expr:
    """Whether a parent is dead, declared missing, or was never found."""
    state = c[f"{who}_state"]
    return (state == DEAD) | (state == MISSING) | (state == UNKNOWN)


def unable(c: Columns, t: Terms, who: str) -> nw.Expr:
    """Whether a parent is in one of the circumstances that count as not supporting the child."""
    state, level, category = c[f"{who}_state"], c[f"{who}_disability_level"], c[f"{who}_disability_category"]
    of_the_mind = (category == _INTELLECT) | (category == _MIND)
    severe = ((level >= 1) & (level <= 2)) | ((level >= 3) & (level <= 4) & of_the_mind)
    held = ((state == PRISON) | (state == DETOX) | (state == CONFINED)) & (
        c[f"{who}_term"] >= t.number("custody_months")
    )
    longest = days(t.month.back(t.number("out_of_touch_months")).first)
    lost = (state == OUT_OF_TOUCH) & (c[f"{who}_since"] > 0) & (c[f"{who}_since"] <= longest)
    found = ((state == DISABLED) & severe) | (state == ILL) | held | lost
    return (
        found | (state == REVOKED) | (state == EXPELLED) if t.switch("revoked_and_expelled_count") else found
    )


def scattered(c: Columns, t: Terms) -> nw.Expr:
    """What an orphan outside an institution is due: the city's standard, not below its share of the institution's."""
    return greatest(
        t.number("scattered_standard"),
        percent(t.number("institution_standard"), t.number("scattered_percent")),
    )


def topped_up(c: Columns, t: Terms) -> nw.Expr:
    """Not stacked with 低保: what the child has already is taken off."""
    return clip(c["standard"] - c["low_income_share"])


AGE = variable("age", "年龄（当月第一天）", "years", ONE_CITY, age)
RESIDENT = condition("resident", "本市户籍", ONE_CITY, lambda c, t: c["hukou"] == 1)
LIVING = condition(
    "living", "在册且健在", ONE_CITY, lambda c, t: (c["present"] == 1) & alive(c["death"], t.month)
)
NOT_ADOPTED = condition("not_adopted", "未被收养", ADOPTION, lambda c, t: c["adopted"] == 0)
SCATTERED: Step = variable("scattered", "散居孤儿标准", "fen", CHAIN, scattered)
