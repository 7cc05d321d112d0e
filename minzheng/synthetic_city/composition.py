"""Who lives with whom: kinds of households, and the ages that go together in them.

Shares are set so that the marginals of facts §1.4 come out: mean size 2.51, 60+ about 26 % and 80+ about 3.9 % of the
registered (户籍) population, people without local hukou young and in small households.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minzheng.synthetic_city.place import Board, spread_over_villages
from minzheng.synthetic_city.streams import Bools, Days, Floats, Ints, by_table, choose, stream

REFERENCE = np.datetime64("2023-12-31", "D")
LAST_BIRTH = np.datetime64("2024-06-28", "D")
MAX_SIZE = 6

# Roles in a household: E elder living for himself, G grandparent, A adult, B his wife or her husband, C child,
# P grown child of an elder. Lower case: the second person of that role.
KINDS: list[tuple[str, str, float, float, float]] = [
    # name, roles, share among local households in communities, in villages, among households without local hukou
    ("elder_alone", "E", 0.096, 0.104, 0.004),
    ("adult_alone", "A", 0.112, 0.095, 0.396),
    ("elder_couple", "Ee", 0.119, 0.131, 0.008),
    ("adult_couple", "AB", 0.125, 0.098, 0.262),
    ("single_parent", "AC", 0.032, 0.030, 0.030),
    ("elder_and_child", "EP", 0.024, 0.028, 0.0),
    ("family", "ABC", 0.168, 0.128, 0.190),
    ("couple_and_parent", "ABG", 0.024, 0.026, 0.010),
    ("elders_and_child", "EeP", 0.034, 0.036, 0.0),
    ("single_parent_and_parent", "AGC", 0.010, 0.012, 0.0),
    ("family_of_four", "ABCc", 0.066, 0.059, 0.070),
    ("family_and_parent", "ABCG", 0.049, 0.053, 0.010),
    ("couple_and_parents", "ABGg", 0.029, 0.032, 0.0),
    ("family_and_parents", "ABCGg", 0.062, 0.085, 0.010),
    ("family_of_four_and_parent", "ABCcG", 0.026, 0.028, 0.005),
    ("three_generations", "ABCcGg", 0.039, 0.066, 0.005),
]
ROLES = "EeGgABCcP"
SIZES = np.array([len(kind[1]) for kind in KINDS])
_FILLERS = np.array([1, 3, 6, 10, 13])  # the kind with which a board is filled up by 1…5 persons
_SLOTS = np.full((len(KINDS), MAX_SIZE), -1, dtype=np.int8)
for _index, _kind in enumerate(KINDS):
    for _place, _role in enumerate(_kind[1]):
        _SLOTS[_index, _place] = ROLES.index(_role)

# Ages of elders (60+) in steps of five years and of the top generation of larger families, by inverse distribution.
_ELDER = ([60, 65, 70, 75, 80, 85, 90, 95, 100], [0.226, 0.237, 0.201, 0.150, 0.099, 0.057, 0.022, 0.0072, 0.0008])
_TOP = ([50, 55, 60, 65, 70, 75, 80, 85, 90], [0.09, 0.175, 0.217, 0.19, 0.14, 0.09, 0.062, 0.025, 0.011])
_ALONE = ([18, 25, 30, 35, 40, 45, 50, 55], [0.14, 0.20, 0.17, 0.13, 0.10, 0.09, 0.09, 0.08])
_COUPLE = ([23, 30, 35, 40, 45, 50, 55], [0.22, 0.13, 0.08, 0.08, 0.15, 0.19, 0.15])
_MOTHER = ([24, 28, 32, 36, 40, 45, 50], [0.06, 0.13, 0.19, 0.20, 0.19, 0.15, 0.08])
_YOUNG = ([20, 25, 30, 35, 40, 45, 50], [0.16, 0.20, 0.19, 0.16, 0.12, 0.10, 0.07])


@dataclass(frozen=True)
class Frame:
    """The households of a board, sorted by village: kind, village (place in the board's list), local hukou, number."""

    kind: Ints
    village: Ints
    local: Bools
    number: Ints

    def block(self, first: int, last: int) -> Frame:
        """Households first…last-1."""
        part = slice(first, last)
        return Frame(self.kind[part], self.village[part], self.local[part], self.number[part])

    @property
    def sizes(self) -> Ints:
        """Persons per household."""
        return SIZES[self.kind]


@dataclass(frozen=True)
class Members:
    """The persons of a block of households, household by household: place of the household, role, sex, birth."""

    household: Ints
    role: Ints
    male: Bools
    birth: Days

    def has(self, *roles: str) -> Bools:
        """Who has one of the roles."""
        return np.isin(self.role, [ROLES.index(role) for role in roles])


def households_of(board: Board, residents: int, seed: int) -> Frame:
    """Households with exactly `residents` members together."""
    rng = stream(seed, "households", board.number)
    local_mean, other_mean = _mean_size(2), _mean_size(4)
    others = (1 - board.hukou_share) / other_mean
    share_local = 1 - others / (others + board.hukou_share / local_mean)
    count = int(residents / other_mean) + 100
    village = spread_over_villages(board, count, rng)
    local = rng.random(count) < share_local
    urban = board.urban[village]
    kind = np.empty(count, dtype=np.int64)
    for column, rows in ((2, local & urban), (3, local & ~urban), (4, ~local)):
        kind[rows] = choose(rng, [float(entry[column]) for entry in KINDS], int(rows.sum()))
    total = np.cumsum(SIZES[kind])
    whole = int(np.searchsorted(total, residents, side="right"))
    missing = residents - (int(total[whole - 1]) if whole else 0)
    kind, village, local = kind[: whole + 1], village[: whole + 1], local[: whole + 1]
    if missing:
        kind[whole] = _FILLERS[missing - 1]
    else:
        kind, village, local = kind[:whole], village[:whole], local[:whole]
    order = np.argsort(village, kind="stable")
    village = village[order]
    starts = np.searchsorted(village, village)
    return Frame(kind[order], village, local[order], np.arange(len(village)) - starts + 1)


def members_of(block: Frame, rng: np.random.Generator) -> Members:
    """The persons of a block of households with ages that fit together."""
    slots = _SLOTS[block.kind]
    taken = slots >= 0
    ages = np.zeros(slots.shape)
    top = _has(slots, "G")
    elder = _has(slots, "E")
    child = _has(slots, "C")
    first = np.where(elder, _ages(rng, _ELDER, len(slots)), _ages(rng, _TOP, len(slots)))
    mother = _wives_ages(rng, block.local, child)
    daughter = first - 25 - rng.integers(-3, 8, len(slots)) + rng.random(len(slots))
    # Bounds are blurred, or thousands would share a birthday.
    daughter = np.clip(daughter, 24 + rng.random(len(slots)) * 5, 58 - rng.random(len(slots)) * 4)
    mother = np.where(top, daughter, mother)
    alone = block.kind == 1
    mother = np.where(alone, _ages(rng, _ALONE, len(slots)), mother)
    born_at = 21 + rng.integers(0, 8, len(slots)) + rng.integers(0, 6, len(slots)) + rng.random(len(slots))
    baby = rng.random(len(slots)) * np.clip(mother - 20, 1, 9) - 0.49
    eldest = np.where(mother - born_at > -0.49, mother - born_at, baby)
    second = np.maximum(eldest - 2 - rng.integers(0, 7, len(slots)), -0.49 + rng.random(len(slots)) * 4)
    by_role = {
        "E": first, "e": first - rng.integers(-1, 6, len(slots)), "G": first, "g": first - rng.integers(-1, 6, len(slots)),
        "A": mother + np.where(alone, 0, rng.integers(-1, 6, len(slots))), "B": mother, "C": eldest, "c": second,
        "P": first - 24 - rng.integers(0, 10, len(slots)),
    }  # fmt: skip
    for index, role in enumerate(ROLES):
        ages = np.where(slots == index, by_role[role][:, None], ages)
    male = _sexes(rng, slots)
    household, place = np.nonzero(taken)
    flat_ages = ages[household, place]
    days = np.rint((flat_ages + rng.random(len(flat_ages)) * 0.02) * 365.25).astype(np.int64)
    birth = np.minimum(REFERENCE - days.astype("timedelta64[D]"), LAST_BIRTH)
    return Members(household, slots[household, place].astype(np.int64), male[household, place], birth)


def _mean_size(column: int) -> float:
    shares = np.array([float(kind[column]) for kind in KINDS])
    return float((shares * SIZES).sum() / shares.sum())


def _has(slots: np.ndarray, role: str) -> Bools:
    found: Bools = (slots == ROLES.index(role)).any(axis=1)
    return found


def _ages(rng: np.random.Generator, distribution: tuple[list[int], list[float]], count: int) -> Floats:
    starts, shares = distribution
    ends = [*starts[1:], starts[-1] + 5]
    group = choose(rng, shares, count)
    low, high = np.array(starts, dtype=float)[group], np.array(ends, dtype=float)[group]
    ages: Floats = low + rng.random(count) * (high - low)
    return ages


def _wives_ages(rng: np.random.Generator, local: Bools, child: Bools) -> np.ndarray:
    count = len(local)
    here = np.where(child, _ages(rng, _MOTHER, count), _ages(rng, _COUPLE, count))
    return np.where(local, here, _ages(rng, _YOUNG, count))


def _sexes(rng: np.random.Generator, slots: np.ndarray) -> Bools:
    draw = rng.random(slots.shape)
    male: Bools
    chance = by_table(np.arange(len(ROLES)), list(enumerate([1.0, 0.0, 0.35, 0.0, 1.0, 0.0, 0.53, 0.52, 0.68])))
    male = draw < np.where(slots >= 0, chance[slots], 0)
    one = (slots >= 0).sum(axis=1) == 1
    partner = (slots == ROLES.index("e")) | (slots == ROLES.index("g"))
    has_partner = partner.any(axis=1)
    # Elders without a partner are mostly widows; single parents mostly mothers; of two, the first is the husband.
    elder = (slots == ROLES.index("E")) & ~has_partner[:, None]
    male = np.where(elder, draw < 0.33, male)
    male = np.where((slots == ROLES.index("G")) & has_partner[:, None], True, male)
    male = np.where((slots == ROLES.index("A")) & one[:, None], draw < 0.56, male)
    no_partner = ~_has(slots, "B") & ~one
    male = np.where((slots == ROLES.index("A")) & no_partner[:, None], draw < 0.25, male)
    return male
